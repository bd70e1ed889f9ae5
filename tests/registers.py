#!/usr/bin/python3
"""Registers from outside: what ships fits its schemas and the captures; broken files are refused
with one clear line; `ironspan registers`.

    tests/registers.py [IRONSPAN]
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT / "signatures" / "incident"
PLANT = ROOT / "signatures" / "example-plant"
SCHEMAS = {path.name.removeprefix("register_").removesuffix(".schema.json"): path
           for path in (ROOT / "src" / "incident").glob("register_*.schema.json")}
PATIENCE_S = 120
PLANT_CAPTURES = ["modbus-plant", "dnp3-plant", "s7comm-snap7", "s7comm-program",
                  "s7comm-nodes7", "opcua-none", "opcua-users", "umas-commands",
                  "umas-programs"]

passed = failed = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:2000]}")


def run(*args):
    return subprocess.run([BINARY, "registers", *map(str, args)], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False)


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def kind_of(path):
    return {"profiles": "profile", "redaction": "redaction"}.get(path.parent.name, path.stem)


# ---- what ships ----

def shipped():
    return sorted(SHARED.rglob("*.json")) + sorted(PLANT.glob("*.json"))


def test_schemas():
    for name, path in SCHEMAS.items():
        jsonschema.Draft202012Validator.check_schema(read(path))
        check(f"{name}: every schema has a file that fits it",
              any(kind_of(each) == name for each in shipped()))


def test_shipped():
    for path in shipped():
        validator = jsonschema.Draft202012Validator(read(SCHEMAS[kind_of(path)]))
        errors = [error.message for error in validator.iter_errors(read(path))]
        check(f"{path.name} fits its schema", not errors, errors)


def figures(value):
    """All objects with a status, and those that should have one."""
    if isinstance(value, dict):
        if "status" in value:
            yield value
        for each in value.values():
            yield from figures(each)
    elif isinstance(value, list):
        for each in value:
            yield from figures(each)


def test_sources():
    for path in shipped():
        for row in figures(read(path)):
            check(f"{path.name}: a status has a source", row.get("source"), row)
            off = row["status"] == "unverified" and "enabled" in row
            check(f"{path.name}: what is not verified is off and says why",
                  not off or (row["enabled"] is False and row["disabled_because"]), row)
    codes = re.findall(r'"code": ([^,}]*)', (SHARED / "categories.json").read_text())
    check("no code of a category is made up", set(codes) == {"null"}, codes)


def test_words():
    """Wording: drafts and proposals, never compliance."""
    for path in shipped():
        text = path.read_text(encoding="utf-8").lower()
        check(f"{path.name}: no promise", "compliant" not in text and "compliance" not in text)


def test_categories():
    """Rules name categories as classification.config spells them, and all of ours have one."""
    texts = {}
    for line in (ROOT / "signatures" / "classification.config").read_text().splitlines():
        found = re.match(r"config classification: ([^,]+),([^,]+),", line)
        if found:
            texts[found.group(2)] = found.group(1)
    rules = read(SHARED / "categories.json")["rules"]
    named = {name for rule in rules for name in rule.get("categories", [])}
    check("categories are those of classification.config", named <= set(texts), named - set(texts))
    ours = {text for text, name in texts.items() if name.startswith("ot-")}
    check("each class of ours has a meaning", ours <= named, ours - named)


# ---- the example plant and the captures ----

def ends(capture):
    """(ip, mac) of the devices that a capture's transactions and alerts name."""
    done = subprocess.run([BINARY, "-Qr", ROOT / "pcaps" / f"{capture}.pcap", "--events", "asset"],
                          capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    for line in done.stdout.splitlines():
        asset = json.loads(line)["ot"]["asset"]
        yield asset["ip"], asset.get("mac")


def test_captures():
    known = {a["ip"]: (row["id"], a.get("mac")) for row in read(PLANT / "assets.json")["assets"]
             for a in row["addresses"] if "unit" not in a}
    strangers = set()
    for capture in PLANT_CAPTURES:
        for ip, mac in ends(capture):
            if ip in known:
                check(f"{capture}: {ip} is {known[ip][0]}", known[ip][1] == mac, mac)
            else:
                strangers.add(ip)
    check("only the attackers are not registered", strangers == {"10.10.9.77", "10.20.9.77"},
          strangers)


# ---- broken files ----

def edit(value, path, new):
    """A deep copy with one place replaced; None as new takes it away."""
    value = json.loads(json.dumps(value))
    at = value
    for key in path[:-1]:
        at = at[key]
    if new is None:
        del at[path[-1]]
    else:
        at[path[-1]] = new
    return value


# file, place, what comes there, what the one message holds
BROKEN = [
    ("organization.json", ["name"], None, ': /: lacks "name"'),
    ("organization.json", ["name"], 7, ": /name: must be string, not integer"),
    ("organization.json", ["naem"], "x", ": /naem: there is no such key here"),
    ("organization.json", ["schema"], "ironspan.organization/2",
     ': /schema: is "ironspan.organization/2", must be "ironspan.organization/1"'),
    ("organization.json", ["sites"], [], ": /sites: must have at least 1 items"),
    ("organization.json", ["sites", 1, "time_zone"], "Asia/Atlantis",
     ": /sites/1/time_zone: this machine knows no time zone Asia/Atlantis"),
    ("organization.json", ["sites", 1, "id"], "plant-01", 'a second site "plant-01"'),
    ("organization.json", ["operator_kind"], "operator", ": /operator_kind: is "),
    ("zones.json", ["zones", 0, "cidr", 0], "10.10.1.0/33",
     ": /zones/0/cidr/0: 10.10.1.0/33 is no network"),
    ("zones.json", ["zones", 0, "cidr", 0], "10.10.1.7/24", "is no network such as"),
    ("zones.json", ["zones", 0, "cidr", 0], "nonsense", "is no network such as"),
    ("zones.json", ["zones", 0, "cidr", 0], "2001:db8::1/64", "is no network such as"),
    ("zones.json", ["zones", 1, "cidr", 0], "10.10.1.0/24", "belongs to another zone already"),
    ("zones.json", ["zones", 1, "site"], "plant-99", 'no site "plant-99"'),
    ("zones.json", ["conduits", 0, "to"], "Z-99", ': /conduits/0/to: there is no zone "Z-99"'),
    ("assets.json", ["assets", 0, "criticality"], "huge",
     "must be one of especially_important, important, general, null"),
    ("assets.json", ["assets", 0, "safety"], "no", "must be boolean or null, not string"),
    ("assets.json", ["assets", 0, "mlps_level"], 6, "/mlps_level: is 6, more than 5"),
    ("assets.json", ["assets", 0, "addresses", 0, "mac"], "02:00:0a",
     "/assets/0/addresses/0/mac: is"),
    ("assets.json", ["assets", 0, "addresses", 0, "ip"], "10.10.1.256",
     "10.10.1.256 is no address"),
    ("assets.json", ["assets", 2, "addresses", 0, "ip"], "10.10.1.21",
     "10.10.1.21 belongs to PLC-021 already"),
    ("assets.json", ["assets", 2, "addresses", 0, "mac"], "02-00-0A-0A-01-15",
     "02-00-0A-0A-01-15 belongs to PLC-021 already"),
    ("assets.json", ["assets", 1, "addresses", 0, "ip"], None, "a unit needs the address"),
    ("assets.json", ["assets", 0, "zone"], "Z-99", 'no zone "Z-99"'),
    ("responsible.json", ["responsible", 0, "zone"], "Z-CTRL-1",
     "must name one of asset, zone and site"),
    ("responsible.json", ["responsible", 1, "zone"], "Z-99", 'there is no zone "Z-99"'),
    ("responsible.json", ["responsible", 0, "person_id"], "P-9", 'persons.json has no "P-9"'),
    ("responsible.json", ["responsible", 2, "valid_to"], "2025-05-31", "ends before it begins"),
    ("responsible.json", ["responsible", 2, "valid_to"], "2026-02-30", "there is no such day"),
    ("responsible.json", ["responsible", 2, "valid_from"], "1.6.2025", "/valid_from: is"),
    ("persons.json", ["persons", 1, "id"], "P-0003", 'a second person "P-0003"'),
    ("recipients.json", ["recipients", 0, "submission"], "fax", "must be one of manual, forward"),
    ("maintenance.json", ["windows", 0, "to"], "2026-11-22T08:00:00+08:00",
     "from and to must be times, one after the other"),
    ("maintenance.json", ["windows", 0, "from"], "tomorrow", "from and to must be times"),
    ("maintenance.json", ["windows", 0, "assets", 0], "PLC-999", 'there is no asset "PLC-999"'),
    ("clocks.json", ["clocks", 0, "duration"], "four hours", "/clocks/0/duration: is"),
    ("clocks.json", ["clocks", 0, "status"], "sure", "/clocks/0/status: is"),
    ("clocks.json", ["clocks", 0, "source"], None, '/clocks/0: lacks "source"'),
    ("clocks.json", ["clocks", 0, "reports", "profiles", 0], "XX/none",
     'there is no profile "XX/none"'),
    ("categories.json", ["rules", 0, "effect"], "nothing", 'there is no effect "nothing"'),
    ("categories.json", ["effects", 1, "effect"], "probed", 'a second "probed"'),
    ("grade-rules.json", ["impact_loss", "classes", "recon"], None, 'lacks "recon"'),
    ("grade-rules.json", ["matrix", "levels", "general", "minor"], 5, "is 5, more than 4"),
    ("profiles/EU-NIS2.json", ["redaction"], "to-nobody", 'no redaction profile "to-nobody"'),
    ("redaction/to-group.json", ["rules", 0, "action"], "hide", "must be one of remove,"),
]


def line_of(text, path):
    """Line that a place of the file has, by a marker put there."""
    value = edit(json.loads(text), path, "@@here@@")
    lines = json.dumps(value, ensure_ascii=False, indent=1).splitlines()
    return next(i for i, line in enumerate(lines, 1) if "@@here@@" in line)


def copy_of_plant(folder):
    plant = Path(folder) / "plant"
    shutil.rmtree(plant, ignore_errors=True)
    shutil.copytree(PLANT, plant)
    for below in ("profiles", "redaction"):
        (plant / below).mkdir()
    return plant


def source_of(name):
    return PLANT / name if (PLANT / name).exists() else SHARED / name


def refused(what, plant, path, want):
    done = run("check", plant)
    lines = done.stderr.splitlines()
    check(f"{what}: exit code", done.returncode == 1, f"exit {done.returncode}\n{done.stderr}")
    check(f"{what}: one error, in this file, with its line",
          len(lines) == 1 and lines[0].startswith(f"ironspan: error: {path}:")
          and want in lines[0], done.stderr)
    return lines[0] if lines else ""


def test_broken(folder):
    for name, place, new, want in BROKEN:
        plant = copy_of_plant(folder)
        original = source_of(name).read_text(encoding="utf-8")
        value = edit(json.loads(original), place, new)
        text = json.dumps(value, ensure_ascii=False, indent=1)
        (plant / name).write_text(text, encoding="utf-8")
        told = refused(f"{name} {place}", plant, plant / name, want)
        found = re.match(r"ironspan: error: [^:]+:(\d+): (/\S*): ", told)
        if found and new is not None and found.group(2) == "/" + "/".join(map(str, place)):
            check(f"{name} {place}: the line is right", int(found.group(1)) ==
                  line_of(original, place), told)


def test_cut(folder):
    """Not JSON at all."""
    for text, want in [("", "end of file"), ("{", "end of file"), ("[]", "must be an object"),
                       ('{"a": 1,\n "a": 2}', "duplicate"), ("{\n\n\x01}", ":3: "),
                       ('{"name": "\xff"}', "")]:
        plant = copy_of_plant(folder)
        (plant / "assets.json").write_bytes(text.encode("latin-1"))
        refused(repr(text), plant, plant / "assets.json", want)


def places(value, path=()):
    yield path, value
    for key, each in (value.items() if isinstance(value, dict) else
                      enumerate(value) if isinstance(value, list) else ()):
        yield from places(each, (*path, key))


def test_both_checkers(folder):
    """Random damage: ours refuses what the schema forbids, and nothing crashes it."""
    dice = random.Random(17)
    for path in shipped():
        validator = jsonschema.Draft202012Validator(read(SCHEMAS[kind_of(path)]))
        value = read(path)
        for _ in range(6):
            place, _ = dice.choice([row for row in places(value) if row[0]])
            damaged = edit(value, place, dice.choice([7, "x", {}, ["x"], True, "", -1]))
            plant = copy_of_plant(folder)
            below = "" if path.parent in (PLANT, SHARED) else path.parent.name + "/"
            name = below + path.name
            (plant / name).write_text(json.dumps(damaged), encoding="utf-8")
            done = run("check", plant)
            valid = validator.is_valid(damaged)
            check(f"{name} {place}", done.returncode in ((0, 1) if valid else (1,)),
                  f"exit {done.returncode}, valid {valid}\n{done.stderr}")


# ---- the command ----

def test_command(folder):
    done = run("check", PLANT)
    check("the example is fine", done.returncode == 0, done.stderr)
    check("it warns of what nobody answers for", done.stderr.splitlines() == [
        "ironspan: warning: asset ENG-210: nobody is responsible for it now; responsible.json "
        "has no row for it, its zone or its site"], done.stderr)
    for want in (r"^assets +2026-11-01 +13 assets$",
                 r"^clocks/CN-CAC-2025/other-operator +PT4H +verbatim$",
                 r"^clocks/CN-MIIT-2017-122/ics +unverified, off: "):
        check(f"it says {want}", re.search(want, done.stdout, re.M), done.stdout)
    done = run("check")
    check("what ships, alone", done.returncode == 0 and not done.stderr, done.stderr)
    for args, code, want in [
            ([], 2, "usage: ironspan registers check"),
            (["chekc"], 2, 'no command "chekc"'),
            (["check", "--wrong"], 2, "unknown option --wrong"),
            (["check", "--shared"], 2, "--shared needs a value"),
            (["check", "--help"], 0, ""),
            (["check", PLANT, PLANT], 2, "one folder at a time"),
            (["check", Path(folder) / "nothing"], 2, "No such file"),
            (["check", PLANT / "assets.json"], 2, "not a folder"),
            (["check", "--shared", folder, PLANT], 1, "grade-rules.json"),
            (["check", SHARED], 1, "organization.json: No such file")]:
        done = run(*args)
        check(f"{args}: {code}", done.returncode == code and want in done.stderr, done.stderr)
    check("help", run("--help").stdout.startswith("usage: ironspan registers check"))


def test_many(folder):
    """A plant of twenty thousand devices loads, and warns in a few lines."""
    plant = copy_of_plant(folder)
    rows = [{"id": f"A-{i}", "addresses": [{"ip": f"10.100.{i // 256}.{i % 256}"}]}
            for i in range(20000)]
    (plant / "assets.json").write_text(json.dumps(
        {"schema": "ironspan.assets/1", "version": "1", "assets": rows}))
    for name in ("responsible", "maintenance"):
        (plant / f"{name}.json").unlink()
    done = run("check", plant)
    check("many assets", done.returncode == 0 and len(done.stderr.splitlines()) == 21
          and "19980 more assets" in done.stderr, done.stderr[-500:])


def test_manual():
    manual = (ROOT / "tools" / "ironspan-registers.5").read_text(encoding="utf-8")
    words = set(re.split(r"[\s,]+", manual))
    for name, path in SCHEMAS.items():
        schema = read(path)
        rows = [each for each in schema["properties"].values() if each.get("type") == "array"]
        keys = set(schema["properties"]) | {key for row in rows
                                            for key in row["items"].get("properties", {})}
        missing = keys - words
        check(f"the manual knows the keys of {name}", not missing, missing)
    done = subprocess.run(["groff", "-mandoc", "-Tutf8", "-ww", "-z", "-K", "utf8",
                           ROOT / "tools" / "ironspan-registers.5"],
                          capture_output=True, check=False)
    check("the manual reads", done.returncode == 0 and not done.stderr, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        test_schemas()
        test_shipped()
        test_sources()
        test_words()
        test_categories()
        test_captures()
        test_broken(folder)
        test_cut(folder)
        test_both_checkers(folder)
        test_command(folder)
        test_many(folder)
        test_manual()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


BINARY = shutil.which(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("IRONSPAN", "ironspan"))
sys.exit(main())
