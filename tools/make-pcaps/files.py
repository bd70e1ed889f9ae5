"""Which file holds what."""
import dnp3_scenes
import link
import other
import pairing
import pcap
import rtu
import session
import siemens
import stream
import tls
import umas
import valid
import wrong
from stream import lines


def as_pcap(make, **options):
    return lambda path: pcap.write(path, make(), **options)


def expectations(path):
    """What each conversation of the violation files must raise, for the tests."""
    with open(path, "w", encoding="utf-8") as f:
        f.write("capture\tclient port\tevent\twhat is wrong\n")
        for name, rows in wrong.EXPECTED.items():
            for number, (what, event) in enumerate(rows):
                f.write("%s.pcap\t%d\t%s\t%s\n"
                        % (name, wrong.FIRST_PORT + number, event, what))


PACKETS = {
    "valid-limits": valid.limits,
    "valid-exceptions": valid.exceptions,
    "valid-identification": valid.identification,
    "valid-polls": valid.polls,
    "valid-broadcast": valid.broadcasts,
    "valid-udp": valid.datagrams,
    "valid-any-port": valid.any_port,
    "valid-previous-values": valid.previous_values,
    "violation-requests": wrong.requests,
    "violation-responses": wrong.responses,
    "violation-unasked": wrong.unasked,
    "violation-flood": wrong.flood,
    "pair-stuck-at-zero": pairing.stuck_at_zero,
    "pair-reused": pairing.reused,
    "pair-pipelined": pairing.pipelined,
    "pair-unanswered": pairing.unanswered,
    "pair-stations": pairing.stations,
    "pair-gateway": pairing.gateway,
    "tcp-order": lines(stream.swapped, stream.backwards, stream.resent),
    "tcp-conflict": lines(stream.conflicting),
    "tcp-pieces": lines(stream.bytewise, stream.every_split, stream.packed),
    "tcp-pipeline": lines(stream.pipeline),
    "tcp-lost": lines(stream.lost_whole, stream.lost_half, stream.lost_inside_many),
    "tcp-midstream": lines(session.midstream, session.midstream_answer_first,
                           session.midstream_inside),
    "tcp-one-sided": lines(session.only(0), session.only(1)),
    "tcp-wrapped": lines(stream.swapped, stream.packed, stream.resent,
                         isn=(0xffffffc0, 0xffffff00)),
    "tcp-sessions": lines(session.keep_alives, session.reset, session.half_closed,
                          session.reopened, session.syn_again),
    "tcp-garbage": lines(session.garbage),
    "mirror-twice": session.mirrored,
    "mirror-twice-tagged": session.mirrored_tagged,
    "mirror-twice-ipv6": session.mirrored_v6,
    "mirror-one-side-tagged": session.one_side_tagged,
    "snap-cut": session.snap_cut,
    "link-tags": link.tags,
    "link-tunnels": link.tunnels,
    "ip-fragments": link.ip_fragments,
    "ip-headers": link.headers,
    "broken-headers": link.broken,
    "not-modbus": other.other_protocols,
    "not-modbus-rtu": other.no_rtu,
    **dnp3_scenes.PACKETS,
    **rtu.PACKETS,
    **siemens.PACKETS,
    **umas.PACKETS,
    **tls.PACKETS,
}

FILES = {name + ".pcap": as_pcap(make) for name, make in PACKETS.items()}
FILES["link-types.pcapng"] = link.interfaces
FILES["violations.tsv"] = expectations
FILES["format-bigendian.pcap"] = as_pcap(valid.limits, big_endian=True)
FILES["format-nanoseconds.pcap"] = as_pcap(valid.limits, nanoseconds=True)
