"""Recordings of S7comm: snap7, nodes7, and a small controller of our own for what snap7's
server does not have (program upload and download, fragments)."""
PORT = 102


def s7comm_snap7(lab, programs, path):
    plc, station = lab.host("10.10.1.31"), lab.host("10.10.5.20")
    plc.serve(PORT, *programs.node("s7-server.js"))
    recording = lab.record(path)
    station.run(*programs.node("s7-client.js", "tour", plc.ip))
    recording.stop()


def s7comm_nodes7(lab, programs, path):
    plc, hmi = lab.host("10.10.1.31"), lab.host("10.10.5.10")
    plc.serve(PORT, *programs.node("s7-server.js"))
    recording = lab.record(path)
    hmi.run(*programs.node("s7-poll.js", plc.ip, 12))
    recording.stop()


def s7comm_program(lab, programs, path):
    plc, station = lab.host("10.10.1.32"), lab.host("10.10.5.20")
    plc.serve(PORT, *programs.python("s7-plc.py", PORT))
    recording = lab.record(path)
    station.run(*programs.node("s7-client.js", "program", plc.ip))
    recording.stop()


def s7comm_fragments(lab, programs, path):
    plc, station = lab.host("10.10.1.32"), lab.host("10.10.5.20")
    plc.serve(PORT, *programs.python("s7-plc.py", PORT, 50))
    recording = lab.record(path)
    station.run(*programs.python("s7-pieces.py", plc.ip, PORT))
    recording.stop()


RECORDINGS = {"s7comm-snap7": s7comm_snap7, "s7comm-nodes7": s7comm_nodes7,
              "s7comm-program": s7comm_program, "s7comm-fragments": s7comm_fragments}
