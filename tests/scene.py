"""Plays the blocks of an examples file into one capture.

A line is one or more steps, parted by `|`:

    > HEX  < HEX      client to server, server to client (TCP: a segment)
    flow N k=v ...    go on with flow N; when new: udp, port=502, client=1, server=2 (last byte
                      of the address, or a whole address), open=no (no handshake)
    again > HEX       the sender's last bytes once more, changed: an overlap
    lost > HEX        counts in the sequence, but the sensor does not see it
    rst >             a reset
    flags F N:PORT    a segment from the client to host N of the block with these flags (of FSRPAU,
                      0: none); `flags F N:PORT R` and an answer with those
    close             the ends say that they are done
    ip HEX, eth HEX   an IP packet from its version byte on; a frame from its type on
    wait S            seconds go by
    [A-B] STEPS       the line once for each number; {i} is it in two hex digits, {ii} in four,
                      {n} in decimal
    (HEX)*N           these bytes N times

Every block has addresses (10.B.B.N) and hours of its own, so all blocks of a file go through
one run: an alert's packet number tells its block.
"""
import re
import sys

import pcap
import wire

FLAGS = {"F": wire.FIN, "S": wire.SYN, "R": wire.RST, "P": wire.PSH, "A": wire.ACK, "U": wire.URG}
REPEAT = re.compile(r"\((\w+)\)\*(\d+)")


class Scene:
    """One block's hosts and flows on the tape."""

    def __init__(self, tape, number):
        self.tape, self.flows, self.last, self.next_port = tape, {}, {}, 40000
        self.net = f"10.{number // 250 + 1}.{number % 250 + 1}."
        self.at = "1"

    def host(self, text):
        return text if "." in text or ":" in text else self.net + text

    def flow(self, name, *options):
        self.at = name
        if name in self.flows:
            return
        given = dict(o.partition("=")[::2] for o in options)
        client = self.host(given.get("client", "1"))
        server = self.host(given.get("server", "2"))
        port, self.next_port = int(given.get("port", 502)), self.next_port + 1
        kind = wire.Udp if "udp" in given else wire.Tcp
        flow = kind(self.tape, client, server, self.next_port, port)
        if kind is wire.Tcp and given.get("open") != "no":
            flow.open()
        self.flows[name] = flow

    def here(self):
        if self.at not in self.flows:
            self.flow(self.at)
        return self.flows[self.at]

    def say(self, end, data):
        flow = self.here()
        if isinstance(flow, wire.Tcp):
            self.last[self.at, end] = flow.seq[end]
        (flow.ask, flow.answer)[end](data)

    def again(self, end, data):
        flow = self.here()
        flow.send(end, data, seq=self.last[self.at, end])

    def lost(self, end, data):
        self.here().skip(end, len(data))

    def rst(self, end, _):
        self.here().send(end, flags=wire.RST | wire.ACK)

    def flags(self, flags, target, answer=None):
        host, port = target.split(":")
        self.next_port += 1
        flow = wire.Tcp(self.tape, self.host("1"), self.host(host), self.next_port, int(port))
        flow.send(0, flags=bits_of(flags), ack=0)
        if answer:
            flow.send(1, flags=bits_of(answer), seq=0)

    def close(self):
        self.here().close()

    def ip(self, data):
        self.tape.add(wire.ethernet(self.host("1"), self.host("2"), data))

    def eth(self, data):
        self.tape.add(wire.mac(self.host("2")) + wire.mac(self.host("1")) + data)

    def step(self, text):
        word, *rest = text.split()
        if word in ("flow", "flags", "close"):
            getattr(self, word)(*rest)
        elif word == "wait":
            self.tape.wait(float(rest[0]) * 1000)
        elif word in ("ip", "eth"):
            getattr(self, word)(bytes_of(rest))
        else:
            self.bytes_step(word, rest)

    def bytes_step(self, word, rest):
        how = {"again": self.again, "lost": self.lost, "rst": self.rst}.get(word)
        if how:
            word, *rest = rest
        (how or self.say)("><".index(word), bytes_of(rest))


def bits_of(letters):
    return sum(FLAGS.get(letter, 0) for letter in letters)


def bytes_of(words):
    return bytes.fromhex(REPEAT.sub(lambda m: m[1] * int(m[2]), " ".join(words)))


def steps_of(line):
    m = re.match(r"\[(\d+)-(\d+)\]\s*(.*)", line)
    numbers, line = (range(int(m[1]), int(m[2]) + 1), m[3]) if m else ((0,), line)
    for n in numbers:
        filled = line
        for name, value in (("{i}", f"{n:02x}"), ("{ii}", f"{n:04x}"), ("{n}", str(n))):
            filled = filled.replace(name, value)
        yield from (s.strip() for s in filled.split("|"))


def play(tape, number, block):
    scene = Scene(tape, number)
    for where, line in block.lines:
        try:
            for step in steps_of(line):
                scene.step(step)
        except (ValueError, KeyError, IndexError) as e:
            sys.exit(f"{where}: {line}: {e!r}")


def make_capture(path, blocks):
    """Writes it, and says which packet numbers are whose: the last of each block."""
    tape, ends = wire.Tape(), []
    for number, block in enumerate(blocks):
        play(tape, number, block)
        ends.append(len(tape.packets))
        tape.wait(3 * 3600 * 1000)
    pcap.write(path, tape.packets)
    return ends
