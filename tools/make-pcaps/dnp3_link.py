"""DNP3 link frames and transport segments that are broken, in pieces or out of order."""
import dnp3
from dnp3 import CON, FIN, FIR, PRM, UNCONFIRMED, every, request, response
from dnp3_talk import (ASK_ALL, CLASS_1, MASTER, RTU, TO_MASTER, analogs, asks, flipped, pair,
                       says)
from stream import lost


# ---- link layer ----

def bad_header(line):
    """An outstation ignores the frame and goes on with the next one, also in one segment."""
    first, second = pair(5), pair(6)
    line.ask(flipped(first[0], 8) + second[0])
    line.answer(second[1])
    line.ask(pair(7)[0])
    line.answer(flipped(pair(7)[1], 4))


def bad_data(line):
    first, second = pair(5), pair(6)
    line.ask(flipped(first[0], 12) + second[0])
    line.answer(second[1])
    line.ask(pair(7)[0])
    line.answer(flipped(pair(7)[1], 30))
    line.ask(pair(8)[0])
    line.answer(flipped(pair(8)[1], len(pair(8)[1]) - 1))


def junk_between(line):
    """Three bytes that are nothing, between the frames of one segment and as a segment."""
    line.ask(pair(5)[0] + b"\xde\xad\xbe" + pair(6)[0])
    line.answer(pair(5)[1] + b"\xde\xad\xbe" + pair(6)[1])
    line.ask(b"\x05\x05\x64")
    line.talk(*pair(7))


SHORT = dnp3.START + b"\x04\xc4\x0a\x00\x01\x00"  # a length of 4, with a good CRC


def false_start(line):
    """Junk that begins as a frame does; lengths that no frame has."""
    for junk in (b"\x05\x64\xff\xc4\x0a\x00\x01\x00\x00\x00", b"\x05\x64\x00", b"\x05\x64\x05\x64",
                 SHORT + dnp3.crc(SHORT)):
        line.ask(junk + pair(5)[0])
        line.answer(pair(5)[1])


def cut_frame(line):
    """A frame whose end never came; the next one follows where it should have been."""
    line.ask(pair(5)[0][:17] + pair(6)[0])
    line.answer(pair(6)[1])


def link_services(line):
    """Every link function, also those that nobody uses, and a full data link confirm."""
    control = dnp3.DIR | PRM
    for function in (0, 1, 2, 9, 5):
        line.ask(dnp3.frame(control | function | (dnp3.FCV if function == 2 else 0), RTU, MASTER))
        line.answer(dnp3.frame(11 if function == 9 else 0, MASTER, RTU))
    data = dnp3.segments(request(dnp3.READ, 5, CLASS_1), 5)[0]
    for fcb in (dnp3.FCB, 0):
        line.ask(dnp3.frame(control | dnp3.CONFIRMED | dnp3.FCV | fcb, RTU, MASTER, data))
        line.answer(dnp3.frame(dnp3.ACK, MASTER, RTU) + says(response(5, 0), 5))
    for function in (1, 14, 15, 7):
        line.ask(dnp3.frame(control | dnp3.RESET_LINK, RTU, MASTER))
        line.answer(dnp3.frame(function, MASTER, RTU))
    line.ask(dnp3.frame(control | UNCONFIRMED, RTU, MASTER))  # no user data in it
    line.ask(dnp3.frame(control | dnp3.RESET_LINK, RTU, MASTER, b"\xc0\xc0\x01"))


def in_pieces(line):
    """A byte a segment; then a segment that ends inside each frame."""
    for end, body in enumerate(pair(5)):
        for byte in body:
            line.send(end, bytes([byte]))
    for end in (0, 1):
        row = b"".join(pair(sequence)[end] for sequence in range(6, 12))
        for at in range(0, len(row), 23):
            line.send(end, row[at:at + 23])


def lost_pieces(line):
    """A request lost, half an answer lost."""
    lost(line, 0, pair(5)[0])
    line.answer(pair(5)[1])
    line.ask(pair(6)[0])
    line.send(1, pair(6)[1][:20])
    lost(line, 1, pair(6)[1][20:])


# ---- transport ----

def long_answer(sequence, transport=0, count=120):
    """The frames of an answer that needs three or more."""
    parts = dnp3.segments(response(sequence, 0, analogs(count)), transport)
    return [dnp3.frame(TO_MASTER, MASTER, RTU, part) for part in parts]


LINK_STATUS = dnp3.frame(PRM | dnp3.REQUEST_STATUS, MASTER, RTU)


def link_between(line):
    """A frame without data between two segments changes nothing."""
    first, second, third = long_answer(5)
    line.talk(ASK_ALL[5], first + LINK_STATUS + second)
    line.answer(LINK_STATUS)
    line.answer(third)


def gap(line):
    """The middle segment is missing: the answer cannot be told."""
    first, _, third = long_answer(5)
    line.talk(ASK_ALL[5], first + third)


def doubled(line):
    """A segment comes twice, as a link layer that repeats sends it."""
    first, second, third = long_answer(5)
    line.talk(ASK_ALL[5], first + second + second + third)


def without_first(line):
    line.talk(ASK_ALL[5], b"".join(long_answer(5)[1:]))


def begun_again(line):
    """A new first segment ends what was under way."""
    line.talk(ASK_ALL[5], b"".join(long_answer(5)[:2]) + b"".join(long_answer(5, 40)))


def wrapped(line):
    """Transport sequence 63 is followed by 0."""
    line.talk(ASK_ALL[5], b"".join(long_answer(5, 62)))


def two_at_once(line):
    """Two outstations behind one connection answer at the same time."""
    line.ask(ASK_ALL[5] + asks(request(dnp3.READ, 6, every(30, 1)), 6, to=11))
    others = [dnp3.frame(TO_MASTER, MASTER, 11, part) for part in
              dnp3.segments(response(6, 0, analogs(120, value=9000)), 9)]
    line.answer(b"".join(frame for both in zip(long_answer(5), others) for frame in both))


def endless(line):
    """Segments that never come to an end: more than any fragment may be long."""
    line.ask(ASK_ALL[5])
    for number in range(40):
        head = bytes([(number == 0) * dnp3.TRANSPORT_FIR | number & 63])
        line.answer(dnp3.frame(TO_MASTER, MASTER, RTU, head + bytes(249)))


def many_fragments(line):
    """An answer in three fragments, each confirmed but the last."""
    line.ask(ASK_ALL[5])
    for number in range(3):
        control = (number == 0) * FIR | (number == 2) * FIN | (number < 2) * CON
        line.answer(says(response(5 + number, 0, analogs(60, 60 * number), control), number))
        if number < 2:
            line.ask(asks(request(dnp3.CONFIRM, 5 + number)))


# ---- segments that the capture has lost: nobody's fault ----

def lost_segment(number):
    """One TCP segment of an answer in three is missing; a link frame comes before the rest."""
    def story(line):
        frames = long_answer(5)
        line.ask(ASK_ALL[5])
        for at, frame in enumerate(frames):
            if at == number:
                lost(line, 1, frame)
                line.answer(LINK_STATUS)
            else:
                line.answer(frame)
    return story


def lost_between(line):
    """The end of one answer and the beginning of the next are one gap."""
    line.ask(ASK_ALL[5])
    first, second = long_answer(5), long_answer(6, 3)
    line.answer(first[0])
    lost(line, 1, first[1] + first[2])
    line.ask(ASK_ALL[6])
    lost(line, 1, second[0])
    line.answer(LINK_STATUS + second[1] + second[2])
