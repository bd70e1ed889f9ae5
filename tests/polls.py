#!/usr/bin/python3
"""Polls that repeat themselves: knowing them again changes nothing that comes out.

    tests/polls.py [IRONSPAN]

Conversations of S7comm, drawn by fixed seeds: the same few reads again and again, of one
variable and of many, and between them whatever may make an exchange another one: refused
variables, other lengths, errors, ids reused and pipelined, fragments, segments, losses, writes,
a new setup or connection, answers that do not come. Each is replayed with and without
engine.repeats, with rules that look at what changes, one a time, and with those that do not.
"""
import os
import random
import struct
import subprocess
import tempfile
from pathlib import Path

import ironspan
import pcap
from report import Report
from wire import Tape, Tcp

ROOT = Path(__file__).resolve().parent.parent
SEEDS = (0, 1, 2, 109)  # 109: polls of more than one value across the end of a window
FLOWS, TURNS = 8, 90
HMI, PLC = "10.1.1.1", "10.1.2.1"
QUIET = "alert,anomaly,asset,flow,health,incident"
JOB, ACK, ACK_DATA, OK, LAST = 1, 2, 3, 0xff, 0x80
READ, WRITE, SETUP = 4, 5, 0xf0

# transport size of the address, of the data, bytes of an element
TYPES = ((1, 3, 1), (2, 4, 1), (3, 9, 1), (4, 4, 2), (5, 5, 2), (6, 4, 4), (7, 6, 4), (8, 7, 4),
         (15, 9, 8), (28, 9, 2), (77, 4, 3))

HEAD = "alert s7comm any any -> any any (msg:\"x\"; "
RULES = (
    "s7comm.data.value:>200; sid:1;)",
    "s7comm.data.value:<-9; sid:1;)",
    "s7comm.pdu_ref:7; sid:1;)",
    "flow:to_server; content:\"|12 0a 10 08|\"; content:\"|00 09|\"; offset:11; depth:2; sid:1;)",
    "flow:to_server; content:\"|00 03 00 0e|\"; offset:11; depth:4; sid:1;)",
    "flow:to_client; content:\"|ff 04 00|\"; content:\"|07|\"; distance:1; within:1; sid:1;)",
    "s7comm.data.data; content:\"|21|\"; sid:1;)",
    "s7comm.function:ReadVar; flowint:polls,+,1; flowint:polls,>,9; sid:1;)",
    "s7comm.data.return_code:<11; sid:1;)",
    "s7comm.data.length:>3; threshold:type limit, track by_src, count 2, seconds 1; sid:1;)",
    "s7comm.items.db:3; distinct:s7comm.request.items.db, count 2, seconds 1, "
    "track by_both; sid:1;)",
)


# ---- messages ----

def tpkt(s7, end=LAST):
    return struct.pack(">BBHBBB", 3, 0, 7 + len(s7), 2, 0xf0, end) + s7


def pdu(rosctr, ref, parameter, data=b"", error=0):
    return (struct.pack(">BBHHHH", 0x32, rosctr, 0, ref, len(parameter), len(data)) +
            (struct.pack(">H", error) if rosctr in (ACK, ACK_DATA) else b"") + parameter + data)


def address(item):
    number, (kind, _, _), count = item
    return struct.pack(">BBBBHHB", 0x12, 10, 0x10, kind, count, 1 + number % 3, 0x84) + \
        (number * 80).to_bytes(3, "big")


def length_of(kind, size):
    return 1 if kind == 3 else size * 8 if kind in (4, 5) else size


def value_of(rng, item):
    _, (_, kind, size), count = item
    body = bytes(rng.choice((rng.randrange(256), 7, 0x21)) for _ in range(size * count))
    return bytes([body[0] & 1]) if kind == 3 else body


def values_of(rng, items, code=OK, odd=None, altered=None):
    """Return code, type, length and value each; item `odd` is refused, another has a code that
    answers do not have."""
    out = b""
    for i, item in enumerate(items):
        if i == odd:
            out += b"\x0a\0\0\0"
            continue
        body, kind = value_of(rng, item), item[1][1]
        out += struct.pack(">BBH", 0 if i == altered else code, kind, length_of(kind, len(body)))
        out += body
        if len(body) % 2 and i + 1 < len(items):
            out += bytes([rng.choice((0, 0x55))])
    return out


class Poll:
    """What a client asks again and again."""

    def __init__(self, rng, count):
        self.items = [(rng.randrange(60), rng.choice(TYPES), 1) for _ in range(count)]
        self.items = [(n, t, 1 if t[0] == 1 else rng.choice((1, 1, 1, 3))) for n, t, _ in
                      self.items]
        self.parameter = b"".join(map(address, self.items))

    def ask(self, ref, function=READ, data=b""):
        return pdu(JOB, ref, bytes([function, len(self.items)]) + self.parameter, data)

    def answer(self, rng, ref, error=0, less=0, **what):
        items = self.items[:len(self.items) - less]
        data = b"" if error else values_of(rng, items, **what)
        return pdu(ACK_DATA, ref, bytes([READ, len(items)]), data, error)


