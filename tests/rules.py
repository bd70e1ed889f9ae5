#!/usr/bin/python3
"""Proof of every rule in signatures/: one example that fires it, one close to it that must not.

    tests/rules.py [IRONSPAN]        (or the environment's IRONSPAN)

Examples stand in tests/rules/<file>.txt, one block a case:

    = 7000090 fires   restart communications
    > 00 01 00 00 00 06 01 08 00 01 00 00
    < 00 01 00 00 00 06 01 08 00 01 00 00
    = 7000090 quiet   return query data
    > 00 01 00 00 00 06 01 08 00 00 00 00

Head: sids (joined by commas), `fires` (x3: three times each) or `quiet`. A block expects
these alerts and no other of its rule file; `quiet but 7000091` and `fires but 7000091` name
others that come along. The other lines are the steps that scene.py plays.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ironspan import TIMEOUT_S, program
from report import Report
from scene import make_capture
from validate import Checker

ROOT = Path(__file__).resolve().parent.parent
HEAD = re.compile(r"= ([\d,]+) (fires|quiet)(?: x(\d+))?(?: but ([\d,]+))?(?:\s+(.*))?$")
SID = re.compile(r"\bsid:\s*(\d+)")
CEILING = re.compile(r"threshold:\s*type (limit|both),|distinct:[^;]*seconds \d{3}")


@dataclass
class Block:
    where: str
    want: Counter
    sids: list
    fires: bool
    what: str
    lines: list = field(default_factory=list)


def read_blocks(path):
    blocks = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.relative_to(ROOT)}:{number}"
        line = line.split("#")[0].strip()
        if line.startswith("="):
            blocks.append(read_head(where, line))
        elif line:
            blocks[-1].lines.append((where, line))
    return blocks


def read_head(where, line):
    m = HEAD.match(line)
    if not m:
        sys.exit(f"{where}: not a head: {line}")
    sids = [int(s) for s in m[1].split(",")]
    fires = m[2] == "fires"
    want = Counter({s: int(m[3] or 1) for s in sids} if fires else {})
    want.update(int(s) for s in (m[4] or "").split(",") if s)
    return Block(where, want, sids, fires, m[5] or "")


# ---- run and compare ----

def run(capture, rules):
    done = subprocess.run([program(), "-r", capture, "-S", rules, "--events", "alert"],
                          capture_output=True, check=True, timeout=TIMEOUT_S)
    return done.stdout.splitlines(keepends=True)


def by_block(lines, ends):
    got = [Counter() for _ in ends]
    for event in map(json.loads, lines):
        number = next(i for i, end in enumerate(ends) if event["pcap_cnt"] <= end)
        got[number][event["alert"]["signature_id"]] += 1
    return got


def differences(block, got):
    if got != block.want:
        yield f"want {counted(block.want)}; got {counted(got)}"


def counted(sids):
    return ", ".join(f"{sid} x{n}" for sid, n in sorted(sids.items())) or "nothing"


def alerting(rules):
    """(sid, rule) of those that alert, not those that only set bits for others."""
    text = re.sub(r"\\\n\s*", "", rules.read_text())
    return [(int(m), line) for line in text.splitlines() if not line.startswith("#")
            and "noalert" not in line for m in SID.findall(line)]


def unbounded(rules):
    yield from (f"{sid} may alert without end" for sid, line in alerting(rules)
                if not CEILING.search(line))


def unproved(rules, blocks):
    """Rules of the file without a firing example or without a near miss. Those that only set
    bits have none: the others' examples need them."""
    sids = {sid for sid, _ in alerting(rules)}
    for fires in (True, False):
        shown = {s for b in blocks if b.fires == fires for s in b.sids}
        kind = "that fires it" if fires else "near it that stays quiet"
        yield from (f"{s} has no example {kind}" for s in sorted(sids - shown))
        yield from (f"{s} of an example is no rule" for s in sorted(shown - sids))


def prove(rules, folder, report, checker):
    examples = ROOT / "tests/rules" / (rules.stem + ".txt")
    blocks = read_blocks(examples) if examples.exists() else []
    report.case(rules.name, unproved(rules, blocks))
    report.case(f"{rules.name}: ceilings", unbounded(rules))
    capture = os.path.join(folder, rules.stem + ".pcap")
    ends = make_capture(capture, blocks)
    lines = run(capture, str(rules))
    report.case(f"{rules.name}: schema", [f for line in lines for f in checker.faults(line)])
    for block, got in zip(blocks, by_block(lines, ends)):
        report.case(f"{block.where}: {block.what}", differences(block, got))


def main():
    report = Report()
    checker = Checker(ROOT / "src/output/eve.schema.json")
    with tempfile.TemporaryDirectory() as folder:
        for rules in sorted((ROOT / "signatures").glob("*.rules")):
            prove(rules, folder, report, checker)
    report.end()


if __name__ == "__main__":
    main()
