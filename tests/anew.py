#!/usr/bin/python3
"""Connections that are not what their first packets, or the last ones, said.

    tests/anew.py [IRONSPAN]

Ports that are used again where no close was seen, with whichever packet of the new handshake
lost, and by another protocol; half a message before that; a SYN from the server's port; segments,
handshakes and resets that somebody forged, and that move nobody; a connection that the device
opened; serial frames whose first address is 0; an answer that is lost where all requests have the
same id. What Modbus exchanges must come out is known of each; what must not
come out is anything else.
"""
import os
import struct
import tempfile

import before
import ironspan
import pcap
from report import Report
from wire import ACK, PSH, RST, SYN, Tape, Tcp, crc16

CLIENT, SERVER = "10.1.0.1", "10.2.0.1"
COUNT = 12


def crc(frame):
    return frame + struct.pack("<H", crc16(frame, 0xa001, 0xffff))


def mbap(number, pdu, unit=1):
    return struct.pack(">HHHB", number, 0, len(pdu) + 1, unit) + pdu


def ask(address, count=2):
    return struct.pack(">BHH", 3, address, count)


def tell(value, count=2):
    return struct.pack(">BB%dH" % count, 3, 2 * count, *[value] * count)


class Line:
    """A connection; each of its polls that is to come out goes to `wanted`."""

    def __init__(self, tape, isn=(1000, 5000), **ends):
        self.tape, self.wanted = tape, []
        self.tcp = Tcp(tape, CLIENT, SERVER, isn=isn, **ends)

    def poll(self, number, address, value, skips=()):
        for end, body in enumerate((mbap(number, ask(address)), mbap(number, tell(value)))):
            if end in skips:
                self.tcp.skip(end, len(body))
            else:
                self.tcp.send(end, body)

    def polls(self, base=0, number=1):
        for i in range(COUNT):
            self.poll(number + i, base + 10 * i, base + i)
            self.wanted.append((base + 10 * i, base + i))
            self.tape.wait(100)


def open_without(line, lost):
    """A handshake in which some packets are not seen: 0 the SYN, 1 its answer, 2 the last."""
    tcp = line.tcp
    for i, (end, flags) in enumerate(((0, SYN), (1, SYN | ACK), (0, ACK))):
        if i in lost:
            tcp.skip(end, flags & SYN and 1)
        else:
            tcp.send(end, flags=flags, **({"ack": 0} if i == 0 else {}))


def again(tape, isn, lost=(), half=False):
    old = Line(tape)
    old.tcp.open()
    old.polls()
    if half:
        old.tcp.send(0, mbap(77, b"\x10\0\0\0\x78\xf0" + bytes(240))[:20])
    tape.wait(30_000)
    new = Line(tape, isn)
    open_without(new, lost)
    new.polls(1000)
    return old.wanted + new.wanted


def ahead(tape):
    return again(tape, (2000, 6000))


def behind(tape):
    return again(tape, (0xf0000000, 0xe0000000))


def syn_lost(tape):
    return again(tape, (0x40000000, 0x50000000), lost=(0,))


def answer_lost(tape):
    return again(tape, (0x40000000, 0x50000000), lost=(1,))


def same_device(tape):
    """A device that always begins with the same number."""
    return again(tape, (0x40000000, 5000))


def same_both(tape):
    return again(tape, (1000, 5000))


def same_answer_lost(tape):
    return again(tape, (0x40000000, 5000), lost=(1,))


def unseen(tape):
    """What shows that there is another connection is lost: the first poll."""
    return [w for w in again(tape, (0xf0000000, 0xe0000000), lost=(0, 1, 2)) if w != (1000, 1000)]


def reset_before(tape):
    """The client gives up while the answer is under way, and comes again from the same port."""
    old = Line(tape)
    old.tcp.open()
    old.polls()
    old.tcp.send(0, mbap(77, ask(5)))
    old.tcp.send(0, flags=RST | ACK)
    old.tcp.send(1, mbap(77, tell(5)))
    old.tcp.send(0, flags=RST)
    new = Line(tape, (0x40000000, 0x50000000))
    open_without(new, (0,))
    new.polls(1000)
    return old.wanted + [(5, 5)] + new.wanted


def half_before(tape):
    return again(tape, (0x40000000, 0x50000000), half=True)


def another_protocol(tape):
    """HTTP first, which nobody claims."""
    web = Tcp(tape, CLIENT, SERVER, sport=9999).open()
    for _ in range(4):
        web.talk(b"GET / HTTP/1.1\r\nHost: plc\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n" + bytes(40))
    tape.wait(30_000)
    new = Line(tape, (0x40000000, 0x50000000), sport=9999)
    new.tcp.open()
    new.polls()
    return new.wanted


def forged_syn(tape):
    line = Line(tape)
    line.tcp.send(1, flags=SYN, seq=99, ack=0)
    line.tcp.open()
    line.polls()
    return line.wanted


