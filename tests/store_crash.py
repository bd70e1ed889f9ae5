#!/usr/bin/python3
"""Kill -9 at any moment: what the store acknowledged is there, and the trail is whole.

    tests/store_crash.py IRONSPAN STORE_TOOL [ROUNDS]

store_tool changes incidents as fast as it can and prints each change once the store has said
that it is done; it is killed after a random time, hundreds of times on one store, each time
going on from where it was. After each: the database is whole, holds every change that was
acknowledged and at most the one that was not yet, the trail follows from entry to entry, and
each document is what its last entry says. Then the same with `ironspan incident`, killed
anywhere between its start and its end.
"""
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from ironspan import program
from report import Report

TOOL = sys.argv[2]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 200
COMMANDS = ROUNDS // 2
SEED = random.randrange(1 << 32)
ALERTS = 50  # in a batch


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


# ---- what must hold whenever nobody writes ----

def chain_faults(entries, where):
    before = None
    for number, entry in enumerate(entries, 1):
        want = entry.pop("hash")
        if entry["seq"] != number or entry["prev"] != before:
            yield "%s: entry %d does not follow" % (where, number)
        if sha256(canonical(entry)) != want:
            yield "%s: entry %d is not what its hash says" % (where, number)
        before = want


def document_faults(db, store):
    for name, text in db.execute("SELECT incident, json FROM document"):
        told, = db.execute("SELECT json_extract(json, '$.object.sha256') FROM audit WHERE "
                           "incident = ? ORDER BY seq DESC LIMIT 1", (name,)).fetchone()
        if sha256(text) != told:
            yield "%s is not what its last entry says" % name
        with open(os.path.join(store, "incidents", name + ".json"), encoding="utf-8") as copy:
            if copy.read() != text + "\n":
                yield "the copy of %s is not the document" % name


def faults(store):
    """Of a store that was opened after the crash, so that copies have caught up."""
    db = sqlite3.connect(os.path.join(store, "incidents.db"))
    state, = db.execute("PRAGMA integrity_check").fetchone()
    if state != "ok":
        yield "the database is damaged: %s" % state
    yield from ("a row refers to none: %s" % (row,) for row in
                db.execute("PRAGMA foreign_key_check"))
    kept = [json.loads(row[0]) for row in db.execute("SELECT json FROM audit ORDER BY seq")]
    with open(os.path.join(store, "audit.ndjson"), encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    if lines != kept:
        yield "audit.ndjson has %d entries, the database %d" % (len(lines), len(kept))
    yield from chain_faults(kept, "database")
    yield from document_faults(db, store)
    db.close()


# ---- a busy writer ----

def kill_writer(store, before, patience_s):
    """What the store acknowledged until the writer was killed: {"note": 17, …}."""
    writer = subprocess.Popen([TOOL, "change", store], stdout=subprocess.PIPE)
    time.sleep(patience_s)
    writer.send_signal(signal.SIGKILL)
    told = dict(before)
    for line in writer.communicate()[0].decode().splitlines():
        kind, number = line.split()
        told[kind] = int(number)
    return told


def found_in(store):
    done = subprocess.run([TOOL, "check", store], capture_output=True, check=True)
    found = json.loads(done.stdout)
    return {"note": found["note"], "merge": max(found["incidents"] - 1, 0),
            "alert": found["alerts"] // ALERTS}, found["alerts"] % ALERTS


def lost(told, found, left):
    if left:
        yield "half a batch of alerts is there"
    for kind, number in told.items():
        if not number <= found[kind] <= number + 1:
            yield "%s %d was acknowledged, %d is there" % (kind, number, found[kind])


def crash_writer(report, store):
    found = {"note": 0, "merge": 0, "alert": 0}
    for number in range(ROUNDS):
        told = kill_writer(store, found, random.uniform(0.003, 0.12))
        found, left = found_in(store)
        bad = list(lost(told, found, left))
        if number % 10 == 9 or number == ROUNDS - 1 or bad:
            bad += faults(store)
        report.case("killed the writer, round %d, seed %d" % (number, SEED), bad)
    print("%s after %d kills" % (found, ROUNDS))
    report.case("it came to something", [] if min(found.values()) > ROUNDS // 4 else [found])


# ---- commands ----

def command(store, *words):
    return [program(), "incident", *words, "--store", store]


def notes(store):
    done = subprocess.run(command(store, "show", "INC-000000", "--json"), capture_output=True,
                          check=False)
    return [note["text"] for note in json.loads(done.stdout)["notes"]]


def usual_time(store):
    begin = time.monotonic()
    for _ in range(5):
        subprocess.run(command(store, "ack", "none"), capture_output=True, check=False)
    return (time.monotonic() - begin) / 5


def crash_commands(report, store):
    longest = 3 * usual_time(store)
    acknowledged = 0
    for number in range(COMMANDS):
        text = "note %d" % number
        child = subprocess.Popen(command(store, "note", "INC-000000", text),
                                 stdout=subprocess.PIPE)
        time.sleep(random.uniform(0, longest))
        child.send_signal(signal.SIGKILL)
        told = b"noted" in child.communicate()[0]
        have = notes(store)
        acknowledged += told
        bad = ["%s was acknowledged and is not there" % text] if told and text not in have \
            else []
        if have.count(text) > 1:
            bad.append("%s is there twice" % text)
        report.case("killed a command, round %d, seed %d" % (number, SEED), bad)
    subprocess.run([TOOL, "check", store], capture_output=True, check=True)
    report.case("after %d commands, %d acknowledged" % (COMMANDS, acknowledged),
                list(faults(store)))
    report.case("some were acknowledged, some were not",
                [] if 0 < acknowledged < COMMANDS else ["%d of %d" % (acknowledged, COMMANDS)])


def verify(report, store):
    done = subprocess.run([program(), "audit", "verify", "--log",
                           os.path.join(store, "audit.ndjson")], capture_output=True,
                          check=False)
    report.case("ironspan audit verify", [done.stderr] if done.returncode else [])


def main():
    report = Report()
    random.seed(SEED)
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        crash_writer(report, store)
        crash_commands(report, store)
        verify(report, store)
    report.end()


main()
