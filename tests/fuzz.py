#!/usr/bin/python3
"""A short run of one fuzzer.

    tests/fuzz.py FUZZER SECONDS [SEEDS...] [--examples PROGRAM PROTOCOL...] [--luck N]

Seeds are folders of inputs to begin with, NAME.dict beside this file the words of the fuzzer
NAME; --examples adds the protocols' examples in
tests/dissectors, as PROGRAM (test_examples) makes inputs of them. What the fuzzer finds is
kept beside it as crash-*, and its path printed.

The same numbers are drawn every time, so that a finding comes from what was changed and not from
luck. --luck draws others, 0 others each time: for long runs, which are to find more."""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = Path(__file__).parent / "dissectors"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("fuzzer", type=Path)
    parser.add_argument("seconds", type=int)
    parser.add_argument("seeds", nargs="*")
    parser.add_argument("--examples", nargs="+", default=[])
    parser.add_argument("--luck", type=int, default=1)
    return parser.parse_args()


def write_examples(folder, program, *protocols):
    subprocess.run([program, "--seeds", folder, EXAMPLES], check=True)
    for path in Path(folder).iterdir():
        if path.name.rpartition("-")[0] not in protocols:
            path.unlink()


def words(fuzzer):
    path = Path(__file__).parent / (fuzzer.name + ".dict")
    return [f"-dict={path}"] if path.exists() else []


def run(fuzzer, seconds, luck, folders):
    return subprocess.run(
        [fuzzer, *words(fuzzer), f"-seed={luck}", f"-max_total_time={seconds}",
         "-rss_limit_mb=4096", "-timeout=60", "-close_fd_mask=3",
         f"-artifact_prefix={fuzzer.parent}/", *folders],
        capture_output=True, text=True, errors="replace", check=False)


def finding(told):
    """What a sanitizer or libFuzzer says it found: from its first line of an error on."""
    at = re.search("^.*error", told, re.IGNORECASE | re.MULTILINE)
    return told[at.start():][:6000] if at else told[-6000:]


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as corpus, tempfile.TemporaryDirectory() as examples:
        if args.examples:
            write_examples(examples, *args.examples)
        done = run(args.fuzzer, args.seconds, args.luck, [corpus, examples, *args.seeds])
    failed = int(done.returncode != 0)
    if failed:
        print(finding(done.stderr))
        print(f"{args.fuzzer.name} ended with {done.returncode}")  # below 0: a signal
    print(f"{1 - failed} passed, {failed} failed")
    return failed  # never libFuzzer's own 77, which meson takes for a skipped test


sys.exit(main())
