#!/usr/bin/python3
"""A client that cuts the same messages in every way that TCP and COTP allow.
usage: s7-pieces.py HOST PORT

Connections in order: whole frames; COTP fragments; one TCP segment with many PDUs; segments of
7 bytes; byte by byte; fragments cut into segments; a download in which the client fragments.
"""
import socket
import struct
import sys

from s7_wire import ACK_DATA, CONNECT, DISCONNECT, JOB, USERDATA, Wire, header, tpkt

DB, M = 0x84, 0x83
BIT, BYTE, WORD = 1, 2, 4
MODES = ((None, None), (64, None), (1, None), (None, 7), (None, 1), (10, 3), (20, 500))
ROUTE = b"\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02"  # TPDU size, our and their TSAP


def item(kind, count, db, area, byte, bit=0):
    return struct.pack(">BBBBHHB", 0x12, 10, 0x10, kind, count, db, area) \
        + (8 * byte + bit).to_bytes(3, "big")


def value(data):
    return struct.pack(">BBH", 0, 4, 8 * len(data)) + data


class Client:
    def __init__(self, address, fragment, cut):
        self.wire = Wire(socket.create_connection(address, 5), fragment, cut)
        self.reference = 0
        self.wire.write(tpkt(bytes([6 + len(ROUTE), CONNECT]) + b"\0\0\0\2\0" + ROUTE))
        self.wire.frame()
        self.ask(self.job(b"\xf0\0\0\4\0\4\3\xc0"))

    def job(self, parameters, data=b""):
        self.reference += 1
        return header(JOB, self.reference, parameters, data)

    def ask(self, *jobs):
        self.wire.send(*jobs)
        return [self.wire.pdu() for _ in jobs]

    def read(self, *items):
        return self.job(bytes([4, len(items)]) + b"".join(items))

    def write(self, where, data):
        return self.job(b"\5\1" + where, value(data))

    def login(self):
        coded = bytearray(b"BOILER-1")
        for i, c in enumerate(coded):
            coded[i] = c ^ 0x55 ^ (coded[i - 2] if i > 1 else 0)
        self.reference += 1
        self.ask(header(USERDATA, self.reference, b"\0\1\x12\4\x11\x45\1\0",
                        b"\xff\x09\0\x08" + coded))

    def download(self, name, code):
        """Answers what the controller asks for, 100 bytes at a time."""
        self.ask(self.job(b"\x1a\0\1\0\0\0\0\0\x09" + name + b"\x0d1%06d%06d"
                          % (len(code), len(code) - 92)))
        while True:
            job = self.wire.pdu()
            part, code = code[:100], code[100:]
            if job.parameters[0] == 0x1c:
                self.wire.send(header(ACK_DATA, job.reference, b"\x1c"))
                return
            self.wire.send(header(ACK_DATA, job.reference, bytes([0x1b, bool(code)]),
                                  struct.pack(">HH", len(part), 0xfb) + part))

    def close(self):
        self.wire.write(tpkt(bytes([6, DISCONNECT]) + b"\0\1\0\2\x80"))
        self.wire.socket.close()


def tour(client, together):
    jobs = [client.read(item(BYTE, 20, 1, DB, 0), item(BIT, 1, 0, M, 3, 5),
                        item(WORD, 9, 1, DB, 40)),
            client.write(item(BYTE, 60, 2, DB, 100), bytes(range(60))),
            client.read(item(BYTE, 200, 2, DB, 100)),
            client.read(item(BYTE, 8, 1, DB, 9000), item(BYTE, 1, 0, 0x77, 0),
                        item(BYTE, 3, 0, M, 4)),
            client.write(item(WORD, 2, 1, DB, 5000), bytes(4)),
            client.job(b"\x99")]
    for group in [jobs] if together else [[job] for job in jobs]:
        client.ask(*group)


def main():
    address = sys.argv[1], int(sys.argv[2])
    for fragment, cut in MODES:
        for together in (False, True):
            client = Client(address, fragment, cut)
            tour(client, together)
            client.close()
    client = Client(address, 64, None)
    client.login()
    client.download(b"_0A00007P", bytes(range(256)) + bytes(200))
    client.close()


main()