# ---- what happens: each is given the line ----

class Line:
    def __init__(self, rng, tape, number):
        self.rng, self.tape, self.ref = rng, tape, rng.choice((0, 3, 0xfff0))
        self.tcp = Tcp(tape, HMI, PLC, 41000 + number, 102).open()
        self.polls = [Poll(rng, rng.choice((1, 1, 2, 3, 8, 20)))
                      for _ in range(rng.choice((1, 3, 5)))]
        self.hears = (number % 8 != 6, number % 8 != 7)
        self.connect()
        self.setup(480)

    def say(self, end, *frames):
        for frame in frames:
            if self.hears[end]:
                self.tcp.send(end, frame)
            else:
                self.tcp.skip(end, len(frame))

    def talk(self, request, answer):
        self.say(0, tpkt(request))
        self.say(1, tpkt(answer))

    def next(self):
        self.ref = (self.ref + 1) & 0xffff
        return self.ref

    def connect(self, slot=2):
        for end, kind in enumerate((0xe0, 0xd0)):
            body = bytes([17, kind, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, slot])
            self.say(end, struct.pack(">BBH", 3, 0, 4 + len(body)) + body)

    def setup(self, size):
        body, ref = struct.pack(">BBHHH", SETUP, 0, 2, 2, size), self.next()
        self.talk(pdu(JOB, ref, body), pdu(ACK_DATA, ref, body))

    def poll(self):
        return self.rng.choice(self.polls)


def plain(line):
    for poll in line.polls * line.rng.choice((1, 1, 3)):
        ref = line.next()
        line.talk(poll.ask(ref), poll.answer(line.rng, ref))


def still(line):
    """The same values again."""
    poll, seed = line.poll(), line.rng.random()
    for _ in range(3):
        ref = line.next()
        line.talk(poll.ask(ref), poll.answer(random.Random(seed), ref))


def refused(line):
    poll, ref = line.poll(), line.next()
    odd = line.rng.randrange(len(poll.items))
    line.talk(poll.ask(ref), poll.answer(line.rng, ref, odd=odd))


def altered(line):
    poll, ref = line.poll(), line.next()
    at = line.rng.randrange(len(poll.items))
    line.talk(poll.ask(ref), poll.answer(line.rng, ref, altered=at))


def failed(line):
    poll, ref = line.poll(), line.next()
    line.talk(poll.ask(ref), line.rng.choice((
        pdu(ACK, ref, b"", error=0x8104), poll.answer(line.rng, ref, error=0x8500),
        pdu(ACK_DATA, ref, b"", error=0xd209))))


def shorter(line):
    poll, ref = line.poll(), line.next()
    line.talk(poll.ask(ref), poll.answer(line.rng, ref, less=1))


def other_length(line):
    poll, ref = line.poll(), line.next()
    answer = bytearray(tpkt(poll.answer(line.rng, ref)))
    answer[24] ^= line.rng.choice((1, 8))
    line.say(0, tpkt(poll.ask(ref)))
    line.say(1, bytes(answer))


def other_ref(line):
    poll, ref = line.poll(), line.next()
    line.talk(poll.ask(ref), poll.answer(line.rng, ref + 1 & 0xffff))


def pipelined(line):
    asked = [(line.poll(), line.next()) for _ in range(3)]
    line.say(0, *(tpkt(poll.ask(ref)) for poll, ref in asked))
    line.rng.shuffle(asked)
    line.say(1, *(tpkt(poll.answer(line.rng, ref)) for poll, ref in asked))


def reused(line):
    """Two jobs under way with one reference, then the poll with a reference of a job that
    is still open."""
    ref, one, two = line.next(), line.poll(), line.poll()
    line.say(0, tpkt(one.ask(ref)), tpkt(two.ask(ref)))
    line.say(1, tpkt(one.answer(line.rng, ref)), tpkt(two.answer(line.rng, ref)))


def wrote(line):
    poll, ref = line.poll(), line.next()
    request = poll.ask(ref, WRITE, values_of(line.rng, poll.items, 0))
    codes = bytes(line.rng.choice((OK, OK, 5)) for _ in poll.items)
    line.talk(request, pdu(ACK_DATA, ref, bytes([WRITE, len(codes)]), codes))


def write_inside(line):
    """A write between a poll and its answer."""
    poll, ref = line.poll(), line.next()
    line.say(0, tpkt(poll.ask(ref)))
    wrote(line)
    line.say(1, tpkt(poll.answer(line.rng, ref)))


