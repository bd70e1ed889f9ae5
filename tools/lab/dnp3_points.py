"""The points of the lab's outstation: values, their encodings, events and attributes."""
import math
import struct
from dataclasses import dataclass

import dnp3
from dnp3_request import Short, Unknown

ONLINE = 1

# How an object is packed behind its flags, and whether a time follows.
FORMATS = {
    (1, 2): "", (3, 2): "", (10, 2): "",
    (20, 1): "I", (20, 2): "H", (21, 1): "I", (21, 2): "H", (21, 5): "It",
    (30, 1): "i", (30, 2): "h", (30, 5): "f", (30, 6): "d",
    (40, 1): "i", (40, 2): "h", (40, 3): "f", (40, 4): "d",
    (2, 1): "", (2, 2): "t", (2, 3): "r", (4, 1): "", (4, 2): "t", (4, 3): "r",
    (11, 1): "", (11, 2): "t", (13, 1): "", (13, 2): "t",
    (22, 1): "I", (22, 2): "H", (22, 5): "It", (23, 1): "I", (23, 5): "It",
    (32, 1): "i", (32, 2): "h", (32, 3): "it", (32, 4): "ht", (32, 5): "f", (32, 7): "ft",
    (33, 1): "i", (42, 1): "i", (42, 3): "it", (42, 7): "ft",
}
FLAGLESS = {(20, 5): "I", (20, 6): "H", (21, 9): "I", (21, 10): "H", (30, 3): "i", (30, 4): "h",
            (34, 1): "H", (34, 2): "I", (34, 3): "f"}
PACKED = {(1, 1): 1, (3, 1): 2, (10, 1): 1}  # bits a point
STATE_SHIFT = {1: 7, 2: 7, 10: 7, 11: 7, 13: 7, 3: 6, 4: 6}
LIMITS = {"h": (-1 << 15, (1 << 15) - 1), "i": (-1 << 31, (1 << 31) - 1), "H": (0, 0xffff),
          "I": (0, 0xffffffff)}

# What a static group is called when it changes, and in which variations.
EVENT_GROUP = {1: 2, 3: 4, 10: 11, 20: 22, 21: 23, 30: 32, 40: 42, 110: 111}
EVENT_DEFAULT = {2: 2, 4: 2, 11: 2, 13: 2, 22: 5, 23: 5, 32: 3, 42: 3, 111: 0}

# Class 0, in this order: group, variation, first and last point.
LAYOUT = ((1, 2, 0, 11), (1, 1, 12, 39), (3, 2, 0, 3), (10, 2, 0, 7), (20, 1, 0, 3),
          (20, 5, 4, 7), (21, 1, 0, 7), (30, 1, 0, 9), (30, 5, 10, 15), (30, 4, 16, 23),
          (30, 3, 300, 307), (40, 1, 0, 3), (40, 3, 4, 5), (110, 0, 0, 1))
CLASSES = {1: 1, 3: 1, 10: 2, 20: 3, 21: 3, 30: 2, 40: 2, 110: 3, 13: 1}

ATTRIBUTES = {
    252: "Example Works", 250: "RTU-520", 248: "EW-2231-0077", 247: "feeder bay 4",
    246: "RTU-%d", 245: "substation south", 243: "C2", 242: "3.4.1", 249: "2:2012",
    241: 2048, 240: 2048,
}
STRING, UNSIGNED = 1, 2


@dataclass
class Event:
    event_class: int
    group: int
    index: int
    value: object
    flags: int
    time_ms: int


def clamp(kind, value):
    low, high = LIMITS.get(kind, (-math.inf, math.inf))
    value = min(max(value, low), high)
    return float(value) if kind in "fd" else int(value)


def encode(group, variation, value, flags=ONLINE, time_ms=0, base_ms=0):
    """One object's bytes."""
    if group in (110, 111):
        return value
    if (group, variation) in FLAGLESS:
        kind = FLAGLESS[group, variation]
        return struct.pack("<" + kind, clamp(kind, value))
    form = FORMATS[group, variation]
    if group in STATE_SHIFT:
        out = bytes([flags | value << STATE_SHIFT[group]])
    else:
        out = bytes([flags]) + struct.pack("<" + form[0], clamp(form[0], value))
    if form.endswith("t"):
        return out + dnp3.time48(time_ms)
    return out + struct.pack("<H", time_ms - base_ms) if form.endswith("r") else out


