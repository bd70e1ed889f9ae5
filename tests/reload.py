#!/usr/bin/python3
"""Rules reloaded while packets flow: what is new is found, what was known stays known.

    tests/reload.py [IRONSPAN]       (or the environment's IRONSPAN)

The packets come through a pipe, so that the test decides what was read before the reload.
"""
import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from wire import Tape, Tcp

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 120  # sanitizers are slow
MASTER, OTHER, PLC = "10.1.1.1", "10.1.1.2", "10.1.2.1"
RELOADS = 100

passed = failed = skipped = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:2000]}")


def rule(sid, options):
    return f'alert modbus any any -> any any (msg:"{sid}"; {options} sid:{sid}; rev:1;)\n'


def mbap(transaction, pdu):
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, 1) + pdu


class Plant:
    """A master and its controller, whose packets are handed over when asked for."""

    def __init__(self):
        self.tape = Tape()
        self.flow = Tcp(self.tape, MASTER, PLC).open()
        self.other = Tcp(self.tape, OTHER, PLC, cport=40001).open()
        self.transaction = 0

    def take(self):
        packets, self.tape.packets = self.tape.packets, []
        return b"".join(struct.pack("<IIII", *divmod(p.time_ns // 1000, 10**6), len(p.data),
                                    len(p.data)) + p.data for p in packets)

    def ask(self, pdu, flow=None):
        self.transaction += 1
        (flow or self.flow).ask(mbap(self.transaction, pdu))

    def answer(self, pdu, flow=None):
        (flow or self.flow).answer(mbap(self.transaction, pdu))

    def write(self, address, value=1, flow=None):
        pdu = struct.pack(">BHH", 6, address, value)
        self.ask(pdu, flow)
        self.answer(pdu, flow)

    def read(self, address=0):
        self.ask(struct.pack(">BHH", 3, address, 2))
        self.answer(struct.pack(">BBHH", 3, 4, 1, 2))


class Sensor:
    """ironspan at a pipe. When its first thread, which reads, sleeps and the pipe is empty, then
    the rules for what it has read are chosen."""

    def __init__(self, binary, rules, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.rules = Path(self.folder.name) / "test.rules"
        self.rules.write_text(rules)
        self.told = Path(self.folder.name) / "stderr"
        self.out = Path(self.folder.name) / "stdout"
        self.process = subprocess.Popen(
            [binary, "-Q", "-r", "-", "-S", str(self.rules), "--set", "detect.cache-dir=none",
             "--events", "alert", *options], stdin=subprocess.PIPE,
            stdout=self.out.open("wb"), stderr=self.told.open("wb"))
        self.pipe = self.process.stdin
        self.give(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def wait(self, what, until):
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"{what}: not within {PATIENCE_S} s\n{self.told.read_text()}")
            time.sleep(0.002)

    def unread(self):
        return struct.unpack("i", fcntl.ioctl(self.pipe, termios.FIONREAD, bytes(4)))[0]

    def sleeps(self):
        stat = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "S"

    def give(self, data):
        self.pipe.write(data)
        self.pipe.flush()
        self.wait("the pipe is read", lambda: self.unread() == 0 and self.sleeps())

    def reload(self, rules=None, says="reloaded"):
        if rules is not None:
            self.rules.write_text(rules)
        before = self.told.read_text().count(says)
        self.process.send_signal(signal.SIGUSR2)
        self.wait(says, lambda: self.told.read_text().count(says) > before)

    def anonymous_kib(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
        return 0

    def end(self):
        """(sid, outcome) of every alert."""
        self.pipe.close()
        code = self.process.wait(PATIENCE_S)
        check("exit code", code == 0, self.told.read_text())
        alerts = [json.loads(line) for line in self.out.read_text().splitlines()]
        self.folder.cleanup()
        return [(a["alert"]["signature_id"], a["ot"].get("operation", {}).get("outcome"))
                for a in alerts]


def story(what, binary, before, first, after, then, wanted, says="reloaded"):
    """Rules `before` while `first` happens, `after` while `then` does; the alerts."""
    for threads in "1", "2":
        plant, sensor = Plant(), Sensor(binary, before, "--threads", threads)
        first(plant)
        sensor.give(plant.take())
        sensor.reload(after, says)
        then(plant)
        sensor.give(plant.take())
        got = sensor.end()
        check(f"{what}, {threads} threads", got == wanted, f"{got}, want {wanted}")


WRITE = "modbus.function:6;"
ADDRESS = "modbus.function:6; modbus.write.address:%d;"


def stories(binary):
    story("what is new is found, what is gone is not", binary,
          rule(1, ADDRESS % 1), lambda p: (p.write(1), p.write(2)),
          rule(2, ADDRESS % 2), lambda p: (p.write(1), p.write(2)),
          [(1, "accepted"), (2, "accepted")])
    begun = struct.pack(">BHH", 6, 7, 1)
    story("a request waits for its answer over a reload", binary,
          rule(1, WRITE) + rule(2, WRITE), lambda p: p.ask(begun),
          rule(3, "modbus.function:3;") + rule(2, WRITE), lambda p: p.answer(begun),
          [(2, "accepted")])
    twice = "threshold:type threshold, track by_src, count %d, seconds 60;"
    story("a threshold goes on counting", binary,
          rule(1, WRITE + twice % 2), lambda p: p.write(1),
          rule(9, ADDRESS % 9) + rule(1, WRITE + twice % 2), lambda p: p.write(1),
          [(1, "accepted")])
    story("a threshold that changed begins anew", binary,
          rule(1, WRITE + twice % 2), lambda p: p.write(1),
          rule(1, WRITE + twice % 3), lambda p: (p.write(1), p.write(1), p.write(1)),
          [(1, "accepted")])
    distinct = "distinct:modbus.write.address, count %d, seconds 60, track by_src;"
    story("a distinct that counts further has the room", binary,
          rule(1, WRITE + distinct % 3), lambda p: [p.write(a) for a in range(2)],
          rule(1, WRITE + distinct % 200), lambda p: [p.write(a) for a in range(300)],
          [(1, "accepted")])
    story("flowbits stay, by name", binary,
          rule(1, ADDRESS % 1 + "flowbits:set,armed; flowbits:noalert;"), lambda p: p.write(1),
          rule(5, ADDRESS % 5 + "flowbits:set,another; flowbits:noalert;")
          + rule(2, ADDRESS % 2 + "flowbits:isset,armed;")
          + rule(3, ADDRESS % 2 + "flowbits:isset,another;"),
          lambda p: (p.write(2), p.write(2, flow=p.other)), [(2, "accepted")])
    story("a flow's numbers stay, by name", binary,
          rule(1, ADDRESS % 1 + "flowint:armed,+,2; noalert;"), lambda p: p.write(1),
          rule(5, ADDRESS % 5 + "flowint:another,+,2; noalert;")
          + rule(2, ADDRESS % 2 + "flowint:armed,==,2;")
          + rule(3, ADDRESS % 2 + "flowint:another,==,2;"),
          lambda p: (p.write(2), p.write(2, flow=p.other)), [(2, "accepted")])
    story("a poll that was silent is looked at again", binary,
          rule(1, WRITE), lambda p: [p.read() for _ in range(9)],
          rule(2, "modbus.function:3; threshold:type limit, track by_src, count 1, seconds 60;"),
          lambda p: p.read(), [(2, "accepted")])
    story("a poll under way is looked at again", binary,
          rule(1, WRITE), lambda p: ([p.read() for _ in range(9)],
                                     p.ask(struct.pack(">BHH", 3, 0, 2))),
          rule(2, "modbus.function:3; threshold:type limit, track by_src, count 1, seconds 60;"),
          lambda p: p.answer(struct.pack(">BBHH", 3, 4, 1, 2)), [(2, "accepted")])
    story("a refused rule leaves the old set", binary,
          rule(1, ADDRESS % 1), lambda p: p.write(2),
          rule(1, ADDRESS % 2) + rule(2, "modbus.no_such_thing:1;"), lambda p: p.write(1),
          [(1, "accepted")], says="those that run stay")
    story("words that are no rule leave the old set", binary,
          rule(1, ADDRESS % 1), lambda p: p.write(2),
          "alert what is this\n", lambda p: p.write(1),
          [(1, "accepted")], says="those that run stay")
    story("the same rules again change nothing", binary,
          rule(1, ADDRESS % 1), lambda p: p.write(1),
          rule(1, ADDRESS % 1), lambda p: p.write(1),
          [(1, "accepted"), (1, "accepted")])


def missing_file(binary):
    plant, sensor = Plant(), Sensor(binary, rule(1, WRITE))
    sensor.rules.unlink()
    sensor.reload(says="those that run stay")
    plant.write(1)
    sensor.give(plant.take())
    told = sensor.told.read_text()
    check("the missing file is named", str(sensor.rules) in told, told)
    check("a missing file leaves the old set", sensor.end() == [(1, "accepted")])


def many_times(binary):
    """All shipped rules, again and again, between packets of flows that stay."""
    global skipped
    if b"__asan_init" in Path(binary).read_bytes():
        skipped += 1
        print("skipped: memory after many reloads: the sanitizer keeps what was freed")
        return
    rules = "".join(path.read_text() for path in sorted((ROOT / "signatures").glob("*.rules")))
    plant, sensor = Plant(), Sensor(binary, rules, "--threads", "2")
    sizes = []
    for _ in range(RELOADS):
        plant.read()
        plant.write(1)
        sensor.give(plant.take())
        sensor.reload()
        sizes.append(sensor.anonymous_kib())
    check(f"memory after {RELOADS} reloads", max(sizes[-9:]) < max(sizes[:9]) * 1.1,
          f"KiB: {sizes}")
    sensor.end()


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ["IRONSPAN"]
    stories(binary)
    missing_file(binary)
    many_times(binary)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
