#!/usr/bin/python3
"""Captures with one byte in a thousand altered: whatever they have become, ironspan reads them to
the end, and what it says about them is JSON.

    tests/altered.py [IRONSPAN] [ROUNDS]

Every capture of pcaps/, and of the corpus if IRONSPAN_CORPUS names it, several times: with bytes
altered inside its packets, all captures in one run, with one thread and with two; and with bytes
altered anywhere in the file, one by one, which may end it early or make it no capture at all.
Each run has every event, payloads, evidence, incidents and a store. The altered bytes are the
same in every run of this test.
"""
import glob
import os
import random
import subprocess
import sys
import tempfile

import ironspan
import pcap
from report import Report
from validate import Checker

ONE_IN = 1000
ROUNDS = 2          # of bytes inside packets, if not said
LIMIT_S = 240       # a run takes seconds; this is what we call a hang
LARGEST = 4 << 20   # bytes of a capture of the corpus
CHECKED = 8         # one line in so many is compared with the schema
SCHEMA = os.path.join(ironspan.ROOT, "src/output/eve.schema.json")
PLANT = os.path.join(ironspan.ROOT, "signatures/example-plant")
FINE, CANNOT_RUN = 0, 2
# What a program says that did not expect what happened to it.
FAULTS = ("Sanitizer", "runtime error", "ssertion", "internal", "core dumped", "out of memory")


def captures():
    if not ironspan.CORPUS:
        return ironspan.captures()
    more = glob.glob(os.path.join(ironspan.CORPUS, "pcaps", "**", "*.pcap*"), recursive=True)
    return ironspan.captures() + sorted(
        path for path in more
        if path.endswith((".pcap", ".pcapng")) and os.path.getsize(path) <= LARGEST)


def altered(data, rng):
    """One byte in a thousand is another; in few bytes there may be none."""
    out = bytearray(data)
    for at in range(len(out)):
        if rng.randrange(ONE_IN) == 0:
            out[at] ^= rng.randrange(1, 256)
    return bytes(out)


def altered_packets(source, path, rng):
    """Packets keep their times and lengths; a pcapng file holds all link types."""
    packets = pcap.read(source)
    links = sorted({p.link for p in packets})
    with open(path, "wb") as out:
        out.write(pcap.section())
        for link in links:
            out.write(pcap.interface(link, resolution=9))
        for p in packets:
            other = p.with_data(altered(p.data, rng))
            out.write(pcap.enhanced(other, links.index(p.link), resolution=9))


class Runs:
    def __init__(self, report, folder):
        self.report, self.folder = report, folder
        self.checker = Checker(SCHEMA)
        self.lines = 0

    def command(self, paths, options):
        out = tempfile.mkdtemp(dir=self.folder)
        return [ironspan.program(), *(word for path in paths for word in ("-r", path)),
                "-Q", "--events", "all", "--registers", PLANT,
                "--store", os.path.join(out, "store"), "--set", "outputs.payload=yes",
                "--set", "outputs.rule-text=yes",
                "--set", "evidence.dir=" + os.path.join(out, "evidence"), *options]

    def line_faults(self, data):
        for line in data.splitlines(keepends=True):
            self.lines += 1
            if self.lines % CHECKED == 0:
                yield from self.checker.faults(line)
            else:
                yield from bad_json(line)

    def run(self, name, paths, codes, *options):
        try:
            done = subprocess.run(self.command(paths, options), capture_output=True,
                                  timeout=LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            self.report.case(name, ["it hangs"])
            return
        faults = list(self.line_faults(done.stdout))
        faults += said_faults(done.returncode, done.stderr.decode(errors="replace"), codes)
        self.report.case(name, faults)


def bad_json(line):
    try:
        Checker.parse(line)
    except ValueError as error:
        yield "%s: %r" % (error, line[:200])


def said_faults(code, said, codes):
    """An error is for a file that is none any more, and says so."""
    if code not in codes:
        yield "exit %d: %s" % (code, said[-1500:])
    elif code == CANNOT_RUN and "error: " not in said:
        yield "exit %d without a word" % code
    yield from (word + ": " + said[-1500:] for word in FAULTS if word in said)


def check_packets(runs, sources, number):
    paths = []
    for source in sources:
        path = os.path.join(runs.folder, os.path.basename(source) + ".altered")
        altered_packets(source, path, random.Random("%d %s" % (number, os.path.basename(source))))
        paths.append(path)
    runs.run("packets, round %d" % number, paths, (FINE,), "--threads", str(1 + number % 2))


def check_file(runs, source):
    name = os.path.basename(source)
    path = os.path.join(runs.folder, name)
    with open(source, "rb") as whole, open(path, "wb") as out:
        out.write(altered(whole.read(), random.Random(name)))
    runs.run("file " + name, [path], (FINE, CANNOT_RUN))


def main():
    report = Report()
    sources = captures()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(report, folder)
        for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS):
            check_packets(runs, sources, number)
        for source in sources:
            check_file(runs, source)
        report.case("there were events", [] if runs.lines > 100 * len(sources) else [runs.lines])
    report.end()


if __name__ == "__main__":
    main()