def in_fragments(line):
    poll, ref = line.poll(), line.next()
    request, answer = poll.ask(ref), poll.answer(line.rng, ref)
    at = line.rng.randrange(1, len(request))
    line.say(0, tpkt(request[:at], 0), tpkt(request[at:]))
    at = line.rng.randrange(1, len(answer))
    line.say(1, tpkt(answer[:at], 0), tpkt(answer[at:]))


def unfinished(line):
    """A fragment of something, behind which a poll is a piece of it."""
    poll, ref, end = line.poll(), line.next(), line.rng.randrange(2)
    line.say(end, tpkt(poll.ask(ref)[:15], 0))
    if line.rng.random() < 0.5:
        lost(line, end)
    plain(line)


def bare_fragment(line):
    """An open message of another kind of packet between."""
    line.say(0, tpkt(b"\x32\x01", 0))
    line.connect()
    plain(line)


def packed(line):
    polls = [(line.poll(), line.next()) for _ in range(2)]
    line.say(0, b"".join(tpkt(p.ask(ref)) for p, ref in polls))
    line.say(1, b"".join(tpkt(p.answer(line.rng, ref)) for p, ref in polls))


def split(line):
    poll, ref = line.poll(), line.next()
    for end, message in enumerate((poll.ask(ref), poll.answer(line.rng, ref))):
        frame = tpkt(message)
        at = line.rng.randrange(1, len(frame))
        line.say(end, frame[:at], frame[at:])


def lost(line, end=None):
    line.tcp.skip(line.rng.randrange(2) if end is None else end, line.rng.randrange(1, 90))


def lost_inside(line):
    poll, ref = line.poll(), line.next()
    line.say(0, tpkt(poll.ask(ref)))
    lost(line)
    line.say(1, tpkt(poll.answer(line.rng, ref)))


def unanswered(line):
    poll, ref = line.poll(), line.next()
    line.say(0, tpkt(poll.ask(ref)))
    line.tape.wait(line.rng.choice((5, 1500)))
    if line.rng.random() < 0.5:
        line.say(1, tpkt(poll.answer(line.rng, ref)))


def unasked(line):
    line.say(1, tpkt(line.poll().answer(line.rng, line.next())))


def junk(line):
    line.say(line.rng.randrange(2), line.rng.randbytes(line.rng.randrange(1, 30)))


def agreed_anew(line):
    line.setup(line.rng.choice((100, 240, 480)))
    plain(line)


def connected_anew(line):
    line.connect(line.rng.choice((2, 3)))
    plain(line)


def paused(line):
    line.tape.wait(line.rng.choice((100, 400, 1100)))


DEEDS = (refused, altered, failed, shorter, other_length, other_ref, pipelined, reused, wrote,
         write_inside, in_fragments, unfinished, bare_fragment, packed, split, lost, lost_inside,
         unanswered, unasked, junk, agreed_anew, connected_anew, paused, still)


def conversation(seed):
    rng, tape = random.Random(seed), Tape(step_ns=200_000)
    lines = [Line(rng, tape, number) for number in range(FLOWS)]
    for _ in range(TURNS):
        for line in lines:
            (plain if rng.random() < 0.5 else rng.choice(DEEDS))(line)
    for line in lines[::2]:
        line.tcp.close()
    return tape.packets


# ---- with and without ----

def replay(capture, repeats, events, *rules):
    done = subprocess.run(
        [ironspan.program(), "-r", capture, "--threads", "1", "--events", events,
         "--set", "sensor.id=polls", "--set", "engine.repeats=" + repeats, *rules],
        capture_output=True, timeout=ironspan.TIMEOUT_S)
    if done.returncode:
        raise RuntimeError("exit %d: %s" % (done.returncode, done.stderr.decode()[-1000:]))
    return done.stdout


def faults(capture, events, *rules):
    one, other = (replay(capture, way, events, *rules).splitlines() for way in ("yes", "no"))
    if len(one) != len(other):
        yield "%d events, %d without repetitions" % (len(one), len(other))
    for with_repeats, without in zip(one, other):
        if with_repeats != without:
            yield "%s\n     not %s" % (with_repeats.decode(), without.decode())


def rule_sets(folder):
    yield "shipped", [o for r in sorted((ROOT / "signatures").glob("*.rules"))
                      for o in ("-S", str(r))]
    for number, rule in enumerate(RULES):
        path = os.path.join(folder, "%d.rules" % number)
        Path(path).write_text(HEAD + rule + "\n", encoding="utf-8")
        yield rule, ["-S", path]


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            capture = os.path.join(folder, "%d.pcap" % seed)
            pcap.write(capture, conversation(seed))
            for what, rules in rule_sets(folder):
                report.case("seed %d: %s" % (seed, what), faults(capture, QUIET, *rules))
            report.case("seed %d: everything" % seed,
                        faults(capture, "all", *next(rule_sets(folder))[1]))
    report.end()


main()
