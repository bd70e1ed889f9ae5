#!/usr/bin/python3
"""The value that a write replaces is the one last seen, whichever connection told it.

    tests/last_values.py [IRONSPAN]

Several clients read and write the registers and coils of several Modbus servers, drawn by fixed
seeds: the same polls again and again, single points and ranges, some writes refused, some
connections with a client's port below the server's. A model of what was seen says what every
write must show as `value_prev`: all that it replaces, or nothing if a part was never seen.
"""
import random
import struct

import before
from wire import Tape, Tcp

SEEDS = range(3)
TURNS = 1500
SERVERS = [("10.2.%d.%d" % (i, 7 * i + 1), (502, 20000, 4840, 502)[i % 4]) for i in range(8)]
CLIENTS = [("10.1.0.1", 1030), ("10.1.0.2", 40000), ("10.1.0.3", 19900)]
POLLS = [(3, 0, 10), (3, 60, 20), (3, 200, 1), (1, 0, 16), (1, 120, 12)]
READ_COILS, READ_REGISTERS, WRITE_COIL, WRITE_REGISTER, WRITE_COILS, WRITE_REGISTERS = \
    1, 3, 5, 6, 15, 16
COIL_CODES = (READ_COILS, WRITE_COIL, WRITE_COILS)
REFUSED = 0x80


def coil_bytes(values):
    number = sum(bit << i for i, bit in enumerate(values))
    return number.to_bytes((len(values) + 7) // 8, "little")


def register_bytes(values):
    return b"".join(struct.pack(">H", v) for v in values)


class Device:
    """A server with what it holds, and what was seen of it."""

    def __init__(self, draw):
        self.held = {kind: [draw.randrange(2 if kind == "coil" else 65536) for _ in range(300)]
                     for kind in ("coil", "register")}
        self.seen = {}

    def see(self, kind, address, values):
        self.seen.update(((kind, address + i), v) for i, v in enumerate(values))

    def known(self, kind, address, count):
        values = [self.seen.get((kind, address + i)) for i in range(count)]
        return None if None in values else values[0] if count == 1 else values


class Line:
    def __init__(self, tape, client, cport, server, sport):
        self.tcp = Tcp(tape, client, server, cport=cport, sport=sport).open()
        self.transaction = 0

    def talk(self, request, response):
        self.transaction += 1
        self.tcp.talk(*(struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, 1) + pdu
                        for pdu in (request, response)))


def read(draw, line, device):
    code, address, count = draw.choice(POLLS)
    kind = "coil" if code in COIL_CODES else "register"
    held = device.held[kind]
    if draw.random() < 0.3: # the process goes on
        held[address + draw.randrange(count)] = draw.randrange(2 if kind == "coil" else 65536)
    values = held[address:address + count]
    data = coil_bytes(values) if kind == "coil" else register_bytes(values)
    line.talk(struct.pack(">BHH", code, address, count), struct.pack("BB", code, len(data)) + data)
    device.see(kind, address, values)


def write(draw, line, device):
    """What its event must show."""
    code = draw.choice((WRITE_COIL, WRITE_REGISTER, WRITE_COILS, WRITE_REGISTERS))
    kind = "coil" if code in COIL_CODES else "register"
    count = 1 if code in (WRITE_COIL, WRITE_REGISTER) else draw.randint(1, 70)
    address = draw.randrange(0, 300 - count)
    values = [draw.randrange(2 if kind == "coil" else 65536) for _ in range(count)]
    if code == WRITE_COIL:
        request = struct.pack(">BHH", code, address, 0xff00 * values[0])
    elif code == WRITE_REGISTER:
        request = struct.pack(">BHH", code, address, values[0])
    else:
        data = coil_bytes(values) if kind == "coil" else register_bytes(values)
        request = struct.pack(">BHHB", code, address, count, len(data)) + data
    want = device.known(kind, address, count)
    if draw.random() < 0.1:
        line.talk(request, struct.pack("BB", code | REFUSED, 2))
        return want
    line.talk(request, request[:5])
    device.held[kind][address:address + count] = values
    device.see(kind, address, values)
    return want


def conversation(seed):
    """A capture, and what its writes must show, in order."""
    draw, tape = random.Random(seed), Tape(step_ns=20_000_000)
    devices = [Device(draw) for _ in SERVERS]
    lines = [[Line(tape, client, cport + i, *server) for client, cport in CLIENTS]
             for i, server in enumerate(SERVERS)]
    wanted = before.take_turns(draw, TURNS, lines, devices,
                               lambda line, device: read(draw, line, device),
                               lambda line, device: write(draw, line, device))
    return tape.packets, wanted


if __name__ == "__main__":
    before.compare(conversation, SEEDS, ("modbus",))
