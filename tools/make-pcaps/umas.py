"""UMAS: what Schneider Electric's engineering stations say to Modicon controllers."""
import struct

from modbus import HMI, PLC, exception, mbap, read_pair
from wire import Tape, Tcp

ENGINEER = "10.20.9.77"
SIGNATURE = b"\x01" + bytes(range(32))
PROGRAM = b"".join(struct.pack(">I", i * i) for i in range(700))
OK, NO = 0xfe, 0xfd


class Station:
    """Asks under the session that it has; every message has a transaction of its own."""

    def __init__(self, line):
        self.line, self.transaction, self.session = line, 0, 0

    def say(self, function, data=b"", answer=b"", code=OK, signed=False):
        self.transaction += 1
        self._send(self.line.ask, function, data, 0x38 if signed else None)
        self._send(self.line.answer, code, answer, OK if signed else None)

    def _send(self, send, function, data, outer):
        body = bytes([90, self.session, function]) + data
        if outer is not None:
            body = bytes([90, self.session, outer]) + SIGNATURE + body
        send(mbap(self.transaction, body, unit=0))

    def identify(self):
        name, project = b"BMX P34 2020", b"Boiler house\0"
        self.say(0x01, b"\0", struct.pack("<HH", 1021, 0x0320) + bytes(9))
        self.say(0x02, answer=b"\x10\xff" + struct.pack("<IHHHHHIH", 0x05010630, 0, 0x0310, 0,
                                                        0x27, 11, 1, 0)
                 + bytes([len(name)]) + name + b"\1\1\1\0\0\0\0\0\x40")
        self.say(0x03, b"\0", b"\2\0\0\0\1\0\0\0\0" * 2 + b"\2\x1e\x0b\x0c\x0e\1\xea\7" * 2
                 + struct.pack("<I", len(project)) + project)
        self.say(0x04, answer=b"\x02\x82\x80\x06" + bytes(24))

    def reserve(self, owner, session):
        self.say(0x10, b"CL\0\0" + bytes([len(owner)]) + owner, bytes([session]))
        self.session = session

    def release(self):
        self.say(0x11, bytes([self.session]))
        self.session = 0


def blocks(size=1000):
    return [PROGRAM[i:i + size] for i in range(0, len(PROGRAM), size)]


def station(tape, port):
    return Station(Tcp(tape, ENGINEER, PLC, port).open())


def commands():
    """An engineer looks, reserves, stops and starts; another one is refused; memory, variables,
    coils; signed commands; a controller that knows no UMAS."""
    tape = Tape()
    one, other = station(tape, 42000), station(tape, 42001)
    one.identify()
    one.reserve(b"ENG-ST-7", 0x2f)
    other.say(0x10, b"CL\0\0\x08ENG-ST-8", b"\x81\x80", NO)
    other.say(0x41, b"\xff\0", b"\x83\x80", NO)
    one.say(0x41, b"\xff\0")
    one.say(0x12)
    one.say(0x40, b"\xff\0")
    one.say(0x20, struct.pack("<BHIH", 0, 0x13, 100, 6), b"\0\x06\0" + bytes(6))
    one.say(0x22, bytes.fromhex("44332211 02 02 3400 01 1000 02 03 3400 01 1400 00"), bytes(6))
    one.say(0x23, bytes.fromhex("44332211 01 02 3400 1000 0200 e803"))
    one.say(0x24, bytes.fromhex("02 02 02 0400 0100 02 03 0a00 0200"), bytes(5))
    one.say(0x41, b"\xff\0", signed=True)
    one.say(0x40, b"\xff\0", b"\x81\x80", NO, signed=True)
    one.release()
    other.line.ask(mbap(90, b"\x5a\0\2", unit=3))
    other.line.answer(mbap(90, exception(90, 1), unit=3))
    other.line.talk(*read_pair(91))
    for s in (one, other):
        s.line.close()
    return tape.packets


def programs():
    """The same program goes to the controller and comes back: whole, with a block sent twice,
    with one refused; seen from its second block on."""
    tape = Tape()
    s = station(tape, 42010)
    s.reserve(b"ENG-ST-7", 0x31)
    for twice, refused in ((None, None), (2, None), (None, 2)):
        s.say(0x30, b"\0\1")
        for number, block in enumerate(blocks(), 1):
            data = b"\0\1" + struct.pack("<HH", number, len(block)) + block
            for _ in range(2 if number == twice else 1):
                s.say(0x31, data, *((b"\x81\x80", NO) if number == refused else ()))
        s.say(0x32, b"\0\1" + struct.pack("<H", len(blocks())))
    s.say(0x33, b"\0\1\xfd\3", b"\0\1" + struct.pack("<I", len(PROGRAM)))
    for number, block in enumerate(blocks(), 1):
        s.say(0x34, b"\0\1" + struct.pack("<H", number),
              bytes([number == len(blocks()), 0]) + struct.pack("<H", len(block)) + block)
    s.say(0x35, b"\0\1" + struct.pack("<H", len(blocks())))
    s.release()
    s.line.close()
    late = Station(Tcp(tape, HMI, PLC, 42011))
    late.session = 0x32
    for number, block in enumerate(blocks()[1:], 2):
        late.say(0x31, b"\0\1" + struct.pack("<HH", number, len(block)) + block)
    late.say(0x32, b"\0\1" + struct.pack("<H", len(blocks())))
    return tape.packets


PACKETS = {"umas-commands": commands, "umas-programs": programs}
