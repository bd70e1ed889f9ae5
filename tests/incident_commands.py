#!/usr/bin/python3
"""Incidents from outside: a capture fills a store, people work on it by command.

    tests/incident_commands.py [IRONSPAN]

As root also who may do what: roles by user and group, through sudo's variables and through
the file system.
"""
import hashlib
import json
import os
import pwd
import re
import resource
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from ironspan import PCAPS, ROOT, TIMEOUT_S, program
from report import Report

CAPTURE = os.path.join(PCAPS, "modbus-plant.pcap")
PLANT = os.path.join(ROOT, "signatures", "example-plant")
FILL = "[人工填写]"


def run(*words, user=None, **more):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith("SUDO_")}
    if user:
        environment["SUDO_UID"] = str(pwd.getpwnam(user).pw_uid)
    return subprocess.run([program(), *words], capture_output=True, timeout=TIMEOUT_S,
                          env=environment, text=True, check=False, **more)


class Store:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "store")

    def fill(self, *options):
        return run("-Q", "-r", CAPTURE, "--store", self.folder, "--registers", PLANT, *options)

    def do(self, *words, user=None):
        return run("incident", *words, "--store", self.folder, user=user)

    def rows(self, *words):
        return [json.loads(line) for line in self.do(*words, "--json").stdout.splitlines()]

    def show(self, name):
        return json.loads(self.do("show", name, "--json").stdout)


def wants(done, code, *texts):
    """What is wrong with how a command ended."""
    if done.returncode != code:
        yield "exit %d, not %d: %s" % (done.returncode, code, done.stderr)
    for text in texts:
        if text not in done.stdout + done.stderr:
            yield "%r is not in %r" % (text, done.stdout + done.stderr)


def same(what, got, want):
    if got != want:
        yield "%s is %r, not %r" % (what, got, want)


# ---- a capture fills it ----

def test_fill(report, store):
    done = store.fill("--events", "alert,incident")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    alerts = [e for e in events if e["event_type"] == "alert"]
    rows = store.rows("list", "--state", "all")
    report.case("a capture fills a store", list(wants(done, 0)) + ([] if rows else ["empty"]))
    kept = store.rows("alerts", "--limit", "0")
    report.case("every alert is kept", same("alerts", sorted(e["ot"]["uid"] for e in kept),
                                            sorted(e["ot"]["uid"] for e in alerts)))
    of = {e["ot"]["uid"]: e for e in kept}
    report.case("as it was written", [e["ot"]["uid"] for e in alerts if of.get(e["ot"]["uid"]) != e])
    last = {e["ot"]["incident"]["id"]: e["ot"]["incident"] for e in events
            if e["event_type"] == "incident"}
    counts = {r["id"]: r["alerts"] for r in rows}
    report.case("every incident is kept", same(
        "counts", counts, {name: doc["alerts"]["count"] for name, doc in last.items()}))
    for row in rows:
        of_one = store.rows("alerts", row["id"], "--limit", "0")
        report.case("alerts of %s" % row["id"], same("count", len(of_one), row["alerts"]))
    check_operations(report, store)
    before = [store.show(r["id"]) for r in rows]
    again = store.fill("--threads", "3")
    report.case("the same capture again changes nothing", list(wants(again, 0)) + list(
        same("documents", [store.show(r["id"]) for r in rows], before)))
    report.case("nothing but the store is asked for",
                wants(store.fill("--events", "alert"), 0))
    return rows[0]["id"]


def test_full(report):
    """A replay that the store did not take whole is not done."""
    with tempfile.TemporaryDirectory() as folder:
        done = run("-Q", "-r", CAPTURE, "--store", os.path.join(folder, "store"),
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150000,) * 2))
        report.case("a store that is full", wants(done, 2, "found no place"))


def check_operations(report, store):
    done = run("-Q", "-r", CAPTURE, "-S", "/dev/null", "--events", "modbus")
    wanted = 0
    for line in done.stdout.splitlines():
        ot = json.loads(line).get("ot", {})
        shown = ot.get("operations") or [ot.get("operation", {})]
        wanted += sum(op.get("verb") in ("write", "control", "mode_change", "restart", "config",
                                         "program_download", "file", "firmware", "time_sync",
                                         "alarm_ack", "select", "program_delete")
                      for op in shown)
    kept = store.rows("operations", "--limit", "0")
    report.case("every operation that changes something is kept",
                same("operations", len(kept), wanted))
    writes = [e["ot"]["operation"] for e in kept if e["ot"]["operation"]["verb"] == "write"]
    report.case("with the value before", [] if any("value_prev" in w and "value" in w
                                                   for w in writes) else ["none has one"])


