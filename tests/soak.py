#!/usr/bin/python3
"""Does ironspan run for long, whatever is done to it, and tell all that it did not see?

    tests/soak.py [IRONSPAN] [--packets N] [--rate N] [--every S] [--log FILE]
                         as root; over a minute, with --packets 50000000 half an hour

A capture of 1,000 connections is sent over a cable at a modest rate, again and again, each time
with other addresses. Meanwhile, one after another: the interface is switched off, the cable
pulled, rules are loaded anew, files are opened anew, the syslog receiver is killed and comes
back, the clock jumps an hour forward and back, and back and forward, and the process is stopped
for five seconds. Then:
  - packets that the interface got were taken, or told as dropped;
  - messages in packets that were taken were read, or their bytes told as not seen;
  - events that were counted are in the files; alerts have reached the receiver, those that it had
    in hand when it was killed too, or are told as lost;
  - memory was as large at the end as before; the process answered all the time, rests when the
    wire does, and ends well.

Skipped where there can be no lab.
"""
import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import ironspan
import live
from live_capture import Listener, Wire
from net import Lab
from receivers import Receiver, free_port, until
from report import Report
from sinks import sink

TOOLS = os.path.join(ironspan.ROOT, "tools")
PROGRAMS = ("cc", "ip", "sysctl")
FAKETIME = "/usr/lib/%s-linux-gnu/faketime/libfaketimeMT.so.1" % os.uname().machine
FLOWS, MESSAGES, HANDSHAKE = 1000, 100000, 3
STOPPED_S, DOWN_S, AWAY_S, IDLE_S = 5, 1.5, 2, 3
SHORTEST = 8  # bytes of a Modbus message
UNDER_WAY = 8  # counted by an interface that goes down in this moment, and given to no socket
GROWTH_KIB = 8192  # until every kind of memory has been as full as it gets
SOON_FULL = {  # so that what grows to a bound has grown to it soon
    "engine.timeouts.tcp": "8s", "engine.flows": 2048, "engine.stream-memory": "32mb",
    "engine.session-memory": "8mb", "engine.assets": 512, "engine.incidents": 128,
    "engine.points": 512, "engine.thresholds": 1024, "outputs.health-interval": "1s"}


def build(folder, name, *sources):
    program = os.path.join(folder, name)
    subprocess.run(["cc", "-O2", "-o", program, *sources, "-lpcap"], check=True)
    return program


def make_capture(folder):
    sources = os.path.join(TOOLS, "bench-capture")
    generator = build(folder, "generator", *(os.path.join(sources, name) for name in
                                             os.listdir(sources) if name.endswith(".c")))
    path = os.path.join(folder, "messages.pcap")
    with open(path, "wb") as out:
        subprocess.run([generator, "modbus", str(FLOWS), str(MESSAGES)], stdout=out, check=True)
    return path


# ---- what is watched ----

class Events:
    """What is in eve.json, over all its files; read ones are deleted."""

    def __init__(self, folder):
        self.path, self.folder = os.path.join(folder, "eve.json"), folder
        self.lines, self.alerts, self.faults, self.files = 0, set(), [], 0
        self.stats, self.before_stats = None, 0

    def take(self, path):
        with open(path, "rb") as lines:
            for line in lines:
                self._take(line)
        os.unlink(path)
        self.files += 1

    def _take(self, line):
        self.lines += 1
        if not line.endswith(b"}\n"):
            self.faults.append("a cut line: %r" % line[-100:])
            return
        event = json.loads(line)
        if event["event_type"] == "alert":
            self.alerts.add(event["ot"]["uid"])
        elif event["event_type"] == "stats":
            self.stats, self.before_stats = event["stats"], self.lines - 1

    def move(self):
        """As logrotate does; what is still written to the old name comes along."""
        name = "%s-%d" % (self.path, self.files)
        os.rename(self.path, name)
        return name


