#!/usr/bin/python3
"""`ironspan share` from outside: incidents in others' languages, indicators of others as rules.

    tests/share.py [IRONSPAN]

What is exported is checked against schemas of our own, written from the specifications
(tests/share/); what is imported is loaded and run on captures.
"""
import json
import subprocess
import tempfile
from pathlib import Path

import jsonschema

import ironspan
import validate
from report import Report

ROOT = Path(ironspan.ROOT)
INCIDENT = ROOT / "tests/incidents/write.json"
ALERTS = ROOT / "tests/incidents/write.alerts.json"
BUNDLE = ROOT / "tests/stix/indicators.json"
PLANT = ROOT / "pcaps/modbus-plant.pcap"
PROGRAM = ROOT / "pcaps/s7comm-program.pcap"
AT = "2026-11-20T03:30:00Z"
INSIDE = "69ef4874-f56d-52a4-84b9-f4e8a2b9bc5c"  # an alert of the incident
BINARY = ironspan.program()

report = Report()


def run(*args):
    return subprocess.run([BINARY, "share", *map(str, args)], capture_output=True,
                          timeout=ironspan.TIMEOUT_S)


def export(form, *args, path=INCIDENT):
    done = run("export", path, "--as", form, "--alerts", ALERTS, "--at", AT, *args)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


# ---- out ----

