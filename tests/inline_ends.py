#!/usr/bin/python3
"""The ends of a conversation that goes through an inline sensor; tests/inline.py starts them.

    inline_ends.py ask tcp|udp FROM[@PORT] TO PORT WORD ...    each word on one connection:
        read:POINT  write:POINT=VALUE  split:POINT=VALUE (in three segments)  anew (connect
        again from the same port)  decoy:POINT=VALUE (a read in its place, with a wrong
        checksum, goes before it)  raw:TEXT (bytes as they are, answered by anybody or nobody)
    inline_ends.py poll FROM TO PORT          read a register again and again; a line an answer
    inline_ends.py send FROM TO PORT BYTES    so many bytes over TCP
    inline_ends.py burst FROM TO PORT COUNT SENSOR    datagrams while the sensor is stopped
    inline_ends.py sink tcp|udp PORT          count what comes until it is quiet; print it

What came of each word goes to standard output as a line of JSON.
"""
import json
import os
import signal
import socket
import struct
import sys
import time

import wire

SILENCE_S, CONNECT_S, QUIET_S, POLL_S = 0.6, 5.0, 1.0, 0.02
CHUNK = 1 << 16
SO_RCVBUFFORCE = 33
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
TCP_RECV_QUEUE, TCP_SEND_QUEUE = 1, 2


def say(what):
    print(json.dumps(what), flush=True)


class Client:
    """A Modbus master at one address."""

    def __init__(self, kind, source, to, port):
        name, _, own = source.partition("@")
        self.kind, self.source, self.to = kind, (name, int(own or 0)), (to, port)
        self.number, self.socket = 0, None
        self.connect()

    def connect(self):
        kind = socket.SOCK_STREAM if self.kind == "tcp" else socket.SOCK_DGRAM
        family = socket.AF_INET6 if ":" in self.to[0] else socket.AF_INET
        self.socket = socket.socket(family, kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.settimeout(CONNECT_S)
        if self.kind == "tcp":
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A close that does not wait for anybody.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.bind(self.source)
        self.socket.connect(self.to)
        self.socket.settimeout(SILENCE_S)

    def message(self, pdu):
        self.number += 1
        return struct.pack(">HHHB", self.number, 0, len(pdu) + 1, 1) + pdu

    def exchange(self, *pieces):
        for piece in pieces:
            self.socket.sendall(piece)
            if len(pieces) > 1:
                time.sleep(0.05)
        answer = self.socket.recv(300)
        if not answer:
            raise ConnectionResetError
        return answer

    def read(self, point):
        answer = self.exchange(self.message(struct.pack(">BHH", 3, point, 1)))
        return struct.unpack(">H", answer[-2:])[0]

    def write(self, point, value, cuts=()):
        whole = self.message(struct.pack(">BHH", 6, point, value))
        ends = [0, *cuts, len(whole)]
        self.exchange(*(whole[a:b] for a, b in zip(ends, ends[1:])))
        return "written"

    def sequence(self):
        """Of the next byte that is sent, and of the next that is expected."""
        self.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        numbers = []
        for queue in (TCP_SEND_QUEUE, TCP_RECV_QUEUE):
            self.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
            numbers.append(self.socket.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ))
        self.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
        return [number & 0xffffffff for number in numbers]

    def decoy(self, point):
        """Of the message that comes next."""
        body = struct.pack(">HHHBBHH", self.number + 1, 0, 6, 1, 3, point, 1)
        (src, sport), (dst, dport) = self.socket.getsockname(), self.to
        segment = wire.tcp(src, dst, sport, dport, *self.sequence(), wire.PSH | wire.ACK, body)
        segment = segment[:16] + bytes([segment[16] ^ 1]) + segment[17:]
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.sendto(wire.ip4(src, dst, wire.TCP, segment), (dst, 0))
        time.sleep(0.05)

    def do(self, word):
        name, _, rest = word.partition(":")
        if name == "anew":
            self.socket.close()
            self.connect()
            return "connected"
        if name == "raw":
            return self.exchange(rest.encode()).decode()
        if name == "read":
            return self.read(int(rest))
        point, _, value = rest.partition("=")
        if name == "decoy":
            self.decoy(int(point))
        return self.write(int(point), int(value), (3, 9) if name == "split" else ())


def outcome(act, *words):
    """What came of it: an answer, or how it failed."""
    try:
        return act(*words)
    except TimeoutError:
        return "silence"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"
    except OSError as error:
        return os.strerror(error.errno)


def ask(kind, source, to, port, *words):
    client = Client(kind, source, to, int(port))
    for word in words:
        say(outcome(client.do, word))


def poll(source, to, port):
    """Until it is killed. Whatever fails is tried on a new connection."""
    client = None
    while True:
        try:
            client = client or Client("tcp", source, to, int(port))
            say(client.read(1))
            time.sleep(POLL_S)
        except OSError:
            client = None


def send(source, to, port, count):
    with socket.create_connection((to, int(port)), 5, (source, 0)) as s:
        left = int(count)
        while left:
            left -= s.send(bytes(min(left, CHUNK)))
    say("sent")


def burst(source, to, port, count, sensor):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    s.connect((to, int(port)))
    os.kill(int(sensor), signal.SIGSTOP)
    for number in range(int(count)):
        s.send(struct.pack(">I", number) + bytes(60))
    os.kill(int(sensor), signal.SIGCONT)
    say("sent")


def sink_tcp(port):
    listener = socket.create_server(("", port))
    s = listener.accept()[0]
    total = 0
    while data := s.recv(CHUNK):
        total += len(data)
    return total


def sink_udp(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    s.bind(("", port))
    total = 0
    try:
        while s.recv(CHUNK):
            total += 1
            s.settimeout(QUIET_S)
    except TimeoutError:
        return total


def sink(kind, port):
    say((sink_tcp if kind == "tcp" else sink_udp)(int(port)))


if __name__ == "__main__":
    {"ask": ask, "poll": poll, "send": send, "burst": burst, "sink": sink}[sys.argv[1]](
        *sys.argv[2:])
