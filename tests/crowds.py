#!/usr/bin/python3
"""Rules in a crowd fire as they do alone: hundreds that ask for the same function codes are led
to by other numbers, and by patterns in fields, than a few are.

    tests/crowds.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALONE = 5  # rules at a time, of which no two come from one place of the list
WORDS = ("Temp", "Pump", "ns=2", "i=", "s=", "Server", "Level", "a", "Valve", "1", "22", "State")
FUNCTIONS = "WriteRequest ReadRequest BrowseRequest CallRequest ReadResponse".split()


def conditions(draw):
    """(protocol, options) of many rules alike."""
    def word():
        return draw.choice(WORDS)
    for address in range(60):
        yield "modbus", (f"modbus.function:{draw.choice((3, 3, 6, 16))}; "
                         f"modbus.{draw.choice(('read', 'write'))}.address:"
                         f"{address}-{address + draw.randint(0, 20)};")
    for address in range(30):
        yield "modbus", (f"modbus.function:3; modbus.unit_id:{draw.randint(0, 5)}; "
                         f"modbus.read.address:{address};")
        yield "modbus", (f"ot.verb:{draw.choice(('read', 'write'))}; "
                         f"modbus.unit_id:{draw.randint(0, 5)}; modbus.read.address:{address};")
    for _ in range(15):
        yield "modbus", f'modbus.read.data; content:"|{draw.randrange(256):02x}|";'
    for db in range(40):
        yield "s7comm", (f"s7comm.function:{draw.choice(('write_var', 'read_var'))}; "
                         f"s7comm.items.db:{db};")
        yield "dnp3", (f"dnp3_func:{draw.choice((1, 3, 4, 5, 129, 130))}; "
                       f"dnp3.dst:{draw.randint(0, 12)};")
        yield "dnp3", f"dnp3_obj:{draw.choice((1, 2, 12, 30, 60))},{draw.randint(0, 6)};"
        yield "opcua", (f"opcua.service:{draw.choice(FUNCTIONS[:4])}; opcua.node_id; "
                        f'content:"{word()}"; nocase;')
        yield "opcua", f'opcua.service:{draw.choice(FUNCTIONS)}; content:"{word()}";'
        yield "opcua", (f'opcua.node_id; content:"{word()}"; content:"{word()}"; distance:0;')


def make_rules():
    return [f'alert {protocol} any any -> any any (msg:"{sid}"; {options} sid:{sid}; rev:1;)\n'
            for sid, (protocol, options) in enumerate(conditions(random.Random(5)), 1)]


def fired(binary, folder, rules):
    path = Path(folder) / "crowd.rules"
    path.write_text("".join(rules), encoding="ascii")
    captures = [arg for capture in sorted((ROOT / "pcaps").glob("*.pcap*"))
                if capture.suffix in (".pcap", ".pcapng") for arg in ("-r", str(capture))]
    done = subprocess.run([binary, "-Q", "--set", "detect.cache-dir=none", "-S", str(path),
                           "--events", "alert", *captures], stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.DEVNULL)
    return collections.Counter(json.loads(line)["alert"]["signature_id"]
                               for line in done.stdout.splitlines())


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ["IRONSPAN"]
    rules = make_rules()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        together = fired(binary, folder, rules)
        parts = -(-len(rules) // ALONE)
        alone = collections.Counter()
        for part in range(parts):
            alone += fired(binary, folder, rules[part::parts])
    for sid, rule in enumerate(rules, 1):
        if together[sid] == alone[sid]:
            passed += 1
        else:
            failed += 1
            print(f"{together[sid]} times in the crowd, {alone[sid]} alone: {rule}", end="")
    enough = len(together) > len(rules) // 5
    passed, failed = passed + enough, failed + (not enough)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