# ---- people ----

def test_at_once(report, store, name):
    """Each is told the revision that is its own."""
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda n: store.do("note", name, "note %d" % n).stdout, range(12)))
    first = store.show(name)["revision"] - 11
    report.case("notes at once", same("revisions", sorted(
        int(re.search(r"revision (\d+)", t)[1]) for t in told), list(range(first, first + 12))))


def test_life(report, store, name):
    short = name.rsplit("-", 1)[1][:4]
    steps = [  # words, exit code, what is said
        (("confirm", short, "5", "no such level"), 1, ("level is a number from 1 to 4",)),
        (("resolve", short, "too early"), 1, ("the incident is detected", "possible now: ack")),
        (("ack", short), 0, ("triaged, was detected",)),
        (("ack", short), 1, ("the incident is triaged",)),
        (("assign", short, "--owner", "wang", "--escalate", "P-0003"), 0, ("noted",)),
        (("note", short, "电话已通知 \033[31mred"), 0, ("noted",)),
        (("note", short, "one", "two"), 1, ("two is one word too many",)),
        (("set", short, "production_stopped_min", "35"), 0, ("noted",)),
        (("set", short, "production_stopped_min", "some"), 1, ("whole number or null",)),
        (("confirm", short, "3", "batch stopped"), 0, ("confirmed, was triaged",)),
        (("confirm", short, "--level", "2", "--reason", "worse"), 0, ("noted",)),
        (("contain", short, "port off", "--effect", "gone"), 0, ("noted",)),
        (("close", short, "done"), 1, ("the incident is confirmed",)),
        (("dance", short), 2, ("unknown command dance",)),
        (("shwo", short), 2, ("did you mean show",)),
        (("note", "nonsense", "x"), 1, ("there is no incident nonsense",)),
        (("note", short), 1, ("text is missing",)),
        (("note", short, "x", "--colour", "red"), 2, ("unknown option --colour",)),
    ]
    for words, code, texts in steps:
        report.case("incident %s" % " ".join(words), wants(store.do(*words), code, *texts))
    doc = store.show(short)
    report.case("what people said is in the document", [
        *same("owner", doc["assignment"]["owner"], "wang"),
        *same("level", doc["grade"]["confirmed"]["level"], 2),
        *same("stopped", doc["human_input"]["production_stopped_min"], 35),
        *same("unknown", doc["human_input"]["people_affected"], None),
        *same("measures", [a["effect"] for a in doc["actions"]], ["gone"])])
    page = store.do("show", short, "--history", "--alerts", "3").stdout
    report.case("show is a page for people", [
        *(text + " is missing" for text in ("confirmed 2, major", "owner wang", "Possible now",
                                            "电话已通知", "worse", "incident.ack")
          if text not in page),
        *(["a note can colour the terminal"] if "\033[31m" in page else [])])
    listed = {row["id"]: row for row in store.rows("list", "--level", "2", "--owner", "wang")}
    report.case("list finds it", same("ids", list(listed), [name]))
    report.case("list for people", wants(store.do("list"), 0, "LEVEL", name, "confirmed"))
    report.case("list of what is not there", wants(store.do("list", "--asset", "none"), 0,
                                                   "no such incidents"))
    for what in "alerts", "operations":
        report.case("%s that are not there" % what, wants(
            store.do(what, "--src", "192.0.2.1"), 0, "no such %s" % what))
        few = store.do(what, "--limit", "1")
        report.case("%s beyond the limit" % what, wants(
            few, 0, "there are more than these 1 %s; --limit 0 shows all" % what))
        report.case("one of them", same("lines", few.stdout.count("\n"), 2))
    report.case("list of no state", wants(store.do("list", "--state", "odd"), 2, "no state odd"))
    report.case("no store", wants(run("incident", "list", "--store", "/nonexistent"), 2,
                                  "no store"))
    report.case("no --store", wants(run("incident", "list"), 2, "needs --store"))


def test_help(report):
    whole = run("incident", "--help")
    names = [line.split()[0] for line in whole.stdout.splitlines()
             if line.startswith("  ") and line[2:3].isalpha() and line[14:15] == " "]
    for name in ("list", "show", "ack", "assign", "note", "confirm", "dismiss", "merge", "action",
                 "contain", "resolve", "close", "set", "report", "approve", "export", "backup"):
        report.case("help of %s" % name, [
            *([] if "\n  %s " % name in whole.stdout else ["not in the list: %s" % names]),
            *wants(run("incident", name, "--help"), 0, "ironspan incident %s" % name)])


# ---- reports ----

