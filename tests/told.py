#!/usr/bin/python3
"""Which of a message's operations an alert tells of, over all captures.

    tests/told.py [IRONSPAN]        (or the environment's IRONSPAN)

A rule that asks something of operations, or of a field in a list with an element for each of them,
tells of one that it is true of. Of those, or of all where it asks nothing of them, a command that
was accepted comes first, then one that was not. Old values are those of the operation told.
"""
import os
import tempfile

import ironspan
from report import Report

ASKED = {  # sid: what the rule asks, what must be true of the operation that is told
    1: ("ot.outcome:accepted", lambda o: o["outcome"] == "accepted"),
    2: ("ot.outcome:rejected", lambda o: o["outcome"] == "rejected"),
    3: ("ot.verb:write; ot.outcome:rejected",
        lambda o: o["verb"] == "write" and o["outcome"] == "rejected"),
    4: ("ot.verb:read", lambda o: o["verb"] == "read"),
    5: ("ot.value:>100", None),
    6: ("flow:established", lambda o: True),
}
FIELDS = {  # the same of one protocol
    7: ("opcua", "opcua.service:WriteRequest; opcua.attribute_id:BrowseName",
        lambda o: o["object"] == "browse_name"),
    8: ("s7comm", "s7comm.function:write_var; s7comm.data.return_code:invalid_address",
        lambda o: o.get("code") == "invalid_address"),
}
QUESTIONS = {"none", "read", "discover", "diagnose", "session", "subscribe"}
HEADS = ("modbus", "s7comm", "dnp3", "opcua")


def rules():
    asked = [(head, sid, asks) for head in HEADS for sid, (asks, _) in ASKED.items()]
    asked += [(head, sid, asks) for sid, (head, asks, _) in FIELDS.items()]
    return "".join(f'alert {head} any any -> any any (msg:"{sid}"; {asks}; sid:{n};)\n'
                   for n, (head, sid, asks) in enumerate(asked, 1))


def holds_for(sid):
    return ASKED[sid][1] if sid in ASKED else FIELDS[sid][2]


def weight(operation):
    if operation["verb"] in QUESTIONS:
        return 0
    return 2 if operation.get("outcome") == "accepted" else 1


def faults_of(event):
    ot, sid = event["ot"], int(event["alert"]["signature"])
    told, holds = ot.get("operation"), holds_for(sid)
    every = ot.get("operations", [told])
    if told is None or ot.get("truncated") or ot.get("operations_left_out"):
        return
    where = "packet %d, rule %d" % (event["pcap_cnt"], sid)
    if told not in every:
        yield "%s: %s is none of the message's" % (where, told)
    if not holds:
        return
    meant = [o for o in every if holds({"outcome": None, **o})]
    best = max(meant, key=weight, default=None)
    if told != best:
        yield "%s: tells of %s and not of %s" % (where, told, best)


def main():
    report, several = Report(), {sid: 0 for sid in (*ASKED, *FIELDS)}
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        file.write(rules())
        file.flush()
        for path in ironspan.captures():
            events = ironspan.events(path, "-s", file.name, types=("alert",))
            for event in events:
                weights = {weight(o) for o in event["ot"].get("operations", [])}
                several[int(event["alert"]["signature"])] += len(weights) > 1
            report.case(os.path.basename(path), (f for e in events for f in faults_of(e)))
    report.case("messages that do different things",
                ["none for rule %d" % sid for sid, count in several.items() if not count])
    report.end()


main()
