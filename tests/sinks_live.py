#!/usr/bin/python3
"""Sinks of a sensor that listens: full, slow and lost ones, and nobody else waits for them.

    tests/sinks_live.py [IRONSPAN]      as root; about a minute

In a network namespace a capture is sent over a cable, and events go to a pipe that is always
read and to the sink in question. What the pipe has and the sink has not must be what the
counters say was lost. Skipped where there can be no lab.
"""
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import ironspan
import live
from live_capture import Listener, Wire
from net import Lab
from receivers import Receiver, free_port, until
from report import Report
from sinks import differences, sink

MODBUS = os.path.join(ironspan.PCAPS, "modbus-pymodbus.pcap")
PROGRAMS = ("ethtool", "ip", "nsenter", "sysctl", "tcpreplay", "unshare")
MESSAGES = ["--events", "modbus,alert"]


class Sensor(Listener):
    """Standard output tells what there was; it is the first sink."""

    def __init__(self, wire, *options, before=()):
        super().__init__(wire, "-i", "mon", *sink(1, type="stdout"), *options, before=before)
        self.wire = wire
        self.wait_for("listening on mon")

    def send(self, count=1):
        for _ in range(count):
            before = len(self.lines)
            self.wire.send(MODBUS, "-i", "mon-far", "-t")
            until(lambda: len(self.lines) > before, "events")
            time.sleep(0.3)

    def root(self, path):
        """Where the sensor's own mounts can be seen."""
        return "/proc/%d/root%s" % (self.process.pid, path)

    def lost(self):
        """Events and alerts that the table says were lost."""
        found = [re.search(r"([\d,]+)  %s could not be written" % what, self.text())
                 for what in ("other events that", "alerts and incidents that")]
        return [int(match[1].replace(",", "")) if match else 0 for match in found]


def in_mount(sensor, *words):
    subprocess.run(["nsenter", "-t", str(sensor.process.pid), "-m", *words], check=True)


def read_lines(path):
    with open(path, "rb") as file:
        return file.read().splitlines(True)


def counted(sensor, lines):
    """The file's lines are whole, in the pipe's order; what is missing was counted."""
    out = [line.encode() for _, line in sensor.lines]
    rest = iter(out)
    for line in lines:
        if line not in rest:
            yield "not in order, or no line of standard output: %r" % line[:200]
            return
    missing, lost = len(out) - len(lines), sum(sensor.lost())
    if missing != lost:
        yield "%d lines are missing, %d were counted: %s" % (missing, lost, sensor.text())


def test_disk_full(report, wire, folder):
    """A small disk; then it grows."""
    disk = os.path.join(folder, "disk")
    os.mkdir(disk)
    path = os.path.join(disk, "eve.json")
    mount = ["unshare", "-m", "sh", "-c",
             "mount -t tmpfs -o size=256k none %s && exec \"$@\"" % disk, "sh"]
    sensor = Sensor(wire, *MESSAGES, *sink(2, path=path, queue="512kb"), before=mount)
    until(lambda: sensor.send() or sensor.count("No space left on device; events wait"), "full")
    until(lambda: sensor.send() or sensor.count("too much waits"), "losses")
    whole = read_lines(sensor.root(path))
    faults = ["a cut line: %r" % line[-100:] for line in whole if not line.endswith(b"}\n")]
    in_mount(sensor, "mount", "-o", "remount,size=64m", disk)
    sensor.wait_for("works again; ")
    sensor.send()
    time.sleep(1)
    kept = os.open(sensor.root(path), os.O_RDONLY)
    faults += [sensor.text()] if sensor.stop() else []
    lines = os.fdopen(kept, "rb").read().splitlines(True)
    if len(lines) <= len(whole):
        faults.append("nothing was written afterwards")
    if sensor.lost()[1]:
        faults.append("alerts were lost")
    if sensor.count("warning:") != 3:
        faults.append("a flood of messages: " + sensor.text())
    report.case("a full disk", faults + list(counted(sensor, lines)))


def alerts_in(disk, folder):
    """How many alerts the store has on a disk that is mounted nowhere any more."""
    copy = os.path.join(folder, "copy")
    os.mkdir(copy)
    store = os.open("incidents", os.O_RDONLY, dir_fd=disk)
    for name in os.listdir(store):
        if name.startswith("incidents.db"):
            with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=store), "rb") as file:
                with open(os.path.join(copy, name), "wb") as out:
                    shutil.copyfileobj(file, out)
    os.close(store)
    os.close(disk)
    with sqlite3.connect(os.path.join(copy, "incidents.db")) as database:
        return database.execute("SELECT count(*) FROM alert").fetchone()[0]


