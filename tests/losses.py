#!/usr/bin/python3
"""What a capture that lost bytes says of logins and devices, the whole one says too.

    tests/losses.py [IRONSPAN]

Shipped captures are cut at many snap lengths, and each of their packets is left out once. What
is missing then may be unknown, but nothing may be invented: a password in clear, an anonymous
login, a serial number.
"""
import os
import tempfile

import ironspan
import pcap
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


def losses(packets):
    for snaplen in range(HEADERS, LONGEST, STEP):
        yield "cut at %d" % snaplen, [p.cut(snaplen) for p in packets]
    for i in range(len(packets)):
        yield "without packet %d" % (i + 1), packets[:i] + packets[i + 1:]


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lossy.pcap")
        for name in CAPTURES:
            whole = os.path.join(ironspan.PCAPS, name)
            known, seen = claims(whole), set()
            for what, packets in losses(pcap.read(whole)):
                pcap.write(path, packets)
                said = claims(path)
                seen |= said
                report.case("%s %s" % (name, what), sorted(map(str, said - known)))
            report.case("%s: something is known" % name,
                        [] if known and known == seen & known else [known - seen])
    report.end()


main()
