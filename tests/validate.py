#!/usr/bin/python3
"""Check EVE lines against src/output/eve.schema.json, and incidents against their own schema.

usage: validate.py [--schema FILE] [FILE ...]        (no FILE, or "-": standard input)

Besides the schema: every line is UTF-8 and ends in a newline, no object has a key twice, an
alert's line is at most 16 KiB, and the body of a protocol's event stands under its name.
Exit 1 if a line fails, 2 if there is nothing to check with.
"""
import argparse
import json
import os
import sys

import jsonschema

ALERT_MAX = 16384
INCIDENT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../src/incident/incident.schema.json")
SHOWN = 20  # failures told in full
OTHERS = ("alert", "anomaly", "asset", "health", "incident")


def unique(pairs):
    keys = dict(pairs)
    if len(keys) != len(pairs):
        names = [k for k, _ in pairs]
        raise ValueError("key twice: " + ", ".join(sorted({n for n in names if names.count(n) > 1})))
    return keys


def not_json(name):
    raise ValueError(name + " is not JSON")


def inlined(node, defs):
    """The schema without references, which are slow to follow. None of ours is recursive."""
    if isinstance(node, list):
        return [inlined(n, defs) for n in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return inlined(defs[node["$ref"].rsplit("/", 1)[1]], defs)
    return {k: inlined(v, defs) for k, v in node.items() if k != "$defs"}


def applies(condition, event_type):
    """Whether an `if` of the schema holds; they all ask for the event type only."""
    asked = condition["properties"]["event_type"]
    return event_type == asked["const"] if "const" in asked else event_type in asked["enum"]


def validator_for(schema, event_type):
    """The schema as it is for one event type, its conditions worked in."""
    own = {k: v for k, v in schema.items() if k != "allOf"}
    parts = [own]
    for rule in schema["allOf"]:
        part = rule.get("then" if applies(rule["if"], event_type) else "else")
        if part:
            parts.append(part)
    own["properties"] = dict(own["properties"])
    own["required"] = list(own["required"])
    for part in parts[1:]:
        own["properties"].update(part.get("properties", {}))
        own["required"] += part.get("required", [])
    return jsonschema.Draft202012Validator(own)


class Checker:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        self.schema = inlined(schema, schema["$defs"])
        with open(INCIDENT, encoding="utf-8") as file:
            self.incident = jsonschema.Draft202012Validator(json.load(file))
        self.validators = {}
        self.passed = self.failed = 0

    @staticmethod
    def parse(line):
        """The event of a line; ValueError, of which UnicodeDecodeError is one, says why not."""
        return json.loads(line.decode("utf-8"), object_pairs_hook=unique,
                          parse_constant=not_json)

    def faults(self, line):
        if not line.endswith(b"\n"):
            yield "no newline at the end"
        try:
            event = self.parse(line)
        except ValueError as error:
            yield str(error)
            return
        kind = event.get("event_type") if isinstance(event, dict) else None
        if not isinstance(kind, str):
            yield "no event_type"
            return
        if kind == "alert" and len(line) > ALERT_MAX:
            yield f"an alert of {len(line)} bytes"
        if kind not in OTHERS and kind not in event:
            yield f"no key {kind}"
        if kind not in self.validators:
            self.validators[kind] = validator_for(self.schema, kind)
        errors = list(self.validators[kind].iter_errors(event))
        if kind == "incident" and not errors:
            errors += self.incident.iter_errors(event["ot"]["incident"])
        for error in errors:
            yield "/".join(map(str, error.absolute_path)) + ": " + error.message[:200]

    def check(self, where, line):
        faults = list(self.faults(line))
        if not faults:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= SHOWN:
            for fault in faults:
                print(f"{where}: {fault}")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="Check EVE lines against the schema.")
    parser.add_argument("--schema", default=os.path.join(here, "../src/output/eve.schema.json"))
    parser.add_argument("files", nargs="*", default=["-"])
    args = parser.parse_args()
    checker = Checker(args.schema)
    for path in args.files:
        with sys.stdin.buffer if path == "-" else open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                checker.check(f"{path}:{number}", line)
    print(f"{checker.passed} passed, {checker.failed} failed")
    return 1 if checker.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
