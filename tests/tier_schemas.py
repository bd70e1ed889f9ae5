"""The schemas of what travels between tiers, and what a node's folder holds against them."""
import json
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parent.parent


def load(kind):
    schema = json.loads((ROOT / f"src/incident/{kind}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


VALIDATORS = {f"ironspan.{kind}/1": load(kind) for kind in ("envelope", "receipt", "notice")}


def documents(folder):
    """Path and content of all documents that have a schema, and the notices in envelopes."""
    for path in sorted(Path(folder).rglob("*.json")):
        doc = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(doc, dict) and doc.get("schema") in VALIDATORS:
            yield path, doc
        if isinstance(doc, dict) and doc.get("type") == "notice":
            yield path, doc["body"]


def faults(folder, also=None):
    """What is wrong in a folder; counts in `also` how many of each there were."""
    for path, doc in documents(folder):
        if also is not None:
            also[doc["schema"]] = also.get(doc["schema"], 0) + 1
        for error in VALIDATORS[doc["schema"]].iter_errors(doc):
            yield f"{path}: {error.json_path}: {error.message}"


def is_valid(doc):
    return VALIDATORS[doc["schema"]].is_valid(doc)
