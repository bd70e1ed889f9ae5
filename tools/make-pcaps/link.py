"""The same short conversation under other headers, and headers that are broken."""
import itertools
import struct

import pcap
from modbus import read_pair
from wire import TCP, UDP, Tape, Tcp, ethernet, fragments, ip4, ip6, tcp, udp, vlan

HOSTS = ("10.20.5.10", "10.20.1.21")
HOSTS6 = ("fd00::10", "fd00::21")


def conversation(tape, number, dress, hosts=HOSTS, **options):
    plc = Tcp(tape, *hosts, 45000 + number, dress=dress, **options).open()
    for transaction in range(1, 4):
        plc.talk(*read_pair(transaction, count=10))
    plc.close()


def mpls(*labels):
    out = b""
    for label in labels:
        last = 1 if label == labels[-1] else 0
        out += struct.pack(">I", label << 12 | last << 8 | 64)
    return out


def pppoe(packet):
    return struct.pack(">BBHHH", 0x11, 0, 7, len(packet) + 2, 0x0021) + packet


def tagged(*tags):
    return lambda src, dst, packet: [ethernet(src, dst, packet, tags=b"".join(tags))]


def inside(ether_type, wrap):
    return lambda src, dst, packet: [ethernet(src, dst, wrap(packet), ether_type)]


def padded(trailer):
    """Filled up to 60 bytes as on the wire, and bytes behind that are nobody's."""
    return lambda src, dst, packet: [ethernet(src, dst, packet).ljust(60, b"\0") + trailer]


TAGS = [
    padded(b""),
    padded(b"\x01\x02\x03\x04"),
    tagged(vlan(30)),
    tagged(vlan(0)),  # priority only
    tagged(vlan(100, 0x88a8), vlan(30)),
    tagged(vlan(100), vlan(30)),
    tagged(vlan(100, 0x9100), vlan(30)),
    tagged(vlan(1, 0x88a8), vlan(2), vlan(3)),
    inside(0x8847, lambda packet: mpls(16) + packet),
    inside(0x8847, lambda packet: mpls(16, 17, 18) + packet),
    inside(0x8864, pppoe),
    lambda src, dst, packet: [ethernet(src, dst, pppoe(packet), 0x8864, tags=vlan(30))],
]


def tags():
    tape = Tape()
    for number, dress in enumerate(TAGS):
        conversation(tape, number, dress)
    return tape.packets


# ---- tunnels, from a switch to the sensor ----

def carried(proto, head):
    """`head` goes before the frame; the switch numbers the packets of a session."""
    numbers = itertools.count(1)

    def dress(src, dst, packet):
        body = head(next(numbers)) + ethernet(src, dst, packet)
        if proto == UDP:
            body = udp("192.0.2.1", "192.0.2.9", 50000, 4789, body)
        outside = ip4("192.0.2.1", "192.0.2.9", proto, body)
        return [ethernet("192.0.2.1", "192.0.2.9", outside)]
    return dress


def in_pieces(dress, size):
    """The tunnel's packets are longer than its network allows."""
    def cut_up(src, dst, packet):
        return [frame[:14] + piece for frame in dress(src, dst, packet)
                for piece in fragments(frame[14:], size)]
    return cut_up


def tunnels():
    gre, session = 47, 0x1000 | 30
    dresses = [
        carried(gre, lambda number: b"\0\0\x88\xbe"),
        carried(gre, lambda number: struct.pack(">HHIHHI", 0x1000, 0x88be, number, session, 7, 5)),
        carried(gre, lambda number: struct.pack(">HHIHHIHH", 0x1000, 0x22eb, number,
                                                0x2000 | 30, 7, number * 100, 0, 0)),
        carried(UDP, lambda number: b"\x08\0\0\0\0\x12\x34\0"),
        in_pieces(carried(gre, lambda number: b"\0\0\x88\xbe"), 64),
    ]
    tape = Tape()
    for number, dress in enumerate(dresses):
        conversation(tape, number, dress)
    return tape.packets


# ---- fragments ----

def cut(size, order=lambda pieces: pieces):
    def dress(src, dst, packet):
        pieces = fragments(packet, size) if len(packet) > 60 else [packet]
        return [ethernet(src, dst, piece) for piece in order(pieces)]
    return dress


def without_third(pieces):
    return pieces[:2] + pieces[3:]


def overlapping(pieces):
    """The second piece again with other bytes, behind the first copy."""
    if len(pieces) == 1:
        return pieces
    changed = bytes(b ^ 0x55 for b in pieces[1][20:])
    return pieces[:2] + [pieces[1][:20] + changed] + pieces[2:]


def doubled(pieces):
    return [piece for piece in pieces for _ in (0, 1)]


def ip_fragments():
    tape = Tape(step_ns=100_000)
    orders = (list, lambda p: p[::-1], doubled, overlapping, without_third)
    for number, order in enumerate(orders):
        conversation(tape, number, cut(24, order), flags=0)
    for number, order in enumerate((list, lambda p: p[::-1])):
        conversation(tape, 10 + number, cut(24, order), HOSTS6)
    return tape.packets


# ---- options and extension headers ----

