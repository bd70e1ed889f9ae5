#!/usr/bin/python3
"""`ironspan report` from outside: incidents, the audit of operations, risk before and after.

    tests/reports.py [IRONSPAN]

What the sheets must hold and must not is looked for by code of its own: an address scanner
here, counts from the events, and a browser that draws the pages (skipped where there is none).
"""
import hashlib
import html.parser
import ipaddress
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import jsonschema

import ironspan
from report import Report

ROOT = Path(ironspan.ROOT)
INCIDENT = ROOT / "tests/incidents/write.json"
ALERTS = ROOT / "tests/incidents/write.alerts.json"
REGISTERS = ROOT / "signatures/example-plant"
PLANT = ROOT / "pcaps/modbus-plant.pcap"
USERS = ROOT / "pcaps/opcua-users.pcap"
FILL = "[人工填写]"
BINARY = ironspan.program()
PROFILES = ("CN-CAC-2025/other-operator", "CN-CAC-2025/cii-operator", "CN-CAC-2025/central-organ",
            "CN-MIIT-2017-281/short", "EU-NIS2", "US-CIP-008-6", "GROUP/internal")
AT = "2026-11-20T03:02:11Z"

report = Report()


def run(*args, stdin=None):
    return subprocess.run([BINARY, "report", *map(str, args)], capture_output=True,
                          timeout=ironspan.TIMEOUT_S, input=stdin)


def text(*args, **more):
    done = run(*args, **more)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


def incident(*args):
    return text("incident", INCIDENT, "--alerts", ALERTS, "--at", AT, *args)


# ---- incidents ----

def test_schema():
    with open(ROOT / "src/incident/report.schema.json", encoding="utf-8") as file:
        schema = jsonschema.Draft202012Validator(json.load(file))
    for profile in PROFILES:
        for kind in ("first", "progress", "final", "correction", "withdrawal"):
            for lang in ("zh", "en"):
                doc = json.loads(incident("--profile", profile, "--kind", kind, "--lang", lang,
                                          "--format", "json"))
                report.case("schema: %s %s %s" % (profile, kind, lang),
                            [e.message for e in schema.iter_errors(doc)])