def forged(tape, packets):
    """Ten polls; then packets that the server takes for nothing, and one poll, time and again."""
    line = Line(tape)
    line.tcp.open()
    line.polls()
    for i in range(COUNT):
        for end, flags, body, seq, ack in packets(line.tcp, i):
            line.tcp.send(end, body, flags, seq=seq & 0xffffffff, ack=ack & 0xffffffff)
        line.poll(100 + i, 500 + 10 * i, 500 + i)
        line.wanted.append((500 + 10 * i, 500 + i))
    return line.wanted


def forged_data(tape):
    """Far behind the connection's numbers, twice, so that the second follows the first."""
    junk = b"nothing that anybody knows"
    return forged(tape, lambda tcp, i: [
        (0, PSH | ACK, junk, tcp.seq[0] - (1 << 30) - 1000 * i + at, tcp.seq[1])
        for at in (0, len(junk))])


def forged_opening(tape):
    """A handshake with other numbers."""
    return forged(tape, lambda tcp, i: [
        (0, SYN, b"", tcp.seq[0] + (1 << 30) + 1000 * i, 0),
        (1, SYN | ACK, b"", tcp.seq[1] + (1 << 30), tcp.seq[0] + (1 << 30) + 1000 * i + 1)])


def forged_beginning(tape):
    """The handshake once more."""
    return forged(tape, lambda tcp, i: [
        (0, SYN, b"", 1000, 0), (1, SYN | ACK, b"", 5000, 1001), (0, ACK, b"", 1001, 5001)])


def forged_reset(tape):
    """A reset that nobody heeds, and a new beginning."""
    return forged(tape, lambda tcp, i: [
        (0, RST, b"", tcp.seq[0] + (1 << 29), 0),
        (0, SYN, b"", tcp.seq[0] + (1 << 30) + 1000 * i, 0)])


def called(tape):
    """The device opens the connection, and is asked over it."""
    tcp = Tcp(tape, SERVER, CLIENT, cport=40000, sport=4002).open()
    for i in range(COUNT):
        tcp.send(1, mbap(1 + i, ask(10 * i)))
        tcp.send(0, mbap(1 + i, tell(i)))
    return [(10 * i, i) for i in range(COUNT)]


def serial(tape):
    tcp = Tcp(tape, CLIENT, SERVER, sport=4001).open()
    for i in range(COUNT):
        tcp.talk(crc(b"\1" + ask(i)), crc(b"\1" + tell(i)))
    return list(enumerate(range(COUNT)))


def stuck_lost(tape):
    """All ids are 0; of one exchange the answer is missing."""
    line = Line(tape)
    line.tcp.open()
    for i in range(COUNT):
        line.poll(0, 10 * i, i, skips=(1,) if i == 5 else ())
        if i != 5:
            line.wanted.append((10 * i, i))
        tape.wait(300)
    return line.wanted


def exchanges(path, *options):
    """Address and value of every read that has both, and what else was said."""
    out, said = [], []
    for event in ironspan.events(path, *options, types=("modbus", "anomaly")):
        if event["event_type"] == "anomaly":
            said.append(event["anomaly"]["event"])
            continue
        operation = event["ot"].get("operation", {})
        if "request" in event["modbus"] and "response" in event["modbus"]:
            out.append((operation["point"]["addr"], operation["value"][0]))
    return out, said


def called_twice(report, folder):
    """What a device tells over one connection is known when it has opened the next."""
    tape, path = Tape(), os.path.join(folder, "called_twice.pcap")
    first, second = (Tcp(tape, SERVER, CLIENT, cport=40000 + i, sport=502) for i in range(2))
    for line, request, answer in (
            (first, ask(5, 1), tell(7, 1)),
            (second, ask(80, 1), tell(1, 1)),
            (second, struct.pack(">BHH", 6, 5, 9), struct.pack(">BHH", 6, 5, 9))):
        if line.seq[0] == 1000:
            line.open()
        line.send(1, mbap(3, request))
        line.send(0, mbap(3, answer))
    got = before.shown(path_of(tape, path), types=("modbus",))
    report.case("called twice", [] if got == [7] else ["%s, and not 7" % got])


def path_of(tape, path):
    pcap.write(path, tape.packets)
    return path


# what is said beside
NEWS = {stuck_lost: ["stream.reassembly_seq_gap"], forged_reset: ["stream.midstream"] * COUNT}
CASES = (ahead, behind, syn_lost, answer_lost, same_device, same_both, same_answer_lost, unseen,
         reset_before, half_before, another_protocol, forged_syn, forged_data, forged_opening,
         forged_beginning, forged_reset, called, serial, stuck_lost)


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            tape = Tape()
            wanted = case(tape)
            path = path_of(tape, os.path.join(folder, case.__name__ + ".pcap"))
            got, said = exchanges(path)
            missed = [w for w in wanted if w not in got]
            faults = ["missed: %s" % (missed,)] if missed else []
            faults += ["invented: %s" % (g,) for g in got if g not in wanted]
            if said != NEWS.get(case, []):
                faults.append("said: %s" % said)
            if exchanges(path, "--threads", "4") != (got, said):
                faults.append("four threads say something else")
            report.case(case.__name__, faults)
        called_twice(report, folder)
    report.end()


main()
