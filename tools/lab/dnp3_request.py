"""Reads the object headers of a request, as an outstation has to."""
from dataclasses import dataclass, field

# Bytes of an object in what a master sends; others carry none.
OBJECT_SIZES = {(12, 1): 11, (30, 1): 5, (34, 1): 2, (34, 2): 4, (34, 3): 4, (41, 1): 5,
                (41, 2): 3, (41, 3): 5, (41, 4): 9, (50, 1): 6, (50, 2): 10, (50, 3): 6}
RANGE_SIZES, PREFIX_SIZES = (1, 2, 4), (0, 1, 2, 4, 1, 2, 4)


class Unknown(Exception):
    """An object or qualifier that this outstation does not have."""


class Short(Exception):
    """Fewer bytes than the header said."""


@dataclass
class Header:
    group: int
    variation: int
    qualifier: int
    raw: bytes                                  # the whole header with its objects
    start: int = None
    stop: int = None
    count: int = None
    items: list = field(default_factory=list)   # (index or None, data)


class Reader:
    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, count):
        part = self.body[self.at:self.at + count]
        if len(part) < count:
            raise Short
        self.at += count
        return part

    def number(self, count):
        return int.from_bytes(self.take(count), "little")


def headers(body, has_data):
    """The object headers of a request."""
    reader, found = Reader(body), []
    while reader.at < len(body):
        start = reader.at
        header = Header(*reader.take(3), b"")
        _range(reader, header)
        _objects(reader, header, has_data)
        header.raw = body[start:reader.at]
        found.append(header)
    return found


def _range(reader, header):
    code = header.qualifier & 15
    if code < 3:
        header.start, header.stop = (reader.number(RANGE_SIZES[code]) for _ in (0, 1))
        header.count = header.stop - header.start + 1
        if header.count < 1:
            raise Short
    elif code in (7, 8, 9):
        header.count = reader.number(RANGE_SIZES[code - 7])
    elif code == 11:
        header.count = reader.number(1)
    elif code != 6:
        raise Unknown


def _objects(reader, header, has_data):
    prefix = header.qualifier >> 4 & 7
    if prefix == 7:
        raise Unknown
    for number in range(header.count or 0):
        index = None if header.start is None else header.start + number
        size = _size(reader, header) if has_data else 0
        if prefix:
            value = reader.number(PREFIX_SIZES[prefix])
            index, size = (None, value) if prefix > 3 else (value, size)
        if header.group == 80:
            return _bits(reader, header)
        header.items.append((index, reader.take(size)))
    return None


def _size(reader, header):
    if header.group in (110, 112):
        return header.variation
    if header.group == 0:  # data type, length, value
        return 2 + reader.body[reader.at + 1] if reader.at + 1 < len(reader.body) else 2
    return OBJECT_SIZES.get((header.group, header.variation), 0)


def _bits(reader, header):
    packed = reader.number((header.count + 7) // 8)
    header.items = [(header.start + bit, packed >> bit & 1) for bit in range(header.count)]
