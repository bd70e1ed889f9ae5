#!/usr/bin/python3
"""Measures what rules cost: the same capture with 10, 100, 1,000 and 10,000 of them.

Rules are made in the shape of public ones for industrial networks, over all protocols, in the
proportions of those sets: contents at fixed places, contents anywhere, byte_test, pcre, and
fields of each protocol. They look for what is nowhere, or nearly so, as rules do. Every set
begins with the rules of the smaller one. The capture holds all protocols: four files of
tools/bench-capture.

A run's own time is that of the capture; the start (reading and compiling of rules) is measured
apart, by -T, with an empty cache of pattern databases and with a filled one.

Exit code: 0 measured, whatever came out; 1 something could not be built or run; 2 a wrong
option.

    tools/bench_rules.py                      about 4 million packets, five rounds
    tools/bench_rules.py --quick              does it work?
    tools/bench_rules.py --write 1000         prints that many rules
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench_rows import PROTOCOLS, ROOT
from bench_run import Broken, run

TOOLS = ROOT / "tools"
COUNTS = (10, 100, 1_000, 10_000)
WANTED, WANTED_START_S = 0.7, 1.0
MESSAGES, QUICK_MESSAGES, FLOWS = 500_000, 25_000, 100
FIRST_SID = 9_000_001

# ---- rules ----

VENDOR_PORTS = (80, 443, 1911, 2222, 2404, 5007, 8080, 9600, 10212, 11234, 12397, 12399, 12401,
                20010, 20031, 20034, 20111, 20171, 20222, 34205, 38080, 44818, 46823, 46824,
                48899, 57176)
OWN_PORTS = {"modbus": 502, "s7comm": 102, "dnp3": 20000, "opcua": 4840}
SERVERS = {"modbus": "$MODBUS_SERVER", "s7comm": "$S7_SERVER", "dnp3": "$DNP3_SERVER",
           "opcua": "$OPCUA_SERVER"}
HEADER_BYTES = {"modbus": "|00 00|", "s7comm": "|03 00|", "dnp3": "|05 64|", "opcua": "MSG"}


class Maker:
    """Draws rules; always the same ones."""

    def __init__(self):
        self.random = random.Random(1063)

    def hex(self, count):
        return "|" + " ".join(f"{self.random.randrange(256):02X}" for _ in range(count)) + "|"

    def word(self, least=4, most=14):
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
        return "".join(self.random.choices(letters, k=self.random.randint(least, most)))

    def server(self):
        """Mostly a variable; some name the plant's own controllers."""
        if self.random.random() < 0.95:
            return "$HOME_NET"
        return f"10.{self.random.randrange(64)}.0.0/16"

    def protocol(self):
        return self.random.choice(list(OWN_PORTS))

    # one shape each: the header and the options

    def vendor(self):
        """A service of a vendor's own: a word, then another close by."""
        return (f"tcp $EXTERNAL_NET any -> {self.server()} {self.random.choice(VENDOR_PORTS)}",
                f'flow:established,to_server; content:"{self.word()}"; fast_pattern; '
                f'content:"{self.word(2, 6)}"; distance:0; within:{self.random.randint(10, 200)};')

    def header_bytes(self):
        """A protocol's bytes at their places, as before anyone dissected it."""
        name = self.protocol()
        return (f"tcp $EXTERNAL_NET any -> {SERVERS[name]} {OWN_PORTS[name]}",
                f'flow:established,to_server; content:"{HEADER_BYTES[name]}"; depth:8; '
                f'content:"{self.hex(self.random.randint(3, 8))}"; '
                f"offset:{self.random.randint(6, 12)}; depth:{self.random.randint(8, 20)};")

    def byte_test(self):
        """A length that no sane message has, behind a pattern."""
        return (f"tcp $EXTERNAL_NET any -> {self.server()} {self.random.choice(VENDOR_PORTS)}",
                f'flow:established,to_server; content:"{self.hex(4)}"; depth:4; '
                f"byte_test:{self.random.choice((2, 4))},>,{self.random.randint(500, 60000)},"
                f"{self.random.randint(0, 12)},relative;")

    def on_any_port(self):
        return ("tcp any any -> any any",
                f'flow:established; content:"{self.hex(self.random.randint(5, 16))}";')

    def regex(self):
        word = self.word(5, 9)
        return (f"tcp $EXTERNAL_NET any -> {self.server()} {self.random.choice(VENDOR_PORTS)}",
                f'flow:established,to_server; content:"{word}"; nocase; '
                f'pcre:"/{word}\\s*=\\s*[^&]{{{self.random.randint(50, 300)}}}/i";')

    def datagram(self):
        return (f"udp any any -> {self.server()} {self.random.choice(VENDOR_PORTS)}",
                f'content:"{self.hex(4)}"; depth:4; content:"{self.hex(2)}"; distance:2; '
                "within:2;")

    def modbus(self):
        """Who may write what, and functions that nobody uses."""
        if self.random.random() < 0.3:
            return ("modbus any any -> any any",
                    f"modbus.function:{self.random.randint(64, 127)}; "
                    f"modbus.unit_id:{self.random.randrange(256)};")
        kind, function = self.random.choice((("read", 3), ("write", 16), ("write", 6)))
        address = self.random.randint(20_000, 65_000)
        return ("modbus any any -> any any",
                f"modbus.function:{function}; modbus.{kind}.address:{address}-{address + 9}; "
                f"modbus.unit_id:{self.random.randrange(1, 248)};")

    def s7comm(self):
        if self.random.random() < 0.5:
            return ("s7comm any any -> any any",
                    f"s7comm.function:write_var; s7comm.items.db:{self.random.randint(500, 60000)};")
        return ("tcp any any -> any 102",
                f'content:"|32 01|"; offset:7; depth:2; content:"{self.hex(4)}"; distance:8;')

    def dnp3(self):
        if self.random.random() < 0.5:
            return ("dnp3 any any -> any any",
                    f"dnp3_func:{self.random.choice((3, 4, 5, 13, 14, 18, 21))}; "
                    f"dnp3.dst:{self.random.randint(1000, 65000)};")
        return ("dnp3 any any -> any any",
                f"dnp3_obj:{self.random.choice((12, 41, 80))},{self.random.randint(3, 40)};")

    def opcua(self):
        if self.random.random() < 0.4:
            return ("opcua any any -> any any",
                    f'opcua.service:WriteRequest; opcua.node_id; content:"{self.word()}";')
        return ("opcua any any -> any any",
                f"opcua.service:{self.random.choice(('BrowseRequest', 'CallRequest'))}; "
                f'content:"{self.word()}";')

    def rule(self, number):
        shapes = (self.vendor, self.header_bytes, self.modbus, self.byte_test, self.s7comm,
                  self.vendor, self.dnp3, self.on_any_port, self.opcua, self.datagram,
                  self.vendor, self.header_bytes, self.modbus, self.byte_test, self.regex)
        header, options = shapes[number % len(shapes)]()
        return (f'alert {header} (msg:"BENCH rule {number + 1}"; {options} '
                f"classtype:attempted-admin; metadata:created_at 2025_01_01; "
                f"sid:{FIRST_SID + number}; rev:1;)\n")


