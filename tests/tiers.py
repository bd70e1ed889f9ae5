#!/usr/bin/python3
"""The tiers: what is sent arrives once, whatever is cut or killed on the way, and nothing that must
not travel does. First through folders, then through three message servers (skipped where there is
no nats-server).

    tests/tiers.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ironspan
import nodes
import servers
import tier_schemas
import tlog

BINARY = os.path.abspath(ironspan.program())
passed = failed = skipped = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:3000]}")


def make_tiers(root):
    plant = nodes.Node(BINARY, root, "plant-01", "enterprise")
    province = nodes.Node(BINARY, root, "prov-33", "province")
    state = nodes.Node(BINARY, root, "state-1", "state")
    nodes.link(plant, province)
    nodes.link(province, state)
    for node in (plant, province, state):
        node.write()
    return plant, province, state


def send(node, to, body, *args):
    path = node.folder / "document.json"
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return node.run("send", path, "--to", to.name, *args)


def carry(source, target, *args):
    """A USB stick from one node to the other."""
    stick = Path(tempfile.mkdtemp(dir=source.folder.parent))
    out = source.run("export", stick, "--to", target.name, *args)
    return out, target.run("import", stick), stick


# ---- what may leave ----

def test_gate(plant, province):
    good = nodes.report(1)
    for what, body, args, words in [
            ("not approved", {**good, "approval": None}, [], "second person"),
            ("approved by its author", {**good, "approval": {**good["approval"],
             "approved_by": "P-0042"}}, [], "second person"),
            ("not redacted", {**good, "redaction": {"profile": None}}, [], "redacted"),
            ("an exercise", {**good, "exercise": True}, [], "exercise"),
            ("does not say", {k: v for k, v in good.items() if k != "exercise"}, [], "real"),
            ("a replay", {**good, "origin": "replay"}, [], "replay"),
            ("a replay deep inside", {**good, "annex": [{"alert": {"origin": "replay"}}]}, [],
             "replay"),
            ("statistics of an exercise", {"exercise": True}, ["--type", "stats"], "exercise"),
            ("a float", {**good, "x": 0.5}, [], "float"),
            ("a type of its own", good, ["--type", "gossip"], "no such type")]:
        done = send(plant, province, body, *args)
        check(f"gate: {what}", done.returncode == 1 and words in done.stderr, done)
    done = plant.run("send", plant.folder / "document.json", "--to", "state-1")
    check("gate: not a peer", done.returncode == 1 and "not a peer" in done.stderr, done)
    check("gate: nothing was kept", plant.waiting() == [], plant.waiting())


# ---- folders ----

def test_folder(plant, province):
    for number in range(1, 6):
        done = send(plant, province, nodes.report(number))
        check("send", done.returncode == 0, done)
    out, into, stick = carry(plant, province)
    check("export", out.returncode == 0 and "5 files" in out.stdout, out)
    check("import", into.returncode == 0 and into.stdout.count("accepted") == 5, into)
    check("all there", [b["content"]["n"] for b in province.bodies("in")].sort() is None and
          sorted(b["content"]["n"] for b in province.bodies("in")) == [1, 2, 3, 4, 5])
    check("not settled yet", len(plant.waiting()) == 5)
    again = province.run("import", stick)
    check("carried twice", again.stdout.count("was here before") == 5, again)
    check("kept once", len(province.files("in")) == 5)
    out, into, stick = carry(province, plant)
    check("receipts", into.returncode == 0 and into.stdout.count("receipt\n") == 5, into)
    check("settled", plant.waiting() == [] and len(plant.files("out/sent")) == 5)
    again = plant.run("import", stick)
    check("receipts again", again.returncode == 0 and len(plant.files("out/sent")) == 5, again)


def test_chain(plant):
    """Each envelope names the one before."""
    sent = [json.loads(p.read_text()) for p in plant.files("out/sent")]
    for before, after in zip(sent, sent[1:]):
        check("seq", after["seq"] == before["seq"] + 1, after)
        check("prev", after["prev"] == tlog.hashlib.sha256(tlog.canonical(before)).hexdigest())


def test_lanes(plant, province):
    order = [("--lane", 3), ("--lane", 0), ("--lane", 1), ("--lane", 0)]
    for number, args in enumerate(order):
        send(plant, province, nodes.report(100 + number), *args)
    check("lanes", [json.loads(p.read_text())["body"]["content"]["n"] for p in plant.waiting()] ==
          [101, 103, 102, 100], plant.waiting())
    done = send(plant, province, nodes.report(104, kind="first"))
    check("a first report", done.returncode == 0 and len(plant.files("out/0")) == 3, done)
    carry(plant, province)
    carry(province, plant)
    check("lanes empty", plant.waiting() == [])


def test_one_way(plant, province):
    send(plant, province, nodes.report(200))
    out, into, _ = carry(plant, province, "--one-way")
    check("one way", into.returncode == 0 and plant.waiting() == [], into)


def test_expiry(plant, province):
    done = send(plant, province, nodes.report(300), "--expires", 1)
    uid = done.stdout.strip()
    stick = plant.folder / "late"
    plant.run("export", stick, "--to", province.name)
    time.sleep(1.1)
    done = province.run("import", stick)
    check("expired", done.returncode == 1 and "expired" in done.stdout, done)
    check("expired, not kept", not (province.folder / "in" / f"{uid}.json").exists())
    carry(province, plant)
    check("dead", [uid in p.name for p in plant.files("out/dead")] == [True])
    receipt = json.loads((plant.folder / "out/dead" / f"{uid}.receipt.json").read_text())
    check("why", receipt["result"] == "rejected" and receipt["reason"] == "expired", receipt)


# ---- what others write ----

def import_one(node, text):
    stick = Path(tempfile.mkdtemp(dir=node.folder.parent))
    (stick / "x.json").write_bytes(text)
    return node.run("import", stick)


def envelope_file(plant, province, number):
    """An envelope that waits at the plant, as JSON, and its path."""
    send(plant, province, nodes.report(number))
    path = plant.waiting()[-1]
    return json.loads(path.read_text()), path


def test_foreign(plant, province, state):
    good, path = envelope_file(plant, province, 400)
    before = len(province.files("in"))
    for what, change in [
            ("schema", {"schema": "ironspan.envelope/2"}), ("uid", {"uid": "../../x"}),
            ("uid case", {"uid": good["uid"].upper()}), ("type", {"type": "gossip"}),
            ("lane", {"lane": 4}), ("lane text", {"lane": "0"}), ("seq", {"seq": 0}),
            ("from", {"from": {"node": "a/b", "tier": "enterprise"}}), ("to", {"to": None}),
            ("tier", {"from": {"node": "plant-01", "tier": "moon"}}),
            ("created", {"created": "today"}), ("body", {"body": []}),
            ("another body", {"body": nodes.report(401)}), ("hash", {"body_sha256": "00"}),
            ("signature", {"signature": None}),
            ("another key", {"signature": {**good["signature"], "key_id": "0" * 16}}),
            ("another algorithm", {"signature": {**good["signature"], "alg": "SM2"}}),
            ("another value", {"signature": {**good["signature"], "value": "AAAA"}}),
            ("a later expiry", {"expires": "2499-01-01T00:00:00.000000Z"})]:
        done = import_one(province, json.dumps({**good, **change}).encode())
        check(f"foreign: {what}", done.returncode == 1 and "refused" in done.stdout, done)
    for what, text in [("empty", b""), ("text", b"hello"), ("list", b"[]"), ("NUL", b"\0" * 100),
                       ("deep", b"[" * 200000), ("deep objects", b'{"a":' * 3000 + b"1" + b"}" * 3000),
                       ("huge", b'{"a":"' + b"x" * (5 << 20) + b'"}'), ("UTF-8", b'{"a":"\xff"}'),
                       ("twice", json.dumps(good)[:-1].encode() + b',"uid":"x"}')]:
        done = import_one(province, text)
        check(f"foreign: {what}", done.returncode in (1, 2) and not done.returncode < 0, done)
    check("foreign: nothing was kept", len(province.files("in")) == before)
    done = import_one(state, path.read_bytes())
    check("foreign: by no peer", done.returncode == 1 and "not known" in done.stdout, done)
    done = import_one(province, path.read_bytes())
    check("the good one is", done.returncode == 0 and "accepted" in done.stdout, done)


def means_the_same(text, good):
    """Only the words beside the signature say something else."""
    try:
        changed = json.loads(text)
        changed["signature"]["over"] = good["signature"]["over"]
    except (ValueError, KeyError, TypeError):
        return False
    return changed == good


def test_mutations(plant, province):
    """Whatever byte is changed, it is refused, and the good one is accepted after that."""
    chance = random.Random(2)
    good, path = envelope_file(plant, province, 450)
    content = path.read_bytes()
    stick = Path(tempfile.mkdtemp(dir=plant.folder.parent))
    while len(list(stick.iterdir())) < 300:
        changed = bytearray(content)
        for _ in range(chance.choice((1, 1, 2, 8))):
            changed[chance.randrange(len(changed) - 1)] ^= 1 << chance.randrange(8)
        if chance.random() < 0.2:
            del changed[chance.randrange(len(changed)):]
        if not means_the_same(bytes(changed), good):
            (stick / f"{len(list(stick.iterdir())):03}.json").write_bytes(bytes(changed))
    done = province.run("import", stick)
    check("mutations", done.stdout.count(": refused") == 300, done.stdout[-2000:])
    carry(plant, province)
    carry(province, plant)
    check("and the good ones arrive", plant.waiting() == [], plant.status())


def test_foreign_receipts(plant, province, state):
    send(plant, province, nodes.report(500))
    stick = Path(tempfile.mkdtemp(dir=plant.folder.parent))
    plant.run("export", stick)
    province.run("import", stick)
    province.run("export", stick)
    path = next(stick.glob("*.receipt.json"))
    good = json.loads(path.read_text())
    for what, change in [("schema", {"schema": "x"}), ("uid", {"envelope_uid": "x"}),
                         ("result", {"result": "maybe"}), ("by", {"by": "state-1"}),
                         ("body", {"body_sha256": "0" * 64}), ("time", {"received_at": 7}),
                         ("reason", {"reason": "x" * 5000}), ("to", {"to": ""}),
                         ("signature", {"signature": {}})]:
        done = import_one(plant, json.dumps({**good, **change}).encode())
        check(f"receipt: {what}", done.returncode == 1 and "refused" in done.stdout, done)
        check(f"receipt: {what}: still waits", len(plant.waiting()) == 1)
    done = import_one(state, path.read_bytes())
    check("receipt: another node's", "refused" in done.stdout or "left" in done.stdout, done)
    done = import_one(plant, path.read_bytes())
    check("receipt: the good one", done.returncode == 0 and plant.waiting() == [], done)


def test_exercise(root):
    """Nodes of an exercise deal with each other; a real node takes nothing of theirs."""
    plant = nodes.Node(BINARY, root, "plant-01", "enterprise")
    province = nodes.Node(BINARY, root, "prov-33", "province")
    nodes.link(plant, province)
    plant.write(exercise=True)
    province.write(exercise=True)
    drill = nodes.report(1, exercise=True)
    done = send(plant, province, drill)
    check("exercise: sent", done.returncode == 0, done)
    out, into, stick = carry(plant, province)
    check("exercise: accepted by its like", into.returncode == 0, into)
    province.write()
    (province.folder / "in" / f"{done.stdout.strip()}.receipt.json").unlink()
    (province.folder / "in" / f"{done.stdout.strip()}.json").unlink()
    done = province.run("import", stick)
    check("exercise: not by a real node", done.returncode == 1 and "exercise" in done.stdout, done)
    plant.write()
    province.write(exercise=True)
    send(plant, province, nodes.report(2))
    out, into, stick = carry(plant, province)
    check("exercise: takes nothing real", into.returncode == 1 and "exercises only" in into.stdout,
          into)


# ---- notices ----

def notice(province, *args):
    done = province.run("notice", "--to", "plant-01", "--level", "red", "--title", "预警",
                        "--text", "Modbus writes from new hosts", *args)
    return done, done.stdout.strip()


def owed(node, uid):
    found = [n for n in node.status()["notices"] if n["uid"] == uid]
    return found[0]["nodes"]["plant-01"] if found else None


def test_notice(plant, province):
    done, uid = notice(province, "--ack-by", "2499-01-01T00:00:00Z", "--report-back-by",
                       "2499-01-02T00:00:00+08:00")
    check("notice", done.returncode == 0 and len(province.files("out/0")) == 1, done)
    carry(province, plant)
    check("notice: below", owed(plant, uid) == {"ack": "open", "report_back": "open"},
          plant.status())
    done = plant.run("ack", uid, "--by", "P-0042")
    check("notice: ack", done.returncode == 0, done)
    check("notice: known below", owed(plant, uid)["ack"] == "done")
    carry(plant, province)
    check("notice: known above", owed(province, uid) == {"ack": "done", "report_back": "open"},
          province.status())
    done = plant.run("ack", uid, "--by", "P-0042", "--report", "e4ef8485")
    carry(plant, province)
    carry(province, plant)
    check("notice: closed", owed(province, uid) == {"ack": "done", "report_back": "done"})
    check("notice: all settled", plant.waiting() == province.waiting() == [])
    check("notice: who", json.loads((province.folder / "notices" / f"{uid}.json").read_text())
          ["answers"]["plant-01"]["ack"]["by"] == "P-0042")
    done, uid = notice(province, "--ack-by", "2020-01-01T00:00:00Z")
    carry(province, plant)
    carry(plant, province)
    check("notice: overdue", owed(plant, uid) == {"ack": "overdue", "report_back": "not_asked"} ==
          owed(province, uid), plant.status())
    done = plant.run("ack", uid, "--by", "P-0042", "--report", "e4ef8485")
    check("notice: done though not asked", owed(plant, uid) == {"ack": "done",
                                                                "report_back": "done"})
    done, uid = notice(province, "--title", "\x1b[2J\x1b]0;预警\x07")
    carry(plant, province)
    carry(province, plant)
    check("notice: nothing asked", owed(plant, uid) == {"ack": "not_asked",
                                                        "report_back": "not_asked"})
    told = plant.run("status").stdout
    check("notice: its title moves no cursor", "?[2J?]0;预警?" in told and "\x1b" not in told, told)
    for what, args in [("none", ["00000000-0000-4000-8000-000000000000"]), ("path", ["../x"])]:
        done = plant.run("ack", *args)
        check(f"notice: ack {what}", done.returncode == 1, done)
    done = province.run("ack", uid)
    check("notice: its issuer", done.returncode == 1 and "issued" in done.stderr, done)
    done, _ = notice(province, "--level", "pink")
    check("notice: level", done.returncode == 1, done)


def test_strange_notices(plant, province):
    """A peer that sends what is no notice is told so."""
    for what, body in [("nothing", {}), ("another's", {
            "schema": "ironspan.notice/1", "uid": "00000000-0000-4000-8000-000000000001",
            "issuer": "state-1", "level": "red", "title": "x", "text": "x", "indicators_ref": None,
            "issued": "2026-11-20T00:00:00Z", "ack_by": None, "report_back_by": None,
            "ack": None, "closing_report": None})]:
        send(province, plant, body, "--type", "notice")
        out, into, _ = carry(province, plant)
        check(f"strange notice: {what}", into.returncode == 1 and "rejected" in into.stdout, into)
        carry(plant, province)
    check("strange notices: told", province.waiting() == [])


# ---- kill -9 ----

def kill_soon(node, chance, longest, *args):
    process = subprocess.Popen([BINARY, "tier", args[0], node.folder, *map(str, args[1:])],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.random() * longest)
    process.kill()
    process.wait()
    return process.returncode == -signal.SIGKILL


def test_killed(plant, province, rounds):
    """Each step of both nodes is killed at some moment of it, then tried again."""
    chance = random.Random(3)
    killed, before = 0, {b["content"]["n"] for b in province.bodies("in") if "content" in b}
    up, down = plant.folder / "up", province.folder / "down"
    for number in range(1000, 1000 + rounds):
        document = plant.folder / "document.json"
        document.write_text(json.dumps(nodes.report(number)))
        sending = ("send", document, "--to", province.name)
        killed += kill_soon(plant, chance, 0.02, *sending)
        if not any(b["content"]["n"] == number for b in
                   (json.loads(p.read_text())["body"] for p in plant.waiting())):
            check("killed: send", plant.run(*sending).returncode == 0)
        for node, args in [(plant, ("export", up)), (province, ("import", up)),
                           (province, ("export", down)), (plant, ("import", down))]:
            killed += kill_soon(node, chance, 0.03, *args)
            if chance.random() < 0.7:
                done = node.run(*args)
                check(f"killed: {args[0]}", done.returncode == 0, done)
    for node, args in [(plant, ("export", up)), (province, ("import", up)),
                       (province, ("export", down)), (plant, ("import", down))]:
        node.run(*args)
    numbers = [b["content"]["n"] for b in province.bodies("in") if "content" in b]
    check("killed: nothing lost, nothing twice", sorted(n for n in numbers if n not in before) ==
          list(range(1000, 1000 + rounds)), numbers)
    check("killed: all settled", plant.waiting() == [], plant.status())
    check("killed: often enough", killed > rounds, killed)
    for node in (plant, province):
        good, told = node.verify()
        check("killed: the trail is whole", good, told)


def test_words(plant):
    for what, args, code, words in [
            ("nothing", [], 2, "tier run"), ("unknown", ["fly"], 2, "tier run"),
            ("no folder", ["status"], 2, "needs the node's folder"),
            ("no such folder", ["status", "/nonexistent"], 1, "tier.json"),
            ("a lane", ["send", plant.folder, "x", "--to", "y", "--lane", "9"], 2, "--lane 9"),
            ("no document", ["send", plant.folder, "/nonexistent", "--to", "prov-33"], 2,
             "No such file"), ("no server", ["run", plant.folder], 2, "")]:
        done = subprocess.run([BINARY, "tier", *map(str, args)], capture_output=True, text=True)
        check(f"words: {what}", done.returncode == code and words in done.stderr, done)
        check(f"words: {what}: one line", done.stderr.count("\n") == 1, done.stderr)
    done = subprocess.run([BINARY, "tier", "--help"], capture_output=True, text=True)
    check("words: help", done.returncode == 0 and "tier send" in done.stdout, done)


def test_configs(plant):
    path = plant.folder / "tier.json"
    good = json.loads(path.read_text())
    for what, change in [("schema", {"schema": "x"}), ("node", {"node": "a b"}),
                         ("tier", {"tier": "moon"}), ("peers", {"peers": {}}),
                         ("a peer", {"peers": [{"node": "x"}]}), ("key", {"key": 7}),
                         ("another's key", {"node": "plant-02"}),
                         ("exercise", {"exercise": "no"}), ("trust", {"trust": "none"})]:
        path.write_text(json.dumps({**good, **change}))
        done = plant.run("status")
        check(f"config: {what}", done.returncode == 1 and done.stderr.count("\n") == 1, done)
    for text in ("", "[]", "{", '{"node":1,"node":2}'):
        path.write_text(text)
        check(f"config: {text!r}", plant.run("status").returncode == 1)
    path.write_text(json.dumps(good))


# ---- folders that are watched ----

def settled(plant, province, numbers):
    return (sorted(b["content"]["n"] for b in province.bodies("in")) == numbers and
            plant.waiting() == [])


def test_watched(root):
    """`tier run` without a server: two folders between two nodes, which are killed and mended."""
    chance = random.Random(3)
    plant, province, _ = make_tiers(root)
    up, down = root / "up", root / "down"
    plant.write(folders=[{"out": str(up), "to": province.name}, {"in": str(down)}])
    province.write(folders=[{"in": str(up)}, {"out": str(down), "to": plant.name}])
    try:
        plant.start()
        send(plant, province, nodes.report(1))
        away = servers.wait_for(lambda: "no such folder" in plant.told(), 20)
        check("watched: a folder that is away is not made", away and not up.exists(), plant.told())
        up.mkdir()
        down.mkdir()
        (up / "half.json").write_text('{"schema": "ironspan.env')
        (up / "notes.txt").write_text("not ours")
        (up / "folder.json").mkdir()
        os.mkfifo(up / "fifo.json")
        (up / "large.json").write_text("[" * 5_000_000)
        (up / "later.json").write_text("{}")
        os.utime(up / "later.json", (time.time() + 86400,) * 2)
        province.start()
        check("watched: settled", servers.wait_for(lambda: settled(plant, province, [1]), 40),
              (plant.told(), province.told()))
        check("watched: what is none is refused, and what is no document left",
              servers.wait_for(lambda: not (up / "half.json").exists(), 20) and
              (up / "notes.txt").exists() and "refused" in province.told(), province.told())
        check("watched: whatever another clock said",
              servers.wait_for(lambda: not (up / "later.json").exists(), 20))
        for name in ("another.json", "one more.json"):
            (up / name).write_text("{}")
            check("watched: what comes is taken",
                  servers.wait_for(lambda: not (up / name).exists(), 20), province.told())
        check("watched: what cannot be read is told of once, not with each that comes",
              province.told().count("large.json") == 1, province.told())
        (up / "folder.json").rmdir()
        (up / "fifo.json").unlink()
        (up / "large.json").unlink()
        sent = [1]
        for number in range(2, 14):
            send(plant, province, nodes.report(number))
            sent.append(number)
            node = (plant, province)[number % 2]
            time.sleep(chance.random())
            node.kill()
            node.start()
        check("watched: killed, nothing lost or twice",
              servers.wait_for(lambda: settled(plant, province, sent), 60),
              (plant.waiting(), plant.told(), province.told()))
        check("watched: nothing is left lying", servers.wait_for(
            lambda: not list(up.glob("*.json")) and not list(down.glob("*.json")), 40),
            (list(up.iterdir()), list(down.iterdir())))
        check("watched: trails", plant.verify()[0] and province.verify()[0])
        done = province.stop()
        check("watched: ends in order", done == 0, done)
    finally:
        plant.kill()
        province.kill()


def test_watched_one_way(root):
    plant, province, state = make_tiers(root)
    up = root / "up"
    up.mkdir()
    plant.write(folders=[{"out": str(up), "one_way": True}])
    for number in (1, 2, 3):
        send(plant, province, nodes.report(number))
    try:
        plant.start()
        check("one way: gone when written",
              servers.wait_for(lambda: plant.waiting() == [] and len(plant.files("out/sent")) == 3,
                               20), plant.told())
    finally:
        plant.kill()
    check("one way: written once", len(list(up.glob("*.json"))) == 3, list(up.iterdir()))
    nodes.link(plant, state)
    state.write(folders=[{"in": str(up)}])
    try:
        state.start()
        time.sleep(4)
        check("one way: what is for another stays", len(list(up.glob("*.json"))) == 3,
              state.told())
    finally:
        state.kill()


def test_watched_mistakes(root):
    plant, _, _ = make_tiers(root)
    for what, folders in [("no array", {}), ("no row", [7]), ("neither", [{}]),
                          ("both", [{"in": "a", "out": "b"}]), ("a path", [{"in": 7}]),
                          ("to of in", [{"in": "a", "to": "prov-33"}]),
                          ("no peer", [{"out": "a", "to": "nobody"}]), ("none", []),
                          ("one way", [{"out": "a", "one_way": "yes"}])]:
        plant.write(folders=folders)
        done = plant.run("run")
        check(f"watched: {what}", done.returncode == 2 and "folders" in done.stderr and
              done.stderr.count("\n") == 1, done)


def test_folders(root):
    plant, province, state = make_tiers(Path(root) / "folders")
    test_gate(plant, province)
    test_folder(plant, province)
    test_chain(plant)
    test_lanes(plant, province)
    test_one_way(plant, province)
    test_expiry(plant, province)
    test_foreign(plant, province, state)
    test_mutations(plant, province)
    test_foreign_receipts(plant, province, state)
    test_notice(plant, province)
    test_schemas(plant, province, state)
    test_strange_notices(plant, province)
    test_killed(plant, province, 25)
    test_words(plant)
    test_configs(plant)
    test_exercise(Path(root) / "exercise")


def test_schemas(plant, province, state):
    """All that these nodes wrote and kept; and that the schemas say no to what is none."""
    found, counts = [], {}
    for node in (plant, province, state):
        found += tier_schemas.faults(node.folder, counts)
    found += tier_schemas.faults(Path(ironspan.ROOT) / "tests/documents", counts)
    check("schemas", not found, found[:5])
    check("schemas: there were some of each", len(counts) == 3 and min(counts.values()) > 5, counts)
    samples = {}
    for node in (plant, province):
        for _, doc in tier_schemas.documents(node.folder):
            samples.setdefault((doc["schema"], doc.get("type"), doc.get("result")), doc)
    for kind, doc in samples.items():
        for key in doc:
            if key not in ("cosignature", "answers"):
                check(f"schemas: {kind} without {key}", key == "schema" or not
                      tier_schemas.is_valid({k: v for k, v in doc.items() if k != key}))
        check(f"schemas: {kind} and more", not tier_schemas.is_valid({**doc, "more": 1}))
    good = next(d for k, d in samples.items() if k[1] == "report")
    for what, change in [
            ("uid", {"uid": "../../x"}), ("type", {"type": "gossip"}), ("lane", {"lane": 4}),
            ("seq", {"seq": 0}), ("from", {"from": {"node": "a/b", "tier": "enterprise"}}),
            ("tier", {"from": {"node": "plant-01", "tier": "moon"}}), ("body", {"body": []}),
            ("replay", {"body": {**good["body"], "origin": "replay"}}),
            ("exercise", {"body": {**good["body"], "exercise": True}}),
            ("approval", {"body": {**good["body"], "approval": None}}),
            ("redaction", {"body": {**good["body"], "redaction": {"profile": None}}})]:
        check(f"schemas: wrong {what}", not tier_schemas.is_valid({**good, **change}))


# ---- through message servers ----

class Plants:
    """Three tiers, each with its server and its `tier run`, and the links between servers."""

    def __init__(self, root):
        certificates = servers.Certificates(root / "certificates")
        self.nodes = make_tiers(root / "nodes")
        state = servers.Server("state", root / "state", certificates)
        upper = servers.Link(state.leaf_port)
        province = servers.Server("province", root / "province", certificates, upper, "prov-33")
        lower = servers.Link(province.leaf_port)
        plant = servers.Server("enterprise", root / "plant", certificates, lower, "plant-01")
        self.servers, self.links = (plant, province, state), (lower, upper)
        for node, server in zip(self.nodes, self.servers):
            node.write(nats=server.settings(node.folder))

    def parties(self):
        return [*self.nodes, *self.servers, *self.links]

    def start(self):
        good = all([server.start() for server in self.servers])
        for node in self.nodes:
            node.start()
        return good

    def stop(self):
        for party in (*self.nodes, *self.servers):
            party.kill()

    def told(self):
        return "".join(f"\n== {n.name} {n.status()}\n{(n.folder / 'run.log').read_text()[-600:]}"
                       for n in self.nodes)


def is_settled(plants):
    return all(node.waiting() == [] and node.files("out/receipts") == [] for node in plants.nodes)


def count_once(what, plants, up, on):
    """What was sent is there once: `up` numbers at the province, `on` at the state."""
    _, province, state = plants.nodes
    for node, numbers in ((province, up), (state, on)):
        found = [b["content"]["n"] for b in node.bodies("in") if "content" in b]
        check(f"{what}: {node.name}: nothing lost, nothing twice", sorted(found) == numbers,
              (sorted(set(numbers) - set(found)), len(found), plants.told()))
    for node in plants.nodes:
        good, told = node.verify()
        check(f"{what}: {node.name}: the trail is whole", good, told)


def test_through_servers(plants):
    plant, province, state = plants.nodes
    for number in range(1, 21):
        send(plant, province, nodes.report(number))
    send(province, state, nodes.report(1001))
    done, uid = notice(province, "--ack-by", "2499-01-01T00:00:00Z")
    check("servers: settled", servers.wait_for(lambda: is_settled(plants), 60), plants.told())
    check("servers: notice", owed(plant, uid) == {"ack": "open", "report_back": "not_asked"})
    plant.run("ack", uid, "--by", "P-0042")
    check("servers: answer", servers.wait_for(lambda: owed(province, uid)["ack"] == "done", 30))
    count_once("servers", plants, list(range(1, 21)), [1001])


def strike(party):
    """kill -9, or the link is cut."""
    if isinstance(party, servers.Link):
        party.cut()
    else:
        party.kill()


def mend(party):
    if isinstance(party, servers.Link):
        party.mend()
    else:
        party.start()


def test_struck(plants, rounds):
    """Every party in turn is gone for a while, at another moment each time, while reports go
    up."""
    chance = random.Random(5)
    plant, province, state = plants.nodes
    up, on, number = list(range(1, 21)), [1001], 2000
    for _ in range(rounds):
        for party in plants.parties():
            for _ in range(3):
                number += 1
                check("struck: send", send(plant, province, nodes.report(number)).returncode == 0)
                up.append(number)
            number += 1
            send(province, state, nodes.report(number))
            on.append(number)
            time.sleep(chance.random() * 0.6)
            strike(party)
            number += 1
            send(plant, province, nodes.report(number))
            up.append(number)
            time.sleep(chance.random() * 1.5)
            mend(party)
    check("struck: settled", servers.wait_for(lambda: is_settled(plants), 180), plants.told())
    count_once("struck", plants, up, on)
    check("struck: nothing given up", all(n.files("out/dead") == [] for n in plants.nodes))


def test_lost_disk(plants):
    """The upper server begins anew, with nothing."""
    plant, province, _ = plants.nodes
    server = plants.servers[1]
    server.kill()
    shutil.rmtree(server.folder / "store")
    server.start()
    send(plant, province, nodes.report(9001))
    check("a lost disk: what is sent arrives", servers.wait_for(
        lambda: any(b.get("content", {}).get("n") == 9001 for b in province.bodies("in")), 100),
        plants.told())


def test_accounts(plants):
    """What the configurations that ship let nobody do."""
    plant, province, _ = plants.servers
    check("accounts: the node", "PONG" in plant.talk("tier", servers.PASSWORD))
    for what, told in [
            ("a wrong password", plant.talk("tier", "guess")),
            ("no password", plant.talk("", "")),
            ("no certificate", plant.talk("tier", servers.PASSWORD, certificate=False))]:
        check(f"accounts: {what}", "PONG" not in told, told)
    for what, server, user, password, command in [
            ("a sensor reads alerts", plant, "sensor", servers.PASSWORD, "SUB ironspan-alerts.> 1"),
            ("a sensor asks for streams", plant, "sensor", servers.PASSWORD,
             "PUB $JS.API.STREAM.NAMES 0\r\n"),
            ("a plant deletes", province, "plant-01", "lower",
             "PUB $JS.API.STREAM.DELETE.IN 0\r\n"),
            ("a plant reads the province's mail", province, "plant-01", "lower",
             "SUB ironspan-deliver.prov-33.> 1"),
            ("a plant writes as the province", province, "plant-01", "lower",
             "PUB ironspan.prov-33.state-1.0 0\r\n")]:
        told = server.talk(user, password, command)
        check(f"accounts: {what}", "Permissions Violation" in told, told)
    told = plant.talk("collector", servers.PASSWORD, "SUB inbox 1",
                      "PUB $JS.API.STREAM.NAMES inbox 0\r\n")
    check("accounts: sensors' account has not the tiers' streams", "PONG" in told and
          "OUT-plant-01" not in told, told)


def test_servers(root):
    global skipped
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True).stdout
    if not servers.can_run() or "libnats" not in version:
        print("skipped: message servers: no nats-server, no openssl, or built without libnats")
        skipped += 1
        return
    plants = Plants(Path(root) / "servers")
    try:
        check("servers: started", plants.start())
        test_through_servers(plants)
        test_accounts(plants)
        test_struck(plants, 2)
        test_lost_disk(plants)
    finally:
        plants.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="ironspan-tiers-") as root:
        test_folders(root)
        test_watched(Path(root) / "watched")
        test_watched_one_way(Path(root) / "one-way")
        test_watched_mistakes(Path(root) / "mistakes")
        test_servers(root)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


sys.exit(main())