def canonical_hash(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def draft(store, name, kind, uid, folder, filled=True):
    doc = store.show(name)
    path = os.path.join(folder, uid + ".json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"schema": "ironspan.report/1", "uid": uid, "kind": kind,
                   "exercise": doc["origin"] != "live",
                   "profile": "GROUP/internal", "recipient": {"name": "group"},
                   "incident": {"id": doc["id"], "revision": doc["revision"],
                                "sha256": canonical_hash(doc)},
                   "form": [{"key": "unit", "required": True},
                            {"key": "more.cause", "required": False}],
                   "content": {"unit": "plant" if filled else FILL, "more": {"cause": FILL}}},
                  out)
    return path


def test_reports(report, store, name, folder):
    empty = draft(store, name, "first", "r1", folder, filled=False)
    report.case("a draft goes in", wants(store.do("report", name, empty), 0, "r1: drafted"))
    report.case("nobody approves their own", wants(
        store.do("approve", name, "r1"), 1, "still to be filled in: unit"))
    full = draft(store, name, "first", "r1", folder)
    report.case("filled in, it goes in again", wants(store.do("report", name, full), 0))
    report.case("by the same person", wants(store.do("approve", name, "r1"), 1,
                                            "another person must approve it"))
    report.case("not before it is approved", wants(store.do("submit", name, "r1", "phone"), 1,
                                                   "nobody has approved"))
    with open(full, encoding="utf-8") as file:
        forged = json.load(file)
    forged["uid"], forged["incident"]["sha256"] = "r2", "0" * 64
    with open(full + "x", "w", encoding="utf-8") as file:
        json.dump(forged, file)
    report.case("of another incident", wants(store.do("report", name, full + "x"), 1,
                                             "was not made from"))
    report.case("no report", wants(store.do("report", name, CAPTURE), 1, CAPTURE))
    exported = json.loads(store.do("export", name, "--report", "r1").stdout)
    report.case("export of a report", [
        *same("missing", exported["missing"], ["more.cause"]),
        *same("approval", exported["approval"]["two_person"], False)])
    report.case("export of the incident", same(
        "document", json.loads(store.do("export", name).stdout), store.show(name)))


def test_drafts(report, store, name, folder):
    """What the program writes itself: filled in by hand, it can be approved."""
    done = store.do("report", name, "--profile", "CN-CAC-2025/other-operator", "--lang", "zh")
    report.case("a draft of its own", wants(done, 0, "still to fill in: "))
    uid = next(r["uid"] for r in store.show(name)["reports"]
               if r["profile"] == "CN-CAC-2025/other-operator")
    page = os.path.join(folder, "page.html")
    report.case("as a page", wants(
        store.do("export", name, "--report", uid, "--out", page), 0))
    with open(page, encoding="utf-8") as file:
        text = file.read()
    report.case("with what a person must write", [] if FILL in text and "<html" in text
                else [text[:200]])
    path = os.path.join(folder, "draft.json")
    store.do("export", name, "--report", uid, "--out", path)
    with open(path, encoding="utf-8") as file:
        draft_of = json.load(file)
    report.case("made from the store's alerts", [
        *same("alerts", draft_of["annex"]["capture"]["alerts_at_hand"],
              store.show(name)["alerts"]["count"]),
        *([] if draft_of["annex"]["changes"] else ["no changes"])])
    with open(path, "w", encoding="utf-8") as file:
        json.dump(json.loads(json.dumps(draft_of).replace(json.dumps(FILL)[1:-1], "done")),
                  file)
    report.case("filled in, it goes in again", wants(store.do("report", name, path), 0))
    report.case("nothing is missing then", same("missing", json.loads(
        store.do("export", name, "--report", uid).stdout)["missing"], []))
    report.case("no such profile", wants(store.do("report", name, "--profile", "X"), 1, "X"))


def test_two_persons(report, store, name, folder):
    """The second person needs a role, and another id: sudo's, as root."""
    roles(store, {"approver": {"users": ["bin"]}}, {"bin": "P-0003"})
    key = os.path.join(folder, "key")
    run("audit", "key", "make", key, "--name", "plant")
    report.case("another person approves", wants(
        store.do("approve", name, "r1", "--key", key, user="bin"), 0, "r1: approved",
        "warning: not filled in, and not required by the form: more.cause"))
    kept = json.loads(store.do("export", name, "--report", "r1").stdout)
    report.case("signed by two", [
        *same("approval", (kept["approval"]["prepared_by"], kept["approval"]["approved_by"],
                           kept["approval"]["two_person"]), ("root", "P-0003", True)),
        *same("signature", kept["signature"]["alg"], "Ed25519")])
    report.case("then it is filed", wants(
        store.do("submit", name, "r1", "phone", "--receipt", "77"), 0, "submit"))
    report.case("and says so", [
        *same("state", store.show(name)["state"], "reported_first"),
        *same("receipt", store.show(name)["reports"][0]["receipt"], "77")])
    report.case("resolve", wants(store.do("resolve", name, "restored"), 0, "resolved"))
    report.case("no end without a final report", wants(store.do("close", name, "x"), 1,
                                                       "the final one is not"))


