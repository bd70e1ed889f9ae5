#!/usr/bin/python3
"""Does ironspan see the messages that tshark sees, with the same fields?

    tests/oracle.py [IRONSPAN [CAPTURE …]]

Over pcaps/ (with tshark) and, if IRONSPAN_CORPUS names the shared corpus, over that too; there
tables that tshark made earlier are the measure, with what they do not have (values, status
codes) from tshark itself. Where tshark is not the measure, a row of oracle-exceptions.tsv says
so:

    capture   message   field   reason

`message` is the frame that completed it, or several ("12,20-40"), or `*`; `field` a field's
name, `missing` (tshark alone has the message), `extra` (ironspan alone) or `*`. A row that
excuses nothing is stale and fails. CAPTUREs: parts of names; only those are compared.
"""
import csv
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace

import ironspan
import tshark
from message import differences
from protocols import BY_NAME, NAMES, PROTOCOLS
from report import Report

PROCESSES = 2
DERIVED = re.compile(r"derived from (\S+)")
BLIND = "tcpseg3"  # tshark loses its place in three bytes a segment
CUT = "snap96"     # only headers are sure to be there
HERE = os.path.dirname(os.path.abspath(__file__))
NEGATIVE = ("not-modbus", "not-modbus-rtu")  # of pcaps/: no Modbus at all
UNASKED = ("rtu-pieces.pcap", "rtu-damaged.pcap")  # tshark takes a segment for an RTU message
DECODE_AS = {  # ports that tshark would not look at
    "valid-any-port.pcap": ["%s.port==%d,%s" % row for row in (
        ("tcp", 5020, "mbtcp"), ("tcp", 20000, "mbtcp"), ("tcp", 102, "mbtcp"),
        ("tcp", 443, "mbtcp"), ("tcp", 53124, "mbtcp"), ("tcp", 1, "mbtcp"),
        ("udp", 5020, "mbudp"))],
    "rtu-valid.pcap": ["tcp.port==502,mbrtu", "tcp.port==4001,mbrtu", "udp.port==4001,mbrtu"],
    "dnp3-any-port.pcap": ["tcp.port==%d,dnp3" % port
                           for port in (502, 102, 443, 1, 34567, 34568)]
                          + ["udp.port==%d,dnp3" % port for port in (40404,)],
}
PREFERENCES = {  # where tshark's defaults see less than it can
    name: ["tcp.reassemble_out_of_order:TRUE"]
    for name in ("tcp-order.pcap", "tcp-wrapped.pcap", "tcp-conflict.pcap")
}


# ---- exceptions ----

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
        spans = (span.partition("-") for span in self.message.split(","))
        return any(int(first) <= frame <= int(last or first) for first, _, last in spans)


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


# ---- one capture ----

@dataclass
class Capture:
    name: str
    path: str
    truths: list = field(default_factory=list)  # (table, protocol's name)
    asked: str = ""     # the capture that tshark reads; empty: none
    hints: tuple = ()
    preferences: tuple = ()
    protocols: tuple = NAMES  # of ironspan's messages


def add_fields(wanted, seen):
    """The truth tables have only some fields, and not all messages: tshark's others."""
    by_place = {}
    for message in seen:
        by_place.setdefault((message.frame, message.key()), []).append(message)
    for message in wanted:
        same = by_place.get((message.frame, message.key()))
        if same:
            twin = same.pop(0)
            if message.malformed:
                continue
            message.fields, message.is_part = {**twin.fields, **message.fields}, twin.is_part
    return [m for messages in by_place.values() for m in messages
            if not BY_NAME[m.protocol].is_in_truth(m)]


def wanted_of(capture):
    asked = tshark.messages(capture.asked, capture.hints, capture.preferences,
                            PROTOCOLS) if capture.asked else []
    if not capture.truths:
        return asked
    wanted = [m for table, name in capture.truths for m in tshark.truth(table, BY_NAME[name])]
    wanted += add_fields(wanted, asked)
    if capture.asked != capture.path:
        return [replace(message, frame=0) for message in wanted]
    if CUT in capture.name:
        return [replace(message, fields={}) for message in wanted]
    return wanted


def compare(capture):
    protocols = [BY_NAME[name] for name in capture.protocols]
    found = ironspan.messages(capture.path, protocols=protocols)
    out = differences(wanted_of(capture), found)
    return [d for d in out if d.field != "extra" or CUT not in capture.name]


# ---- which captures ----

def own_captures():
    for path in ironspan.captures():
        name = os.path.basename(path)
        if name in UNASKED:
            continue
        if name.rsplit(".", 1)[0] in NEGATIVE:
            yield Capture(name, path, protocols=("modbus",))
        else:
            yield Capture(name, path, asked=path, hints=DECODE_AS.get(name, ()),
                          preferences=PREFERENCES.get(name, ()))


def corpus_captures():
    """Files of all protocols: those without ours in the manifest must give no message."""
    with open(os.path.join(ironspan.CORPUS, "manifest.tsv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    places = {os.path.basename(row["file"]): row["file"] for row in rows}
    for row in rows:
        name = os.path.basename(row["file"])
        if BLIND in name:
            name = DERIVED.search(row["licence_note"])[1]
        tables = [(os.path.join(ironspan.CORPUS, "truth", "%s.%s.tsv" % (name, p.TRUTH)), p.NAME)
                  for p in PROTOCOLS]
        truths = [table for table in tables if os.path.exists(table[0])]
        yield Capture(row["file"], corpus_path(row["file"]), truths,
                      corpus_path(places[name]) if truths else "",
                      tuple(row["decode_as"].replace(";", " ").split()))


def corpus_path(file):
    return os.path.join(ironspan.CORPUS, "pcaps", file)


def captures(report):
    """(those to compare, whether these are all)"""
    out = list(own_captures())
    if ironspan.CORPUS:
        out += corpus_captures()
    else:
        report.skip("corpus", "IRONSPAN_CORPUS is not set")
    parts = sys.argv[2:]
    if parts:
        out = [c for c in out if any(part in c.name for part in parts)]
    out.sort(key=lambda capture: -os.path.getsize(capture.path))  # the long ones first
    return out, not parts and bool(ironspan.CORPUS)


def main():
    report, excuses = Report(), read_excuses()
    if not tshark.available():
        report.skip("oracle", "there is no tshark")
        report.end()
    chosen, complete = captures(report)
    with ProcessPoolExecutor(PROCESSES) as pool:
        for capture, result in [(c, pool.submit(compare, c)) for c in chosen]:
            try:
                report.case(capture.name, unexcused(excuses, capture.name, result.result()))
            except RuntimeError as e:
                report.case(capture.name, [e])
    compared = {capture.name for capture in chosen}
    stale = [e for e in excuses if not e.used and (complete or e.capture in compared)]
    report.case("oracle-exceptions.tsv",
                ["%s %s %s: no longer needed" % (e.capture, e.message, e.field) for e in stale])
    report.end()


if __name__ == "__main__":
    main()
