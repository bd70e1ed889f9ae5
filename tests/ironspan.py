"""Runs ironspan for the tests and reads what it says.

The program is the first argument of a test, else the environment's IRONSPAN, else whatever
`ironspan` the path finds.
"""
import ipaddress
import json
import os
import shutil
import subprocess
import sys

import oracle_modbus

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PCAPS = os.path.join(ROOT, "pcaps")
CORPUS = os.environ.get("IRONSPAN_CORPUS")
TIMEOUT_S = 300


def program():
    name = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("IRONSPAN", "ironspan")
    return shutil.which(name) or sys.exit("there is no program %s" % name)


def captures():
    return [os.path.join(PCAPS, name) for name in sorted(os.listdir(PCAPS))
            if name.endswith((".pcap", ".pcapng"))]


def events(path, *options, types=("modbus",)):
    """The events of a capture, with no rules but those asked for."""
    done = subprocess.run([program(), "-r", path, "-S", "/dev/null", "--events",
                           ",".join(types), *options], capture_output=True, timeout=TIMEOUT_S)
    if done.returncode:
        raise RuntimeError("%s: exit %d: %s" % (path, done.returncode,
                                                done.stderr.decode(errors="replace")[-2000:]))
    return [json.loads(line) for line in done.stdout.splitlines()]


def halves(event):
    """(half's name, the half) of a protocol's event, in the order they were sent."""
    body = event[event["event_type"]]
    if "type" in body:  # flat: one half
        return [(body["type"], body)]
    return [(name, body[name]) for name in ("request", "response") if name in body]


# ---- as messages that another decoder's can be compared with ----

def messages(path, *options, protocols=(oracle_modbus,)):
    found = {protocol.NAME: [] for protocol in protocols}
    by_name = {protocol.NAME: protocol for protocol in protocols}
    for event in events(path, "--keep-duplicates", *options, types=found):
        name = event["event_type"]
        found[name] += _messages(event, by_name[name])
    return [m for name, protocol in by_name.items() for m in protocol.joined(found[name])]


def _messages(event, protocol):
    ends = [(str(ipaddress.ip_address(event[side + "_ip"])), event[side + "_port"])
            for side in ("src", "dest")]
    parts = halves(event)
    frames = event.get("ot", {}).get("packets", [0] * len(parts))
    for (name, half), frame in zip(parts, frames):
        sender, receiver = ends if name == parts[0][0] else ends[::-1]
        yield protocol.half((frame, *sender, *receiver), name, half)