def canonical(value):
    """RFC 8785 for what our documents hold; keys of ASCII sort the same everywhere."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_binding():
    with open(INCIDENT, encoding="utf-8") as file:
        want = hashlib.sha256(canonical(json.load(file))).hexdigest()
    doc = json.loads(incident("--format", "json"))
    report.case("bound to the incident's hash", [] if doc["incident"]["sha256"] == want else [want])
    again = incident("--format", "json")
    report.case("the same again", [] if json.loads(again) == doc else ["differs"])


def test_marks():
    """Every marked item is on the sheet, in each form."""
    for profile in PROFILES:
        for lang in ("zh", "en"):
            args = ("--profile", profile, "--lang", lang)
            missing = json.loads(incident(*args, "--format", "json"))["missing"]
            for form in ("md", "html"):
                sheet = incident(*args, "--format", form)
                count = sheet.count(FILL)
                report.case("marks: %s %s %s" % (profile, lang, form),
                            [] if missing and count > len(missing) else [(count, missing)])


def test_local_time():
    doc = json.loads(incident("--registers", REGISTERS, "--profile", PROFILES[0], "--format",
                              "json"))
    found = doc["content"]["2_event"]["discovered_at"], doc["recipient"]["channels"]
    report.case("local time and channels of the registers",
                [] if found[0] == "2026-11-20T10:14:07+08:00" and found[1] else [found])
    doc = json.loads(incident("--time-zone", "America/New_York", "--format", "json"))
    report.case("local time by name", [] if doc["utc_offset_min"] == -300 else
                [doc["utc_offset_min"]])


def test_followed():
    with tempfile.TemporaryDirectory() as folder:
        first, later = Path(folder) / "first.json", Path(folder) / "later.json"
        incident("--profile", PROFILES[0], "-o", first)
        changed = json.loads(INCIDENT.read_text(encoding="utf-8"))
        changed["revision"] = 7
        changed["human_input"]["production_stopped_min"] = 55
        later.write_text(json.dumps(changed), encoding="utf-8")
        doc = json.loads(text("incident", later, "--previous", first, "--kind", "progress",
                              "--profile", PROFILES[0], "--format", "json"))
        keys = [row["key"] for row in doc["since_previous"]]
        report.case("what changed since", [] if "2_event.impact" in keys and
                    doc["sequence"] == 2 and doc["supersedes"] else [keys])


def test_mistakes():
    cases = [
        ("no such kind", ["--kind", "second"], 2, "--kind is"),
        ("no such profile", ["--profile", "X/y"], 2, "No such file"),
        ("a profile that climbs", ["--profile", "../labels"], 2, ""),
        ("no such language", ["--lang", "fr"], 2, "--lang is"),
        ("no such format", ["--format", "pdf"], 2, "--format is"),
        ("no such time zone", ["--time-zone", "Moon/Base"], 2, "no time zone"),
        ("kept nowhere", ["--save"], 2, "needs --store"),
        ("redaction without key", ["--redact", "to-group"], 2, "needs --key"),
        ("a time", ["--at", "yesterday"], 2, "write it as 24h, 7d, 2026-11-20 or"),
        ("unknown option", ["--profle", "x"], 2, "did you mean --profile"),
    ]
    for what, args, code, said in cases:
        done = run("incident", INCIDENT, *args)
        error = done.stderr.decode()
        report.case(what, [] if done.returncode == code and said in error and not done.stdout
                    else [done.returncode, error])
    for what, args in (("nothing", []), ("two incidents", ["incident", INCIDENT, INCIDENT]),
                       ("no incident", ["incident", ALERTS]), ("one side", ["risk", PLANT]),
                       ("no file", ["audit"]), ("no part", ["incidnet"])):
        done = run(*args)
        report.case(what, [] if done.returncode == 2 and done.stderr and not done.stdout
                    else [done.returncode])


# ---- whose language ----

def test_language():
    """Grade and score of a Chinese report hold no English; the English one has no Chinese."""
    lines = subprocess.run([BINARY, "-Qr", PLANT, "--events", "incident", "--registers",
                            str(REGISTERS)], capture_output=True, check=True).stdout
    docs = [json.loads(line)["ot"]["incident"] for line in lines.splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "incident.json"
        for doc in docs[-3:]:
            path.write_text(json.dumps(doc), encoding="utf-8")
            names = {a["asset"] for a in doc["affected"]} | {a["zone"] for a in doc["affected"]}
            sheet = text("incident", path, "--lang", "zh", "--format", "md")
            zh = section(sheet, "级别建议") + section(sheet, "优先分构成")
            words = set(re.findall(r"[A-Za-z][A-Za-z_]{3,}", zh.replace("\\", "")))
            allowed = {w for n in names if n for w in re.findall(r"[A-Za-z]+", n)}
            report.case("zh: %s %d" % (doc["id"], doc["revision"]), [w for w in words
                        if w not in allowed and not w.startswith("matrix")])
            sheet = text("incident", path, "--lang", "en", "--format", "md")
            en = section(sheet, "Grade") + section(sheet, "What the score is made of")
            report.case("en: %s %d" % (doc["id"], doc["revision"]),
                        re.findall(r"[\u4e00-\u9fff]+", en))


def section(sheet, name):
    return re.search(r"^### %s$(.*?)^### " % name, sheet, re.M | re.S).group(1)


# ---- where it goes ----

def test_out():
    """A pipe stays one and gets the report, a link stays a link, a file is replaced."""
    with tempfile.TemporaryDirectory() as folder:
        pipe, link, file = (Path(folder) / name for name in ("pipe", "link", "file"))
        os.mkfifo(pipe)
        link.symlink_to("file")
        file.write_text("before", encoding="utf-8")
        reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
        incident("--format", "json", "-o", pipe)
        got = reader.communicate(timeout=ironspan.TIMEOUT_S)[0].decode("utf-8")
        want = incident("--format", "json")
        report.case("into a pipe", [] if pipe.is_fifo() and got == want else [got[:60]])
        incident("--format", "json", "-o", link)
        report.case("through a link", [] if link.is_symlink() and
                    file.read_text(encoding="utf-8") == want else [str(link)])
        incident("--format", "md", "-o", file)
        report.case("into a file", [] if file.read_text(encoding="utf-8").startswith("#") and
                    not (Path(folder) / "file.tmp").exists() else [str(file)])


# ---- which time ----

def test_since():
    """So long ago, a day, or a time: the audit takes what `ironspan incident` takes."""
    whole = json.loads(text("audit", PLANT, "--format", "json"))["operations"]
    times = [row["at"] for row in whole]
    for since, want in (("2026-11-22", len(times)), ("2026-11-23", 0), ("100000d", len(times)),
                        ("0s", 0), (times[7].replace("Z", "+00:00"), len(times) - 7)):
        got = json.loads(text("audit", PLANT, "--since", since, "--format", "json"))["operations"]
        report.case("since %s" % since, [] if len(got) == want else [len(got), want])


# ---- which device ----

def test_behind_a_gateway():
    """TIC-101 is unit 8 at PLC-021's address, and in the incident: each row names its own."""
    lines = subprocess.run([BINARY, "-Qr", PLANT, "--registers", str(REGISTERS)],
                           capture_output=True, check=True).stdout
    events = [json.loads(line) for line in lines.splitlines()]
    doc = [e["ot"]["incident"] for e in events if e["event_type"] == "incident"][-1]
    want = sorted({(c["at"], c["asset"]) for c in doc["changes"]})
    with tempfile.TemporaryDirectory() as folder:
        path, alerts = Path(folder) / "incident.json", Path(folder) / "eve.json"
        path.write_text(json.dumps(doc), encoding="utf-8")
        alerts.write_bytes(lines)
        for what, more, scanned in (("registers", ("--registers", REGISTERS), "TIC-101"),
                                    ("none", (), "10.10.1.21")):
            annex = json.loads(text("incident", path, "--alerts", alerts, "--format", "json",
                                    *more))["annex"]
            got = sorted({(c["at"], c["to"]) for c in annex["changes"]})
            report.case("changes of one device behind another, %s" % what,
                        [] if got == want else [got, want])
            told = [r["what"] for r in annex["timeline"] if "asks many unit ids" in r["what"]]
            report.case("the device that was asked, %s" % what,
                        [] if told and told[0].endswith("→ " + scanned) else told)
        rows = json.loads(text("audit", PLANT, "--registers", REGISTERS, "--format",
                               "json"))["operations"]
        report.case("the gateway's own operations in the audit", [
            r["to"] for r in rows if r["to"]["ip"] == "10.10.1.21" and
            r["to"]["asset"] != {"8": "TIC-101"}.get(r["to"]["unit"], "PLC-021")])