def rules(count):
    maker = Maker()
    return "".join(maker.rule(i) for i in range(count))


# ---- running ----

def make_captures(given, work):
    generator = work / "generator"
    run(["cc", "-O2", "-o", str(generator),
         *map(str, sorted((TOOLS / "bench-capture").glob("*.c")))])
    for name in PROTOCOLS:
        with open(work / f"{name}.pcap", "wb") as out:
            subprocess.run([generator, name, str(FLOWS), str(given.messages)], stdout=out,
                           check=True)
    return [work / f"{name}.pcap" for name in PROTOCOLS]


class Row:
    """One number of rules."""

    def __init__(self, count, work):
        self.count, self.wall_s, self.cpu_s = count, [], []
        self.file, self.cache = work / f"{count}.rules", work / f"cache-{count}"
        self.file.write_text(rules(count), encoding="ascii")

    def result(self, packets, first):
        wall_s = median(self.wall_s)
        return {"rules": self.count, "packets_per_s": packets / wall_s,
                "ratio": median(a / b for a, b in zip(first.wall_s, self.wall_s)),
                "cpu_ratio": median(a / b for a, b in zip(first.cpu_s, self.cpu_s)),
                "start_cold_s": self.cold_s, "start_warm_s": self.warm_s,
                "anonymous_bytes": self.anonymous_bytes,
                "cache_bytes": sum(f.stat().st_size for f in self.cache.iterdir())}


