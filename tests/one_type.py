#!/usr/bin/python3
"""One name has one JSON type in all events: what indexes them keeps one mapping for all.

    tests/one_type.py

Looks at every line of the expected events, and at what the schema says of each kind of event.
"""
import json
from pathlib import Path

from report import Report

ROOT = Path(__file__).resolve().parent.parent
NAMES = {bool: "boolean", int: "number", float: "number", str: "string", dict: "object"}
# What is as it stands in the message: numbers, texts, structures. A mapping must say so.
FROM_MESSAGES = {
    "modbus.request.read.data", "modbus.request.write.data", "modbus.response.read.data",
    "modbus.response.write.data", "opcua.request.nodes_to_write.value",
    "opcua.request.nodes_to_write.values.value", "ot.operation.point.addr",
    "ot.operation.unit", "ot.operation.value", "ot.operation.value_prev",
    "ot.operations.point.addr", "ot.operations.unit", "ot.operations.value",
    "ot.operations.value_prev", "ot.why.value",
    "opcua.request.server_type",  # a name; a number where the specification has none
}

report = Report()


def walk(value, path, found):
    """Arrays are what they hold, as indexes see them."""
    if isinstance(value, list):
        for item in value:
            walk(item, path, found)
    elif value is not None:
        found.setdefault(path, set()).add(NAMES[type(value)])
    if isinstance(value, dict):
        for key, member in value.items():
            walk(member, f"{path}.{key}" if path else key, found)


def types_of_lines():
    found = {}
    for file in sorted(ROOT.glob("pcaps/*.expected.json")):
        for line in file.read_text(encoding="utf-8").splitlines():
            walk(json.loads(line), "", found)
    return found


def types_of_node(node):
    if "const" in node or "enum" in node:
        return {NAMES[type(v)] for v in node.get("enum", [node.get("const")]) if v is not None}
    types = node.get("type", [])
    types = {types} if isinstance(types, str) else set(types)
    return {"number" if t == "integer" else t for t in types} - {"null", "array"}


def walk_schema(node, path, defs, found):
    if not isinstance(node, dict):
        return
    if "$ref" in node:
        node = defs[node["$ref"].rsplit("/", 1)[1]]
    found.setdefault(path, set()).update(types_of_node(node))
    if "items" in node:
        walk_schema(node["items"], path, defs, found)
    for key, member in node.get("properties", {}).items():
        walk_schema(member, f"{path}.{key}" if path else key, defs, found)


def types_of_schema():
    """The schema's own, and those that a kind of event adds, together."""
    schema = json.loads((ROOT / "src/output/eve.schema.json").read_text(encoding="utf-8"))
    found = {}
    for part in (schema, *(r.get(k, {}) for r in schema["allOf"] for k in ("then", "else"))):
        walk_schema(part, "", schema["$defs"], found)
    return found


def mixed(found):
    return {path for path, types in found.items() if len(types) > 1}


lines, schema = types_of_lines(), types_of_schema()
report.case("there is something to look at", [] if len(lines) > 1000 else [len(lines)])
report.case("lines", sorted(mixed(lines) - FROM_MESSAGES))
report.case("schema", sorted(mixed(schema) - FROM_MESSAGES))
report.case("exceptions are some", sorted(FROM_MESSAGES - mixed(lines) - mixed(schema)))
report.case("lines and schema", [f"{path}: {sorted(lines[path])}, not {sorted(types)}"
                                 for path, types in sorted(schema.items())
                                 if types and not lines.get(path, set()) <= types])
report.end()
