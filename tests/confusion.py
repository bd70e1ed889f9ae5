#!/usr/bin/python3
"""Who is who where ports say nothing: strangers on our ports are claimed by no dissector, and
our protocols are found on each other's ports.

    tests/confusion.py [IRONSPAN]

Each conversation is a flow of its own on every port; all go through one run. Random bytes are
the same in every run.
"""
import os
import random
import struct
import tempfile

import ironspan
import pcap
import wire
from protocols import NAMES
from report import Report

PORTS = (102, 502, 802, 4840, 20000, 2404, 44818, 53124)
SEEDS = range(6)


# ---- strangers: (end, bytes) in turn; 0 is the client ----

def noise(seed):
    rng = random.Random(seed)
    return [(number % 2, rng.randbytes(rng.choice((1, 2, 5, 12, 60, 300, 1400))))
            for number in range(24)]


def same_byte(byte):
    return [(number % 2, bytes([byte]) * size)
            for number, size in enumerate((1, 7, 12, 64, 260, 1400, 3, 200, 512, 12, 12, 64))]


def http():
    ask = (b"GET /index.html HTTP/1.1\r\nHost: plant.example\r\nUser-Agent: curl/7.88.1\r\n"
           b"Accept: */*\r\n\r\n")
    body = b"<html><body>" + b"<p>2 registers</p>" * 60 + b"</body></html>"
    answer = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
              % len(body)) + body
    post = (b"POST /api HTTP/1.1\r\nHost: plant.example\r\nContent-Length: 9\r\n\r\n{\"a\": 12}")
    return [(0, ask), (1, answer), (0, post), (1, b"HTTP/1.1 204 No Content\r\n\r\n")]


def ssh():
    rng = random.Random("ssh")
    lists = b"".join(struct.pack(">I", len(names)) + names for names in (
        b"curve25519-sha256,ecdh-sha2-nistp256", b"ssh-ed25519,rsa-sha2-512", b"aes128-ctr",
        b"aes128-ctr", b"hmac-sha2-256", b"hmac-sha2-256", b"none", b"none", b"", b""))
    body = b"\x14" + rng.randbytes(16) + lists + bytes(5)
    padding = 8 - (len(body) + 5) % 8 + 4
    kexinit = struct.pack(">IB", len(body) + padding + 1, padding) + body + bytes(padding)
    return [(1, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), (0, b"SSH-2.0-PuTTY_0.78\r\n"),
            (0, kexinit), (1, kexinit), *((n % 2, rng.randbytes(52)) for n in range(8))]


def record(kind, body, version=0x0303):
    return struct.pack(">BHH", kind, version, len(body)) + body


def tls():
    rng = random.Random("tls")
    suites = bytes.fromhex("130113021303c02bc02fc02cc030")
    hello = (b"\x03\x03" + rng.randbytes(32) + b"\x20" + rng.randbytes(32)
             + struct.pack(">H", len(suites)) + suites + b"\x01\x00"
             + bytes.fromhex("0007002b0003020304"))
    answer = b"\x03\x03" + rng.randbytes(32) + b"\x20" + rng.randbytes(32) + b"\x13\x01\x00"
    handshakes = [kind + struct.pack(">I", len(body))[1:] + body
                  for kind, body in ((b"\x01", hello), (b"\x02", answer))]
    return [(0, record(22, handshakes[0], 0x0301)), (1, record(22, handshakes[1])),
            (1, record(20, b"\x01")), (1, record(23, rng.randbytes(900))),
            *((n % 2, record(23, rng.randbytes(40 + 90 * n))) for n in range(8))]