class Bench:
    """All numbers of rules on one capture."""

    def __init__(self, given, work):
        self.given, self.rows = given, [Row(count, work) for count in given.counts]
        self.captures = [arg for path in make_captures(given, work) for arg in ("-r", str(path))]

    def run(self, row, *options, sampled=False):
        return run([str(self.given.binary), "-c", str(TOOLS / "ironspan.yaml"), "-S",
                    str(row.file), "--set", f"detect.cache-dir={row.cache}", *options], sampled)

    def start(self, row):
        row.cold_s = self.run(row, "-T").wall_s
        warm = [self.run(row, "-T") for _ in range(5)]
        row.warm_s, row.warm_cpu_s = (min(getattr(done, what) for done in warm)
                                      for what in ("wall_s", "cpu_s"))

    def rehearse(self, row):
        done = self.run(row, "-Q", *self.captures, "--events", "alert", sampled=True)
        row.anonymous_bytes = done.anonymous_bytes

    def measure(self):
        for row in self.rows:
            self.start(row)
            self.rehearse(row)
        for _ in range(self.given.runs):
            for row in self.rows:
                done = self.run(row, "-Q", *self.captures, "--events", "alert")
                row.wall_s.append(max(done.wall_s - row.warm_s, 0.001))
                row.cpu_s.append(max(done.cpu_s - row.warm_cpu_s, 0.001))


def count_packets(given, captures):
    """As the bare loop of tools/bench counts them."""
    with tempfile.TemporaryDirectory(dir=given.dir) as work:
        loop = Path(work) / "loop"
        run(["cc", "-O2", "-o", str(loop), str(TOOLS / "bench-pcap.c"), "-lpcap"])
        return sum(int(run([str(loop), path]).said.split()[0])
                   for path in captures if path != "-r")


def print_table(told):
    print(f"{told['packets']:,} packets, {told['runs']} rounds, medians")
    print(f"{'rules':>7} {'packets/s':>11} {'ratio':>6} {'by CPU':>6} {'cold start':>11} "
          f"{'warm':>7} {'memory':>10} {'cache':>10}")
    for row in told["rows"]:
        print(f"{row['rules']:>7,} {row['packets_per_s']:>11,.0f} {row['ratio']:>6.2f} "
              f"{row['cpu_ratio']:>6.2f} {row['start_cold_s']:>9.2f} s "
              f"{row['start_warm_s']:>5.2f} s {row['anonymous_bytes'] / 2**20:>6.1f} MiB "
              f"{row['cache_bytes'] / 2**20:>6.1f} MiB")
    for target in told["targets"]:
        print(f"{'met' if target['met'] else 'NOT MET'}: {target['what']}: {target['is']:.2f}")


def targets(rows):
    last = rows[-1]
    return [
        {"what": f"{last['rules']:,} rules to {rows[0]['rules']:,}, ratio at least {WANTED}",
         "is": last["ratio"], "met": last["ratio"] >= WANTED},
        {"what": f"start with {last['rules']:,} rules, warm, seconds below {WANTED_START_S}",
         "is": last["start_warm_s"], "met": last["start_warm_s"] < WANTED_START_S},
    ]


# ---- the command line ----

def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, metavar="N",
                        help="numbers of rules, the first to be compared with")
    parser.add_argument("--messages", type=int, metavar="N",
                        help=f"messages of each protocol ({MESSAGES:,})")
    parser.add_argument("--runs", type=int, metavar="N", help="rounds (5)")
    parser.add_argument("--quick", action="store_true", help="few messages, one round")
    parser.add_argument("--dir", type=Path, default=ROOT / "build-bench", metavar="DIR",
                        help="where captures are made (build-bench)")
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "src" / "ironspan",
                        metavar="FILE", help="the ironspan to measure (build/src/ironspan)")
    parser.add_argument("--json", action="store_true", help="JSON instead of the table")
    parser.add_argument("--write", type=int, metavar="N", help="print N rules and end")
    given = parser.parse_args()
    given.messages = given.messages or (QUICK_MESSAGES if given.quick else MESSAGES)
    given.runs = given.runs or (1 if given.quick else 5)
    return given


def measure(given):
    given.dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.dir) as work:
        bench = Bench(given, Path(work))
        bench.measure()
        packets = count_packets(given, bench.captures)
        rows = [row.result(packets, bench.rows[0]) for row in bench.rows]
    return {"packets": packets, "runs": given.runs, "rows": rows, "targets": targets(rows)}


def main():
    given = options()
    if given.write:
        sys.stdout.write(rules(given.write))
        return
    told = measure(given)
    if given.json:
        print(json.dumps(told, indent=2))
    else:
        print_table(told)


try:
    main()
except (Broken, OSError, subprocess.CalledProcessError) as error:
    sys.exit(f"tools/bench_rules.py: {error}")
except KeyboardInterrupt:
    sys.exit(130)
