"""TCP segments taken out of captured frames, changed, and put back."""
import struct
from dataclasses import dataclass, replace

import wire
from pcap import ETHERNET, Packet


@dataclass(frozen=True)
class Segment:
    """A TCP segment in IPv4 on Ethernet; `number` is its place in the capture."""
    packet: Packet
    src: str
    dst: str
    ident: int
    sport: int
    dport: int
    seq: int
    ack: int
    flags: int
    window: int
    options: bytes
    body: bytes
    macs: bytes

    def flow(self):
        return self.src, self.sport, self.dst, self.dport

    def rebuilt(self, network=wire.ip4, **changed):
        """As a packet; `changed` fields first."""
        s = replace(self, **changed)
        tcp = wire.tcp(s.src, s.dst, s.sport, s.dport, s.seq, s.ack, s.flags, s.body, s.window,
                       s.options)
        if network is wire.ip4:
            body = wire.ip4(s.src, s.dst, wire.TCP, tcp, s.ident, flags=0)
        else:
            body = network(s.src, s.dst, wire.TCP, tcp)
        ether_type = b"\x86\xdd" if body[0] >> 4 == 6 else b"\x08\x00"
        return Packet(s.packet.time_ns, s.macs + ether_type + body)


def segment(packet):
    """None if the frame holds no whole TCP segment in IPv4."""
    frame = packet.data
    if packet.link != ETHERNET or frame[12:14] != b"\x08\x00" or packet.wire > len(frame):
        return None
    length, ident, fragment = struct.unpack_from(">HHH", frame, 16)
    head = (frame[14] & 15) * 4
    if frame[23] != wire.TCP or fragment & 0x3fff:
        return None
    ip, tcp = frame[14:14 + length], frame[14 + head:14 + length]
    sport, dport, seq, ack, offset, flags, window = struct.unpack_from(">HHIIBBH", tcp)
    data_at = (offset >> 4) * 4
    src, dst = (".".join(str(b) for b in ip[at:at + 4]) for at in (12, 16))
    return Segment(packet, src, dst, ident, sport, dport, seq, ack, flags, window,
                   tcp[20:data_at], tcp[data_at:], frame[:12])


def split(s, size):
    """The segment in pieces of at most `size` bytes; flags that end go with the last."""
    pieces = [s.body[at:at + size] for at in range(0, len(s.body), size)] or [b""]
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        yield replace(s, seq=(s.seq + number * size) & 0xffffffff, body=piece,
                      flags=s.flags if last else s.flags & ~(wire.FIN | wire.RST),
                      ident=(s.ident + number * 257) & 0xffff)
