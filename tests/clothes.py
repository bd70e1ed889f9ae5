"""The same packets under other headers and in other file formats: what a sensor meets where
the mirror port, the recorder or the file is another. Every function takes Ethernet packets
and writes a file."""
import struct

import pcap
import wire
from segments import segment, split


def writer(change, link=pcap.ETHERNET, **options):
    """Packet by packet; ARP and the like are left out where only IP can be dressed."""
    def write(path, packets):
        pcap.write(path, [p.with_data(change(p.data), link) for p in packets
                          if is_ip(p.data)], **options)
    return write


def is_ip(frame):
    return frame[12:14] in (b"\x08\x00", b"\x86\xdd")


def bare(frame):
    return frame[14:]


def under(tags):
    return lambda frame: frame[:12] + tags + frame[12:]


def as_mpls(frame):
    return frame[:12] + b"\x88\x47" + struct.pack(">I", 1000 << 12 | 0x100 | 64) + bare(frame)


def as_pppoe(frame):
    head = struct.pack(">BBHHH", 0x11, 0, 1, len(bare(frame)) + 2, 0x0021)
    return frame[:12] + b"\x88\x64" + head + bare(frame)


def carried(proto, body):
    """A mirror session from one switch to the sensor."""
    return wire.ethernet("192.0.2.1", "192.0.2.9", wire.ip("192.0.2.1", "192.0.2.9", proto, body))


def as_erspan1(frame):
    return carried(47, b"\0\0\x88\xbe" + frame)


def as_erspan2(frame):
    return carried(47, b"\x10\0\x88\xbe" + bytes(4) + struct.pack(">HHI", 0x1000 | 30, 7, 5) + frame)


def as_erspan3(frame):
    return carried(47, b"\x10\0\x22\xeb" + bytes(4)
                   + struct.pack(">HHIHH", 0x2000 | 30, 7, 123, 0, 1) + bytes(8) + frame)


def as_gre(frame):
    return carried(47, b"\x20\0" + frame[12:14] + b"\0\0\0\x2a" + bare(frame))


def as_vxlan(frame):
    body = b"\x08\0\0\0\0\x12\x34\0" + frame
    return carried(wire.UDP, wire.udp("192.0.2.1", "192.0.2.9", 50000, 4789, body))


def as_sll(frame):
    return struct.pack(">HHH", 0, 1, 6) + frame[6:12] + b"\0\0" + frame[12:]


def as_sll2(frame):
    return (frame[12:14] + struct.pack(">HIHBB", 0, 2, 1, 0, 6) + frame[6:12] + b"\0\0"
            + bare(frame))


def two_interfaces(path, packets):
    """Turn by turn Ethernet in microseconds and raw IP in nanoseconds."""
    out = [pcap.section(), pcap.interface(pcap.ETHERNET), pcap.interface(pcap.RAW, 9)]
    for number, p in enumerate(p for p in packets if is_ip(p.data)):
        if number % 2:
            out.append(pcap.enhanced(p.with_data(bare(p.data), pcap.RAW), 1, 9))
        else:
            out.append(pcap.enhanced(p))
    with open(path, "wb") as f:
        f.write(b"".join(out))


def fragmented(backwards):
    def write(path, packets):
        out = []
        for number, p in enumerate(p for p in packets if is_ip(p.data)):
            numbered = p.data[14:18] + struct.pack(">HH", number & 0xffff, 0) + p.data[22:]
            pieces = wire.fragments(numbered, 24)
            out += [p.with_data(p.data[:14] + piece)
                    for piece in (pieces[::-1] if backwards else pieces)]
        pcap.write(path, out)
    return write


def three_bytes(path, packets):
    out = []
    for p in packets:
        s = segment(p)
        out += [piece.rebuilt() for piece in split(s, 3)] if s else [p]
    pcap.write(path, out)


def ipv6(path, packets):
    """IPv4 addresses become fd00::a.b.c.d; only TCP is carried over."""
    out = []
    for s in filter(None, map(segment, packets)):
        out.append(s.rebuilt(wire.ip6, src="fd00::" + s.src, dst="fd00::" + s.dst))
    pcap.write(path, out)


def cut(path, packets):
    pcap.write(path, [p.cut(96) for p in packets], snaplen=96)


def plain(**options):
    return lambda path, packets: pcap.write(path, packets, **options)


CLOTHES = {
    "2if": two_interfaces,
    "bigendian": plain(big_endian=True),
    "nanosec": plain(nanoseconds=True),
    "snap96": cut,
    "vlan": writer(under(wire.vlan(30))),
    "qinq": writer(under(wire.vlan(100, 0x88a8) + wire.vlan(30))),
    "qinq8100": writer(under(wire.vlan(100) + wire.vlan(30))),
    "qinq9100": writer(under(wire.vlan(100, 0x9100) + wire.vlan(30))),
    "mpls": writer(as_mpls),
    "pppoe": writer(as_pppoe),
    "erspan1": writer(as_erspan1),
    "erspan2": writer(as_erspan2),
    "erspan3": writer(as_erspan3),
    "gre": writer(as_gre),
    "ipip": writer(lambda f: carried(4, bare(f))),
    "vxlan": writer(as_vxlan),
    "vxlan-in-erspan": writer(lambda f: as_erspan2(as_vxlan(f))),
    "rawip": writer(bare, pcap.RAW),
    "null": writer(lambda f: struct.pack("<I", 2) + bare(f), pcap.NULL),
    "loop108": writer(lambda f: struct.pack(">I", 2) + bare(f), pcap.LOOP),
    "ppp": writer(lambda f: b"\xff\x03\x00\x21" + bare(f), pcap.PPP),
    "sll": writer(as_sll, pcap.LINUX_SLL),
    "sll2": writer(as_sll2, pcap.LINUX_SLL2),
    "ipfrag24": fragmented(False),
    "ipfrag24-reversed": fragmented(True),
    "tcpseg3": three_bytes,
    "ipv6": ipv6,
}