def test_store_full(report, wire, folder):
    """The disk of the store is small; then it grows."""
    disk = os.path.join(folder, "store")
    os.mkdir(disk)
    mount = ["unshare", "-m", "sh", "-c",
             "mount -t tmpfs -o size=1m none %s && exec \"$@\"" % disk, "sh"]
    sensor = Sensor(wire, "--events", "modbus,alert,health", "--store",
                    os.path.join(disk, "incidents"), before=mount)
    until(lambda: sensor.send() or sensor.count("alerts are not stored"), "full")
    in_mount(sensor, "mount", "-o", "remount,size=64m", disk)
    sensor.send()
    sensor.wait_for("are stored again")
    sensor.send()
    kept = os.open(sensor.root(disk), os.O_RDONLY)
    faults = [sensor.text()] if sensor.stop() else []
    stored = alerts_in(kept, folder)
    told = sum('"event_type":"alert"' in line for _, line in sensor.lines)
    if stored != told or sensor.count("not stored") != 1:
        faults.append("%d alerts, %d in the store: %s" % (told, stored, sensor.text()))
    report.case("a full disk under the store", faults)

    sensor = Sensor(wire, "--events", "modbus,alert,health", "--store",
                    os.path.join(disk, "incidents"), before=mount)
    until(lambda: sensor.send() or sensor.count("alerts are not stored"), "full")
    faults = [sensor.text()] if sensor.stop() else []
    if not re.search(r"[1-9][\d,]* alerts, operations or incidents found no place",
                     sensor.text()):
        faults.append("nothing was counted: " + sensor.text())
    report.case("a disk that is full to the end", faults)


def test_read_only(report, wire, folder):
    """The disk cannot be written at start; and while files are opened anew."""
    disk = os.path.join(folder, "read-only")
    os.mkdir(disk)
    path = os.path.join(disk, "eve.json")
    mount = ["unshare", "-m", "sh", "-c",
             "mount --bind %s %s && mount -o remount,ro,bind %s && exec \"$@\"" %
             (disk, disk, disk), "sh"]
    done = subprocess.run(wire.command(*mount, ironspan.program(), "-i", "mon",
                                       *sink(1, path=path)), capture_output=True, text=True,
                          timeout=60, check=False)
    report.case("a read-only disk at start", [] if done.returncode == 2 and done.stderr.count(
        "error: ") == 1 and "Read-only file system" in done.stderr else [done.stderr])

    sensor = Sensor(wire, *MESSAGES, *sink(2, path=path), before=["unshare", "-m"])
    sensor.send()
    in_mount(sensor, "mount", "--bind", disk, disk)
    in_mount(sensor, "mount", "-o", "remount,ro,bind", disk)
    sensor.process.send_signal(signal.SIGHUP)
    sensor.wait_for("Read-only file system")
    sensor.send()
    in_mount(sensor, "umount", disk)
    faults = [sensor.text()] if sensor.stop() else []
    report.case("a disk that becomes read-only", faults +
                list(counted(sensor, read_lines(path))))


def test_hangup(report, wire, folder):
    """As logrotate does it."""
    path = os.path.join(folder, "moved.json")
    sensor = Sensor(wire, *MESSAGES, *sink(2, path=path))
    names = []
    for number in range(3):
        sensor.send()
        names.append("%s-%d" % (path, number))
        os.rename(path, names[-1])
        sensor.process.send_signal(signal.SIGHUP)
        until(lambda: os.path.exists(path), "a new file")
    sensor.send()
    faults = [sensor.text()] if sensor.stop() else []
    parts = [read_lines(name) for name in (*names, path)]
    if not all(parts):
        faults.append("lines: %s" % list(map(len, parts)))
    report.case("SIGHUP", faults + list(counted(sensor, sum(parts, []))))


def test_deleted(report, wire, folder, what):
    """Somebody deletes the file, or its folder, to have room: a new one is begun."""
    inner = os.path.join(folder, what)
    path = os.path.join(inner, "eve.json")
    os.mkdir(inner)
    sensor = Sensor(wire, *MESSAGES, *sink(2, path=path))
    sensor.send()
    old = read_lines(path)
    if what == "file":
        os.remove(path)
    else:
        shutil.rmtree(inner)
        sensor.process.send_signal(signal.SIGHUP)
        sensor.wait_for("cannot be opened anew")
    sensor.send()
    sensor.wait_for("it was deleted; events wait")
    os.makedirs(inner, exist_ok=True)
    sensor.wait_for("works again, nothing was lost")
    faults = [sensor.text()] if sensor.stop() else []
    report.case("deleted: its " + what, faults + list(counted(sensor, old + read_lines(path))))


