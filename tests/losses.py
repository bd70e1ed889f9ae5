#!/usr/bin/python3
"""What a capture that lost bytes says of logins, devices and texts, the whole one says too.

    tests/losses.py [IRONSPAN]

Shipped captures, and one in which a server tells who it is, are cut at many snap lengths, and
each of their packets is left out once. What is missing then may be unknown, but nothing may be
invented: a password in clear, an anonymous login, a serial number, half a text.
"""
import os
import struct
import tempfile

import ironspan
import pcap
import wire
from passwords import answer_header, ask_header, extension, msg, string
from report import Report

CAPTURES = ("opcua-users.pcap", "s7comm-program.pcap")
HEADERS, LONGEST, STEP = 60, 500, 4
IDENTITY = ("vendor", "product", "model", "serial", "firmware", "hardware", "name", "module")


def of_login(event):
    """By the request: where it passed, and as which."""
    request = event["opcua"].get("request", {})
    key = (event["src_port"], request.get("request_id"))
    login = event["ot"].get("operation", {})
    if login.get("verb") == "login" and "object" in login:
        yield key + (login["object"],)
        if "value" in login:
            yield key + (login["value"],)
    elif login.get("verb") == "read" and isinstance(login.get("value"), str):
        yield key + (login["value"],)
    if "sent_in_clear" in request.get("user_identity", {}):
        yield key + ("clear", request["user_identity"]["sent_in_clear"])


def of_device(event):
    asset = event["ot"]["asset"]
    yield from ((asset["ip"], name, asset[name]) for name in IDENTITY if name in asset)


def claims(path):
    found = set()
    for event in ironspan.events(path, "--threads", "1", types=("asset", "opcua")):
        found.update((of_device if event["event_type"] == "asset" else of_login)(event))
    return found


def read(number, node, value):
    """One node is read, and this is its value."""
    item = b"\x01\0" + struct.pack("<HIihi", node, 13, -1, 0, -1)
    yield msg(number, 631, ask_header(None) + struct.pack("<dIi", 0, 0, 1) + item)
    yield msg(number, 634, answer_header() + struct.pack("<i", 1) + b"\1" + value +
              struct.pack("<i", -1))


def introduction():
    """A server's version, longer than the question for it, and its BuildInfo."""
    version = b"2.71.828, the one of November that was made for the waterworks"
    build = b"".join(map(string, (b"urn:maker", b"Maker", b"Product", b"2.71.828", b"77")))
    tcp = wire.Tcp(wire.Tape(), "10.1.1.20", "10.1.2.11", sport=4840).open()
    tcp.talk(*read(2, 2264, b"\x0c" + string(version)))
    tcp.talk(*read(3, 2260, b"\x16" + extension(340, build + bytes(8))))
    tcp.close()
    return tcp.tape.packets


def losses(packets):
    for snaplen in range(HEADERS, LONGEST, STEP):
        yield "cut at %d" % snaplen, [p.cut(snaplen) for p in packets]
    for i in range(len(packets)):
        yield "without packet %d" % (i + 1), packets[:i] + packets[i + 1:]


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lossy.pcap")
        captures = {name: pcap.read(os.path.join(ironspan.PCAPS, name)) for name in CAPTURES}
        captures["a server says who it is"] = introduction()
        for name, whole in captures.items():
            pcap.write(path, whole)
            known, seen = claims(path), set()
            for what, packets in losses(whole):
                pcap.write(path, packets)
                said = claims(path)
                seen |= said
                report.case("%s %s" % (name, what), sorted(map(str, said - known)))
            report.case("%s: something is known" % name,
                        [] if known and known == seen & known else [known - seen])
    report.end()


main()
