#!/usr/bin/python3
"""Each wrong message raises its event, once; a right one raises none.

    tests/violations.py [IRONSPAN]

pcaps/violations.tsv has a row for each conversation with one wrong message, told by its client
port. Captures whose name begins with `valid-` or `pair-`, and those of real stacks, hold right
messages only, but for the rows of ALLOWED.
"""
import csv
import os
from collections import Counter, defaultdict

import ironspan
from report import Report

RIGHT = ("valid-", "pair-", "modbus-")
ALLOWED = {  # what right messages, or what our tools do wrong on purpose, may raise
    "modbus-libmodbus.pcap": {"invalid_quantity": 1, "invalid_value": 1},
    "pair-unanswered.pcap": {"late_response": 1},
}


def expected():
    out = defaultdict(dict)
    with open(os.path.join(ironspan.PCAPS, "violations.tsv"), encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            out[row["capture"]][int(row["client port"])] = (row["event"], row["what is wrong"])
    return out


def anomalies(name):
    """Events of protocols, by client port."""
    out = defaultdict(list)
    for event in ironspan.events(os.path.join(ironspan.PCAPS, name), types=("anomaly",)):
        if event["anomaly"]["type"] == "applayer":
            port = max(event["src_port"], event["dest_port"])
            out[port].append(event["anomaly"]["event"].removeprefix("modbus."))
    return out


def main():
    report = Report()
    for name, rows in expected().items():
        found = anomalies(name)
        for port, (event, what) in rows.items():
            got = found.get(port, [])
            report.case("%s port %d, %s" % (name, port, what),
                        [] if got == [event] else ["%s, want [%r]" % (got, event)])
    for path in ironspan.captures():
        name = os.path.basename(path)
        if name.startswith(RIGHT):
            found = Counter(e for events in anomalies(name).values() for e in events)
            want = Counter(ALLOWED.get(name, {}))
            report.case(name, [] if found == want else ["%s, want %s" % (dict(found),
                                                                         dict(want))])
    report.end()


if __name__ == "__main__":
    main()
