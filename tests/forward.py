#!/usr/bin/python3
"""From approval to the tier above: a report that two persons saw goes up by itself, redacted and in
an envelope, once; what comes from a replay or an exercise goes nowhere. As root: persons are told
apart by sudo's variables. Skipped for others.

    tests/forward.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import json
import os
import pwd
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ironspan
import nodes
import tier_schemas

BINARY = os.path.abspath(ironspan.program())
PLANT = os.path.join(ironspan.ROOT, "signatures", "example-plant")
CAPTURE = os.path.join(ironspan.PCAPS, "modbus-plant.pcap")
FILL = json.dumps("[人工填写]")[1:-1]
passed = failed = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:3000]}")


def environment(user):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SUDO_")}
    return {**clean, "SUDO_UID": str(pwd.getpwnam(user).pw_uid)} if user else clean


def run(*args, user=None):
    return subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, timeout=120,
                          env=environment(user))


class Plant:
    """A store with incidents, a node, and the province above it."""

    def __init__(self, root, origin, **tier):
        self.root, self.store = Path(root), Path(root) / "store"
        self.node = nodes.Node(BINARY, root, "plant-01", "enterprise")
        self.upper = nodes.Node(BINARY, root, "prov-33", "province")
        nodes.link(self.node, self.upper)
        self.node.write(**tier)
        self.upper.write()
        self.config = self.root / "ironspan.yaml"
        self.config.write_text(f"incident: {{ store: {self.store}, registers: {PLANT},\n"
                               f"  tier: {self.node.folder} }}\n")
        self.fill(origin)
        (self.store / "roles.json").write_text(json.dumps(
            {"schema": "ironspan.roles/1", "roles": {"approver": {"users": ["bin"]}},
             "persons": {"bin": "P-0003", "root": "P-0042"}}))
        os.chmod(self.store / "roles.json", 0o640)
        self.incident = json.loads(self.do("list", "--json").stdout.splitlines()[0])["id"]
        self.do("confirm", self.incident, "3", "batch lost")

    def fill(self, origin):
        """Alerts of a live sensor come by a collector; a replay has a store of its own."""
        if origin == "replay":
            run("-Q", "-r", CAPTURE, "--store", self.store, "--registers", PLANT)
            return
        done = run("-Q", "-r", CAPTURE, "--events", "alert")
        inbox = self.root / "in"
        inbox.mkdir()
        (inbox / "eve.json").write_text(done.stdout.replace('"origin":"replay"',
                                                            f'"origin":"{origin}"'))
        os.utime(inbox / "eve.json", (0, 0))
        done = run("collect", "--folder", inbox, "--once", "--config", self.config)
        check("filled", done.returncode == 0, done)

    def do(self, *words, user=None):
        return run("incident", *words, "--config", self.config, user=user)

    def report(self, profile="CN-CAC-2025/other-operator", kind="first", forged=()):
        """Drafted, and filled in by hand; its id."""
        before = {r["uid"] for r in self.document()["reports"]}
        self.do("report", self.incident, "--profile", profile, "--kind", kind)
        uid = ({r["uid"] for r in self.document()["reports"]} - before).pop()
        path = self.root / "draft.json"
        path.write_text(self.do("export", self.incident, "--report", uid).stdout.replace(
            FILL, "done by P-0042, see 10.10.1.22").replace("[人工填写]", "done by P-0042"))
        for old, new in dict(forged).items():
            path.write_text(path.read_text().replace(old, new))
        done = self.do("report", self.incident, path)
        check("drafted", done.returncode == 0, done)
        return uid

    def approve(self, uid):
        return self.do("approve", self.incident, uid, user="bin")

    def document(self):
        return json.loads(self.do("show", self.incident, "--json").stdout)

    def row(self, uid):
        return next(r for r in self.document()["reports"] if r["uid"] == uid)


def secrets_in(text):
    """What must not leave: internal addresses, MACs, persons."""
    return re.findall(r"\b10\.10\.\d+\.\d+|[0-9a-f]{2}(?::[0-9a-f]{2}){5}|P-00(?:42|03)", text)


def test_way_up(root):
    plant = Plant(root, "live")
    uid = plant.report()
    check("a draft does not leave", plant.do("forward", plant.incident, uid, user="bin").returncode
          == 1 and not plant.node.waiting())
    done = plant.do("approve", plant.incident, uid)
    check("nor by who drafted it", done.returncode == 1 and not plant.node.waiting(), done)
    done = plant.approve(uid)
    check("approved, it goes", done.returncode == 0 and "forward to prov-33" in done.stdout, done)
    waiting = plant.node.waiting()
    check("it waits to be sent", len(waiting) == 1, plant.node.status())
    text = waiting[0].read_text(encoding="utf-8")
    body = json.loads(text)["body"]
    check("that report", body["uid"] == uid and body["kind"] == "first" and not body["exercise"])
    check("redacted", body["redaction"]["profile"] == "to-authority" and not secrets_in(text),
          secrets_in(text))
    check("seen by two", body["approval"]["two_person"] is True and
          body["approval"]["approved_by"] != body["approval"]["prepared_by"], body["approval"])
    check("first reports go first", waiting[0].parent.name == "0", waiting[0])
    openings = json.loads((plant.store / "openings" / f"{uid}.json").read_text())
    check("the plant can open what was removed", {o["pointer"] for o in openings} >=
          {r["pointer"] for r in body["redaction"]["removed"]} and openings)
    check("alone", (plant.store / "openings" / f"{uid}.json").stat().st_mode & 0o077 == 0)
    check("the incident says so", plant.row(uid)["forwarded"]["envelope"] in waiting[0].name,
          plant.row(uid))
    for _ in range(2):
        done = plant.do("forward", plant.incident, uid, user="bin")
        check("again does no harm", done.returncode == 0 and plant.node.waiting() == waiting, done)
    check("and is noted once", len([r for r in plant.document()["reports"] if "forwarded" in r]) == 1)
    stick = plant.root / "stick"
    plant.node.run("export", stick)
    done = plant.upper.run("import", stick)
    check("the province accepts it", done.returncode == 0 and "accepted" in done.stdout, done)
    plant.upper.run("export", stick)
    plant.node.run("import", stick)
    done = plant.do("forward", plant.incident, uid, user="bin")
    check("nor after it was accepted", done.returncode == 0 and not plant.node.waiting(), done)
    faults = [f for node in (plant.node, plant.upper) for f in tier_schemas.faults(node.folder)]
    check("as the schemas have it", not faults, faults)
    test_trails(plant)
    test_refusals(plant)


def test_trails(plant):
    for name, log in (("store", plant.store / "audit.ndjson"),
                      ("node", plant.node.folder / "audit.ndjson")):
        done = run("audit", "verify", "--log", log)
        check(f"trail of the {name}", done.returncode == 0, done)
    actions = [json.loads(line)["action"] for line in
               (plant.store / "audit.ndjson").read_text(encoding="utf-8").splitlines()]
    check("the trail has both", actions.count("report.forward") >= 1 <=
          actions.count("report.approve"), actions)


def test_refusals(plant):
    """It stays approved, and goes when what was wrong is mended."""
    uid = plant.report("GROUP/internal", "progress")
    config = (plant.node.folder / "tier.json").read_text()
    peers = json.loads(config)
    for what, change, words in [
            ("no peer above", {"peers": []}, "no peer is of the tier above"),
            ("two peers above", {"peers": peers["peers"] + [{"node": "prov-34",
             "tier": "province"}]}, "name one as"), ("a stranger", {"upper": "x"}, "no peer")]:
        (plant.node.folder / "tier.json").write_text(json.dumps({**peers, **change}))
        done = (plant.do("forward", plant.incident, uid, user="bin")
                if plant.row(uid)["approved"] else plant.approve(uid))
        check(f"refused: {what}", done.returncode == 1 and words in done.stderr, done)
        check(f"refused: {what}: approved all the same", plant.row(uid)["approved"])
    (plant.node.folder / "tier.json").write_text(json.dumps(
        {**peers, "peers": peers["peers"] + [{"node": "prov-34", "tier": "province"}],
         "upper": "prov-33"}))
    done = plant.do("forward", plant.incident, uid)
    check("mended", done.returncode == 0 and len(plant.node.waiting()) == 1, done)
    (plant.node.folder / "tier.json").write_text(config)


def test_unreal(root, origin):
    plant = Plant(root, origin)
    uid = plant.report()
    done = plant.approve(uid)
    check(f"{origin}: approved, but does not leave", done.returncode == 1 and "never travels" in
          done.stderr and plant.row(uid)["approved"], done)
    done = plant.do("forward", plant.incident, uid, user="bin")
    check(f"{origin}: nor later", done.returncode == 1 and not plant.node.waiting(), done)
    path = plant.root / "out.json"
    for what, args in (("report", ["--report", uid]), ("incident", [])):
        path.write_text(plant.do("export", plant.incident, *args).stdout)
        done = plant.node.run("send", path, "--to", "prov-33", "--type", what)
        check(f"{origin}: nor the {what} by hand", done.returncode == 1 and "never travels" in
              done.stderr, done)
    check(f"{origin}: nothing waits", not plant.node.waiting())
    uid = plant.report("GROUP/internal", "progress", {'"exercise":true': '"exercise":false',
                                                      '"exercise": true': '"exercise": false'})
    done = plant.approve(uid)
    kept = json.loads(plant.do("export", plant.incident, "--report", uid).stdout)
    check(f"{origin}: as real it is not even approved", kept["exercise"] is False and
          done.returncode == 1 and "does not say so" in done.stderr and
          not plant.row(uid)["approved"] and not plant.node.waiting(), done)
    done = plant.do("forward", plant.incident, uid, user="bin")
    check(f"{origin}: nor forwarded", done.returncode == 1 and not plant.node.waiting(), done)


def test_killed(root):
    """Approving is killed at any moment; afterwards it goes once."""
    chance = random.Random(3)
    plant = Plant(root, "live")
    uids = [plant.report("GROUP/internal", "progress")]
    for _ in range(12):
        process = subprocess.Popen(
            [BINARY, "incident", "approve", plant.incident, uids[-1], "--config", plant.config],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment("bin"))
        time.sleep(chance.random() * 0.08)
        process.kill()
        process.wait()
        if plant.row(uids[-1])["approved"]:
            uids.append(plant.report("GROUP/internal", "progress"))
    for uid in uids:
        done = (plant.do("forward", plant.incident, uid) if plant.row(uid)["approved"]
                else plant.approve(uid))
        check("killed: goes afterwards", done.returncode == 0, done)
    sent = [b["uid"] for b in (json.loads(p.read_text())["body"] for p in plant.node.waiting())]
    check("killed: each once", sorted(sent) == sorted(uids), (sent, uids))
    test_trails(plant)


def main():
    if os.geteuid() != 0:
        print("skipped: needs root\n0 passed, 0 failed, 1 skipped")
        return 0
    for test, args in ((test_way_up, []), (test_unreal, ["replay"]), (test_killed, [])):
        with tempfile.TemporaryDirectory(prefix="ironspan-forward-") as root:
            test(root, *args)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