def headers():
    """IPv4 options; IPv6 extension headers, also a fragment header around a whole packet."""
    tape = Tape()
    plain = tagged()
    conversation(tape, 0, plain, options=b"\x94\x04\x00\x00")
    conversation(tape, 1, plain, options=b"\x01\x01\x07\x07\x04\x0a\x01\x01\x01\x00\x00\x00")
    pad = b"\x00\x01\x04\x00\x00\x00\x00"
    chains = [(), ((0, pad),), ((60, pad),), ((43, b"\x00\x00\x00\x00\x00\x00\x00"),),
              ((44, b"\x00\x00\x00\x00\x00\x00\x07"),),
              ((0, pad), (60, pad), (43, b"\x00\x00\x00\x00\x00\x00\x00"), (60, pad))]
    for number, chain in enumerate(chains):
        conversation(tape, 10 + number, plain, HOSTS6, headers=chain)
    return tape.packets


# ---- other link types ----

def bare(frame):
    return frame[14:]


def as_sll(frame):
    return struct.pack(">HHH", 0, 1, 6) + frame[6:12] + b"\0\0" + frame[12:]


def as_sll2(frame):
    return frame[12:14] + struct.pack(">HIHBB", 0, 3, 1, 0, 6) + frame[6:12] + b"\0\0" + bare(frame)


LINKS = [
    (pcap.ETHERNET, lambda frame: frame),
    (pcap.LINUX_SLL, as_sll),
    (pcap.LINUX_SLL2, as_sll2),
    (pcap.RAW, bare),
    (pcap.NULL, lambda frame: struct.pack("<I", 2) + bare(frame)),
    (pcap.NULL, lambda frame: struct.pack(">I", 2) + bare(frame)),
    (pcap.LOOP, lambda frame: struct.pack(">I", 2) + bare(frame)),
    (pcap.PPP, lambda frame: b"\xff\x03\x00\x21" + bare(frame)),
    (pcap.PPP, lambda frame: b"\x21" + bare(frame)),
]
RESOLUTIONS = (6, 9, 3, 0x80 | 20)
STATISTICS = 5


def interfaces(path):
    """A pcapng: two sections of either byte order, an interface for each link type, several
    time resolutions, blocks that a reader has to skip."""
    out = []
    for big_endian in (False, True):
        out.append(pcap.section(big_endian))
        for i, (link, _) in enumerate(LINKS):
            out.append(pcap.interface(link, RESOLUTIONS[i % 4], "port%d" % i, big_endian))
        out.append(pcap.other_block(STATISTICS, bytes(12), big_endian))
        tape = Tape(start_ns=Tape().now_ns + big_endian * 10**9)
        for i, (link, change) in enumerate(LINKS):
            first = len(tape.packets)
            conversation(tape, 20 * big_endian + i, tagged())
            out += [pcap.enhanced(p.with_data(change(p.data), link), i, RESOLUTIONS[i % 4],
                                  big_endian) for p in tape.packets[first:]]
    out.append(pcap.other_block(0x0bad, b"not for you"))  # tshark counts it as a frame
    with open(path, "wb") as f:
        f.write(b"".join(out))


# ---- broken headers ----

def broken():
    """Each frame has one thing wrong; between them runs a conversation that is in order."""
    tape = Tape()
    src, dst = HOSTS
    segment = tcp(src, dst, 46000, 502, 1, 1, 0x18, read_pair(1)[0])
    good = ip4(src, dst, TCP, segment, 1)
    six = ip6(*HOSTS6, TCP, tcp(*HOSTS6, 46000, 502, 1, 1, 0x18, read_pair(1)[0]))
    pad = b"\x00\x01\x04\x00\x00\x00\x00"
    tape.add(ethernet(src, dst, good)[:9])
    for body in (
            good[:11],                                          # IPv4 header cut
            b"\x44" + good[1:],                                 # header length 16
            good[:2] + b"\x00\x10" + good[4:],                  # total length 16
            good[:2] + b"\x05\xdc" + good[4:],                  # total length beyond the frame
            b"\x55" + good[1:],                                 # version 5
            b"\x4f" + good[1:],                                 # header length 60
            ip4(src, dst, TCP, segment, 2, options=b"\x07\xff\x04\x00"),
            ip4(src, dst, TCP, segment, 3, flags=0x1fff),       # ends beyond 65535
            ip4(src, dst, TCP, segment[:13], 4),
            ip4(src, dst, TCP, segment[:12] + b"\x10" + segment[13:], 5),
            ip4(src, dst, TCP, segment[:12] + b"\xf0" + segment[13:], 6),
            ip4(src, dst, UDP, b"\x01\xf6\x01", 7),
            ip4(src, dst, UDP, struct.pack(">HHHH", 46000, 502, 4, 0), 8),
            ip4(src, dst, UDP, struct.pack(">HHHH", 46000, 502, 99, 0) + read_pair(1)[0], 9)):
        tape.add(ethernet(src, dst, body, 0x0800))
    for body in (six[:30],
                 six[:4] + b"\x05\xdc" + six[6:],      # payload beyond the frame
                 ip6(*HOSTS6, 0, b"\x06\x1f\x00"),  # a hop-by-hop header of 256 bytes
                 ip6(*HOSTS6, TCP, segment, headers=((60, pad),) * 17)):
        tape.add(ethernet(src, dst, body, 0x86dd))
    tape.add(ethernet(src, dst, b"\x00", 0x8100))
    tape.add(ethernet(src, dst, good, tags=vlan(1) + vlan(2) + vlan(3) + vlan(4)))
    tape.add(ethernet(src, dst, b"\x00\x01\x00", 0x8847))
    tape.add(ethernet(src, dst, mpls(16), 0x8847))
    tape.add(ethernet(src, dst, b"\x11\x00\x00", 0x8864))
    conversation(tape, 0, tagged())
    return tape.packets
