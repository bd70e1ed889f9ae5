"""What the DNP3 stories of the generator have in common: a master, an outstation and a poll.

A good poll stands before and behind everything wrong, so that anything lost shows."""
import struct

import dnp3
from dnp3 import PRM, UNCONFIRMED, every, indexed, ranged, request, response
from modbus import HMI, PLC
from wire import Tape, Tcp

MASTER, RTU = 1, 10
TO_RTU, TO_MASTER = dnp3.DIR | PRM | UNCONFIRMED, PRM | UNCONFIRMED
CLASS_1 = every(60, 2)
CLOSE = struct.pack("<BBIIB", 0x41, 1, 250, 250, 0)
BREAKER = indexed(12, 1, [(2, CLOSE)])


def asks(fragment, sequence=0, to=RTU, source=MASTER):
    """A master's fragment as the frames it makes."""
    return b"".join(dnp3.frame(TO_RTU, to, source, part)
                    for part in dnp3.segments(fragment, sequence))


def says(fragment, sequence=0, source=RTU):
    return b"".join(dnp3.frame(TO_MASTER, MASTER, source, part)
                    for part in dnp3.segments(fragment, sequence))


ASK_ALL = [asks(request(dnp3.READ, sequence, every(30, 1)), sequence) for sequence in range(16)]


def analogs(count, first=0, value=2200):
    return ranged(30, 1, first, first + count - 1, b"".join(
        struct.pack("<Bi", 1, value + index) for index in range(count)))


def binaries(*states):
    return ranged(1, 2, 0, len(states) - 1, bytes(1 | state << 7 for state in states))


def pair(sequence, source=RTU, value=2200):
    """A read of four inputs and four measured values, and its answer."""
    body = ranged(1, 2, 0, 3) + ranged(30, 1, 0, 3)
    answer = binaries(0, 1, 1, 0) + analogs(4, value=value + sequence)
    return (asks(request(dnp3.READ, sequence, body), sequence, source),
            says(response(sequence, 0, answer), sequence, source))


def poll(line, first, count=2):
    for sequence in range(first, first + count):
        ask, answer = pair(sequence & 15)
        line.ask(ask)
        line.answer(answer)


def lines(*stories, **options):
    """Each story on a connection of its own."""
    def make():
        tape = Tape()
        for number, story in enumerate(stories):
            line = Tcp(tape, HMI, PLC, 48000 + number, dnp3.PORT, **options).open()
            poll(line, 1)
            story(line)
            poll(line, 14)
            line.close()
        return tape.packets
    return make


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


# ---- controls ----

def control(sequence, function, body):
    return asks(request(function, sequence, body), sequence)


def status(sequence, code, body=BREAKER, iin=0):
    return says(response(sequence, iin, body[:-1] + bytes([code])), sequence)
