"""DNP3 (IEEE 1815) as far as the lab's master and outstation speak it.

Three layers, each a few functions: link frames with a CRC behind every block, transport
segments with a sequence of their own, application fragments made of object headers. What is
read is checked; what is written may be wrong on purpose where an argument says so.
"""
import struct
from dataclasses import dataclass

PORT = 20000
BROADCASTS = (0xfffd, 0xfffe, 0xffff)  # confirm optional, mandatory, not wanted

# ---- link layer: 05 64 length control destination source crc, then blocks of 16 ----

DIR, PRM, FCB, FCV = 0x80, 0x40, 0x20, 0x10
RESET_LINK, TEST_LINK, CONFIRMED, UNCONFIRMED, REQUEST_STATUS = 0, 2, 3, 4, 9
ACK, NACK, LINK_STATUS = 0, 1, 11
START = b"\x05\x64"


def crc(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xa6bc if value & 1 else value >> 1
    return struct.pack("<H", value ^ 0xffff)


def blocks(data):
    return [data[at:at + 16] for at in range(0, len(data), 16)]


def frame(control, destination, source, data=b""):
    head = START + struct.pack("<BBHH", 5 + len(data), control, destination, source)
    return b"".join(block + crc(block) for block in [head] + blocks(data))


@dataclass
class Frame:
    control: int
    destination: int
    source: int
    data: bytes

    @property
    def function(self):
        return self.control & 15


class FrameReader:
    """Takes bytes as they come and gives the good frames among them."""

    def __init__(self):
        self.buffer = b""

    def feed(self, data):
        self.buffer += data
        found = []
        while (at := self.buffer.find(START)) >= 0:
            self.buffer = self.buffer[at:]
            if len(self.buffer) < 10:
                break
            size = self.buffer[2] - 5
            whole = 10 + size + 2 * ((size + 15) // 16)
            if size < 0 or crc(self.buffer[:8]) != self.buffer[8:10]:
                self.buffer = self.buffer[2:]
                continue
            if len(self.buffer) < whole:
                break
            found += self._body(self.buffer[10:whole])
            self.buffer = self.buffer[whole:]
        return found

    def _body(self, body):
        parts = [body[at:at + 18] for at in range(0, len(body), 18)]
        if any(crc(part[:-2]) != part[-2:] for part in parts):
            return []
        control, destination, source = struct.unpack_from("<BHH", self.buffer, 3)
        return [Frame(control, destination, source, b"".join(part[:-2] for part in parts))]


# ---- transport: one byte in front of up to 249 ----

SEGMENT_MAX = 249
TRANSPORT_FIN, TRANSPORT_FIR = 0x80, 0x40


def segments(fragment, sequence=0):
    """What a fragment looks like in link frames; `sequence` is the first segment's."""
    parts = [fragment[at:at + SEGMENT_MAX] for at in range(0, len(fragment), SEGMENT_MAX)]
    last = len(parts) - 1
    return [bytes([(number == 0) * TRANSPORT_FIR | (number == last) * TRANSPORT_FIN
                   | (sequence + number) & 63]) + part for number, part in enumerate(parts)]


class Reassembly:
    def __init__(self):
        self.parts, self.next = None, 0

    def feed(self, segment):
        """The whole fragment when this was its last segment, else None."""
        head = segment[0]
        if head & TRANSPORT_FIR:
            self.parts = []
        elif self.parts is None or head & 63 != self.next:
            self.parts = None
            return None
        self.parts.append(segment[1:])
        self.next = head + 1 & 63
        if not head & TRANSPORT_FIN:
            return None
        whole, self.parts = b"".join(self.parts), None
        return whole


class Sender:
    """One end of an association: turns fragments into link frames."""

    def __init__(self, send, own, peer, direction):
        self.send, self.own, self.peer, self.direction = send, own, peer, direction
        self.sequence = 0

    def link(self, control, data=b"", to=None):
        self.send(frame(self.direction | control, self.peer if to is None else to, self.own, data))

    def fragment(self, fragment, to=None):
        """All its frames in one go, as real stacks do."""
        parts = segments(fragment, self.sequence)
        self.sequence = self.sequence + len(parts) & 63
        self.send(b"".join(frame(self.direction | PRM | UNCONFIRMED,
                                 self.peer if to is None else to, self.own, part)
                           for part in parts))


# ---- application layer ----

FIR, FIN, CON, UNS = 0x80, 0x40, 0x20, 0x10
(CONFIRM, READ, WRITE, SELECT, OPERATE, DIRECT_OPERATE, DIRECT_OPERATE_NO_ACK, FREEZE,
 FREEZE_NO_ACK, FREEZE_CLEAR, FREEZE_CLEAR_NO_ACK, FREEZE_AT_TIME, FREEZE_AT_TIME_NO_ACK,
 COLD_RESTART, WARM_RESTART, INITIALIZE_DATA, INITIALIZE_APPLICATION, START_APPLICATION,
 STOP_APPLICATION, SAVE_CONFIGURATION, ENABLE_UNSOLICITED, DISABLE_UNSOLICITED, ASSIGN_CLASS,
 DELAY_MEASURE, RECORD_TIME, OPEN_FILE, CLOSE_FILE, DELETE_FILE, GET_FILE_INFO,
 AUTHENTICATE_FILE, ABORT_FILE, ACTIVATE_CONFIGURATION) = range(32)
RESPONSE, UNSOLICITED = 129, 130
NO_RESPONSE = (CONFIRM, DIRECT_OPERATE_NO_ACK, FREEZE_NO_ACK, FREEZE_CLEAR_NO_ACK,
               FREEZE_AT_TIME_NO_ACK)

# Internal indications, as a little-endian number: IIN1.0 is bit 0, IIN2.0 is bit 8.
(BROADCAST, CLASS_1, CLASS_2, CLASS_3, NEED_TIME, LOCAL, TROUBLE, RESTART) = (
    1 << bit for bit in range(8))
(NO_FUNCTION, OBJECT_UNKNOWN, PARAMETER_ERROR) = (1 << bit for bit in (8, 9, 10))


def request(function, sequence, body=b"", control=FIR | FIN):
    return bytes([control | sequence & 15, function]) + body


def response(sequence, iin, body=b"", control=FIR | FIN, function=RESPONSE):
    return struct.pack("<BBH", control | sequence & 15, function, iin) + body


@dataclass
class Fragment:
    control: int
    function: int
    iin: int
    body: bytes

    @property
    def sequence(self):
        return self.control & 15


def parse(fragment):
    control, function = fragment[:2]
    if function < RESPONSE:
        return Fragment(control, function, 0, fragment[2:])
    return Fragment(control, function, struct.unpack_from("<H", fragment, 2)[0], fragment[4:])


# ---- object headers ----

def every(group, variation=0):
    """All points of it (qualifier 06)."""
    return bytes([group, variation, 6])


def ranged(group, variation, start, stop, data=b""):
    """Start and stop in one or two bytes (qualifiers 00, 01)."""
    wide = stop > 255
    return struct.pack("<BBBHH" if wide else "<5B", group, variation, wide, start, stop) + data


def counted(group, variation, data=b"", count=1):
    """The first ones, without an index (qualifier 07)."""
    return struct.pack("4B", group, variation, 7, count) + data


def indexed(group, variation, items):
    """Each object behind its index, in one or two bytes (qualifiers 17, 28)."""
    wide = max(index for index, _ in items) > 255
    head = struct.pack("<BBBH" if wide else "4B", group, variation, 0x28 if wide else 0x17,
                       len(items))
    return head + b"".join(struct.pack("<H" if wide else "B", index) + data
                           for index, data in items)


def sized(group, variation, data):
    """One object behind its size (qualifier 5B), as files have it."""
    return struct.pack("<BBBBH", group, variation, 0x5b, 1, len(data)) + data


def time48(milliseconds):
    return struct.pack("<Q", milliseconds)[:6]