class Sensor(Listener):
    def __init__(self, wire, folder, receiver):
        self.clock = os.path.join(folder, "clock")
        self.set_clock(0)
        self.out = os.path.join(folder, "out")
        self.memory, self.is_over = [], False
        options = [word for key, value in SOON_FULL.items()
                   for word in ("--set", "%s=%s" % (key, value))]
        super().__init__(
            wire, "-i", "mon", "-l", self.out, "--events", "alert,asset,health,incident,stats",
            *sink(1, type="syslog", address=receiver.address, events="alert",
                  spool=os.path.join(folder, "spool")), *options, before=self.environment())
        self.wait_for("listening on mon")
        until(lambda: os.path.exists(os.path.join(self.out, "eve.json")), "eve.json")
        self.events = Events(self.out)
        threading.Thread(target=self.watch, daemon=True).start()

    def environment(self):
        """The clock is what a file says; the steady clock is none of faketime's business, and
        sanitizers must not mind what is loaded before them."""
        asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:quarantine_size_mb=4"
        return ["env", "LD_PRELOAD=" + FAKETIME, "FAKETIME_TIMESTAMP_FILE=" + self.clock,
                "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
                "FAKETIME_FORCE_MONOTONIC_FIX=0", "ASAN_OPTIONS=" + asan]

    def set_clock(self, ahead_s):
        """At once: a file half written would be another time."""
        with open(self.clock + ".new", "w", encoding="ascii") as out:
            out.write("%+d\n" % ahead_s)
        os.rename(self.clock + ".new", self.clock)

    def proc(self, name):
        with open("/proc/%d/%s" % (self.process.pid, name), encoding="ascii") as file:
            return file.read()

    def watch(self):
        while not self.is_over:
            with contextlib.suppress(OSError, TypeError):
                self.memory.append(int(re.search(r"RssAnon:\s+(\d+)", self.proc("status"))[1]))
            time.sleep(0.5)

    def cpu_s(self):
        words = self.proc("stat").rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def answer(self):
        """A heartbeat later than now."""
        size = os.path.getsize(self.events.path)
        until(lambda: os.path.getsize(self.events.path) > size or
              self.process.poll() is not None, "a sign of life")
        if self.process.poll() is not None:
            raise RuntimeError("ironspan ended: " + self.text())

    def lost(self):
        """Events and alerts that the table says were lost."""
        found = [re.search(r"([\d,]+)  %s could not be written" % what, self.text())
                 for what in ("other events that", "alerts and incidents that")]
        return [int(match[1].replace(",", "")) if match else 0 for match in found]


# ---- what is done to it ----

class Trouble:
    def __init__(self, wire, sensor, receiver):
        self.wire, self.sensor, self.receiver = wire, sensor, receiver
        self.done = 0

    def all(self):
        return [self.switch_off, self.reload, self.rotate, self.later, self.back, self.pull,
                self.kill_receiver, self.earlier, self.back, self.stop_process, self.rotate]

    def next(self):
        steps = self.all()
        step = steps[self.done % len(steps)]
        step()
        self.sensor.answer()
        self.done += 1

    def _down(self, end):
        before = self.sensor.count("is back; listening")
        self.wire.do("ip", "link", "set", end, "down")
        time.sleep(DOWN_S)
        self.wire.do("ip", "link", "set", end, "up")
        self.sensor.wait_for("is back; listening", before + 1)

    def switch_off(self):
        self._down("mon")

    def pull(self):
        self._down("mon-far")

    def reload(self):
        before = self.sensor.count("rules")
        self.sensor.process.send_signal(signal.SIGUSR2)
        self.sensor.wait_for("rules", before + 1)

    def rotate(self):
        events = self.sensor.events
        moved = events.move()
        self.sensor.process.send_signal(signal.SIGHUP)
        until(lambda: os.path.exists(events.path), "a new file")
        events.take(moved)

    def _clock(self, ahead_s):
        before = self.sensor.count("the clock was set")
        self.sensor.set_clock(ahead_s)
        self.sensor.wait_for("the clock was set", before + 1)

    def later(self):
        self._clock(3600)

    def earlier(self):
        self._clock(-3600)

    def back(self):
        self._clock(0)

    def kill_receiver(self):
        self.receiver.kill()
        time.sleep(AWAY_S)
        self.receiver.start()

    def stop_process(self):
        self.sensor.process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_S)
        self.sensor.process.send_signal(signal.SIGCONT)


# ---- what must hold ----

def came(wire):
    """Packets that the interface got."""
    told = subprocess.check_output(wire.command("ip", "-s", "-j", "link", "show", "mon"))
    return json.loads(told)[0]["stats64"]["rx"]["packets"]


def packets_told(stats, arrived):
    capture, decoder = stats["capture"], stats["decoder"]
    if not 0 <= arrived - capture["kernel_packets"] <= UNDER_WAY:
        yield "the interface got %d packets, told are %s" % (arrived, capture)
    if decoder["pkts"] != capture["kernel_packets"] - capture["kernel_drops"]:
        yield "%d packets were taken: %s" % (decoder["pkts"], capture)
    if decoder["tcp"] != decoder["pkts"] or decoder["invalid"]:
        yield "packets that are not understood: %s" % decoder


def messages_told(stats):
    """Every packet is a message, but three a connection; one that is not read leaves a hole."""
    app, flows = stats["app_layer"], stats["flow"]["total"]
    missing = stats["decoder"]["pkts"] - HANDSHAKE * flows - app["messages"]
    told = (app["blind_bytes"] + app["undecoded_bytes"]) // SHORTEST
    if missing > told:
        yield "%d messages were neither read nor told as hidden: %s" % (missing, app)
    if app["messages"] < stats["decoder"]["pkts"] // 2:
        yield "hardly any messages: %s" % app