def smb():
    def session(body):
        return struct.pack(">I", len(body)) + body
    names = b"".join(b"\x02" + name + b"\0" for name in (b"NT LM 0.12", b"SMB 2.002"))
    one = (b"\xffSMB\x72" + bytes(4) + b"\x18\x53\xc8" + bytes(20)
           + b"\0" + struct.pack("<H", len(names)) + names)
    two = (b"\xfeSMB" + struct.pack("<HHIHHII", 64, 1, 0, 0, 31, 0, 0) + bytes(40)
           + struct.pack("<HHHH", 65, 1, 0x2ff, 0) + bytes(56))
    ask = (b"\xfeSMB" + struct.pack("<HHIHHII", 64, 1, 0, 1, 31, 0, 0) + bytes(40)
           + struct.pack("<HBBI", 25, 0, 1, 1) + bytes(16))
    return [(0, session(one)), (1, session(two)), (0, session(ask)), (1, session(two))]


def iec104():
    start, started = bytes.fromhex("680407000000"), bytes.fromhex("68040b000000")
    asdu = bytes.fromhex("680e0000000064010600010000000014")
    return [(0, start), (1, started), (0, asdu), (1, asdu), (1, bytes.fromhex("680401000200"))]


def dns():
    ask = struct.pack(">HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + b"\4plan\7example\0\0\1\0\1"
    answer = (struct.pack(">HHHHHH", 0x1234, 0x8180, 1, 1, 0, 0) + ask[12:]
              + bytes.fromhex("c00c000100010000003c0004c0000201"))
    return [(0, struct.pack(">H", len(ask)) + ask),
            (1, struct.pack(">H", len(answer)) + answer)]


# ---- strangers in TPKT and COTP, S7comm's own clothes ----

def tpkt(body):
    return struct.pack(">BBH", 3, 0, 4 + len(body)) + body


def data_tpdu(body):
    return tpkt(b"\x02\xf0\x80" + body)


REQUEST = tpkt(bytes.fromhex("11e00000000100c1020100c2020102c0010a"))
CONFIRM = tpkt(bytes.fromhex("11d00001000200c0010ac1020100c2020102"))


def mms():
    connect = bytes.fromhex(
        "0db20506130100160102140200023302000134020001c19ca09a31819703a003800101a2818f8004000000"
        "01820400000001a423300f0201010604520100013004060251013010020103060528ca220201300406025101")
    read = bytes.fromhex("010001006110300e020103a009a007020101a402a000")
    return [(0, REQUEST), (1, CONFIRM), (0, data_tpdu(connect)), (1, data_tpdu(connect[:40])),
            *((n % 2, data_tpdu(read)) for n in range(6))]


def rdp():
    cookie = b"Cookie: mstshash=operator\r\n"
    negotiate = bytes.fromhex("0100080000000000")
    ask = tpkt(bytes([6 + len(cookie) + len(negotiate), 0xe0]) + bytes(5) + cookie + negotiate)
    confirm = tpkt(bytes.fromhex("0ed000001234000200080000000000"))
    initial = data_tpdu(b"\x7f\x65\x82\x01\x94" + bytes.fromhex("0401010401010101ff") * 30)
    return [(0, ask), (1, confirm), (0, initial), (1, initial),
            (0, data_tpdu(bytes.fromhex("0401000100"))), (0, data_tpdu(b"\x28")),
            (1, data_tpdu(bytes.fromhex("2e00000400")))]


def plain_tpkt():
    return [(0, REQUEST), (1, CONFIRM), (0, data_tpdu(b"telegram of our own")),
            (1, data_tpdu(b"answer of our own")), (0, data_tpdu(bytes(20))),
            (1, data_tpdu(bytes(range(64))))]


STRANGERS = {
    **{"random bytes %d" % seed: noise(seed) for seed in SEEDS},
    "zeros": same_byte(0), "ones": same_byte(255), "HTTP": http(), "SSH": ssh(), "TLS": tls(),
    "SMB": smb(), "IEC 104": iec104(), "DNS": dns(), "MMS": mms(), "RDP": rdp(),
    "plain TPKT": plain_tpkt(),
}
DATAGRAMS = ("random bytes 0", "zeros", "HTTP", "DNS", "TLS")


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
    value = 0
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0xa6bc if value & 1 else 0)
    return octets + struct.pack("<H", ~value & 0xffff)


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
