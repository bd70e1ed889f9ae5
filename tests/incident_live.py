#!/usr/bin/python3
"""A sensor that listens fills a store while people work on it, is killed, and goes on.

    tests/incident_live.py [IRONSPAN]      as root; under a minute
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import ironspan
from live_capture import Listener, Wire, obstacle
from net import Lab, until
from report import Report

CAPTURE = os.path.join(ironspan.PCAPS, "modbus-plant.pcap")
SPEED = ("-i", "mon-far", "-x", "8")


def do(store, *words):
    return subprocess.run([ironspan.program(), "incident", *words, "--store", store],
                          capture_output=True, text=True, check=False, timeout=30)


def rows(store):
    return [json.loads(line) for line in
            do(store, "list", "--state", "all", "--json").stdout.splitlines()]


def alerts(store):
    return len(do(store, "alerts", "--limit", "0", "--json").stdout.splitlines())


def listen(wire, store):
    sensor = Listener(wire, "-i", "mon", "--store", store, "--set", "sensor.id=mon",
                      "--set", "outputs.health-interval=1s")
    return sensor.wait_for("listening on mon")


def faults_of(done):
    return [] if done.returncode == 0 else [done.stderr]


def blind(wire):
    """For three seconds nothing can arrive."""
    wire.do("ip", "link", "set", "mon", "down")
    time.sleep(3)
    wire.do("ip", "link", "set", "mon", "up")
    time.sleep(1.5)


def hidden(store, name):
    """What a report of the incident can say was not seen."""
    told = json.loads(do(store, "show", name, "--json").stdout)["capture"]
    if not told or told["complete"] or told["packets"] == 0:
        yield told
    elif told["off_s"] < 2 or told["blind_s"] < 2:
        yield f"without a sensor {told['off_s']} s, without a link {told['blind_s']} s"


def play(report, wire, store):
    sensor = listen(wire, store)
    wire.send(CAPTURE, *SPEED)
    until(lambda: rows(store) and alerts(store) > 5, "the store fills")
    name = rows(store)[0]["id"]
    report.case("people work while the sensor writes",
                faults_of(do(store, "ack", name)) + faults_of(do(store, "note", name, "seen")))
    sensor.stop(signal.SIGKILL)
    before, kept = {row["id"]: row for row in rows(store)}, alerts(store)

    time.sleep(2)
    sensor = listen(wire, store)
    wire.send(CAPTURE, *SPEED)
    until(lambda: alerts(store) > kept + 5, "alerts go on")
    blind(wire)
    code = sensor.stop()
    after = {row["id"]: row for row in rows(store)}
    report.case("killed and started again, it goes on with the same incident", [
        *([] if code == 0 else [sensor.text()]),
        *([] if set(after) == set(before) else [sorted(after), sorted(before)]),
        *([] if after[name]["alerts"] > before[name]["alerts"] else [after[name]])])
    report.case("what was hidden meanwhile is told", hidden(store, name))
    report.case("what people said is still there",
                [] if after[name]["state"] == "triaged" else [after[name]])
    done = subprocess.run([ironspan.program(), "audit", "verify", "--log",
                           os.path.join(store, "audit.ndjson")], capture_output=True,
                          text=True, check=False)
    report.case("the trail is whole", faults_of(done))


def main():
    report = Report()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    why = obstacle()
    if why:
        report.skip("a live store", why)
        report.end()
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        play(report, Wire(lab, "store", "mon"), os.path.join(folder, "store"))
    report.end()


main()