def events_told(sensor, receiver):
    """What the receiver had in hand when it was killed is sent again."""
    events, output = sensor.events, sensor.events.stats["output"]
    yield from events.faults
    if not output["events"] - output["lost"] <= events.before_stats <= output["events"]:
        yield "%d events are in files, %s" % (events.before_stats, output)
    got = {event["ot"]["uid"] for event in receiver.events()}
    missing = len(events.alerts - got)
    if missing > sensor.lost()[1]:
        yield "the receiver lacks %d of %d alerts; told: %s" % (missing, len(events.alerts),
                                                                sensor.text()[-2000:])


def memory_flat(samples):
    """Medians: a reload has two sets of rules for a moment."""
    quarter = len(samples) // 4
    before, after = (statistics.median(part) for part in
                     (samples[2 * quarter:3 * quarter], samples[-quarter:]))
    print("memory: %.1f MiB, then %.1f MiB" % (before / 1024, after / 1024))
    if after > 1.1 * before + GROWTH_KIB:
        yield "%d KiB, then %d KiB" % (before, after)


def check(report, soak, sent, refused):
    sensor, stats = soak.sensor, soak.sensor.events.stats
    print("%d packets sent, %d refused while the link was down, %d troubles; %s; %s; alerts %d" %
          (sent, refused, soak.trouble.done, stats["capture"], stats["app_layer"],
           len(sensor.events.alerts)))
    report.case("packets are taken or told", packets_told(stats, soak.arrived))
    report.case("messages are read or told", messages_told(stats))
    report.case("events arrive or are told", events_told(sensor, soak.receiver))
    report.case("memory is flat", memory_flat(sensor.memory))


class Soak:
    def __init__(self, given, lab, folder):
        self.given, self.folder = given, folder
        self.wire = Wire(lab, "soak", "mon")
        self.receiver = Receiver("tcp", folder, self.wire.command(), free_port("tcp")).start()
        self.sensor = Sensor(self.wire, folder, self.receiver)
        self.trouble = Trouble(self.wire, self.sensor, self.receiver)
        self.sender = build(folder, "sender", os.path.join(TOOLS, "bench-send.c"))
        self.capture = make_capture(folder)
        self.arrived = 0

    def send(self):
        """Sent and refused, while one trouble follows another."""
        sender = self.wire.start(self.sender, self.capture, "mon-far", self.given.rate,
                                 self.given.packets, stdout=subprocess.PIPE)
        while sender.poll() is None:
            time.sleep(self.given.every)
            if sender.poll() is None:
                self.trouble.next()
                self.log()
        words = sender.stdout.read().split()
        return int(words[0]), int(words[2])

    def log(self):
        if self.given.log:
            with open(self.given.log, "a", encoding="ascii") as out:
                out.write("%s packets arrived, %d troubles, %d KiB\n" % (
                    came(self.wire), self.trouble.done, self.sensor.memory[-1]))

    def rest(self):
        time.sleep(2)
        before = self.sensor.cpu_s()
        time.sleep(IDLE_S)
        used = self.sensor.cpu_s() - before
        return ["%.2f s in %d s" % (used, IDLE_S)] if used > IDLE_S / 4 else []

    def end(self):
        self.arrived = came(self.wire)
        self.sensor.is_over = True
        code = self.sensor.stop()
        self.sensor.events.take(self.sensor.events.path)
        time.sleep(1)
        self.receiver.kill()
        return [] if code == 0 else ["exit %d: %s" % (code, self.sensor.text()[-3500:])]


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("ironspan", nargs="?")
    parser.add_argument("--packets", type=int, default=1200000)
    parser.add_argument("--rate", type=int, default=25000)
    parser.add_argument("--every", type=float, default=1, help="seconds between troubles")
    parser.add_argument("--log", help="a line after each trouble goes there")
    return parser.parse_args()


def obstacle():
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    missing += [path for path in (FAKETIME, ) if not os.path.exists(path)]
    return "missing: " + " ".join(missing) if missing else live.lab_forbidden()


def main():
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report()
    why = obstacle()
    if why:
        report.skip("soak", why)
        report.end()
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        soak = Soak(given, lab, folder)
        try:
            sent, refused = soak.send()
            report.case("at rest with the wire", soak.rest())
            report.case("the end", soak.end())
            check(report, soak, sent, refused)
        finally:
            soak.receiver.kill()
    report.end()


if __name__ == "__main__":
    main()
