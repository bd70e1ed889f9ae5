#!/usr/bin/python3
"""Includes point left: base, packet, flow, dissect, detect, output, engine, service, main.

Each folder of src/ may include itself and what MAY says; a file in dissectors/ may include
what authors are given, and headers of its own protocol: NAME_topic.h. Threads are started by the engine and the service
only. Fails on anything else."""

import re
import sys
from pathlib import Path

SPINE = ["base", "packet", "flow", "dissect", "detect", "output"]
MAY = {layer: SPINE[: i + 1] for i, layer in enumerate(SPINE)}
MAY["capture"] = ["base", "packet", "capture"]
MAY["incident"] = ["base", "output", "incident"]
MAY["engine"] = SPINE + ["capture", "incident", "engine"]
MAY["service"] = MAY["engine"] + ["service"]
MAY["main"] = MAY["service"] + ["main"]

FOR_AUTHORS = {"dissect/dissect.h", "dissect/cotp.h", "dissect/certificate.h",
               "dissect/clock.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
THREAD = re.compile(r"\b(pthread_create|thrd_create)\s*\(")


def layer_of(path):
    """Of a path below src/, or of what an include names: its folder; none is main."""
    return path.split("/")[0] if "/" in path else "main"


def is_own(path, name):
    """NAME.c and NAME_topic.c may include NAME_topic.h and NAME.h."""
    own = path.split("/")[-1].split(".")[0].split("_")[0]
    return re.fullmatch(rf"(dissectors/)?{own}(_\w+)?\.h", name) is not None


def mistakes_in(path, text):
    """Messages about one file; `path` begins with src/ or dissectors/."""
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}"
        if THREAD.search(line) and not path.startswith(("src/engine/", "src/service/")):
            yield f"{where}: only the engine and the service start threads"
        found = INCLUDE.match(line)
        if not found:
            continue
        name = found.group(1)
        if path.startswith("dissectors/"):
            if name not in FOR_AUTHORS and not is_own(path, name):
                yield f'{where}: a dissector may not include "{name}"'
            continue
        layer = layer_of(path.removeprefix("src/"))
        if layer not in MAY:
            yield f"{where}: src/{layer} has no place in the order of layers"
        elif layer_of(name) not in MAY[layer]:
            yield f'{where}: {layer} may not include "{name}"'


# path, text, how many mistakes
EXAMPLES = [
    ("src/flow/flow.c", '#include "base/hash.h"', 0),
    ("src/flow/flow.c", '#include "flow/stream.h"', 0),
    ("src/flow/flow.c", "#include <stdio.h>", 0),
    ("src/flow/flow.c", '#include "dissect/session.h"', 1),
    ("src/flow/flow.c", '  #  include "engine/engine.h"\n#include "detect/rule.h"', 2),
    ("src/base/bytes.h", '#include "packet/packet.h"', 1),
    ("src/capture/pcapng.c", '#include "packet/packet.h"', 0),
    ("src/capture/pcapng.c", '#include "flow/flow.h"', 1),
    ("src/detect/load.c", '#include "capture/source.h"', 1),
    ("src/incident/group.c", '#include "output/eve.h"', 0),
    ("src/incident/group.c", '#include "flow/flow.h"', 1),
    ("src/output/eve.c", '#include "incident/group.h"', 1),
    ("src/engine/worker.c", '#include "capture/source.h"', 0),
    ("src/engine/worker.c", '#include "options.h"', 1),
    ("src/engine/worker.c", "pthread_create(&t, NULL, run, w);", 0),
    ("src/detect/load.c", "pthread_create(&t, NULL, run, w);", 1),
    ("src/main.c", '#include "engine/engine.h"\n#include "options.h"', 0),
    ("src/service/service.c", '#include "engine/engine.h"', 0),
    ("src/engine/engine.c", '#include "service/service.h"', 1),
    ("src/service/service.c", "pthread_create(&t, NULL, run, w);", 0),
    ("src/strange/a.c", '#include "base/bytes.h"', 1),
    ("dissectors/modbus.c", '#include "dissect/dissect.h"', 0),
    ("dissectors/modbus.c", '#include "base/bytes.h"', 1),
    ("dissectors/opcua_types.c", '#include "opcua_types.h"', 0),
    ("dissectors/opcua_types.c", '#include "modbus_umas.h"', 1),
    ("dissectors/opcua.c", '#include "dissect/certificate.h"', 0),
    ("dissectors/opcua.c", '#include "dissect/session.h"', 1),
]


def test_examples():
    failed = 0
    for path, text, want in EXAMPLES:
        got = list(mistakes_in(path, text))
        if len(got) != want:
            print(f"{path}: {text!r}: {want} mistakes wanted, found {got}")
            failed += 1
    return len(EXAMPLES) - failed, failed


def test_tree(root):
    passed = failed = 0
    for folder in ("src", "dissectors"):
        for path in sorted((root / folder).rglob("*.[ch]")):
            text = path.read_text(encoding="utf-8")
            found = list(mistakes_in(str(path.relative_to(root)), text))
            for message in found:
                print(message)
            passed += not found
            failed += bool(found)
    return passed, failed


def test_map(root):
    """src/README.md has a row for each folder."""
    text = (root / "src" / "README.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in (root / "src").glob("*/*.c")}
    missing = sorted(name for name in folders if f"\n| `{name}` |" not in text)
    for name in missing:
        print(f"src/README.md: no row for src/{name}")
    return len(folders) - len(missing), len(missing)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)
    sums = [test_examples(), test_tree(root), test_map(root)]
    passed, failed = (sum(column) for column in zip(*sums))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