# ---- what did not happen ----

def test_unreal():
    """Every profile and form says so, in both languages."""
    good = json.loads(INCIDENT.read_text(encoding="utf-8"))
    words = {"zh": "回放或演练数据", "en": "Replay or exercise"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unreal.json"
        for origin in ("replay", "exercise", None, "Live"):
            path.write_text(json.dumps({**good, "origin": origin}), encoding="utf-8")
            for profile in PROFILES:
                for lang, word in words.items():
                    args = ("incident", path, "--profile", profile, "--lang", lang, "--format")
                    said = [form for form in ("md", "html") if word not in text(*args, form)]
                    if json.loads(text(*args, "json"))["exercise"] is not True:
                        said.append("json")
                    report.case("unreal: %s %s %s" % (origin, profile, lang), said)
    sheet = incident("--profile", PROFILES[0], "--lang", "en", "--format", "md")
    report.case("unreal: a real one says nothing of it", [sheet] if words["en"] in sheet else [])


# ---- hostile text ----

class Page(html.parser.HTMLParser):
    """Tags that are there, and the text between them."""
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.words = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data):
        self.words.append(data)


OURS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "div",
        "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "mark"}
EVIL = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=x>",
        "</style><b>x</b>", "&lt;b&gt;", "javascript:alert(1)", "| a | b |\n# x", "\u202eabc",
        "[x](http://evil.example)", "${7*7}", "`x`", "-- <!--", "\x00\x1b[2J"]


