#!/usr/bin/python3
"""What events are sent to: syslog receivers and Unix sockets, each a process that can be killed.

    receiver = Receiver("tcp", folder).start()
    ... sends to receiver.address ...
    receiver.messages()

As a program it is the receiver itself: receivers.py KIND WHERE OUT [CERT KEY [CA]]. Each
message goes to OUT as one line of JSON, with the error where its framing is wrong.
"""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time

PATIENCE_S = 60
SYSLOG = re.compile(r"<(\d+)>1 (\S+) (\S+) ironspan - (\S+) "
                    r"(-|\[ironspan@\d+(?: \w+=\"(?:[^\"\\\]]|\\.)*\")*\]) (\{.*\})", re.DOTALL)


class Receiver:
    def __init__(self, kind, folder, command=(), port=0, certificates=()):
        self.kind, self.command, self.certificates = kind, command, certificates
        self.process, self.runs = None, 0
        self.out = os.path.join(folder, "received-%s-%d" % (kind, time.monotonic_ns()))
        if kind.startswith("unix"):
            self.where = self.address = self.out + ".sock"
        else:
            self.where = str(port or free_port(kind))
            self.address = "%s://%s:%s" % (kind, "localhost" if kind == "tls" else "127.0.0.1",
                                           self.where)

    def start(self):
        self.process = subprocess.Popen(
            [*self.command, sys.executable, os.path.abspath(__file__), self.kind, self.where,
             self.out, *self.certificates], stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("no receiver")
        return self

    def kill(self):
        """Like a power failure."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process.stdout.close()
        self.process = None

    def messages(self):
        if not os.path.exists(self.out):
            return []
        with open(self.out, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.endswith("\n")]

    def events(self):
        """The events in the messages, whatever came around them."""
        return [event_of(message) for message in self.messages()]

    def wait_for(self, count):
        until(lambda: len(self.messages()) >= count, "%d messages" % count)
        return self


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def event_of(message):
    match = SYSLOG.fullmatch(message)
    return json.loads(match[6] if match else message)


def free_port(kind):
    with socket.socket(type=socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---- the program ----

def octet_counted(data):
    """The messages of a stream, and what is left of it."""
    messages = []
    while True:
        match = re.match(rb"([1-9]\d*) ", data)
        if not match:
            if data and not re.fullmatch(rb"[1-9]\d*", data):
                messages.append("wrong frame: %r" % data[:200])
                data = b""
            return messages, data
        begin, length = match.end(), int(match[1])
        if len(data) < begin + length:
            return messages, data
        messages.append(data[begin:begin + length].decode())
        data = data[begin + length:]


def lines(data):
    *whole, rest = data.split(b"\n")
    return [line.decode() for line in whole], rest


def receive_stream(listener, split, tell, context):
    while True:
        connection = listener.accept()[0]
        data = b""
        try:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            while True:
                more = connection.recv(65536)
                if not more:
                    break
                messages, data = split(data + more)
                tell(messages)
        except OSError:
            pass
        connection.close()


def receive_datagrams(s, tell):
    while True:
        tell([s.recv(1 << 20).decode()])


def context_of(certificates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates[0], certificates[1])
    if len(certificates) > 2:
        context.load_verify_locations(certificates[2])
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def main(kind, where, out, *certificates):
    stream = kind in ("tcp", "tls", "unix_stream")
    unix = kind.startswith("unix")
    if unix and os.path.exists(where):
        os.unlink(where)
    s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET,
                      socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    s.bind(where if unix else ("127.0.0.1", int(where)))
    if stream:
        s.listen()
    print("ready", flush=True)
    with open(out, "a", encoding="utf-8") as file:
        def tell(messages):
            for message in messages:
                file.write(json.dumps(message) + "\n")
            file.flush()

        if stream:
            receive_stream(s, lines if unix else octet_counted, tell,
                           context_of(certificates) if kind == "tls" else None)
        receive_datagrams(s, tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
