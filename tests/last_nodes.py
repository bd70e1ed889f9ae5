#!/usr/bin/python3
"""The value that a write to an OPC UA node replaces is all that the node had, or not shown.

    tests/last_nodes.py [IRONSPAN]

Clients call a server by different names, or are joined too late to tell; values are numbers of
several types and arrays, and parts of arrays that an index range names; monitored items are of
values and of other attributes. Each case says what its writes must show as `value_prev`, and what
is published must name the node and the attribute.
"""
import os
import struct
import tempfile

import before
import ironspan
import pcap
from report import Report
from wire import Tape, Tcp

READ, WRITE, MONITOR, PUBLISH = 631, 673, 751, 826
VALUE, ACCESS_LEVEL = 13, 17
SHOWN = list(range(64)) # what an operation shows of an array
CLIENT, SERVER, HANDLE = "10.1.0.1", "10.2.0.1", 7
NOBODY = struct.pack("<BB", 0, 0)
REQUEST_HEADER = NOBODY + struct.pack("<QIIiI", 0, 1, 0, -1, 0) + bytes(3)
RESPONSE_HEADER = struct.pack("<QII", 0, 1, 0) + struct.pack("<Bi", 0, -1) + bytes(3)
NODE = struct.pack("<BHi", 3, 2, 2) + b"SP"


def text(value):
    return struct.pack("<i", -1) if value is None else struct.pack("<i", len(value)) + value


def variant(value):
    """An Int32, or an array of them, or a Double."""
    if isinstance(value, float):
        return struct.pack("<Bd", 11, value)
    if isinstance(value, list):
        return struct.pack("<Bi%di" % len(value), 0x86, len(value), *value)
    return struct.pack("<Bi", 6, value)


def service(number, *parts):
    return struct.pack("<BBH", 1, 0, number) + b"".join(parts)


class Line:
    """A connection without security, from its HEL if it has a name for the server."""

    def __init__(self, tape, number, url=None):
        self.tcp = Tcp(tape, CLIENT, SERVER, cport=40000 + number, sport=4840)
        self.count = 0
        if url:
            self.tcp.open()
            hello = struct.pack("<5I", 0, 65535, 65535, 0, 0) + text(url)
            answer = struct.pack("<5I", 0, 65535, 65535, 0, 0)
            self.tcp.talk(b"HELF" + struct.pack("<I", 8 + len(hello)) + hello,
                          b"ACKF" + struct.pack("<I", 8 + len(answer)) + answer)

    def talk(self, number, asked, answered):
        self.count += 1
        self.tcp.talk(*(
            b"MSGF" + struct.pack("<5I", 24 + len(body), 9, 1, self.count, self.count) + body
            for body in (service(number, REQUEST_HEADER, asked),
                         service(number + 3, RESPONSE_HEADER, answered))))

    def read(self, value, part=None):
        self.talk(READ, struct.pack("<dIi", 0, 2, 1) + NODE + struct.pack("<I", VALUE) +
                  text(part) + bytes(2) + text(None),
                  struct.pack("<iB", 1, 1) + variant(value) + text(None))

    def write(self, value, part=None, status=0):
        self.talk(WRITE, struct.pack("<i", 1) + NODE + struct.pack("<I", VALUE) + text(part) +
                  b"\x01" + variant(value), struct.pack("<iIi", 1, status, -1))

    def monitor(self, attribute, part=None):
        item = NODE + struct.pack("<I", attribute) + text(part) + bytes(2) + text(None)
        self.talk(MONITOR, struct.pack("<IIi", 5, 2, 1) + item +
                  struct.pack("<II", 2, HANDLE) + struct.pack("<d", 0) + bytes(3) +
                  struct.pack("<IB", 1, 1),
                  struct.pack("<iIIdI", 1, 0, 3, 0, 1) + bytes(3) + text(None))

    def publish(self, value):
        change = struct.pack("<iI", 1, HANDLE) + b"\x01" + variant(value) + text(None)
        news = struct.pack("<BBHB", 1, 0, 811, 1) + text(change)
        self.talk(PUBLISH, struct.pack("<i", 0), struct.pack("<IiBIQi", 5, 0, 0, 1, 0, 1) + news +
                  struct.pack("<ii", 0, -1))


def names(line):
    one, other, late = line(b"opc.tcp://10.2.0.1:4840"), line(b"opc.tcp://plc1:4840/"), line()
    one.read(1)
    for writer, value in ((one, 2), (other, 3), (late, 4), (one, 9)):
        writer.write(value)
    return 1, 2, 3, 4


def arrays(line):
    one = line()
    one.read([1, 2, 3])
    for value in ([4, 5, 6], [7, 8], 9, [10], SHOWN, SHOWN + [64], 11, 12):
        one.write(value)
    return [1, 2, 3], [4, 5, 6], [7, 8], 9, 10, SHOWN, SHOWN, 11


def parts(line):
    one = line()
    one.read([1, 2, 3])
    one.write(99, b"1")
    one.write([5, 6, 7])
    one.read(7, b"2")
    one.write([8, 9])
    one.write([0, 0], b"0:1", 0x80360000)
    one.write([1])
    return None, None, [5, 6, 7], None, [8, 9]


def watched(line):
    one = line()
    one.read(50)
    for attribute, part, value in ((ACCESS_LEVEL, None, 3), (VALUE, b"0", 4), (VALUE, None, 60)):
        one.monitor(attribute, part)
        one.publish(value)
        one.write(value + 100)
    return 50, 103, 60


def types(line):
    one = line()
    for read in (10, 70.5, 20):
        one.read(read)
        one.write(99)
        one.write(12.5)
    one.read([1, 2])
    one.write(0.5)
    one.write(7)
    return 10, 99, 70.5, 99, 20, 99, [1, 2], 0.5


def published(path):
    operations = [e["ot"]["operation"] for e in ironspan.events(path, types=("opcua",))
                  if e["opcua"]["request"]["service"] == "PublishRequest"]
    return [(o["point"].get("addr"), o["object"]) for o in operations]


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        for case in (names, arrays, parts, watched, types):
            tape, count = Tape(step_ns=20_000_000), iter(range(9))
            wanted = list(case(lambda url=None: Line(tape, next(count), url)))
            path = os.path.join(folder, case.__name__ + ".pcap")
            pcap.write(path, tape.packets)
            got = before.shown(path, types=("opcua",))
            report.case(case.__name__, [] if got == wanted else
                        ["%s, and not %s" % (got, wanted)])
            if case is watched:
                got = published(path)
                report.case("published", [] if got == [
                    ("ns=2;s=SP", name) for name in ("access_level", "value", "value")] else [got])
    report.end()


main()