def hostile(value, number=[0]):
    """Every string but those that give the document its form becomes one of EVIL."""
    if isinstance(value, dict):
        return {k: v if k in ("schema", "id", "uid", "origin", "uids", "t0", "due", "profile", "ip")
                or k in ("first_activity", "last_activity", "detected", "confirmed", "at")
                else hostile(v) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v) for v in value]
    if isinstance(value, str):
        number[0] += 1
        return EVIL[number[0] % (len(EVIL) - 1)]
    return value


def test_hostile():
    with tempfile.TemporaryDirectory() as folder:
        evil = Path(folder) / "evil.json"
        doc = hostile(json.loads(INCIDENT.read_text(encoding="utf-8")))
        evil.write_text(json.dumps(doc), encoding="utf-8")
        for profile in PROFILES:
            page = Page()
            source = text("incident", evil, "--profile", profile, "--format", "html")
            page.feed(source)
            faults = [page.tags - OURS] if page.tags - OURS else []
            faults += [a for a in page.attributes if a.startswith("on") or a in ("href", "src")]
            faults += [repr(c) for c in "\u202e\x1b\x00" if c in source]
            report.case("hostile: %s html" % profile, faults)
            sheet = text("incident", evil, "--profile", profile, "--format", "md")
            faults = re.findall(r"(?<!\\)<[a-z/!]", sheet)
            faults += re.findall(r"(?<!\\)\]\(", sheet)
            report.case("hostile: %s md" % profile, faults)


# ---- what leaves ----

MAC = re.compile(r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|\b(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}\b")
V4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
V6 = re.compile(r"(?i)[0-9a-f:]*::?[0-9a-f:]+")


DOCUMENTATION = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24",
                                                   "203.0.113.0/24")]


def left_over(outgoing):
    words = V4.findall(outgoing) + V6.findall(outgoing)
    found = MAC.findall(outgoing)
    for word in words:
        try:
            address = ipaddress.ip_address(word.strip(":"))
        except ValueError:
            continue
        if address.is_private and not any(address in n for n in DOCUMENTATION):
            found.append(word)
    found += re.findall(r"P-\d{4}", outgoing)
    found += [w for w in ("wang.wei", "li.na", "zhao.min", "AAcAAAAGAQYAFAc6") if w in outgoing]
    return found


def test_redaction():
    report.case("the scanner sees what is not redacted",
                [] if len(left_over(incident("--format", "json"))) > 5 else ["it is blind"])
    with tempfile.TemporaryDirectory() as folder:
        key, openings = Path(folder) / "key", Path(folder) / "openings"
        for redaction in ("to-authority", "to-group", "to-sharing"):
            args = ("--profile", PROFILES[0], "--redact", redaction, "--key", key,
                    "--registers", REGISTERS, "--by", "P-0042")
            for profile in PROFILES:
                for form in ("json", "md", "html"):
                    sheet = incident(*args, "--profile", profile, "--format", form,
                                     "--openings", openings)
                    report.case("%s of %s as %s: nothing is left" % (redaction, profile, form),
                                left_over(sheet))
            doc = json.loads(incident(*args, "--format", "json", "--openings", openings))
            opened = json.loads(openings.read_text(encoding="utf-8"))
            removed = {r["pointer"]: r["commitment"] for r in doc["redaction"]["removed"]}
            faults = [o["pointer"] for o in opened if removed.get(o["pointer"]) != hashlib.sha256(
                canonical({"salt": o["salt"], "value": o["value"]})).hexdigest()]
            report.case("%s: commitments" % redaction, faults if opened else ["no openings"])
        report.case("the key is ours alone", [] if key.stat().st_mode & 0o777 == 0o600 and
                    openings.stat().st_mode & 0o777 == 0o600 else [oct(key.stat().st_mode)])
        key.chmod(0o644)
        done = run("incident", INCIDENT, "--redact", "to-group", "--key", key)
        report.case("a key that others read is refused", [] if done.returncode == 2 and
                    b"chmod 600" in done.stderr else [done.stderr])


