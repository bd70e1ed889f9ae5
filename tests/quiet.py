#!/usr/bin/python3
"""Ordinary operation alarms nobody: all signatures over the captures of quiet.tsv.

    tests/quiet.py [IRONSPAN]        (or the environment's IRONSPAN)

A row is a capture of pcaps/, or with IRONSPAN_CORPUS set one of the corpus' (* stands for
anything; the first row that fits a capture is its own), what it shows, and the rules that may
speak, with the reason why they are right:

    normal    ordinary operation: what speaks is informational
    told      ordinary but for something that people want to know: its rules may be severe

A rule that is not in the row fails, and so does one in the row that never speaks.

What a capture kept too little of alarms nobody either: short snapshot lengths, through every byte
where the first message begins, bring no alert that the whole capture has not. Nor does joining
connections in the middle.
"""
import csv
import json
import tempfile
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import ironspan
import pcap
from goldens import replay
from report import Report

ROWS = Path(__file__).resolve().parent / "quiet.tsv"
KINDS = (".pcap", ".pcapng", ".cap")
SNAPPED = ("modbus-pymodbus.pcap", "modbus-plant.pcap", "dnp3-tour.pcap", "opcua-clear.pcap",
           "s7comm-program.pcap")
JOINED = ("pair-pipelined.pcap", "s7-two-protocols.pcap", "opcua-clear.pcap")
JOINED_AT = range(1, 60)
SNAP_LENGTHS = (40, *range(54, 76), 96)
ROOTS = {"pcaps": Path(ironspan.PCAPS)}
if ironspan.CORPUS:
    ROOTS["corpus"] = Path(ironspan.CORPUS) / "pcaps"


@dataclass
class Row:
    pattern: str
    kind: str
    allowed: set
    captures: list = field(default_factory=list)
    spoke: set = field(default_factory=set)

    def root(self):
        return self.pattern.split("/")[0]


def read_rows():
    with open(ROWS, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            yield Row(row["capture"], row["shows"], {int(s) for s in row["rules"].split()})


def give_captures(rows):
    """Each capture to the first row that fits it."""
    for root, folder in ROOTS.items():
        for path in sorted(p for p in folder.rglob("*") if p.suffix in KINDS):
            name = f"{root}/{path.relative_to(folder)}"
            row = next((r for r in rows if fnmatch(name, r.pattern)), None)
            if row:
                row.captures.append(path)


def alerts(capture):
    """(sid, severity, message) of what spoke."""
    found = set()
    for line in replay(capture, 1, events="alert").splitlines():
        alert = json.loads(line)["alert"]
        severity = alert["metadata"]["signature_severity"][0]
        found.add((alert["signature_id"], severity, alert["signature"]))
    return sorted(found)


def faults(row, capture):
    for sid, severity, message in alerts(capture):
        row.spoke.add(sid)
        if sid not in row.allowed:
            yield f"{sid} speaks: {message}"
        elif row.kind == "normal" and severity != "Informational":
            yield f"{sid} is {severity}: {message}"


def idle(row):
    if not row.captures:
        yield "no such capture"
    yield from (f"{sid} never speaks here" for sid in sorted(row.allowed - row.spoke))


def new_when_cut(name, folder):
    whole = ROOTS["pcaps"] / name
    known, packets = alerts(whole), list(pcap.read(whole))
    for length in SNAP_LENGTHS:
        path = Path(folder) / name
        pcap.write(path, [p.cut(length) for p in packets], snaplen=length)
        yield from (f"cut to {length} bytes, {sid} speaks: {message}"
                    for sid, severity, message in alerts(path)
                    if (sid, severity, message) not in known)


def new_when_joined(name, folder):
    whole = ROOTS["pcaps"] / name
    known, packets = alerts(whole), list(pcap.read(whole))
    for first in JOINED_AT:
        path = Path(folder) / name
        pcap.write(path, packets[first:])
        yield from (f"joined at packet {first + 1}, {sid} speaks: {message}"
                    for sid, severity, message in alerts(path)
                    if (sid, severity, message) not in known)


def main():
    report = Report()
    rows = list(read_rows())
    give_captures(rows)
    if "corpus" not in ROOTS:
        report.skip("rows of the corpus", "IRONSPAN_CORPUS is not set")
    for row in (r for r in rows if r.root() in ROOTS):
        for capture in row.captures:
            report.case(capture.name, faults(row, capture))
        report.case(row.pattern, idle(row))
    with tempfile.TemporaryDirectory() as folder:
        for name in SNAPPED:
            report.case(f"{name}, cut", new_when_cut(name, folder))
        for name in JOINED:
            report.case(f"{name}, joined", new_when_joined(name, folder))
    report.end()


if __name__ == "__main__":
    main()
