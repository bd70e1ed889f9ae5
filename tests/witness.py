#!/usr/bin/python3
"""The tier above as witness: checkpoints of trails go up by themselves, and a trail that was
rewritten below is found out, whatever was done to the node's own notes.

    tests/witness.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ironspan
import nodes
import tier_schemas
import tlog

BINARY = os.path.abspath(ironspan.program())
LOG = "audit-store-1"
passed = failed = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:3000]}")


class Pair:
    """A plant with a trail of a store beside its own, and the province."""

    def __init__(self, root, name, **more):
        root = Path(root) / name
        self.plant = nodes.Node(BINARY, root, "plant-01", "enterprise")
        self.upper = nodes.Node(BINARY, root, "prov-33", "province")
        nodes.link(self.plant, self.upper)
        self.log = root / "store.ndjson"
        self.plant.write(trails=[str(self.log)], **more)
        self.upper.write()
        self.entries = tlog.chain(0)
        self.grow(5)

    def write(self, entries):
        self.log.write_bytes(b"".join(tlog.lines(entries)))

    def grow(self, count, action="incident.note"):
        for _ in range(count):
            prev = self.entries[-1]["hash"] if self.entries else None
            self.entries.append(tlog.entry(len(self.entries) + 1, prev, LOG, action))
        self.write(self.entries)

    def checkpoint(self, wait=1):
        done = self.plant.run("checkpoint")
        check("checkpoint", done.returncode == 0 and f"{wait} checkpoints wait" in done.stdout,
              done)

    def carry(self, *args):
        """Up, and the receipts down; what the province said."""
        for source, target in ((self.plant, self.upper), (self.upper, self.plant)):
            stick = Path(tempfile.mkdtemp(dir=self.log.parent))
            source.run("export", stick, "--to", target.name, *args)
            done = target.run("import", stick)
            said = done if target is self.upper else said
        return said

    def file(self, end):
        return self.plant.folder / "checkpoints" / f"{LOG}.{end}"

    def verify(self):
        return subprocess.run(
            [BINARY, "audit", "verify", "--log", self.log, "--checkpoint", self.file("checkpoint"),
             "--pub", self.file("pub"), "--witness", self.plant.folder / "trust/prov-33.pub"],
            capture_output=True, text=True)


def test_witnessed(root):
    pair = Pair(root, "good")
    for count in (3, 1, 40):
        pair.checkpoint()
        done = pair.carry()
        check("witnessed", done.returncode == 0 and "accepted" in done.stdout, done)
        check("the answer is kept", pair.plant.waiting() == [] and pair.file("checkpoint").exists())
        done = pair.verify()
        check("the log is what was witnessed", done.returncode == 0, done)
        pair.grow(count)
    note = pair.file("checkpoint").read_text()
    check("by name", note.startswith(f"plant-01/{LOG}\n") and "\n— prov-33 " in note, note)
    pair.checkpoint()
    pair.checkpoint(0)
    pair.carry()
    trail = [e["action"] for e in pair.upper.trail()]
    check("the province's trail tells it", trail.count("envelope.accept") == 4, trail)
    faults = [f for node in (pair.plant, pair.upper) for f in tier_schemas.faults(node.folder)]
    check("as the schemas have it", not faults, faults)
    check("its trail is whole", pair.upper.verify()[0] and pair.plant.verify()[0])
    cut = pair.entries
    pair.entries = cut[:10]
    pair.write(pair.entries)
    done = pair.verify()
    check("cut since", done.returncode == 1, done)


def test_by_itself(root):
    pair = Pair(root, "timed", checkpoint_s=1)
    check("with what is exported", "accepted" in pair.carry().stdout)
    pair.grow(1)
    time.sleep(1.1)
    check("and again in time", "accepted" in pair.carry().stdout)
    pair.grow(1)
    pair.plant.write(trails=[str(pair.log)])
    check("not before", "accepted" not in pair.carry().stdout and pair.file("checkpoint").exists())
    own = Pair(root, "own")
    config = json.loads((own.plant.folder / "tier.json").read_text())
    del config["trails"]
    (own.plant.folder / "tier.json").write_text(json.dumps(config))
    (own.plant.folder / "doc.json").write_text(json.dumps(nodes.report(1)))
    own.plant.run("send", own.plant.folder / "doc.json", "--to", "prov-33")
    done = own.carry()
    check("a node's own trail, if nothing is said", done.stdout.count("accepted") == 2 and
          (own.plant.folder / "checkpoints/audit-plant-01.checkpoint").exists(), done)


def test_lost(root):
    """A gateway lost some; none of the receipts came."""
    pair = Pair(root, "lost")
    for count in range(8):
        pair.checkpoint()
        if count in (0, 3, 7):
            done = pair.carry("--one-way")
            check("lost: accepted all the same", "accepted" in done.stdout, done)
        for waiting in pair.plant.waiting():
            waiting.unlink()
        pair.grow(2)
    stick = Path(tempfile.mkdtemp(dir=pair.log.parent))
    pair.checkpoint()
    pair.plant.run("export", stick)
    for text in ("accepted", "was here before"):
        done = pair.upper.run("import", stick)
        check(f"twice: {text}", text in done.stdout, done)


def forged(pair):
    """Another history, whole in itself and longer, with an entry that never was."""
    pair.entries = pair.entries[:2]
    pair.grow(10, "incident.close")


def test_rewritten(root):
    pair = Pair(root, "forged")
    pair.checkpoint()
    pair.carry()
    good = list(pair.entries)
    forged(pair)
    done = pair.plant.run("checkpoint")
    check("rewritten: the node itself does not sign", done.returncode == 1 and "rewritten" in
          done.stderr and pair.plant.waiting() == [], done)
    state = json.loads(pair.file("json").read_text())
    pair.file("json").write_text(json.dumps({"sizes": state["sizes"]}))
    pair.checkpoint()
    done = pair.carry()
    check("rewritten: the witness refuses", done.returncode == 1 and "rewritten or forked" in
          done.stdout, done)
    check("rewritten: both have it in their trails", pair.upper.trail()[-1]["action"] ==
          "envelope.reject" and "rewritten" in json.dumps(pair.plant.trail()[-1]),
          (pair.upper.trail()[-1], pair.plant.trail()[-1]))
    check("rewritten: dead", len(pair.plant.files("out/dead")) == 1)
    pair.entries = good[:3]
    pair.write(pair.entries)
    shutil.rmtree(pair.plant.folder / "checkpoints")
    pair.checkpoint()
    done = pair.carry()
    check("cut: the witness refuses", "rejected" in done.stdout, done)
    pair.entries = good
    pair.grow(3)
    shutil.rmtree(pair.plant.folder / "checkpoints")
    pair.checkpoint()
    done = pair.carry()
    check("the good one again, its notes lost: it cannot show how it goes on",
          "rejected" in done.stdout, done)
    pair.log.write_bytes(b"".join(tlog.lines(good))[:-40] + b"\n")
    done = pair.plant.run("checkpoint")
    check("damaged: not signed", done.returncode == 1 and "no checkpoint is signed" in done.stderr,
          done)


def test_strange(root):
    """Bodies that a node of ours signed, but that are no checkpoints, or another's."""
    pair = Pair(root, "strange")
    pair.checkpoint()
    body = json.loads(pair.plant.waiting()[0].read_text())["body"]
    pair.carry()
    for what, change in [
            ("schema", {"schema": "x"}), ("no log", {"log": None}), ("another log", {"log": "x"}),
            ("long log", {"log": "x" * 500}), ("no requests", {"requests": None}),
            ("none", {"requests": []}), ("numbers", {"requests": [1, 2]}),
            ("texts", {"requests": ["", "old", "old 99999999999999999999\n\n"]}),
            ("many", {"requests": ["old 5\n\nx"] * 5000})]:
        path = pair.plant.folder / "document.json"
        path.write_text(json.dumps({**body, **change}))
        done = pair.plant.run("send", path, "--to", "prov-33", "--type", "checkpoint")
        check(f"strange: {what}: sent", done.returncode == 0, done)
        done = pair.carry()
        check(f"strange: {what}: rejected", done.stdout.count(": rejected") == 1, done)
    other = nodes.Node(BINARY, pair.log.parent, "plant-02", "enterprise")
    nodes.link(other, pair.upper)
    other.write()
    pair.upper.write()
    (other.folder / "document.json").write_text(json.dumps(body))
    other.run("send", other.folder / "document.json", "--to", "prov-33", "--type", "checkpoint")
    stick = Path(tempfile.mkdtemp(dir=root))
    other.run("export", stick)
    done = pair.upper.run("import", stick)
    check("strange: another node's log", "not signed by a log that is known" in done.stdout, done)
    done = pair.upper.run("checkpoint")
    check("nobody above", done.returncode == 1 and "no peer is of the tier above" in done.stderr,
          done)


def main():
    with tempfile.TemporaryDirectory(prefix="ironspan-witness-") as root:
        for test in (test_witnessed, test_by_itself, test_lost, test_rewritten, test_strange):
            test(root)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