# ---- who may ----

def roles(store, by_role, persons=()):
    path = os.path.join(store.folder, "roles.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"schema": "ironspan.roles/1", "roles": by_role, "persons": dict(persons)},
                  out)
    os.chmod(path, 0o640)
    return path


def test_roles(report, store, name):
    roles(store, {"viewer": {"users": ["daemon"]}, "analyst": {"groups": ["games"]},
                  "approver": {"users": ["bin"]}})
    cases = [  # user, words, exit code, what is said
        ("daemon", ("list",), 0, ""),
        ("daemon", ("note", name, "x"), 1, "daemon (viewer) may not change incidents"),
        ("games", ("note", name, "x"), 0, "noted"),
        ("games", ("backup", "/nonexistent/x"), 1, "may not administer"),
        ("bin", ("note", name, "x"), 0, "noted"),
        ("sys", ("list",), 2, "sys (none) may not read"),
        (None, ("note", name, "x"), 0, "noted"),
    ]
    for user, words, code, text in cases:
        report.case("%s as %s" % (words[0], user), wants(store.do(*words, user=user), code, text))
    by = [note["by"] for note in store.show(name)["notes"][-3:]]
    report.case("each under their own name", same("names", by, ["games", "bin", "root"]))
    path = roles(store, {"king": {"users": ["daemon"]}})
    report.case("a role that is none", wants(store.do("list"), 2, "roles.king"))
    roles(store, {})
    os.chmod(path, 0o666)
    report.case("roles that anybody can write", wants(store.do("list"), 2, "nobody else"))
    os.unlink(path)


def test_files(report, store, name):
    """Without sudo: the group reads, others do not, and nobody writes."""
    group = pwd.getpwnam("games").pw_gid
    for folder, _, files in os.walk(store.folder):
        for entry in [folder, *(os.path.join(folder, file) for file in files)]:
            os.chown(entry, -1, group)
    os.chmod(os.path.dirname(store.folder), 0o755)

    def as_user(user, *words):
        account = pwd.getpwnam(user)
        return subprocess.run([os.path.abspath(program()), "incident", *words,
                               "--store", store.folder],
                              capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
                              user=account.pw_uid, group=account.pw_gid, extra_groups=[],
                              cwd="/", env={"PATH": os.environ["PATH"]})

    if as_user("games", "--help").returncode:
        report.skip("files", "other users cannot run the program here")
        return
    report.case("the group reads", wants(as_user("games", "list", "--state", "all"), 0, name))
    report.case("the group writes nothing", wants(as_user("games", "note", name, "x"), 2))
    report.case("others read nothing", wants(as_user("daemon", "list"), 2))


# ---- care ----

def test_care(report, store, folder):
    copy = os.path.join(folder, "copy")
    report.case("backup", wants(store.do("backup", copy), 0, copy))
    report.case("the copy is a store", same(
        "incidents", run("incident", "list", "--state", "all", "--json", "--store", copy).stdout,
        store.do("list", "--state", "all", "--json").stdout))
    log = ["audit", "verify", "--log", os.path.join(copy, "audit.ndjson")]
    report.case("with a whole trail", wants(run(*log), 0, "OK"))
    report.case("backup over something", wants(store.do("backup", copy), 1, "File exists"))
    with open(os.path.join(copy, "incidents.db"), "wb"):
        pass
    for words in (("list",), ("note", "x", "y")):
        report.case("a database that is empty: %s" % words[0], wants(
            run("incident", *words, "--store", copy), 2, "is empty, but audit.ndjson is not"))
    report.case("retain", wants(store.do("retain", "--megabytes", "0", "--days", "0"), 0,
                                "0 alerts"))


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        name = test_fill(report, store)
        test_full(report)
        test_help(report)
        test_life(report, store, name)
        test_reports(report, store, name, folder)
        test_at_once(report, store, name)
        test_drafts(report, store, name, folder)
        if os.getuid() == 0:
            test_roles(report, store, name)
            test_two_persons(report, store, name, folder)
            test_care(report, store, folder)
            test_files(report, store, name)
        else:
            report.skip("roles", "that takes root")
    report.end()


main()
