#!/usr/bin/python3
"""Who is who where ports say nothing: strangers on our ports are claimed by no dissector, and
our protocols are found on each other's ports.

    tests/confusion.py [IRONSPAN]

Each conversation is a flow of its own on every port; all go through one run. Random bytes are
the same in every run.
"""
import os
import struct
import tempfile

import ironspan
import pcap
import wire
from protocols import NAMES
from report import Report
from strangers import CONFIRM, DATAGRAMS, REQUEST, STRANGERS, data_tpdu

PORTS = (102, 502, 802, 1720, 3389, 4840, 20000, 2404, 44818, 53124)


# ---- our own, on each other's ports ----

def modbus():
    return [(0, bytes.fromhex("000100000006010300000002")),
            (1, bytes.fromhex("00010000000701030400070008")),
            (0, bytes.fromhex("000200000006010600050009")),
            (1, bytes.fromhex("000200000006010600050009"))]


def s7comm():
    return [(0, REQUEST), (1, CONFIRM),
            (0, data_tpdu(bytes.fromhex("32010000010000080000f0000001000101e0"))),
            (1, data_tpdu(bytes.fromhex("320300000100000800000000f0000001000100f0"))),
            (0, data_tpdu(bytes.fromhex("32010000020000" "0e00000401120a10020004000184000000"))),
            (1, data_tpdu(bytes.fromhex("3203000002000002000800000401ff04002000010002")))]


def crc(octets):
    return octets + struct.pack("<H", ~wire.crc16(octets, 0xa6bc, 0) & 0xffff)


def link_frame(control, target, source, body):
    out = crc(struct.pack("<BBBBHH", 5, 0x64, 5 + len(body), control, target, source))
    return out + b"".join(crc(body[at:at + 16]) for at in range(0, len(body), 16))


def dnp3():
    ask, answer = bytes.fromhex("c0c0013c0206"), bytes.fromhex("c0c081000001020000020181" "01")
    return [(0, link_frame(0xc4, 10, 1, ask)), (1, link_frame(0x44, 1, 10, answer)),
            (0, link_frame(0xc4, 10, 1, b"\xc1\xc1" + ask[2:])),
            (1, link_frame(0x44, 1, 10, b"\xc1\xc1" + answer[2:]))]


def opcua():
    url = b"opc.tcp://plant:4840"
    hello = struct.pack("<IIIIII", 0, 65535, 65535, 0, 0, len(url)) + url
    whole = [kind + struct.pack("<I", 8 + len(body)) + body for kind, body in (
        (b"HELF", hello), (b"ACKF", hello[:20]))]
    return list(enumerate(whole))


OURS = {"modbus": (modbus(), 4), "s7comm": (s7comm(), 4), "dnp3": (dnp3(), 4),
        "opcua": (opcua(), 2)}  # and how many messages at least


# ---- flows ----

class Flows:
    """Conversations on one tape, each between hosts of its own."""

    def __init__(self):
        self.tape, self.names = wire.Tape(), {}

    def add(self, name, port, steps, transport):
        number = len(self.names)
        client, server = ("10.%d.%d.%d" % (number // 250, number % 250, end) for end in (1, 2))
        flow = transport(self.tape, client, server, 40000, port)
        self.names[client] = "%s on %s %d" % (name, transport.__name__.upper(), port)
        if transport is wire.Tcp:
            flow.open()
        for end, body in steps:
            (flow.ask, flow.answer)[end](body)
        if transport is wire.Tcp:
            flow.close()

    def name_of(self, event):
        return self.names.get(event["src_ip"]) or self.names[event["dest_ip"]]

    def events(self, types):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "flows.pcap")
            pcap.write(path, self.tape.packets)
            return ironspan.events(path, types=types)


def strangers(report):
    flows = Flows()
    for port in PORTS:
        for name, steps in STRANGERS.items():
            flows.add(name, port, steps, wire.Tcp)
        for name in DATAGRAMS:
            flows.add(name, port, STRANGERS[name], wire.Udp)
    claimed = {name: set() for name in flows.names.values()}
    for event in flows.events((*NAMES, "anomaly")):
        protocol = event.get("app_proto", event["event_type"])
        if protocol in NAMES:
            claimed[flows.name_of(event)].add(protocol)
    for name, protocols in claimed.items():
        report.case(name, ["claimed by " + protocol for protocol in sorted(protocols)])


def own(report):
    flows = Flows()
    wanted = {}
    for port in PORTS:
        for name, (steps, count) in OURS.items():
            flows.add(name, port, steps, wire.Tcp)
            wanted["%s on TCP %d" % (name, port)] = name, count
    found = {name: [] for name in wanted}
    for event in flows.events(NAMES):
        found[flows.name_of(event)] += [event["event_type"]] * len(ironspan.halves(event))
    for name, (protocol, count) in wanted.items():
        seen = found[name]
        others = set(seen) - {protocol}
        report.case(name, ["claimed by " + other for other in others]
                    + (["%d messages, want %d" % (len(seen), count)]
                       if len(seen) < count else []))


def main():
    report = Report()
    strangers(report)
    own(report)
    report.end()


if __name__ == "__main__":
    main()
