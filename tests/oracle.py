#!/usr/bin/python3
"""Does ironspan see the Modbus messages that tshark sees, with the same fields?

    tests/oracle.py [IRONSPAN]

Over pcaps/ (with tshark) and, if IRONSPAN_CORPUS names the shared corpus, over that too. Where
tshark is not the measure, a row of oracle-exceptions.tsv says so:

    capture   message   field   reason

`message` is the frame that completed it ("12"), a range ("12-40") or `*`; `field` a field's
name, `missing` (tshark alone has the message), `extra` (ironspan alone) or `*`. A row that
excuses nothing is stale and fails.
"""
import csv
import os
import re
from dataclasses import dataclass, replace

import ironspan
import tshark
from message import differences
from report import Report

SPLIT = re.compile(r"derived from (\S+)")  # tshark is blind to three bytes a segment
HERE = os.path.dirname(os.path.abspath(__file__))
NEGATIVE = ("not-modbus", "not-modbus-rtu")  # of pcaps/: no message at all
DECODE_AS = {  # ports that tshark would not look at
    "valid-any-port.pcap": ["%s.port==%d,%s" % row for row in (
        ("tcp", 5020, "mbtcp"), ("tcp", 20000, "mbtcp"), ("tcp", 102, "mbtcp"),
        ("tcp", 443, "mbtcp"), ("tcp", 53124, "mbtcp"), ("tcp", 1, "mbtcp"),
        ("udp", 5020, "mbudp"))],
}
PREFERENCES = {  # where tshark's defaults see less than it can
    name: ["tcp.reassemble_out_of_order:TRUE"]
    for name in ("tcp-order.pcap", "tcp-wrapped.pcap", "tcp-conflict.pcap")
}
compared = set()  # captures


@dataclass
class Excuse:
    capture: str
    message: str
    field: str
    reason: str
    used: bool = False

    def covers(self, capture, difference):
        return (capture == self.capture and self.field in ("*", difference.field)
                and self._has(difference.message.frame))

    def _has(self, frame):
        if self.message == "*":
            return True
        first, _, last = self.message.partition("-")
        return int(first) <= frame <= int(last or first)


def read_excuses():
    with open(os.path.join(HERE, "oracle-exceptions.tsv"), encoding="utf-8", newline="") as f:
        rows = [row for row in csv.reader(f, delimiter="\t") if row and row[0][0] != "#"]
    return [Excuse(*row) for row in rows[1:]]


def unexcused(excuses, capture, found):
    for difference in found:
        covering = [e for e in excuses if e.covers(capture, difference)]
        for excuse in covering:
            excuse.used = True
        if not covering:
            yield difference


def compare(report, excuses, capture, wanted, path):
    compared.add(capture)
    found = ironspan.messages(path)
    report.case(capture, unexcused(excuses, capture, differences(wanted, found)))


def no_messages(report, capture, path):
    report.case(capture, ["%s, but this is no Modbus" % m for m in ironspan.messages(path)])


def own_captures(report, excuses):
    if not tshark.available():
        report.skip("pcaps", "there is no tshark")
        return False
    for path in ironspan.captures():
        name = os.path.basename(path)
        if name.rsplit(".", 1)[0] in NEGATIVE:
            no_messages(report, name, path)
        else:
            wanted = tshark.messages(path, DECODE_AS.get(name, ()),
                                     PREFERENCES.get(name, ()))
            compare(report, excuses, name, wanted, path)
    return True


# ---- the shared corpus ----

def add_values(wanted, path, hints):
    """The truth tables have no values: tshark's, where it is there."""
    by_place = {}
    for message in tshark.messages(path, hints):
        by_place.setdefault((message.frame, message.key()), []).append(message)
    for message in wanted:
        seen = by_place.get((message.frame, message.key()))
        if seen:
            values = seen.pop(0).fields.get("values")
            if values is not None:
                message.fields["values"] = values


def corpus(report, excuses):
    """Files of all protocols: those without Modbus in the manifest must give none."""
    with open(os.path.join(ironspan.CORPUS, "manifest.tsv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    for row in rows:
        path = os.path.join(ironspan.CORPUS, "pcaps", row["file"])
        name = os.path.basename(path)
        base = SPLIT.search(row["licence_note"]) if "tcpseg3" in name else None
        truth = os.path.join(ironspan.CORPUS, "truth",
                             (base[1] if base else name) + ".modbus.tsv")
        hints = [h for h in row["decode_as"].replace(";", " ").split() if h]
        if os.path.exists(truth):
            wanted = tshark.truth(truth)
            if base:
                wanted = [replace(message, frame=0) for message in wanted]
            elif tshark.available():
                add_values(wanted, path, hints)
            compare(report, excuses, row["file"], wanted, path)
        elif not int(row["pdu_modbus"] or 0):
            no_messages(report, row["file"], path)


def main():
    report, excuses = Report(), read_excuses()
    complete = own_captures(report, excuses)
    if ironspan.CORPUS:
        corpus(report, excuses)
    else:
        report.skip("corpus", "IRONSPAN_CORPUS is not set")
        complete = False
    stale = [e for e in excuses if not e.used and (complete or e.capture in compared)]
    report.case("oracle-exceptions.tsv",
                ["%s %s %s: no longer needed" % (e.capture, e.message, e.field) for e in stale])
    report.end()


if __name__ == "__main__":
    main()