def test_pipe(report, wire, folder):
    """Nobody reads a pipe yet; somebody does, and is gone again."""
    fifo = os.path.join(folder, "late")
    os.mkfifo(fifo)
    sensor = Sensor(wire, *MESSAGES, *sink(2, path=fifo)).wait_for("nobody reads it")
    sensor.send()
    reader = subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE)
    got = [reader.stdout.readline() for _ in list(sensor.lines)]
    sensor.wait_for("works again, nothing was lost")
    reader.kill()
    reader.communicate()
    faults = [] if got == [line.encode() for _, line in sensor.lines] else [
        "not what standard output had: %r" % got]
    sensor.send()
    time.sleep(2)
    started = time.monotonic()
    faults += [sensor.text()] if sensor.stop() else []
    if time.monotonic() - started > 2 or sensor.count("hangs"):
        faults.append("it waited for a reader: " + sensor.text())
    report.case("a pipe that nobody reads", faults)


def test_slow(report, wire, folder):
    """A pipe that nobody reads and a receiver that has stopped: the others get everything."""
    fifo, path = os.path.join(folder, "fifo"), os.path.join(folder, "beside.json")
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    receiver = Receiver("unix_stream", folder).start()
    receiver.process.send_signal(signal.SIGSTOP)
    sensor = Sensor(wire, *MESSAGES, *sink(2, path=fifo, queue="64kb"),
                    *sink(3, type="unix_stream", path=receiver.where, queue="64kb"),
                    *sink(4, path=path))
    until(lambda: sensor.send() or sensor.count("too much waits") > 1, "losses")
    faults = [sensor.text()] if sensor.stop() else []
    receiver.process.send_signal(signal.SIGCONT)
    receiver.kill()
    os.close(reader)
    out = [line.encode() for _, line in sensor.lines]
    if read_lines(path) != out:
        faults.append("the file beside has %d lines of %d" % (len(read_lines(path)), len(out)))
    if sensor.lost()[0] == 0:
        faults.append("nothing was counted: " + sensor.text())
    report.case("slow readers", faults)


def test_killed(report, wire, folder, kind):
    """A receiver that is killed and comes back: with a spool everything arrives."""
    receiver = Receiver(kind, folder, wire.command(), free_port(kind)).start()
    where = {"path": receiver.where, "type": kind} if kind.startswith("unix") else {
        "address": receiver.address, "type": "syslog"}
    sensor = Sensor(wire, *MESSAGES, *sink(2, spool=os.path.join(folder, "spool-" + kind),
                                           **where))
    sensor.send()
    receiver.wait_for(len(sensor.lines)).kill()
    time.sleep(0.5)
    sensor.send(2)
    sensor.wait_for("events wait")
    receiver.start()
    sensor.wait_for("works again, nothing was lost")
    sensor.send()
    faults = [sensor.text()] if sensor.stop() else []
    want = {line.strip() for _, line in sensor.lines}
    until(lambda: set(map(inside, receiver.messages())) >= want, "all of them")
    receiver.kill()
    if set(map(inside, receiver.messages())) != want:
        faults.append("others arrived")
    faults += ["lost: %s" % sensor.lost()] if any(sensor.lost()) else []
    report.case("killed and back, " + kind, faults)


def inside(message):
    """The event in a message."""
    return message[message.index("{"):].strip()


def test_sensor_killed(report, wire, folder):
    """The sensor dies while lines wait on disk; the next one sends them first."""
    port = free_port("tcp")
    words = sink(2, type="syslog", address="tcp://127.0.0.1:%d" % port, events="modbus",
                 spool=os.path.join(folder, "crash"))
    sensor = Sensor(wire, "--events", "modbus", *words)
    sensor.send()
    until(lambda: waiting(folder, "crash") >= len(sensor.lines), "the spool")
    sensor.stop(signal.SIGKILL)
    first = [json.loads(line) for _, line in sensor.lines]
    receiver = Receiver("tcp", folder, wire.command(), port).start()
    sensor = Sensor(wire, "--events", "modbus", *words)
    receiver.wait_for(len(first))
    sensor.send()
    second = sensor.events()
    receiver.wait_for(len(first) + len(second)).kill()
    sensor.stop()
    report.case("a sensor that was killed", differences(first + second, receiver.events()))


def waiting(folder, spool):
    """Lines on disk."""
    count = 0
    for name in os.listdir(os.path.join(folder, spool)):
        if name != "lock":
            count += len(read_lines(os.path.join(folder, spool, name)))
    return count


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report()
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    why = "missing: " + " ".join(missing) if missing else live.lab_forbidden()
    if why:
        report.skip("live sinks", why)
        report.end()
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        wire = Wire(lab, "sinks", "mon")
        test_hangup(report, wire, folder)
        test_disk_full(report, wire, folder)
        test_store_full(report, wire, folder)
        test_read_only(report, wire, folder)
        test_slow(report, wire, folder)
        test_pipe(report, wire, folder)
        for what in ("file", "folder"):
            test_deleted(report, wire, folder, what)
        for kind in ("tcp", "udp", "unix_stream", "unix_dgram"):
            test_killed(report, wire, folder, kind)
        test_sensor_killed(report, wire, folder)
    report.end()


if __name__ == "__main__":
    main()
