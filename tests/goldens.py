#!/usr/bin/python3
"""Captures and the events they must give: pcaps/NAME beside pcaps/NAME.expected.json.

    tests/goldens.py [IRONSPAN] [--update | --threads]     (or the environment's IRONSPAN)

Each capture is replayed with the shipped rules and every kind of event on 1, 2 and 4 threads,
whose output must be the same to the byte and fit the schema. Then its events are compared,
one a line, without what changes from build to build; of captures with many events only what
rules, assets and incidents say. --update writes the expected files anew: read the difference
before you commit it. --threads looks only whether the numbers of threads agree.
"""
import difflib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ironspan import TIMEOUT_S, captures, program
from report import Report
from validate import Checker

ROOT = Path(__file__).resolve().parent.parent
MANY = 40
OURS = ("ruleset_sha256", "sensor", "uid")
CORRELATED = ("id", "revision", "state", "title", "title_zh", "times", "alerts", "correlation",
              "progress", "actors", "affected", "changes")


SHIPPED = sorted((ROOT / "signatures").glob("*.rules"))


def replay(capture, threads, *options, events="all", files=SHIPPED):
    rules = [o for r in files for o in ("-S", str(r))]
    binary = os.path.abspath(shutil.which(program()))
    done = subprocess.run([binary, "-r", capture.name, "--events", events, "--threads",
                           str(threads), "--set", "sensor.id=golden", *options, *rules],
                          cwd=capture.parent, capture_output=True, timeout=TIMEOUT_S)
    if done.returncode:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    return done.stdout


def summed_up(incident):
    """What correlation found. What tables of law and blanks for people add is tested elsewhere."""
    kept = {k: incident[k] for k in CORRELATED}
    kept["alerts"].pop("uids")
    return kept | {"level": incident["grade"]["proposed"]["level"],
                   "score": incident["score"]["value"]}


def lasting(event):
    """The event without versions and without who the sensor is."""
    ot = {k: v for k, v in event.get("ot", {}).items() if k not in OURS}
    ot.get("attack", {}).pop("version", None)
    if "incident" in ot:
        ot["incident"] = summed_up(ot["incident"])
    return {k: v for k, v in event.items() if k != "ot"} | ({"ot": ot} if ot else {})


def expected_of(raw):
    events = [lasting(json.loads(line)) for line in raw.splitlines()]
    if len(events) > MANY:
        events = [e for e in events if e["event_type"] in ("alert", "asset", "health", "incident")]
    return [json.dumps(e, ensure_ascii=False) for e in events]


def differences(capture, lines, update):
    path = capture.with_name(capture.name + ".expected.json")
    if update:
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    if not path.exists():
        return [f"no {path.name}: write it with --update"]
    want = path.read_text(encoding="utf-8").splitlines()
    return list(difflib.unified_diff(want, lines, "expected", "got", n=0, lineterm=""))


def thread_faults(capture, one):
    for threads in 2, 4:
        if replay(capture, threads) != one:
            yield f"{threads} threads give other output than one"


def faults(capture, checker, update):
    one = replay(capture, 1)
    yield from thread_faults(capture, one)
    quiet = "alert,anomaly,asset,flow,health,incident"
    for rules in sorted((ROOT / "tests/rules").glob("repeats-*.rules")):
        with_repeats, without = (replay(capture, 1, "--set", f"engine.repeats={way}",
                                        events=quiet, files=[rules]) for way in ("yes", "no"))
        if with_repeats != without:
            yield f"{rules.name}: polls that are not parsed again give other output"
    if one != replay(capture, 1, "--set", "engine.repeats=no"):
        yield "polls that are not matched again give other output"
    for line in one.splitlines(keepends=True):
        yield from checker.faults(line)
    yield from differences(capture, expected_of(one), update)


def main():
    update, threads = "--update" in sys.argv, "--threads" in sys.argv
    sys.argv = [a for a in sys.argv if a not in ("--update", "--threads")]
    report = Report()
    checker = Checker(ROOT / "src/output/eve.schema.json")
    for capture in map(Path, captures()):
        try:
            report.case(capture.name, thread_faults(capture, replay(capture, 1)) if threads else
                        faults(capture, checker, update))
        except RuntimeError as e:
            report.case(capture.name, [e])
    report.end()


if __name__ == "__main__":
    main()