def test_schemas():
    for form in ("stix", "ocsf", "idmef", "iodef"):
        with open(ROOT / "tests/share" / (form + ".schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for what, args in (("", []), (" with a sector", ["--sector", "chemical"])):
            faults = [e.message for e in validator.iter_errors(export(form, *args))]
            report.case("%s%s: schema" % (form, what), faults)
        report.case("%s: the same again" % form, [] if export(form) == export(form) else ["differs"])


def fresh():
    """Incidents as a sensor makes them: nobody has touched them, some have no address."""
    for capture, options in ((PLANT, ("--registers", ROOT / "signatures/example-plant")),
                             (PLANT, ()), (ROOT / "pcaps/broken-headers.pcap", ())):
        done = subprocess.run([BINARY, "-Qr", capture, "--events", "incident",
                               *map(str, options)], capture_output=True, check=True)
        for line in done.stdout.splitlines():
            yield json.loads(line)["ot"]["incident"]


def test_fresh():
    validators = {}
    for form in ("stix", "ocsf", "idmef", "iodef"):
        with open(ROOT / "tests/share" / (form + ".schema.json"), encoding="utf-8") as file:
            validators[form] = jsonschema.Draft202012Validator(json.load(file))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "incident.json"
        for doc in fresh():
            path.write_text(json.dumps(doc), encoding="utf-8")
            for form, validator in validators.items():
                faults = [e.message for e in
                          validator.iter_errors(export(form, "--exercise", path=path))]
                report.case("%s of %s %d" % (form, doc["id"], doc["revision"]), faults)


def of_type(bundle, kind):
    return [o for o in bundle["objects"] if o["type"] == kind]


def test_stix():
    bundle = export("stix", "--sector", "chemical")
    patterns = {o["pattern"] for o in of_type(bundle, "indicator")}
    want = {"[ipv4-addr:value = '203.0.113.66']",
            "[file:hashes.'SHA-256' = "
            "'bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721']",
            'alert modbus any any -> any 502 (msg:"OT MODBUS write"; modbus.function:6; '
            'sid:9100214; rev:3;)'}
    report.case("indicators", patterns ^ want)
    ids = {o["id"] for o in bundle["objects"]}
    refs = {o[key] for o in bundle["objects"] for key in ("sighting_of_ref", "created_by_ref")
            if key in o}
    report.case("references lead somewhere", refs - ids)
    report.case("each indicator was sighted", [] if len(of_type(bundle, "sighting")) == 3
                else [len(of_type(bundle, "sighting"))])
    outgoing = json.dumps(bundle, ensure_ascii=False)
    words = ("10.10.", "PLC-021", "plant-01", "示例", "P-0", "3c:ec", "1850", "wang.wei")
    report.case("nothing of the plant", [w for w in words if w in outgoing])
    marks = {r for o in bundle["objects"] for r in o.get("object_marking_refs", [])}
    report.case("amber", marks ^ {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"})
    red = {r for o in export("stix", "--tlp", "red")["objects"]
           for r in o.get("object_marking_refs", [])}
    report.case("red", red ^ {"marking-definition--5e57c739-391a-4eb3-b6be-7d92ca15ed24"})


def test_rules_of_the_plant():
    """Rules go out that name no address and no device of the plant, however they spell it."""
    names = {1: "plain", 2: "PLC 10.10.1.22.502 written", 3: "plc_10.10.1.22 written",
             4: "see ip-10-10-1-22", 5: "of 3cec-ef10-7701", 6: "not on PLC-021",
             7: "of 反应釜控制器", 8: "firmware 2.10.1.22 loaded", 9: "was 010.010.001.022"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alerts.json"
        path.write_text("".join(json.dumps({
            "timestamp": "2026-11-20T02:14:07.412873+0000", "event_type": "alert",
            "alert": {"signature_id": sid, "signature": name, "rule":
                      'alert modbus any any -> any any (msg:"%s"; sid:%d;)' % (name, sid)},
            "ot": {"uid": INSIDE}}) + "\n" for sid, name in names.items()), encoding="utf-8")
        bundle = export("stix", "--alerts", path)
    told = {o["name"] for o in of_type(bundle, "indicator") if o["pattern_type"] == "suricata"}
    report.case("rules that name the plant stay",
                told & set(names.values()) ^ {"plain", "firmware 2.10.1.22 loaded"})


def test_others():
    ocsf, idmef = export("ocsf"), export("idmef")
    report.case("OCSF: grade 3, confirmed", [] if (ocsf["severity_id"], ocsf["verdict_id"],
                ocsf["status_id"]) == (4, 2, 2) else [ocsf])
    report.case("OCSF: time in milliseconds", [] if ocsf["time"] == 1795145400000 else [ocsf["time"]])
    report.case("IDMEF: ends", [] if idmef["Source"][0]["IP"] == "10.10.5.77" and
                idmef["Target"][0] == {"IP": "10.10.1.21", "Hostname": "PLC-021"} else [idmef])
    systems = export("iodef")["Incident"][0]["EventData"][0]["Flow"][0]["System"]
    report.case("IODEF: ends", [] if [s["category"] for s in systems] ==
                ["source", "source", "target"] else [systems])


UNREAL = ("replay", "exercise", "Live", "", None, 7, ["live"])


def test_unreal():
    """No language has a word by which what did not happen leaves as if it had."""
    marks = {"stix": lambda o: all(x.get("labels") == ["exercise"] for x in o["objects"]
                                   if x["type"] not in ("identity", "marking-definition")),
             "ocsf": lambda o: o["verdict_id"] == 6,
             "idmef": lambda o: o["Description"].startswith("EXERCISE: "),
             "iodef": lambda o: o["Incident"][0]["Description"][0].startswith("EXERCISE: ")}
    good = json.loads(INCIDENT.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unreal.json"
        for origin in UNREAL:
            path.write_text(json.dumps({**good, "origin": origin}), encoding="utf-8")
            for form, is_marked in marks.items():
                done = run("export", path, "--as", form)
                report.case("%r does not leave as %s" % (origin, form), [] if done.returncode == 1
                            and not done.stdout else [done.returncode, done.stdout[:200]])
                report.case("%r is marked in %s" % (origin, form), [] if
                            is_marked(export(form, "--exercise", path=path)) else ["not marked"])
        for form, is_marked in marks.items():
            report.case("a real one is not, in %s" % form,
                        ["marked"] if is_marked(export(form)) else [])


def test_exercise():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replay.json"
        doc = json.loads(INCIDENT.read_text(encoding="utf-8"))
        doc["origin"] = "replay"
        path.write_text(json.dumps(doc), encoding="utf-8")
        done = run("export", path, "--as", "stix")
        report.case("a replay does not leave", [] if done.returncode == 1 and not done.stdout and
                    b"--exercise" in done.stderr else [done.stderr])
        bundle = export("stix", "--exercise", path=path)
        bare = [o["id"] for o in bundle["objects"] if o["type"] != "identity" and
                o.get("labels") != ["exercise"]]
        report.case("but marked", bare)
        report.case("OCSF: a test", [] if export("ocsf", "--exercise", path=path)["verdict_id"] == 6
                    else ["not marked"])
        for form in ("idmef", "iodef"):
            text = json.dumps(export(form, "--exercise", path=path))
            report.case("%s: marked" % form, [] if "EXERCISE: " in text else [text])


# ---- in ----

def load(rules):
    done = subprocess.run([BINARY, "rules", "check", rules, "--json"], capture_output=True)
    return json.loads(done.stdout)


def alerts(rules, capture):
    done = subprocess.run([BINARY, "-Q", "-S", rules, "-r", capture], capture_output=True, check=True)
    lines = [line for line in done.stdout.splitlines(keepends=True) if b'"alert":{' in line]
    return [json.loads(line) for line in lines], lines


def test_import():
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "shared.rules"
        done = run("import", BUNDLE, "--source", "CERT Example", "-o", rules, "-v")
        told = done.stderr.decode()
        report.case("counts", [] if done.returncode == 0 and
                    "5 indicators: 4 imported as 7 rules, 1 left out" in told else [told])
        report.case("why one was left out", [] if "no rule here can ask for" in told else [told])
        checked = load(rules)
        report.case("every rule loads", [] if checked["loaded"] == 7 and not checked["refused"]
                    else [checked])
        found, lines = alerts(rules, PLANT)
        hits = {a["ot"]["indicator"]["id"][-2:] for a in found}
        report.case("addresses, connections and rules fire", hits ^ {"b7", "b8", "bb"})
        report.case("and say whose they are", [a["ot"]["indicator"] for a in found
                    if a["ot"]["indicator"]["source"] != "CERT_Example"])
        checker = validate.Checker(str(ROOT / "src/output/eve.schema.json"))
        for line in lines:
            checker.check("alert", line)
        report.case("in the events' schema", [checker.failed] if checker.failed else [])
        found, _ = alerts(rules, PROGRAM)
        report.case("a program's hash fires", [] if {a["ot"]["indicator"]["id"][-2:]
                    for a in found} == {"b9"} else [found])
        sids = [a["alert"]["signature_id"] for a in found]
        report.case("sids of the range", [s for s in sids if not 8000000 <= s < 9000000])
        before = rules.read_bytes()
        run("import", BUNDLE, "--source", "CERT Example", "-o", rules)
        report.case("imported again: the same", [] if rules.read_bytes() == before else ["differs"])


def test_round_trip():
    """What one plant shares becomes rules at another."""
    with tempfile.TemporaryDirectory() as folder:
        bundle, rules = Path(folder) / "bundle.json", Path(folder) / "in.rules"
        bundle.write_text(json.dumps(export("stix")), encoding="utf-8")
        done = run("import", bundle, "--source", "neighbour", "-o", rules, "--at", AT)
        report.case("round trip", [] if done.returncode == 0 and load(rules)["loaded"] == 6
                    else [done.stderr, load(rules)])
        found, _ = alerts(rules, PLANT)
        report.case("round trip: fires", [] if {a["ot"]["indicator"]["tlp"] for a in found} ==
                    {"amber"} else [found])


def test_mistakes():
    with tempfile.TemporaryDirectory() as folder:
        def put(name, content):
            path = Path(folder) / name
            path.write_text(content, encoding="utf-8")
            return path
        empty = put("empty.json", '{"type":"bundle","id":"bundle--1","objects":[]}')
        useless = put("useless.json", json.dumps({"type": "bundle", "objects": [
            {"type": "indicator", "id": "indicator--dd6b88b8-5889-5fdd-a1d0-d3a05b7824b7",
             "pattern": "[url:value = 'http://x/']", "pattern_type": "stix"}]}))
        cases = [
            ("no part", [], 2, "share export or import"),
            ("no form", ["export", INCIDENT], 2, "--as is"),
            ("unknown form", ["export", INCIDENT, "--as", "xml"], 2, "must be stix, ocsf"),
            ("unknown colour", ["export", INCIDENT, "--as", "stix", "--tlp", "blue"], 2, "--tlp is"),
            ("no source", ["import", BUNDLE], 2, "needs --source"),
            ("no file", ["import", Path(folder) / "none", "--source", "x"], 2, "No such file"),
            ("not JSON", ["import", put("a", "{"), "--source", "x"], 1, "not JSON: line 1"),
            ("no bundle", ["import", put("b", "{}"), "--source", "x"], 1, "not a STIX bundle"),
            ("nothing of use", ["import", useless, "--source", "x"], 1, "0 imported"),
            ("nothing in it", ["import", empty, "--source", "x"], 0, "0 indicators"),
        ]
        for what, args, code, said in cases:
            done = run(*args)
            error = done.stderr.decode()
            report.case(what, [] if done.returncode == code and said in error
                        else [done.returncode, error])


test_schemas()
test_fresh()
test_stix()
test_rules_of_the_plant()
test_others()
test_unreal()
test_exercise()
test_import()
test_round_trip()
test_mistakes()
report.end()
