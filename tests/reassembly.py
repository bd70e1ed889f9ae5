#!/usr/bin/python3
"""TCP segments reordered, split, sent twice and lost, flows joined in the middle: what must
stay the same stays.

    tests/reassembly.py [IRONSPAN]

Reordered, split and doubled segments give the same transactions. Lost ones, and those before
a flow was joined, give fewer, never others, and no violation: what the sensor did not see is
nobody's fault. Seeds are fixed, so a failure repeats.
"""
import json
import os
import random
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace

import ironspan
import pcap
import wire
from protocols import BY_NAME, NAMES
from report import Report
from segments import segment, split

BASES = ("modbus-libmodbus", "modbus-pymodbus", "modbus-midstream", "modbus-offload",
         "pair-pipelined", "pair-stations", "pair-stuck-at-zero", "tcp-pieces",
         "valid-limits", "valid-exceptions", "s7comm-snap7", "s7comm-program", "dnp3-plant",
         "dnp3-tour", "opcua-clear")
SEEDS = (0, 101, 117, 129)


# ---- what is done to the segments ----

def pieces(rng, s):
    return [s] if len(s.body) < 2 else list(split(s, rng.randint(1, max(1, len(s.body) // 2))))


def split_up(rng, segments):
    return [piece for s in segments for piece in pieces(rng, s)]


def runs(segments):
    """Neighbours with data of one direction of one flow: within a run, order is free."""
    out = []
    for s in segments:
        free = s.body and not s.flags & 0x7  # FIN, SYN and RST stay where they are
        if out and free and out[-1][1] and out[-1][0][-1].flow() == s.flow():
            out[-1][0].append(s)
        else:
            out.append(([s], bool(free)))
    return [run for run, _ in out]


def reorder(rng, segments):
    """Pieces change places with their neighbours, up to eight apart. A flow that was joined
    in the middle begins with what is seen first, so the first run stays as it is."""
    out, begun = [], set()
    for run in runs(split_up(rng, segments)):
        for at in range(0, len(run), 8):
            block = run[at:at + 8]
            if run[0].flow() in begun:
                rng.shuffle(block)
            out += block
        if run[0].body or run[0].flags & wire.SYN:
            begun.add(run[0].flow())
    return out


def double(rng, segments):
    """Sent again: as it was, or only its beginning or end."""
    out = []
    for s in segments:
        out.append(s)
        if s.body and rng.random() < 0.3:
            start = rng.randrange(len(s.body))
            copy = rng.choice((s, replace(s, body=s.body[:start + 1]),
                               replace(s, seq=(s.seq + start) & 0xffffffff,
                                       body=s.body[start:])))
            out.append(replace(copy, ident=(s.ident + 7777) & 0xffff))
    return out


def mirror(rng, segments):
    """Both ports of the switch: the very same frame again."""
    return [copy for s in segments for copy in (s, s)]


def lose_handshakes(_, segments):
    return [s for s in segments if not s.flags & wire.SYN]


def lose(rng, segments):
    return [s for s in segments if not s.body or rng.random() > 0.1]


def lose_pieces(rng, segments):
    return lose(rng, split_up(rng, segments))


def lose_beginnings(_, segments):
    """The SYN and the first data of who connects: the answer to a SYN tells that they were."""
    out, opening = [], set()
    for s in segments:
        if s.flags & (wire.SYN | wire.ACK) == wire.SYN:
            opening.add(s.flow())
        elif s.body and s.flow() in opening:
            opening.discard(s.flow())
        else:
            out.append(s)
    return out


def join(rng, segments):
    """Joined in the middle, of a message as well."""
    segments = split_up(rng, segments)
    return segments[rng.randrange(1, len(segments)):]


SAME = {"split": split_up, "reordered": reorder, "doubled": double, "mirrored": mirror,
        "lost handshakes": lose_handshakes}
FEWER = {"lost": lose, "lost pieces": lose_pieces, "lost beginnings": lose_beginnings,
         "joined": join}


def write(path, segments):
    """On a clock of 10 µs steps: however many pieces, nothing waits too long."""
    start = segments[0].packet.time_ns
    pcap.write(path, [replace(s.rebuilt(), time_ns=start + number * 10_000)
                      for number, s in enumerate(segments)])


# ---- what comes out ----

def transactions(events):
    """Whole transactions: which answer belongs to which request must not change."""
    return Counter(json.dumps([event["src_port"], event["dest_port"],
                               *ironspan.halves(event)], sort_keys=True)
                   for event in events if event["event_type"] in NAMES)


def is_part(part, whole):
    """A message whose end was lost has fewer fields, and the last of them is shorter."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and is_part(value, whole[key]) for key, value in part.items())
    if isinstance(part, (list, str)):
        return len(part) <= len(whole) and (whole[:len(part)] == part or isinstance(part, list)
                                            and all(map(is_part, part, whole)))
    return part == whole


def without(half, place):
    """Without what a loss elsewhere, or of the end, changes."""
    name, _, below = place.partition(".")
    if not below or name not in half:
        return {key: value for key, value in half.items() if key != name}
    return {**half, name: without(half[name], below)}


def lone_messages(events):
    """(sender and receiver, what every message begins with): bodies."""
    out = defaultdict(list)
    for event in events:
        protocol = BY_NAME.get(event["event_type"])
        for name, half in ironspan.halves(event) if protocol else ():
            ends = sorted((event["src_port"], event["dest_port"]))
            first = [name, *map(half.get, protocol.FIRST_PARTS)] if protocol.FIRST_PARTS else ()
            body = half
            for place in protocol.LOSS_CHANGES:
                body = without(body, place)
            if protocol.ESSENCE and protocol.ESSENCE not in body or "incomplete" in body:
                continue  # the rest of a message whose beginning was lost
            out[(*ends, protocol.NAME, *first)].append(body)
    return out


def invented(want, got):
    """Messages that are not, not even in part, among those of the whole capture. How many
    bits of coils count is known from the request alone, so read bits are compared as bytes; a
    list whose beginning is not there is shown as bytes."""
    want, got = lone_messages(want), lone_messages(got)
    for key, bodies in got.items():
        left = list(want.get(key, ()))
        for body in sorted(bodies, key=lambda b: -len(json.dumps(b))):
            if body.get("function_raw") in (1, 2) and "read" in body:
                body = without(body, "read.values")
            if "data" in body.get("userdata", {}):
                body = without(body, "userdata.data")
            source = next((w for w in left if is_part(body, w)), None)
            if source is None:
                yield "invented: %s %s" % (key, json.dumps(body))
            else:
                left.remove(source)


def violations(events):
    return [event["anomaly"]["event"] for event in events if event["event_type"] == "anomaly"
            and event["anomaly"]["type"] == "applayer"]


def play(path):
    return ironspan.events(path, types=(*NAMES, "anomaly"))


def same_faults(want, got):
    want, got = transactions(want), transactions(got)
    return (["missing: %dx %s" % (n, t) for t, n in (want - got).items()]
            + ["extra: %dx %s" % (n, t) for t, n in (got - want).items()])


def fewer_faults(want, got):
    blamed = Counter(violations(got)) - Counter(violations(want))
    return [*invented(want, got), *("violation: %dx %s" % (n, v) for v, n in blamed.items())]


def check(report, folder, base):
    segments = [s for s in map(segment, pcap.read(os.path.join(ironspan.PCAPS, base + ".pcap")))
                if s]
    path = os.path.join(folder, base)
    write(path, segments)
    want = play(path)
    for kinds, faults in ((SAME, same_faults), (FEWER, fewer_faults)):
        for name, change in kinds.items():
            for seed in SEEDS:
                write(path, change(random.Random("%s %s %d" % (base, name, seed)), segments))
                report.case("%s %s, seed %d" % (base, name, seed), faults(want, play(path)))


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        for base in BASES:
            check(report, folder, base)
    report.end()


if __name__ == "__main__":
    main()