SPELLED = ("10.10.7.33", "10.10.7.44", "10.10.7.55", "10.10.7.66", "10.10.7.99", "010.010.007.088",
           "10-10-7-22", "plc_fd00:12::7", "3cecef107701", "3CEC-EF10-7701", "02000a0a0116")


def test_spellings():
    """In sentences of people, addresses and devices are spelt as people and their tools do."""
    doc = json.loads(INCIDENT.read_text(encoding="utf-8"))
    doc["actions"][0]["text"] = (
        "IP 10.10.7.33.49152 > 10.10.7.44.502; fw_10.10.7.55.log; ip10.10.7.66; x10.10.7.99; "
        "padded 010.010.007.088; ip-10-10-7-22; plc_fd00:12::7; 3cecef107701, 3CEC-EF10-7701; "
        "02000a0a0116 of PLC-022; from 203.0.113.66")
    with tempfile.TemporaryDirectory() as folder:
        path, key = Path(folder) / "incident.json", Path(folder) / "key"
        path.write_text(json.dumps(doc), encoding="utf-8")
        for redaction, hidden in (("to-authority", ("PLC-022",)), ("to-group", ()),
                                  ("to-sharing", ("PLC-022",))):
            sheet = text("incident", path, "--alerts", ALERTS, "--at", AT, "--redact", redaction,
                         "--key", key, "--registers", REGISTERS, "--by", "P-0042",
                         "--profile", PROFILES[0], "--format", "json")
            report.case("%s: however it is spelt" % redaction,
                        [w for w in SPELLED + hidden if w in sheet])
            if redaction != "to-sharing":
                report.case("%s: what is outside stays" % redaction,
                            [] if "from 203.0.113.66" in sheet else [sheet])


# ---- the audit of operations ----

LOOK = {"read", "discover", "diagnose", "subscribe", "session", "login", "program_upload"}


def altering(events):
    for event in events:
        ot = event.get("ot", {})
        if event["event_type"] == "alert" or "operation" not in ot:
            continue
        for operation in ot.get("operations", [ot["operation"]]):
            if operation["verb"] not in LOOK:
                yield event, operation


def counts(rows):
    found = {}
    for row in rows:
        found[row] = found.get(row, 0) + 1
    return found


def test_audit():
    names = ("modbus-plant", "s7comm-program", "dnp3-controls", "opcua-users", "umas-commands")
    for name in names:
        path = ROOT / "pcaps" / (name + ".pcap")
        lines = subprocess.run([BINARY, "-Q", "-r", path, "--events", "all"],
                               capture_output=True, check=True).stdout
        events = [json.loads(line) for line in lines.splitlines()]
        want = counts((e["src_ip"], e["dest_ip"], o["verb"], o.get("outcome"))
                      for e, o in altering(events))
        for what, args, stdin in (("capture", [path], None), ("pipe", ["-"], lines)):
            doc = json.loads(text("audit", *args, "--format", "json", stdin=stdin))
            have = counts((r["who"]["ip"], r["to"]["ip"], r["verb"], r.get("outcome"))
                          for r in doc["operations"])
            report.case("audit: %s from a %s" % (name, what), [] if have == want and
                        doc["count"] == sum(want.values()) and doc["not_listed"] == 0
                        else [set(have.items()) ^ set(want.items())])
            summed = sum(s["count"] for s in doc["sums"])
            report.case("audit: %s sums" % name, [] if summed == doc["count"] else [summed])


