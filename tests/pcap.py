"""Capture files, read and written without any library: pcap and pcapng.

A packet keeps what both formats know of it. Writers take the packets in the order they come
and write nothing that is not in them, so the same packets give the same bytes.
"""
import struct
import sys
from dataclasses import dataclass, replace

NULL, ETHERNET, PPP, RAW, LOOP, LINUX_SLL, LINUX_SLL2 = 0, 1, 9, 101, 108, 113, 276
SNAPLEN = 262144
EPB, SPB, IDB, SHB = 6, 3, 1, 0x0a0d0d0a


@dataclass(frozen=True)
class Packet:
    time_ns: int
    data: bytes
    wire_len: int = 0  # 0: not cut
    link: int = ETHERNET

    @property
    def wire(self):
        return max(self.wire_len, len(self.data))

    def with_data(self, data, link=None):
        """The same packet in other bytes; what was cut from its end stays cut."""
        missing = self.wire - len(self.data)
        return replace(self, data=data, wire_len=len(data) + missing,
                       link=self.link if link is None else link)

    def cut(self, snaplen):
        return replace(self, data=self.data[:snaplen], wire_len=self.wire)


# ---- reading ----

def read(path):
    """All whole packets of a pcap or pcapng file; a cut end is ignored."""
    with open(path, "rb") as f:
        raw = f.read()
    if raw[:4] == b"\x0a\x0d\x0d\x0a":
        return list(_read_pcapng(raw))
    return list(_read_pcap(raw))


def _read_pcap(raw):
    kinds = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}
    for order in "<>":
        unit_ns = kinds.get(struct.unpack_from(order + "I", raw)[0])
        if unit_ns:
            break
    else:
        raise ValueError("not a pcap file")
    link = struct.unpack_from(order + "I", raw, 20)[0] & 0xffff
    at = 24
    while at + 16 <= len(raw):
        seconds, fraction, kept, wire = struct.unpack_from(order + "IIII", raw, at)
        data = raw[at + 16:at + 16 + kept]
        if len(data) < kept:
            return
        yield Packet(seconds * 10**9 + fraction * unit_ns, data, wire, link)
        at += 16 + kept


def _options(body, order):
    at = 0
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        if code == 0:
            return
        yield code, body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def _resolution_ns(body, order):
    """Nanoseconds of one tick of an interface, as a ratio."""
    for code, value in _options(body[8:], order):
        if code == 9:
            base, power = (2, value[0] & 0x7f) if value[0] & 0x80 else (10, value[0])
            return 10**9, base**power
    return 1000, 1


def _read_pcapng(raw):
    at, order, ifaces = 0, "<", []
    while at + 12 <= len(raw):
        if raw[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if raw[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            ifaces = []
        kind, length = struct.unpack_from(order + "II", raw, at)
        if length < 12 or at + length > len(raw):
            return
        body = raw[at + 8:at + length - 4]
        if kind == IDB:
            link = struct.unpack_from(order + "H", body)[0]
            ifaces.append((link, *_resolution_ns(body, order)))
        elif kind == EPB:
            iface, high, low, kept, wire = struct.unpack_from(order + "IIIII", body)
            link, times, per = ifaces[iface]
            yield Packet(((high << 32) | low) * times // per, body[20:20 + kept], wire, link)
        elif kind == SPB:
            wire = struct.unpack_from(order + "I", body)[0]
            yield Packet(0, body[4:4 + wire], wire, ifaces[0][0])
        at += length


# ---- writing ----

def write(path, packets, big_endian=False, nanoseconds=False, snaplen=SNAPLEN):
    """A pcap file; all packets must have one link type."""
    order = ">" if big_endian else "<"
    unit_ns = 1 if nanoseconds else 1000
    links = {p.link for p in packets} or {ETHERNET}
    if len(links) != 1:
        raise ValueError("pcap holds one link type: %s" % links)
    magic = 0xa1b23c4d if nanoseconds else 0xa1b2c3d4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, links.pop())]
    for p in packets:
        seconds, ns = divmod(p.time_ns, 10**9)
        out.append(struct.pack(order + "IIII", seconds, ns // unit_ns, len(p.data), p.wire))
        out.append(p.data)
    with open(path, "wb") as f:
        f.write(b"".join(out))


def _block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def section(big_endian=False):
    order = ">" if big_endian else "<"
    return _block(order, SHB, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))


def interface(link, resolution=6, name=None, big_endian=False):
    """An interface block; `resolution` as if_tsresol has it (bit 7: a power of two)."""
    order = ">" if big_endian else "<"
    options = struct.pack(order + "HHB3x", 9, 1, resolution)
    if name:
        text = name.encode()
        options += struct.pack(order + "HH", 2, len(text)) + text + bytes(-len(text) % 4)
    options += struct.pack(order + "HH", 0, 0)
    return _block(order, IDB, struct.pack(order + "HHI", link, 0, SNAPLEN) + options)


def enhanced(packet, iface=0, resolution=6, big_endian=False):
    order = ">" if big_endian else "<"
    base, power = (2, resolution & 0x7f) if resolution & 0x80 else (10, resolution)
    ticks = packet.time_ns * base**power // 10**9
    head = struct.pack(order + "IIIII", iface, ticks >> 32, ticks & 0xffffffff,
                       len(packet.data), packet.wire)
    return _block(order, EPB, head + packet.data)


def simple(packet, big_endian=False):
    order = ">" if big_endian else "<"
    return _block(order, SPB, struct.pack(order + "I", packet.wire) + packet.data)


def other_block(kind, body, big_endian=False):
    return _block(">" if big_endian else "<", kind, body)


if __name__ == "__main__":
    for number, one in enumerate(read(sys.argv[1]), 1):
        print(number, one.time_ns, one.link, one.wire, one.data.hex())