def packed(bits, values):
    total = sum(value << bits * number for number, value in enumerate(values))
    return total.to_bytes((bits * len(values) + 7) // 8, "little")


def attribute(value):
    if isinstance(value, int):
        return bytes([UNSIGNED, 4]) + struct.pack("<I", value)
    return bytes([STRING, len(value.encode())]) + value.encode()


class Points:
    def __init__(self, address):
        self.groups = {
            1: {i: i % 3 == 0 for i in range(40)}, 3: {i: 1 + i % 2 for i in range(4)},
            10: dict.fromkeys(range(8), 0), 20: {i: 1000 * i for i in range(8)},
            21: dict.fromkeys(range(8), 0),
            30: {i: 100 * i + address for i in [*range(24), *range(300, 308)]},
            40: dict.fromkeys(range(6), 50), 110: {0: b"feeder bay 4", 1: b"operator: none"},
            34: dict.fromkeys(range(24), 5),
        }
        self.attributes = {number: value % address if number == 246 else value
                           for number, value in ATTRIBUTES.items()}
        self.steps = 0

    def step(self, now_ms):
        """The process goes on a little; returns what changed as events."""
        self.steps += 1
        changes = [(30, 0, 2200 + self.steps % 9), (30, 10, 49.9 + self.steps % 5 / 20),
                   (20, 1, self.groups[20][1] + 3)]
        if self.steps % 3 == 0:
            changes.append((1, self.steps % 8, 1 - self.groups[1][self.steps % 8]))
        if self.steps % 7 == 0:
            changes.append((3, 2, 3 - self.groups[3][2]))
            changes.append((110, 1, b"operator: %d" % self.steps))
        return [self.change(*change, now_ms) for change in changes]

    def change(self, group, index, value, now_ms):
        self.groups[group][index] = value
        return Event(CLASSES[group], EVENT_GROUP[group], index, value, ONLINE, now_ms)

    # ---- static data ----

    def static(self, header):
        """Pieces for what a read names: class 0, a group, some points of it."""
        if (header.group, header.variation) == (60, 1):
            return [piece for row in LAYOUT for piece in self._pieces(*row)]
        if header.group == 0:
            return self._attributes(header)
        points = self.groups.get(header.group)
        if points is None:
            raise Unknown
        first = min(points) if header.start is None else header.start
        last = max(points) if header.stop is None else header.stop
        wanted = [index for index in points if first <= index <= last]
        if header.start is not None and len(wanted) != header.count:
            raise Short
        return self._chosen(header, wanted)

    def _chosen(self, header, wanted):
        key = header.group, header.variation
        if header.variation == 0 or header.group == 110:
            return [piece for group, variation, first, last in LAYOUT if group == header.group
                    for piece in self._pieces(group, variation, max(first, min(wanted)),
                                              min(last, max(wanted)))]
        if key not in FORMATS and key not in FLAGLESS and key not in PACKED:
            raise Unknown
        return [piece for first, last in runs(wanted)
                for piece in self._pieces(*key, first, last)]

    def _pieces(self, group, variation, first, last, at_most=16):
        points = self.groups[group]
        if group == 110:
            return [dnp3.ranged(110, len(points[i]), i, i, points[i])
                    for i in range(first, last + 1)]
        if (group, variation) in PACKED:
            values = [points[i] for i in range(first, last + 1)]
            data = packed(PACKED[group, variation], values)
            return [dnp3.ranged(group, variation, first, last, data)] if values else []
        return [dnp3.ranged(group, variation, at, min(at + at_most - 1, last), b"".join(
                    encode(group, variation, points[i])
                    for i in range(at, min(at + at_most, last + 1))))
                for at in range(first, last + 1, at_most)]

    def _attributes(self, header):
        wanted = sorted(self.attributes) if header.variation == 254 else [header.variation]
        if not set(wanted) <= set(self.attributes):
            raise Unknown
        return [dnp3.ranged(0, number, 0, 0, attribute(self.attributes[number]))
                for number in wanted]


def runs(indexes):
    """Indexes as ranges without holes."""
    out = []
    for index in sorted(indexes):
        if out and index == out[-1][1] + 1:
            out[-1][1] = index
        else:
            out.append([index, index])
    return out


# ---- events ----

def variation_of(event, wanted):
    if event.group == 111:
        return len(event.value)
    if wanted and (event.group, wanted) in FORMATS:
        return wanted
    if isinstance(event.value, float) and event.group in (32, 42):
        return 7
    return EVENT_DEFAULT[event.group]


def event_pieces(events, wanted=0, at_most=12):
    """Events in the order they happened; those of one kind in a row share a header."""
    groups = []
    for event in events:
        key = event.group, variation_of(event, wanted)
        if groups and groups[-1][0] == key and len(groups[-1][1]) < at_most:
            groups[-1][1].append(event)
        else:
            groups.append((key, [event]))
    return [piece for key, row in groups for piece in _event_header(key, row)]


def _event_header(key, row):
    """Times relative to a common one need that one in front (group 51)."""
    base_ms = row[0].time_ms
    items = [(e.index, encode(*key, e.value, e.flags, e.time_ms, base_ms)) for e in row]
    common = dnp3.counted(51, 1, dnp3.time48(base_ms)) if FORMATS.get(key) == "r" else b""
    return [common + dnp3.indexed(*key, items)]
