#!/usr/bin/python3
"""Captures of what alerted: the flow's packets around the alert, and hashes that hold.

    tests/evidence.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import hashlib
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pcap
from wire import Tape, Tcp, vlan

MASTER, PLC = "10.1.1.1", "10.1.2.1"
RULE = 'alert modbus any any -> any any (msg:"a write"; modbus.function:6; sid:1; rev:1;)\n'

passed = failed = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:2000]}")


def mbap(transaction, pdu):
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, 1) + pdu


def read(flow, count=1):
    for n in range(count):
        flow.talk(mbap(n, struct.pack(">BHH", 3, n, 1)), mbap(n, b"\3\2\0\1"))


def write(flow):
    flow.talk(*2 * (mbap(9, struct.pack(">BHH", 6, 9, 1)),))


class Run:
    def __init__(self, binary, tape, *options, limit=None):
        self.folder = tempfile.TemporaryDirectory()
        self.dir = Path(self.folder.name) / "evidence"
        capture, rules = (Path(self.folder.name) / name for name in ("all.pcap", "test.rules"))
        pcap.write(capture, tape.packets, nanoseconds=True)
        rules.write_text(RULE)

        def limited():
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        done = subprocess.run([binary, "-Q", "-r", str(capture), "-S", str(rules), "--events",
                               "alert", "--set", f"evidence.dir={self.dir}", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              preexec_fn=limited)
        self.code, self.told = done.returncode, done.stderr.decode()
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.alerts = [event for event in events if "alert" in event]
        self.health = [event["ot"]["health"] for event in events if "health" in event["ot"]]
        self.files = sorted(self.dir.glob("*")) if self.dir.exists() else []

    def packets(self, at=0):
        return [p.data for p in pcap.read(self.files[at])]

    def wrong(self, alerts=None):
        """Alerts whose evidence is not what they say."""
        for alert in alerts or self.alerts:
            (mark,) = alert["ot"].get("evidence", [None])
            if not mark or alert["capture_file"] != mark["ref"]:
                yield alert
                continue
            begin = (self.dir / mark["ref"]).read_bytes()[:mark["bytes"]]
            if hashlib.sha256(begin).hexdigest() != mark["sha256"]:
                yield mark


def one_alert(binary):
    tape = Tape()
    flow, other = Tcp(tape, MASTER, PLC).open(), Tcp(tape, MASTER, PLC, cport=40001).open()
    early = len(tape.packets)
    read(flow)
    tape.wait(11_000)
    read(other)
    begin = len(tape.packets)
    read(flow, 3)
    write(flow)
    read(flow, 2)
    end = len(tape.packets)
    read(other)
    tape.wait(11_000)
    read(flow)
    for threads in "124":
        run = Run(binary, tape, "--threads", threads)
        check("one alert, one file", run.code == 0 and len(run.alerts) == len(run.files) == 1,
              run.told)
        check("its hash", not list(run.wrong()), list(run.wrong()))
        check("the flow's packets around it", run.packets() ==
              [p.data for p in tape.packets[begin:end]], (early, begin, end, len(run.packets())))
        check("who may read it", run.files[0].stat().st_mode & 0o777 == 0o640 and
              run.dir.stat().st_mode & 0o777 == 0o750)
    times = [p.time_ns for p in pcap.read(run.files[0])]
    check("times", times == [p.time_ns for p in tape.packets[begin:end]])


def several(binary):
    """Alerts of one flow share a file, those of another have their own."""
    tape = Tape()
    flows = [Tcp(tape, MASTER, PLC, cport=40000 + n, tags=vlan(n) if n else b"").open()
             for n in range(3)]
    for _ in range(5):
        for flow in flows:
            write(flow)
            read(flow)
        tape.wait(4000)
    run = Run(binary, tape)
    check("a file a flow", len(run.alerts) == 15 and len(run.files) == 3, run.files)
    check("hashes of a file that grows", not list(run.wrong()), list(run.wrong()))
    check("everything is in them", sum(len(run.packets(n)) for n in range(3)) ==
          len(tape.packets), [len(run.packets(n)) for n in range(3)])


def bounds(binary):
    tape = Tape()
    for n in range(300):
        flow = Tcp(tape, MASTER, PLC, cport=20000 + n).open()
        write(flow)
        read(flow, 50)
        flow.close()
        tape.wait(11_000)
    run = Run(binary, tape, "--set", "evidence.max-size=64kb", "--set", "evidence.file-size=4kb")
    size = sum(path.stat().st_size for path in run.files)
    check("all files together", 0 < size <= 64 * 1024, size)
    check("each file", max(path.stat().st_size for path in run.files) <= 4096)
    check("the newest stay", run.files[-1].name == run.alerts[-1]["capture_file"])
    check("every alert had one", all("capture_file" in alert for alert in run.alerts))


def ages(binary):
    """What is too old goes with the first packets, alert or none; what is no capture stays."""
    tape, quiet = Tape(), Tape()
    write(Tcp(tape, MASTER, PLC).open())
    read(Tcp(quiet, MASTER, PLC).open(), 20)
    for what, packets, left in (("an alert", tape, 2), ("no alert", quiet, 1)):
        with tempfile.TemporaryDirectory() as folder:
            old, new, note = (Path(folder) / name for name in ("a.pcap", "b.pcap", "note.txt"))
            for path in (old, new, note):
                path.write_bytes(b"kept")
            os.utime(old, (0, time.time() - 7200))
            os.utime(note, (0, time.time() - 7200))
            Run(binary, packets, "--set", "evidence.max-age=1h",
                "--set", f"evidence.dir={folder}")
            there = sorted(path.name for path in Path(folder).iterdir())
            check("too old goes: " + what, old.name not in there and new.name in there and
                  note.name in there and len(there) == left + 1, there)


def beyond(binary):
    """Alerts that come when the file is full, or its time is over, have another."""
    for what, before, between, wait in (("full before", 60, 1, 0), ("full behind", 1, 60, 0),
                                        ("full twice", 60, 60, 0), ("late", 1, 0, 11_000)):
        tape = Tape()
        flow, other = Tcp(tape, MASTER, PLC).open(), Tcp(tape, MASTER, PLC, cport=40001).open()
        read(flow, before)
        write(flow)
        read(other, 300)
        tape.wait(wait)
        read(flow, between)
        write(flow)
        run = Run(binary, tape, "--set", "evidence.file-size=4kb")
        check(what + ": hashes", len(run.alerts) == 2 and not list(run.wrong()), run.alerts)
        for alert in run.alerts:
            packet = tape.packets[alert["pcap_cnt"] - 1].data
            packets = [p.data for p in pcap.read(run.dir / alert["capture_file"])]
            check(what + ": its packet is in the file", packet in packets,
                  (alert["pcap_cnt"], len(packets)))


def unanswered(binary):
    """The alert that waited in vain for its answer shortens no file."""
    tape = Tape()
    flow = Tcp(tape, MASTER, PLC).open()
    flow.send(0, mbap(8, struct.pack(">BHH", 6, 9, 1)))
    tape.wait(900)
    write(flow)
    for _ in range(600):
        tape.wait(1)
        read(flow)
    tape.wait(10_500 - (tape.packets[-1].time_ns - tape.packets[3].time_ns) // 1_000_000)
    read(flow)
    run = Run(binary, tape)
    check("an alert that waited", len(run.alerts) == 2 and len(run.files) == 1 and
          len(run.packets()) == len(tape.packets), (run.alerts, len(tape.packets)))


def broken(binary):
    tape = Tape()
    for n in range(9):
        flow = Tcp(tape, MASTER, PLC, cport=20000 + n).open()
        read(flow, 40)
        write(flow)
    run = Run(binary, tape, limit=2000)
    check("a full disk: the alerts go out", run.code == 0 and len(run.alerts) == 9, run.told)
    sizes = [24 + sum(16 + len(data) for data in run.packets(n)) for n in range(len(run.files))]
    check("a full disk: whole packets", sizes == [file.stat().st_size for file in run.files],
          sizes)
    check("a full disk: no alert names a file that its packet is not in",
          not any("capture_file" in alert for alert in run.alerts), run.alerts)
    check("a full disk is told once", run.told.count("go out without their packets") == 1,
          run.told)
    tape = Tape()
    flow = Tcp(tape, MASTER, PLC).open()
    for n in range(3):
        write(flow)
        read(flow, 30)
    run = Run(binary, tape, "--events", "alert,health", limit=2000)
    check("a disk that becomes full: the first alert has its packets", not list(run.wrong(run.alerts[:1]))
          and not any("capture_file" in alert for alert in run.alerts[1:]), run.alerts)
    check("a disk that becomes full is told in the health state",
          "evidence_lost" in run.health[-1]["reasons"], run.health)
    run = Run(binary, tape, "--set", "evidence.dir=/proc/no/such")
    check("no folder", run.code == 2 and "evidence.dir: /proc/no/such" in run.told, run.told)


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ["IRONSPAN"]
    one_alert(binary)
    several(binary)
    bounds(binary)
    ages(binary)
    beyond(binary)
    unanswered(binary)
    broken(binary)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
