#!/usr/bin/python3
"""Adds up what the tests of several build folders counted.

    tools/sum-tests.py [--broken WHAT]... BUILD...

Every test prints "N passed, N failed[, N skipped]"; meson keeps its output in
meson-logs/testlog.json. A fuzzer that ended well counts as one passed. A test that failed
without counting a failure, or printed no sum, counts as one failure, and so does each
--broken (a build that did not come to its tests). What the failed ones said is said once more
below the table, where whoever reads only the end sees it."""

import argparse
import json
import re
import sys
from pathlib import Path

FUZZED = re.compile(r"^Done \d+ runs in \d+ second", re.MULTILINE)
SUM = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)


def count(test):
    """passed, failed, skipped of one line of testlog.json"""
    sums = SUM.findall(test.get("stdout") or "")
    passed, failed, skipped = (int(n or 0) for n in sums[-1]) if sums else (0, 0, 0)
    if test["result"] == "SKIP":
        return passed, failed, skipped or 1
    if test["result"] == "OK" and not sums and FUZZED.search(test.get("stderr") or ""):
        return 1, 0, 0
    if not sums or (test["result"] not in ("OK", "EXPECTEDFAIL") and failed == 0):
        failed += 1
    return passed, failed, skipped


def last_words(test):
    """The end of what a test printed, without its sum."""
    told = "\n".join(filter(None, ((test.get(k) or "").rstrip() for k in ("stdout", "stderr"))))
    return SUM.sub("", told).strip()[-2000:] or f"nothing was printed; {test['result']}"


def tests_of(build):
    log = Path(build) / "meson-logs" / "testlog.json"
    if not log.exists():
        return [{"name": "no tests ran", "result": "FAIL", "duration": 0}]
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--broken", action="append", default=[])
    parser.add_argument("build", nargs="*")
    given = parser.parse_args()

    total = [0, len(given.broken), 0]
    failures = []
    for what in given.broken:
        print(f"{what}: broken")
    for build in given.build:
        print(f"\n{build:<38} {'passed':>8}  {'failed':>6}  {'skipped':>7}")
        for test in tests_of(build):
            counts = count(test)
            total = [a + b for a, b in zip(total, counts)]
            passed, failed, skipped = counts
            marks = f"{failed or '-':>6}  {skipped or '-':>7}"
            name = test["name"].split(" / ")[-1]
            if failed:
                failures.append(f"{build}: {name}:\n{last_words(test)}")
            print(f"  {name:<36} {passed:>8}  {marks}  {test['duration']:7.1f} s")
    for failure in failures:
        print(f"\n{failure}")
    passed, failed, skipped = total
    tail = f", {skipped} skipped" if skipped else ""
    print(f"\n{passed} passed, {failed} failed{tail}")
    return 1 if failed or not passed else 0


sys.exit(main())
