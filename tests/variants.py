#!/usr/bin/python3
"""The same packets in other clothes give the same messages.

    tests/variants.py [IRONSPAN]

Some of pcaps/ are dressed here (clothes.py); the shared corpus brings its own variants if
IRONSPAN_CORPUS names it. Messages must be equal in every field, but where the snap length
cuts long ones: there their headers count.
"""
import csv
import json
import os
import re
import tempfile
from collections import Counter

import ironspan
import pcap
from clothes import CLOTHES
from protocols import BY_NAME, NAMES
from report import Report

BASES = ("modbus-libmodbus", "modbus-pymodbus", "modbus-offload", "pair-pipelined",
         "valid-limits", "valid-exceptions", "s7comm-snap7", "s7comm-program", "dnp3-plant",
         "dnp3-scan", "opcua-clear", "opcua-midstream")
CUT = "snap96"
# Cuts off whole messages, not only their ends.
IMPOSSIBLE = {(base, CUT) for base in ("modbus-offload", "dnp3-plant", "dnp3-scan")}


def messages(path, headers_only):
    out = Counter()
    for event in ironspan.events(path, "--keep-duplicates", types=NAMES):
        protocol = BY_NAME[event["event_type"]]
        for name, half in ironspan.halves(event):
            if headers_only:
                half = {key: half.get(key) for key in protocol.HEADER}
            out[name + " " + json.dumps(half, sort_keys=True)] += 1
    return out


def faults(base, variant, headers_only):
    want, got = (messages(path, headers_only) for path in (base, variant))
    return (["missing: %dx %s" % (n, m) for m, n in (want - got).items()]
            + ["extra: %dx %s" % (n, m) for m, n in (got - want).items()])


def own(report):
    with tempfile.TemporaryDirectory() as folder:
        for base in BASES:
            base_path = os.path.join(ironspan.PCAPS, base + ".pcap")
            packets = pcap.read(base_path)
            for name, write in CLOTHES.items():
                if (base, name) in IMPOSSIBLE:
                    continue
                path = os.path.join(folder, "%s-%s" % (base, name))
                write(path, packets)
                report.case("%s as %s" % (base, name), faults(base_path, path, name == CUT))


def corpus(report):
    with open(os.path.join(ironspan.CORPUS, "manifest.tsv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    folders = {os.path.basename(row["file"]): row["file"] for row in rows}
    for row in rows:
        derived = re.search(r"derived from (\S+)", row["licence_note"])
        if not derived or not row["file"].startswith("variants/"):
            continue
        base, variant = (os.path.join(ironspan.CORPUS, "pcaps", name)
                         for name in (folders[derived[1]], row["file"]))
        report.case(row["file"], faults(base, variant, CUT in row["file"]))


def main():
    report = Report()
    own(report)
    if ironspan.CORPUS:
        corpus(report)
    else:
        report.skip("the corpus' variants", "IRONSPAN_CORPUS is not set")
    report.end()


if __name__ == "__main__":
    main()
