"""Connections as they begin, go on and end; bytes between messages; mirrors that show too
much or too little."""
from dataclasses import replace

from modbus import HMI, PLC, read_pair
from stream import lines, lost, poll
from wire import ACK, FIN, PSH, RST, SYN, Tape, Tcp, ethernet, vlan

# ---- sessions ----

def midstream(tape, plc):
    poll(plc, 1, 5)
    plc.close()


def midstream_answer_first(tape, plc):
    plc.answer(read_pair(1)[1])
    poll(plc, 2, 5)


def midstream_inside(tape, plc):
    """The first segment seen starts inside an answer."""
    plc.send(1, read_pair(1, count=60)[1][30:])
    poll(plc, 2, 5)


def only(end):
    def story(tape, plc):
        other = 1 - end
        for transaction in range(1, 6):
            pair = read_pair(transaction)
            for who in (0, 1):
                (lost if who == other else Tcp.send)(plc, who, pair[who])
    story.__doc__ = "The mirror shows one direction: from end %d." % end
    return story


def keep_alives(tape, plc):
    """Probes one byte back, with and without a byte of garbage; a window of nothing."""
    plc.open()
    poll(plc, 1)
    for body in (b"", b"\0", b"\xff"):
        tape.wait(30000)
        plc.send(0, body, flags=ACK, seq=plc.seq[0] - 1)
        plc.send(1, flags=ACK)
        poll(plc, 10)
    plc.close()


def reset(tape, plc):
    """A reset; the same ports again with other sequence numbers; data behind a reset."""
    plc.open()
    poll(plc, 1)
    plc.send(1, flags=RST | ACK)
    tape.wait(100)
    plc.seq = [777000, 888000]
    plc.open()
    poll(plc, 4)
    plc.send(0, flags=RST)
    poll(plc, 7)


def half_closed(tape, plc):
    """The client has nothing more to say; the answer comes behind its FIN."""
    plc.open()
    poll(plc, 1)
    plc.send(0, read_pair(4)[0], flags=PSH | ACK | FIN)
    plc.answer(read_pair(4)[1])
    plc.send(1, flags=FIN | ACK)
    plc.send(0, flags=ACK)


def reopened(tape, plc):
    """Closed in order, and at once the same ports again."""
    for first in (1, 10, 20):
        plc.open()
        poll(plc, first)
        plc.close()
        plc.seq = [plc.seq[0] + 4000000, plc.seq[1] + 9000000]


def syn_again(tape, plc):
    """SYN and its answer each sent twice."""
    plc.send(0, flags=SYN, ack=0, seq=plc.seq[0])
    plc.send(0, flags=SYN, ack=0)
    plc.send(1, flags=SYN | ACK, seq=plc.seq[1])
    plc.send(1, flags=SYN | ACK)
    plc.send(0, flags=ACK)
    poll(plc, 1)
    plc.close()


# ---- what is between messages ----

GARBAGE = (b"\xde\xad\xbe\xef" * 5, b"\r\nlogin: ", b"\x00" * 17, b"\xff" * 300)


def garbage(tape, plc):
    """Bytes that are no message, in front of, between and behind messages."""
    plc.open()
    for number, junk in enumerate(GARBAGE):
        poll(plc, 10 * number + 1)
        plc.ask(junk)
        poll(plc, 10 * number + 4)
        plc.answer(junk)
    poll(plc, 100)
    plc.ask(GARBAGE[0] + read_pair(110)[0])
    plc.answer(read_pair(110)[1] + GARBAGE[0])
    poll(plc, 111)
    plc.close()


# ---- mirrors ----

def twice(packets, change=lambda data: data, apart_ns=20_000):
    out = []
    for p in packets:
        out += [p, replace(p, time_ns=p.time_ns + apart_ns, data=change(p.data))]
    return out


def mirrored():
    """Both ports of a connection mirrored: each frame twice."""
    return twice(lines(lambda tape, plc: (plc.open(), poll(plc, 1, 8), plc.close()))())


def mirrored_tagged():
    """As above, the second copy with a VLAN tag, as trunk ports show it."""
    return twice(lines(lambda tape, plc: (plc.open(), poll(plc, 1, 8), plc.close()))(),
                 lambda data: data[:12] + vlan(30) + data[12:])


def mirrored_v6():
    """No IP id to compare: sequence numbers and payload tell."""
    def make():
        tape = Tape()
        plc = Tcp(tape, "fd00::10", "fd00::21", 44000)
        plc.open()
        poll(plc, 1, 8)
        plc.close()
        return tape.packets
    return twice(make())


def one_side_tagged():
    """Requests with a VLAN tag, answers without: one connection all the same."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC, 44000, dress=lambda src, dst, packet: [
        ethernet(src, dst, packet, tags=vlan(30) if src == HMI else b"")])
    plc.open()
    poll(plc, 1, 5)
    plc.close()
    return tape.packets


def snap_cut():
    """Only the first 68 bytes of each frame were kept: long answers lost their end."""
    packets = lines(lambda tape, plc: (plc.open(), [plc.talk(*read_pair(t, count=t % 9 + 1))
                                                    for t in range(20)], plc.close()))()
    return [p.cut(68) for p in packets]