def test_audit_values():
    doc = json.loads(text("audit", PLANT, "--format", "json"))
    first = doc["operations"][0]
    report.case("from what to what", [] if (first["value_before"], first["value"],
                first["point"], first["outcome"]) == ("1220", "1800", "20", "accepted") else [first])
    for name, user in (("opcua-none", "anonymous"), ("umas-commands", "ENG-ST-7"),
                       ("dnp3-tour", "engineer")):
        doc = json.loads(text("audit", ROOT / "pcaps" / (name + ".pcap"), "--format", "json"))
        users = {row["who"]["user"] for row in doc["operations"]}
        report.case("who had logged in: %s" % name, [] if user in users else [users])
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "eve.json"
        log.write_bytes(subprocess.run([BINARY, "-Q", "-r", PLANT], capture_output=True,
                                       check=True).stdout + b"not json\n[1]\n")
        doc = json.loads(text("audit", log, "--format", "json"))
        report.case("from alerts alone, and it says so", [] if doc["source"] == "alerts" and
                    doc["count"] > 0 and doc["unreadable_lines"] == 2 else [doc["source"]])


def test_audit_user():
    """Whatever a user calls himself, he is summed up as what he did to whom."""
    user = "eve\t10.9.9.9\topcua\tread\trejected"
    line = {"timestamp": "2026-11-22T10:18:14.000000+0000", "event_type": "modbus",
            "flow_id": 1, "src_ip": "10.0.0.1", "dest_ip": "10.0.0.2", "app_proto": "modbus",
            "ot": {"user": user, "operation": {"verb": "write", "outcome": "accepted"}}}
    want = {"who": "10.0.0.1 " + user, "to": "10.0.0.2", "protocol": "modbus", "verb": "write",
            "outcome": "accepted", "count": 1}
    sums = json.loads(text("audit", "-", "--format", "json", stdin=json.dumps(line).encode()))["sums"]
    report.case("a user's name in sums", [] if sums == [want] else sums)


