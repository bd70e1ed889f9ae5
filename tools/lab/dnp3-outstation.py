#!/usr/bin/python3
"""An outstation: points that change, controls, files, attributes.

usage: dnp3-outstation.py tcp|udp PORT [--addresses 10,11] [--fragment BYTES] [--period S]
                          [--report-to MASTER]

Several addresses are several outstations behind one port, as behind a serial gateway; nobody
answers for an address that is not there. The master to report to first hears an empty
unsolicited answer; events follow when it has enabled them.
"""
import argparse
import selectors
import socket
import time

import dnp3
from dnp3_actions import now_ms
from dnp3_files import Files
from dnp3_points import Points
from dnp3_session import Session

TICK_S, KEEP_ALIVE_S = 0.05, 4


class Line:
    """A connection, or a peer over UDP."""

    def __init__(self, send):
        self.reader, self.send, self.sessions = dnp3.FrameReader(), send, {}
        self.heard_s, self.is_closing = time.monotonic(), False


class Station:
    """One outstation address; every master on every line has a session of its own."""

    def __init__(self, address, given):
        self.address, self.fragment_max = address, given.fragment
        self.report_to = given.report_to
        self.points, self.files = Points(address), Files()
        self.iin, self.sessions = dnp3.RESTART | dnp3.NEED_TIME, []

    def session(self, line, master):
        key = self.address, master
        if key not in line.sessions:
            sender = dnp3.Sender(line.send, self.address, master, 0)
            line.sessions[key] = Session(self, sender)
            line.sessions[key].line = line
            self.sessions.append(line.sessions[key])
            if master == self.report_to:
                line.sessions[key].unsolicited([])
        return line.sessions[key]

    def happened(self, events):
        for session in self.sessions:
            session.events = (session.events + events)[-60:]

    def restart(self, session):
        """Cold: connections end, and it knows that it has restarted."""
        self.iin |= dnp3.RESTART | dnp3.NEED_TIME
        for other in self.sessions:
            other.line.is_closing = True
        session.line.is_closing = True

    def receive(self, line, frame):
        if not frame.control & dnp3.PRM:
            return
        session = self.session(line, frame.source)
        if frame.function in (dnp3.RESET_LINK, dnp3.TEST_LINK):
            session.sender.link(dnp3.ACK)
        elif frame.function == dnp3.REQUEST_STATUS:
            session.sender.link(dnp3.LINK_STATUS)
        elif frame.function == dnp3.CONFIRMED:
            session.sender.link(dnp3.ACK)
        if frame.function in (dnp3.CONFIRMED, dnp3.UNCONFIRMED) and frame.data:
            session.user_data(frame.data, frame.destination)


class Server:
    def __init__(self, given):
        self.given, self.lines = given, {}
        self.stations = {address: Station(address, given)
                         for address in given.addresses}
        self.selector = selectors.DefaultSelector()
        is_udp = given.over == "udp"
        self.socket = socket.socket(type=socket.SOCK_DGRAM if is_udp else socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("0.0.0.0", given.port))
        if not is_udp:
            self.socket.listen()
        self.selector.register(self.socket, selectors.EVENT_READ,
                               self.datagram if is_udp else self.accept)

    def accept(self, _):
        peer = self.socket.accept()[0]
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines[peer] = Line(peer.sendall)
        self.selector.register(peer, selectors.EVENT_READ, self.stream)

    def stream(self, peer):
        try:
            data = peer.recv(65536)
        except OSError:
            data = b""
        if data:
            self.receive(self.lines[peer], data)
        else:
            self.close(peer)

    def datagram(self, _):
        data, peer = self.socket.recvfrom(65536)
        if peer not in self.lines:
            self.lines[peer] = Line(lambda out: self.socket.sendto(out, peer))
        self.receive(self.lines[peer], data)

    def receive(self, line, data):
        line.heard_s = time.monotonic()
        for frame in line.reader.feed(data):
            for address, station in self.stations.items():
                if frame.destination in (address, *dnp3.BROADCASTS):
                    station.receive(line, frame)

    def close(self, peer):
        line = self.lines.pop(peer)
        for station in self.stations.values():
            station.sessions = [s for s in station.sessions if s.line is not line]
        if isinstance(peer, socket.socket):
            self.selector.unregister(peer)
            peer.close()

    def tick(self):
        for peer, line in list(self.lines.items()):
            if line.is_closing:
                self.close(peer)
                continue
            for session in line.sessions.values():
                session.tick()
            if time.monotonic() - line.heard_s > KEEP_ALIVE_S:
                line.heard_s = time.monotonic()
                for session in list(line.sessions.values())[:1]:
                    session.sender.link(dnp3.PRM | dnp3.REQUEST_STATUS)

    def run(self):
        step_s = time.monotonic()
        while True:
            for key, _ in self.selector.select(TICK_S):
                key.data(key.fileobj)
            if time.monotonic() - step_s > self.given.period:
                step_s = time.monotonic()
                for station in self.stations.values():
                    station.happened(station.points.step(now_ms()))
            self.tick()


def addresses(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("over", choices=("tcp", "udp"))
    parser.add_argument("port", type=int)
    parser.add_argument("--addresses", type=addresses, default=[10])
    parser.add_argument("--fragment", type=int, default=600)
    parser.add_argument("--report-to", type=int)
    parser.add_argument("--period", type=float, default=0.4)
    Server(parser.parse_args()).run()


main()
