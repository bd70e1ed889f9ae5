"""Recordings of Modbus: libmodbus, pymodbus, mbpoll and an intruder on plain sockets."""
PORT = 502


def modbus_libmodbus(lab, programs, path):
    plc, hmi = lab.host("10.10.1.21"), lab.host("10.10.5.10")
    plc.serve(PORT, programs.libmodbus("plc"), PORT)
    recording = lab.record(path)
    hmi.call(programs.libmodbus("client"), "tour", plc.ip, PORT)
    for words in (["-t", 4, "-r", 1, "-c", 10, plc.ip], ["-t", 0, "-r", 1, "-c", 8, plc.ip],
                  ["-t", 4, "-r", 21, plc.ip, 1300], ["-t", 0, "-r", 3, plc.ip, 1]):
        hmi.call("mbpoll", "-m", "tcp", "-a", 1, "-1", *words)
    recording.stop()


def pymodbus(lab, programs, path, over):
    plc, client = lab.host("10.10.1.22"), lab.host("10.10.5.20")
    plc.serve(PORT, *programs.python("pymodbus-server.py", over, PORT), udp=over == "udp")
    recording = lab.record(path)
    client.call(*programs.python("pymodbus-client.py", "tour", over, plc.ip, PORT))
    recording.stop()


def modbus_pymodbus(lab, programs, path):
    pymodbus(lab, programs, path, "tcp")


def modbus_udp(lab, programs, path):
    pymodbus(lab, programs, path, "udp")


def modbus_plant(lab, programs, path):
    """An operator station polls two controllers, an engineer writes, an intruder comes."""
    first, second = lab.host("10.10.1.21"), lab.host("10.10.1.22")
    hmi, station, intruder = (lab.host(ip) for ip in
                              ("10.10.5.10", "10.10.5.20", "10.10.9.77"))
    first.serve(PORT, programs.libmodbus("plc"), PORT)
    second.serve(PORT, *programs.python("pymodbus-server.py", "tcp", PORT))
    recording = lab.record(path)
    polls = [hmi.start(programs.libmodbus("client"), "poll", plc.ip, PORT, 60, 350)
             for plc in (first, second)]
    for plc in (first, second):
        station.call(*programs.python("pymodbus-client.py", "setpoints", "tcp", plc.ip, PORT))
    for plc in (first, second):
        intruder.call(*programs.python("intruder.py", plc.ip, PORT))
    for poll in polls:
        poll.wait(60)
    recording.stop()


def modbus_midstream(lab, programs, path):
    """The recording begins when the session has been open for a while."""
    plc, hmi = lab.host("10.10.1.21"), lab.host("10.10.5.10")
    plc.serve(PORT, programs.libmodbus("plc"), PORT)
    poll = hmi.start(programs.libmodbus("client"), "poll", plc.ip, PORT, 60, 50)
    hmi.wait_for_traffic(plc.ip, PORT)
    recording = lab.record(path)
    poll.wait(60)
    recording.stop()


def modbus_offload(lab, programs, path):
    """Checksums left to hardware, segments beyond the MTU: what a plant's server records."""
    plc, hmi = lab.host("10.10.1.22"), lab.host("10.10.5.10")
    plc.serve(PORT, *programs.python("pymodbus-server.py", "tcp", PORT))
    recording = lab.record(path)
    hmi.call(programs.libmodbus("client"), "burst", plc.ip, PORT, 100)
    recording.stop()


RECORDINGS = {"modbus-libmodbus": modbus_libmodbus, "modbus-pymodbus": modbus_pymodbus,
              "modbus-udp": modbus_udp, "modbus-plant": modbus_plant,
              "modbus-midstream": modbus_midstream, "modbus-offload": modbus_offload}
