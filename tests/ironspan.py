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

from message import Message

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PCAPS = os.path.join(ROOT, "pcaps")
CORPUS = os.environ.get("IRONSPAN_CORPUS")
TIMEOUT_S = 300
BYTE_COUNTS = ("read", "write", "comm", "server", "file", "fifo")


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
    """(half's name, the half) of a modbus event, in the order they were sent."""
    return [(name, event["modbus"][name]) for name in ("request", "response")
            if name in event["modbus"]]


# ---- as messages that another decoder's can be compared with ----

def messages(path, *options):
    return [message for event in events(path, "--keep-duplicates", *options)
            for message in _messages(event)]


def _messages(event):
    ends = [(str(ipaddress.ip_address(event[side + "_ip"])), event[side + "_port"])
            for side in ("src", "dest")]
    parts = halves(event)
    frames = event.get("ot", {}).get("packets", [0] * len(parts))
    for (name, half), frame in zip(parts, frames):
        sender, receiver = ends if name == parts[0][0] else ends[::-1]
        function = half.get("function_raw", 0)
        yield Message(frame, *sender, *receiver, half["transaction_id"], half.get("unit_id"),
                      function & 0x7f, "exception" if function & 0x80 else name, _fields(half))


def _fields(half):
    read, write, fifo = (half.get(part, {}) for part in ("read", "write", "fifo"))
    out = {
        "protocol_id": half.get("protocol_id"),
        "exception": half.get("exception", {}).get("raw"),
        "subfunction": half.get("diagnostic", {}).get("raw"),
        "mei": half.get("mei", {}).get("raw"),
        "and_mask": write.get("and_mask"), "or_mask": write.get("or_mask"),
        "read_address": read.get("address"), "read_quantity": read.get("quantity"),
        "write_address": write.get("address"), "write_quantity": write.get("quantity"),
        "byte_count": next((half[part]["byte_count"] for part in BYTE_COUNTS
                            if "byte_count" in half.get(part, {})), None),
        "values": _values(half.get("function_raw"), read, write, fifo),
    }
    return {name: value for name, value in out.items() if value is not None}


def _values(function, read, write, fifo):
    """A coil is written as the word that was sent, not as 0 or 1."""
    if function == 5 and "data" in write:
        return [write["data"]]
    return next((part["values"] for part in (write, read, fifo) if "values" in part), None)