def test_audit_period():
    whole = json.loads(text("audit", PLANT, "--format", "json"))
    middle = whole["operations"][len(whole["operations"]) // 2]["at"]
    before = json.loads(text("audit", PLANT, "--until", middle, "--format", "json"))
    after = json.loads(text("audit", PLANT, "--since", middle, "--format", "json"))
    report.case("two halves make the whole", [] if before["operations"] + after["operations"] ==
                whole["operations"] and before["count"] and after["count"] else
                [before["count"], after["count"], whole["count"]])
    few = json.loads(text("audit", PLANT, "--limit", "5", "--format", "json"))
    report.case("a bound is told", [] if len(few["operations"]) == 5 and
                few["not_listed"] == whole["count"] - 5 and few["sums"] == whole["sums"] else [few])
    for lang, words in (("zh", ("控制操作审计报告", "已接受", "143")), ("en", ("not listed", "accepted"))):
        sheet = text("audit", PLANT, "--limit", "5", "--lang", lang)
        report.case("sheet in %s" % lang, [w for w in words if w.lower() not in sheet.lower()])


# ---- risk ----

def test_risk():
    doc = json.loads(text("risk", PLANT, USERS, "--format", "json", "--lang", "en"))
    added = {(r["kind"], r["object"]) for r in doc["difference"]["exposures"]["added"]}
    removed = {(r["kind"], r["object"], r["subject"])
               for r in doc["difference"]["exposures"]["removed"]}
    want = {("service", "10.10.1.41:4840"), ("anonymous", "10.10.1.41:4840"),
            ("clear_text", "10.10.1.41:4840")}
    report.case("what is new", want - added)
    want = {("writer", "10.10.1.21:502", "10.10.9.77"), ("clear_text", "10.10.1.21:502", None)}
    report.case("what is gone", want - removed)
    hosts = {a["ip"] for a in doc["before"]["assets"]}
    report.case("devices", {"10.10.1.21", "10.10.1.22", "10.10.5.20", "10.10.9.77"} - hosts)
    same = json.loads(text("risk", PLANT, PLANT, "--format", "json"))["difference"]
    report.case("nothing differs from itself", [rows for part in same.values()
                                               for rows in part.values() if rows])
    doc = json.loads(text("risk", PLANT, PLANT, "--registers", REGISTERS, "--format", "json"))
    kinds = {(r["kind"], r["subject"]) for r in doc["after"]["exposures"]}
    report.case("a master that no register knows", [] if ("unknown_master", "10.10.9.77") in kinds
                else [kinds])
    secure = json.loads(text("risk", ROOT / "pcaps/opcua-encrypted.pcap", USERS, "--format",
                             "json"))
    clear = [r for r in secure["before"]["exposures"] if r["kind"] == "clear_text"]
    report.case("an encrypted server is not in clear", clear)
    for lang, word in (("zh", "联网前后风险对比报告"), ("en", "Risk before and after networking")):
        sheet = text("risk", PLANT, USERS, "--lang", lang)
        report.case("risk sheet in %s" % lang, [] if sheet.startswith("# " + word) else [sheet[:80]])


def test_order():
    """A device that is a server and a client is the same, whichever was seen first."""
    def seen(folder, name, roles):
        path = Path(folder) / name
        path.write_text("".join(json.dumps({
            "timestamp": "2026-11-22T10:18:1%d.000000+0000" % i, "event_type": "asset",
            "ot": {"asset": {"ip": "10.10.1.22", "role": role, "protocol": "modbus"}}}) + "\n"
            for i, role in enumerate(roles)), encoding="utf-8")
        return path

    with tempfile.TemporaryDirectory() as folder:
        both = seen(folder, "a", ("server", "client"))
        for other, count in ((("client", "server"), 0), (("client",), 1)):
            doc = json.loads(text("risk", both, seen(folder, "b", other), "--format", "json"))
            changed = doc["difference"]["assets"]["changed"]
            report.case("roles %s" % " and ".join(other), [] if len(changed) == count else changed)


def test_names():
    """What a device calls itself is told whole, whatever bytes it has put in between."""
    line = {"timestamp": "2026-11-22T10:18:14.000000+0000", "event_type": "asset",
            "src_ip": "10.10.1.22", "ot": {"asset": {"ip": "10.10.1.22", "vendor": "Acme\0Works",
                                                     "roles": ["server"]}}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eve.json"
        path.write_text(json.dumps(line) + "\n", encoding="utf-8")
        for form in ("md", "html"):
            sheet = text("risk", path, path, "--lang", "en", "--format", form)
            report.case("a name with a NUL as %s" % form,
                        [] if "Acme\N{REPLACEMENT CHARACTER}Works" in sheet else [sheet])


NOON = "2026-11-22T12:00:00Z"  # between the two captures


def test_risk_periods():
    """Two periods of one input are two inputs."""
    two = json.loads(text("risk", PLANT, USERS, "--format", "json"))
    one = json.loads(text("risk", PLANT, USERS, "--split", NOON, "--format", "json"))
    report.case("two periods of one input", [] if one["difference"] == two["difference"] and
                one["difference"]["exposures"]["removed"] else [one["difference"]])
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        for capture in (PLANT, USERS):
            subprocess.run([ironspan.program(), "-Qr", capture, "--store", store],
                           capture_output=True, check=True)
        kept = json.loads(text("risk", "--store", store, "--split", NOON, "--format", "json"))
        gone = {(r["kind"], r["object"], r["subject"])
                for r in kept["difference"]["exposures"]["removed"]}
        report.case("two periods of a store", {("writer", "10.10.1.21", "10.10.9.77")} - gone)
        hosts = {a["ip"] for a in kept["after"]["assets"]}
        report.case("and its devices", hosts & {"10.10.1.21"} or {"10.10.1.41"} - hosts)
        for what, args in (("a store and no time", ["--store", store]),
                           ("a time and nothing to split", ["--split", NOON]),
                           ("no time", ["--split", "noon", PLANT])):
            done = run("risk", *args)
            report.case(what, [] if done.returncode == 2 and done.stderr and not done.stdout
                        else [done.returncode, done.stderr])


# ---- from a store ----

def store_command(*args):
    return subprocess.run([BINARY, *map(str, args)], capture_output=True,
                          timeout=ironspan.TIMEOUT_S)


def test_store():
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        done = store_command("-Q", "-r", PLANT, "--store", store, "-l", Path(folder) / "log")
        report.case("a store", [] if done.returncode == 0 else [done.stderr])
        listed = [json.loads(line) for line in store_command(
            "incident", "list", "--json", "--store", store).stdout.splitlines()]
        most = max(listed, key=lambda row: row["alerts"])
        doc = json.loads(text("incident", most["id"], "--store", store, "--format", "json", "--save"))
        annex = doc["annex"]
        report.case("an incident of a store, with its alerts", [] if
                    annex["capture"]["alerts_at_hand"] == annex["capture"]["alerts"] > 1 and
                    annex["changes"] and annex["changes"][0]["from"] == "host-1"
                    else [annex["capture"]])
        shown = store_command("incident", "show", most["id"], "--store", store, "--json").stdout
        kept = [r["uid"] for r in json.loads(shown)["reports"]]
        report.case("the draft is kept", [] if kept == [doc["uid"]] else [kept])
        again = run("incident", most["id"], "--store", store, "--save")
        report.case("a changed incident is another report", [] if again.returncode == 0
                    else [again.stderr])
        done = run("incident", "INC-nothing", "--store", store)
        report.case("no such incident", [] if done.returncode == 2 and done.stderr else [done])
        from_store = json.loads(text("audit", "--store", store, "--format", "json"))
        direct = json.loads(text("audit", PLANT, "--format", "json"))
        keys = ("at", "protocol", "verb", "object", "point", "value_before", "value", "outcome")
        rows = [[[row.get(key) for key in keys] + [row["who"]["ip"], row["to"]["ip"]]
                 for row in which["operations"]] for which in (from_store, direct)]
        report.case("the audit from the store is that of the capture",
                    [pair for pair in zip(*rows) if pair[0] != pair[1]][:3] or
                    ([] if len(rows[0]) == len(rows[1]) > 100 else [len(rows[0]), len(rows[1])]))


# ---- in a browser ----

def browser():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return name
    return None


def draw(name, page, *args):
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run([name, "--headless", "--no-sandbox", "--disable-gpu",
                               "--user-data-dir=" + profile, *args, page.as_uri()],
                              capture_output=True, timeout=ironspan.TIMEOUT_S)


def test_browser():
    name = browser()
    if not name:
        report.skip("pages in a browser", "there is none")
        return
    with tempfile.TemporaryDirectory() as folder:
        pages = {}
        for what, args in (("incident", ["incident", INCIDENT, "--alerts", ALERTS, "--profile",
                                         PROFILES[0]]),
                           ("audit", ["audit", PLANT, "--lang", "en"]),
                           ("risk", ["risk", PLANT, USERS])):
            pages[what] = Path(folder) / (what + ".html")
            text(*args, "-o", pages[what])
        for what, page in pages.items():
            done = draw(name, page, "--dump-dom")
            dom = done.stdout.decode("utf-8", "replace")
            if done.returncode or "<main>" not in dom:
                report.skip("%s in a browser" % what, "it does not run here")
                continue
            tree = Page()
            tree.feed(dom)
            report.case("%s: the browser sees no more than we wrote" % what, tree.tags - OURS)
            picture = Path(folder) / (what + ".png")
            draw(name, page, "--screenshot=%s" % picture, "--window-size=900,1200",
                 "--hide-scrollbars")
            size = picture.stat().st_size if picture.exists() else 0
            report.case("%s: a picture that is not empty" % what, [] if size > 30000 else [size])
            paper = Path(folder) / (what + ".pdf")
            draw(name, page, "--print-to-pdf=%s" % paper, "--no-pdf-header-footer")
            report.case("%s: prints on A4" % what, [] if paper.exists() and
                        re.search(rb"/MediaBox\s*\[0 0 59[45]\.?\d* 84[12]", paper.read_bytes())
                        else ["no A4"])


test_schema()
test_binding()
test_marks()
test_local_time()
test_followed()
test_mistakes()
test_language()
test_out()
test_since()
test_behind_a_gateway()
test_unreal()
test_hostile()
test_redaction()
test_spellings()
test_audit()
test_audit_values()
test_audit_user()
test_audit_period()
test_risk()
test_order()
test_names()
test_risk_periods()
test_store()
test_browser()
report.end()
