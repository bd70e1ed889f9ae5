"""Builds packets: link, network and transport headers, and TCP conversations.

A Tape collects packets with a clock of its own; a Tcp or Udp on it is one conversation.
Nothing is random and no real time is used: the same calls give the same bytes.
"""
import ipaddress
import struct
import zlib

from pcap import ETHERNET, Packet

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
TCP, UDP = 6, 17
START_NS = 1767225600 * 10**9  # 2026-01-01 00:00:00 UTC


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def crc16(octets, polynomial, value):
    """Lowest bit first; `value` is what it begins with."""
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
    return value


def address(text):
    return ipaddress.ip_address(text).packed


def mac(ip):
    """A locally administered address that tells the host."""
    return b"\x02\x00" + address(ip)[-4:]


# ---- network and link ----

def ethernet(src, dst, body, ether_type=None, tags=b""):
    if ether_type is None:
        ether_type = 0x86dd if body[0] >> 4 == 6 else 0x0800
    return mac(dst) + mac(src) + tags + struct.pack(">H", ether_type) + body


def vlan(number, tpid=0x8100):
    return struct.pack(">HH", tpid, number)


def ip4(src, dst, proto, body, ident=0, flags=0x4000, ttl=64, options=b""):
    """`flags` is the whole flags and fragment offset field."""
    head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(body), ident, flags, ttl, proto, 0,
                       address(src), address(dst)) + options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def ip6(src, dst, proto, body, headers=()):
    """`headers`: extension headers, (protocol number, body after its first byte)."""
    chain = [number for number, _ in headers] + [proto]
    extension = b"".join(bytes([following]) + rest
                         for (_, rest), following in zip(headers, chain[1:]))
    return struct.pack(">IHBB16s16s", 6 << 28, len(extension) + len(body), chain[0], 64,
                       address(src), address(dst)) + extension + body


def ip(src, dst, proto, body, ident=0, **more):
    if ":" in src:
        return ip6(src, dst, proto, body, **more)
    return ip4(src, dst, proto, body, ident, **more)


def pseudo(src, dst, proto, length):
    return address(src) + address(dst) + struct.pack(">II", length, proto)


def tcp(src, dst, sport, dport, seq, ack, flags, body=b"", window=64240, options=b""):
    head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff,
                       (5 + len(options) // 4) << 4, flags, window, 0, 0) + options
    whole = head + body
    total = checksum(pseudo(src, dst, TCP, len(whole)) + whole)
    return whole[:16] + struct.pack(">H", total) + whole[18:]


def udp(src, dst, sport, dport, body):
    head = struct.pack(">HHHH", sport, dport, 8 + len(body), 0)
    total = checksum(pseudo(src, dst, UDP, 8 + len(body)) + head + body) or 0xffff
    return head[:6] + struct.pack(">H", total) + body


def fragments(packet, size):
    """An IP packet in pieces of `size` bytes (a multiple of 8)."""
    if packet[0] >> 4 == 6:
        return _fragments6(packet, size)
    head, body = packet[:(packet[0] & 15) * 4], packet[(packet[0] & 15) * 4:]
    out = []
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        more = 0x2000 if at + size < len(body) else 0
        fixed = (head[:2] + struct.pack(">H", len(head) + len(piece)) + head[4:6]
                 + struct.pack(">H", more | at // 8) + head[8:10] + b"\0\0" + head[12:])
        out.append(fixed[:10] + struct.pack(">H", checksum(fixed)) + fixed[12:] + piece)
    return out


def _fragments6(packet, size):
    proto, body, out = packet[6], packet[40:], []
    ident = zlib.crc32(body)
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        more = 1 if at + size < len(body) else 0
        out.append(packet[:4] + struct.pack(">HB", 8 + len(piece), 44) + packet[7:40]
                   + struct.pack(">BBHI", proto, 0, at | more, ident) + piece)
    return out


# ---- conversations ----

class Tape:
    """Packets in the order they were made, on a clock that only this tape moves."""

    def __init__(self, start_ns=START_NS, step_ns=1_000_000):
        self.packets, self.now_ns, self.step_ns = [], start_ns, step_ns
        self.ident = 0

    def wait(self, milliseconds):
        self.now_ns += int(milliseconds * 1_000_000)

    def add(self, frame, link=ETHERNET, wire_len=0):
        self.packets.append(Packet(self.now_ns, frame, wire_len, link))
        self.now_ns += self.step_ns

    def next_ident(self):
        self.ident = self.ident % 65535 + 1
        return self.ident


class Udp:
    def __init__(self, tape, client, server, cport=40000, sport=502):
        self.tape = tape
        self.ends = ((client, cport), (server, sport))

    def _send(self, end, body):
        (src, sport), (dst, dport) = self.ends[end], self.ends[1 - end]
        packet = ip(src, dst, UDP, udp(src, dst, sport, dport, body), self.tape.next_ident())
        self.tape.add(ethernet(src, dst, packet))

    def ask(self, body):
        self._send(0, body)

    def answer(self, body):
        self._send(1, body)


class Tcp:
    """One connection. Ends are numbered: 0 client, 1 server."""

    def __init__(self, tape, client, server, cport=40000, sport=502, isn=(1000, 5000),
                 tags=b"", dress=None, **ip_options):
        self.tape, self.tags, self.ip_options = tape, tags, ip_options
        self.ends = ((client, cport), (server, sport))
        self.seq = list(isn)
        self.dress = dress or (lambda src, dst, packet: [ethernet(src, dst, packet,
                                                                  tags=self.tags)])

    def packet(self, end, body=b"", flags=PSH | ACK, seq=None, ack=None, ident=None):
        """The IP packet, not sent; by default at the place where the stream is."""
        (src, sport), (dst, dport) = self.ends[end], self.ends[1 - end]
        segment = tcp(src, dst, sport, dport, self.seq[end] if seq is None else seq,
                      self.seq[1 - end] if ack is None else ack, flags, body)
        ident = self.tape.next_ident() if ident is None else ident
        return ip(src, dst, TCP, segment, ident, **self.ip_options)

    def emit(self, end, packet):
        (src, _), (dst, _) = self.ends[end], self.ends[1 - end]
        for frame in self.dress(src, dst, packet):
            self.tape.add(frame)

    def send(self, end, body=b"", flags=PSH | ACK, **where):
        """Send now and go on behind it (a `seq` given by hand moves nothing)."""
        self.emit(end, self.packet(end, body, flags, **where))
        if "seq" not in where:
            self.skip(end, len(body) + (1 if flags & (SYN | FIN) else 0))

    def skip(self, end, count):
        self.seq[end] = (self.seq[end] + count) & 0xffffffff

    def open(self):
        self.send(0, flags=SYN, ack=0)
        self.send(1, flags=SYN | ACK)
        self.send(0, flags=ACK)
        return self

    def close(self):
        self.send(0, flags=FIN | ACK)
        self.send(1, flags=FIN | ACK)
        self.send(0, flags=ACK)

    def ask(self, body):
        self.send(0, body)

    def answer(self, body):
        self.send(1, body)

    def talk(self, request, response):
        self.ask(request)
        self.answer(response)
