"""The recordings of DNP3, from the lab's own master and outstation."""
import os

from dnp3 import PORT

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
OUTSTATION = (PYTHON, os.path.join(HERE, "dnp3-outstation.py"))
MASTER = (PYTHON, os.path.join(HERE, "dnp3-master.py"))


def dnp3_tour(lab, _, path):
    rtu, master = lab.host("10.10.2.31"), lab.host("10.10.5.20")
    rtu.serve(PORT, *OUTSTATION, "tcp", PORT, "--fragment", 292)
    recording = lab.record(path)
    master.run(*MASTER, "tour", "tcp", rtu.ip, PORT)
    recording.stop()


def dnp3_udp(lab, _, path):
    rtu, master = lab.host("10.10.2.31"), lab.host("10.10.5.20")
    rtu.serve(PORT, *OUTSTATION, "udp", PORT, udp=True)
    recording = lab.record(path)
    master.run(*MASTER, "tour", "udp", rtu.ip, PORT)
    recording.stop()


def dnp3_plant(lab, _, path):
    """A control centre polls an outstation that reports by itself; an intruder comes."""
    rtu, centre, intruder = (lab.host(ip) for ip in ("10.10.2.31", "10.10.5.11", "10.10.9.77"))
    rtu.serve(PORT, *OUTSTATION, "tcp", PORT, "--report-to", 1)
    recording = lab.record(path)
    poll = centre.start(*MASTER, "poll", "tcp", rtu.ip, PORT, 1)
    centre.wait_for_traffic(rtu.ip, PORT)
    intruder.run(*MASTER, "intruder", "tcp", rtu.ip, PORT, 3)
    poll.wait(60)
    recording.stop()


def dnp3_serial_gateway(lab, _, path):
    """Three outstations behind one connection, and one address where nobody is."""
    rtu, master = lab.host("10.10.2.40"), lab.host("10.10.5.11")
    rtu.serve(PORT, *OUTSTATION, "tcp", PORT, "--addresses", "21,22,23", "--period", 1)
    recording = lab.record(path)
    master.run(*MASTER, "gateway", "tcp", rtu.ip, PORT, 1, 21, 22, 23, 24)
    recording.stop()


RECORDINGS = {"dnp3-tour": dnp3_tour, "dnp3-udp": dnp3_udp, "dnp3-plant": dnp3_plant,
              "dnp3-serial-gateway": dnp3_serial_gateway}
