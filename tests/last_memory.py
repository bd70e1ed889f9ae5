#!/usr/bin/python3
"""The value before of an S7 variable is what its bytes held, whatever shape told it.

    tests/last_memory.py [IRONSPAN]

Clients read and write a data block and the merkers of controllers, drawn by fixed seeds: bits,
bytes, words, integers, reals and runs of them that overlap, the same polls again and again, some
writes refused. A model of the bits that were seen says what every write must show as
`value_prev`: all that it replaces, or nothing if a bit of it was never seen.
"""
import random
import struct

import before
from wire import Tape, Tcp

SEEDS = range(3)
TURNS = 1200
JOB, ACK_DATA, READ, WRITE, OK, REFUSED = 1, 3, 4, 5, 0xff, 0x05
AREAS = {0x83: 0, 0x84: 8} # merkers, data block 8
BYTES, LONG = 48, 300 # behind those of the data block, bytes that are only taken together
# transport size in an address and with data, bytes of one, how struct and EVE have it
BIT, BYTE, WORD, INT, DWORD, DINT, REAL = SHAPES = (
    (1, 3, 0, None), (2, 4, 1, "B"), (4, 4, 2, "H"), (5, 5, 2, "h"), (6, 4, 4, "I"),
    (7, 5, 4, "i"), (8, 7, 4, "f"))
SERVERS = ["10.2.0.%d" % i for i in range(1, 5)]
CLIENTS = [("10.1.0.1", 1030), ("10.1.0.2", 40000)]


class Place:
    """A variable: where it lies, and in which shape."""

    def __init__(self, draw):
        self.area, self.shape = draw.choice(list(AREAS)), draw.choice(SHAPES)
        self.count = 1 if self.shape is BIT else draw.choice((1, 1, 2, 5))
        self.size = self.shape[2] * self.count
        self.byte = draw.randrange(BYTES - self.size)
        self.bit = draw.randrange(8) if self.shape is BIT else 0
        if draw.random() < 0.1:
            self.area, self.shape, self.count, self.size = 0x84, BYTE, LONG, LONG
            self.byte, self.bit = BYTES, 0

    def specification(self):
        return struct.pack(">BBBBHHB", 0x12, 10, 0x10, self.shape[0], self.count,
                           AREAS[self.area], self.area) + \
            (self.byte * 8 + self.bit).to_bytes(3, "big")

    def bits(self):
        first = self.byte * 8 + self.bit
        return [(self.area, i) for i in range(first, first + max(1, self.size * 8))]

    def shown(self, values):
        """The bits as EVE has them."""
        if self.shape is BIT:
            return values[0]
        raw = bytes(sum(bit << i for i, bit in enumerate(values[at:at + 8]))
                    for at in range(0, len(values), 8))
        numbers = list(struct.unpack(">%d%s" % (self.count, self.shape[3]), raw))
        return numbers[0] if self.count == 1 else numbers


class Device:
    def __init__(self, draw):
        self.held = {(area, i): draw.randrange(2) if i // 8 % 4 else 0
                     for area in AREAS for i in range((BYTES + LONG) * 8)}
        self.seen = {}

    def see(self, place):
        self.seen.update((bit, self.held[bit]) for bit in place.bits())

    def known(self, place):
        values = [self.seen.get(bit) for bit in place.bits()]
        return None if None in values else place.shown(values)

    def data(self, place):
        values = [self.held[bit] for bit in place.bits()]
        if place.shape is BIT:
            return bytes(values)
        return bytes(sum(bit << i for i, bit in enumerate(values[at:at + 8]))
                     for at in range(0, len(values), 8))


class Line:
    def __init__(self, tape, client, cport, server):
        self.tcp = Tcp(tape, client, server, cport=cport, sport=102).open()
        self.reference = 0

    def talk(self, function, places, asked, answered):
        self.reference += 1
        parameter = bytes([function, len(places)])
        wanted = parameter + b"".join(p.specification() for p in places)
        job = struct.pack(">BBHHHH", 0x32, JOB, 0, self.reference, len(wanted), len(asked))
        answer = struct.pack(">BBHHHHH", 0x32, ACK_DATA, 0, self.reference, 2, len(answered), 0)
        self.tcp.talk(*(struct.pack(">BBHBBB", 3, 0, 7 + len(body), 2, 0xf0, 0x80) + body
                        for body in (job + wanted + asked, answer + parameter + answered)))


def item(code, place, data):
    length = 1 if place.shape is BIT else len(data) * (1 if place.shape is REAL else 8)
    return struct.pack(">BBH", code, place.shape[1], length) + data


def read(draw, line, device, polls):
    places = draw.choice(polls)
    if draw.random() < 0.3: # the process goes on
        bit = draw.choice(places[0].bits())
        device.held[bit] ^= bit[1] // 8 % 4 != 0
    data = b""
    for place in places:
        data += bytes(len(data) % 2) + item(OK, place, device.data(place))
    line.talk(READ, places, b"", data)
    for place in places:
        device.see(place)


def write(draw, line, device):
    """What its event must show."""
    place = Place(draw)
    want, code = device.known(place), OK if draw.random() < 0.9 else REFUSED
    held = dict(device.held)
    for bit in place.bits():
        if bit[1] // 8 % 4:
            device.held[bit] = draw.randrange(2)
    line.talk(WRITE, [place], item(0, place, device.data(place)), bytes([code]))
    if code == OK:
        device.see(place)
    else:
        device.held = held
    return want


def conversation(seed):
    """A capture, and what its writes must show, in order."""
    draw, tape = random.Random(seed), Tape(step_ns=20_000_000)
    devices = [Device(draw) for _ in SERVERS]
    lines = [[Line(tape, client, cport + i, server) for client, cport in CLIENTS]
             for i, server in enumerate(SERVERS)]
    polls = [[Place(draw) for _ in range(draw.choice((1, 1, 2, 6)))] for _ in range(6)]
    wanted = before.take_turns(draw, TURNS, lines, devices,
                               lambda line, device: read(draw, line, device, polls),
                               lambda line, device: write(draw, line, device))
    return tape.packets, wanted


def is_same(one, other):
    """Numbers of four bytes, in JSON and as Python unpacks them; what is no number is a text."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, str) or one is None or other is None:
        return one == other or (isinstance(one, str) and other != other)
    return abs(one - other) <= 1e-6 * abs(other) or (one != one and other != other)


if __name__ == "__main__":
    before.compare(conversation, SEEDS, ("s7comm",), is_same)
