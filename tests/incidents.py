#!/usr/bin/python3
"""Incidents from outside: what the program makes of the alerts of each capture.

    tests/incidents.py [IRONSPAN]

Of every capture, with and without the example plant's registers: each alert of severity 1 or 2
counts in exactly one incident, every uid that an incident lists is an alert's, nothing carries a
fraction, and alerts that are not written count all the same; what an incident says was hidden is
summed up anew from the health events. Then the settings, the table for people, and mistakes in
registers.
"""
import json
import re
import subprocess
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import pcap
import wire
from ironspan import TIMEOUT_S, captures, program
from report import Report

ROOT = Path(__file__).resolve().parent.parent
PLANT = ROOT / "signatures/example-plant"
CAPTURE = str(ROOT / "pcaps/modbus-plant.pcap")


def run(*options):
    return subprocess.run([program(), *options], capture_output=True, timeout=TIMEOUT_S)


def events(capture, *options):
    done = run("-Qr", capture, *options)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    return [json.loads(line, parse_float=no_fraction) for line in done.stdout.splitlines()]


class Fraction(float):
    """A number of a line that an incident must not hold."""


def no_fraction(text):
    return Fraction(text)


def documents(lines):
    return [e["ot"]["incident"] for e in lines if e["event_type"] == "incident"]


def last_of(docs):
    """The last revision of each incident that did not go into another."""
    return [d for d in {d["id"]: d for d in docs}.values() if d["state"] != "merged"]


def holds_fraction(value):
    if isinstance(value, dict):
        return any(holds_fraction(v) for v in value.values())
    if isinstance(value, list):
        return any(holds_fraction(v) for v in value)
    return isinstance(value, Fraction)


# ---- every capture ----

def revisions(docs):
    """Each incident is told from 1 on, without a gap."""
    known = {}
    for doc in docs:
        if doc["revision"] != known.get(doc["id"], 0) + 1:
            yield f"{doc['id']}: revision {doc['revision']} after {known.get(doc['id'])}"
        known[doc["id"]] = doc["revision"]


def counts(lines, incidents):
    alerts = {e["ot"]["uid"]: e["alert"]["severity"] for e in lines
              if e["event_type"] == "alert"}
    listed = [uid for d in incidents for uid in d["alerts"]["uids"]]
    if len(listed) != len(set(listed)):
        yield "an alert in two incidents"
    yield from (f"{uid} is no alert" for uid in listed if uid not in alerts)
    yield from (f"{uid} is in no incident" for uid, severity in alerts.items()
                if severity <= 2 and uid not in listed)
    for doc in incidents:
        parts = doc["alerts"]
        if parts["count"] != sum(r["count"] for r in parts["rules"]):
            yield f"{doc['id']}: rules do not sum up"
        if parts["raw_events"] != parts["count"] + parts["suppressed"]:
            yield f"{doc['id']}: raw events"
        if parts["severity"] != min(r["severity"] for r in parts["rules"]):
            yield f"{doc['id']}: severity"


SUMS = {"packets": "packets", "gaps": "gaps", "blind_bytes": "blind_bytes",
        "undecoded_bytes": "undecoded_bytes", "one_sided_flows": "one_sided",
        "midstream_flows": "midstream", "encrypted_flows": "encrypted"}


def micros(text):
    """Of an EVE time or an incident's; both are UTC in replay."""
    at = datetime.strptime(text[:26], "%Y-%m-%dT%H:%M:%S.%f")
    return int(at.replace(tzinfo=timezone.utc).timestamp()) * 1000000 + at.microsecond


def captured(lines, incidents):
    """What an incident says was hidden is what the health events of its time say."""
    health = [(micros(e["timestamp"]), e["ot"]["health"]) for e in lines
              if e["event_type"] == "health"]
    for doc in incidents:
        told = doc["capture"]
        if not told:
            yield f"{doc['id']}: no word of the capture"
            continue
        began, ended = micros(told["from"]), micros(told["until"])
        if not began <= micros(doc["times"]["first_activity"]):
            yield f"{doc['id']}: counted from {told['from']} on"
        for ours, theirs in SUMS.items():
            want = sum(h.get(theirs, 0) for at, h in health if began < at <= ended)
            if told[ours] != want:
                yield f"{doc['id']}: {ours} {told[ours]}, health events say {want}"


def faults(capture, *options):
    lines = events(capture, *options, "--events", "alert,health,incident",
                   "--set", "outputs.health-interval=1s")
    yield from captured(lines, last_of(documents(lines)))
    lines = events(capture, *options, "--events", "alert,incident")
    docs = documents(lines)
    yield from revisions(docs)
    yield from counts(lines, last_of(docs))
    yield from (f"{d['id']}: a fraction" for d in docs if holds_fraction(d))
    alone = events(capture, *options, "--events", "incident")
    if [e["ot"]["incident"] for e in alone] != docs:
        yield "without alerts, incidents differ"


# ---- loss of view ----

POLL, VALUES = bytes.fromhex("0000000601030000000a"), bytes.fromhex("000000170103" "14" + 20 * "00")
MUTE = bytes.fromhex("000000060108000400" "00")


def polls(flow, seconds, is_answered):
    """One question a second; each with an id of its own."""
    for _ in range(seconds):
        flow.tid = getattr(flow, "tid", 0) + 1
        ident = flow.tid.to_bytes(2, "big")
        flow.ask(ident + POLL)
        if is_answered:
            flow.answer(ident + VALUES)
        flow.tape.wait(1000)


def outage(silent_s, knocks, is_again):
    """A station polls a controller; another has it fall silent; then what is told."""
    tape = wire.Tape()
    station = wire.Tcp(tape, "10.10.1.10", "10.10.1.21", 41000)
    station.open()
    polls(station, 5, True)
    thief = wire.Tcp(tape, "10.10.9.77", "10.10.1.21", 41001)
    thief.open()
    thief.ask(bytes.fromhex("0001") + MUTE)
    polls(station, silent_s, False)
    for number in range(knocks):
        wire.Tcp(tape, "10.10.1.10", "10.10.1.21", 42000 + number).send(0, flags=wire.SYN)
        tape.wait(10000)
    polls(station, 3 if is_again else 0, True)
    return tape.packets


def losses():
    """(silent for, connections asked for every 10 s, whether it answers again): seconds told. Of the
    last question of a capture nobody knows whether it was answered."""
    for case, want in (((90, 0, True), 89), ((90, 0, False), 88), ((2, 6, True), 52),
                       ((3, 0, True), None), ((1, 0, False), None)):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            pcap.write(file.name, outage(*case))
            docs = last_of(documents(events(file.name, "--registers", str(PLANT))))
        told = [a["loss_of_view_s"] for d in docs for a in d["affected"]]
        if not told or set(told) != {want}:
            yield f"{case}: {told}, not {want}"
        basis = [b for d in docs for b in d["grade"]["proposed"]["basis"]]
        if want and f"loss_of_view_s={want}" not in basis:
            yield f"{case}: the grade does not know: {basis}"


# ---- settings, people, mistakes ----

def settings():
    lines = events(CAPTURE, "--events", "incident", "--set", "incident.gap=3s")
    if [d["correlation"]["status"] for d in last_of(documents(lines))] != ["quiet", "quiet"]:
        yield "incident.gap=3s: not two incidents"
    lines = events(CAPTURE, "--events", "incident", "--set", "incident.life=5s",
                   "--set", "sensor.site=plant-02")
    docs = last_of(documents(lines))
    ids = [d["id"] for d in docs]
    if len(ids) < 2 or [d["correlation"]["parent"] for d in docs] != [None, *ids[:-1]]:
        yield "incident.life=5s: no successor"
    if not ids[0].startswith("INC-plant-02-"):
        yield f"the site is not in {ids[0]}"


def table():
    told = run("-r", CAPTURE, "--registers", str(PLANT)).stderr.decode()
    for part in (r"\nIncidents +1\n", r"alerts +obeyed +grade +incident", r" 23 +6 +3 +INC-",
                 r"PLC-022 was restarted, source 10\.10\.9\.77"):
        if not re.search(part, told):
            yield f"the table lacks {part}"
    if "Incidents" in run("-r", CAPTURE, "--events", "alert").stderr.decode():
        yield "incidents that nobody wanted"


def mistakes():
    with tempfile.TemporaryDirectory() as folder:
        for name, text, said in (
                ("organization.json", "{", "organization.json:1"),
                ("assets.json", '{"schema": "ironspan.assets/1"}', "assets.json")):
            path = Path(folder, name)
            path.write_text(text, encoding="utf-8")
            done = run("-Qr", CAPTURE, "--registers", folder)
            if done.returncode != 1 or said not in done.stderr.decode():
                yield f"{name}: exit {done.returncode}: {done.stderr.decode()}"
            path.unlink()
    done = run("-Qr", CAPTURE, "--registers", "/nonexistent")
    if done.returncode != 1 or "/nonexistent" not in done.stderr.decode():
        yield f"no folder: exit {done.returncode}: {done.stderr.decode()}"


def main():
    report = Report()
    for capture in captures():
        for options in ((), ("--registers", str(PLANT))):
            name = " ".join((Path(capture).name, *options))
            try:
                report.case(name, faults(capture, *options))
            except RuntimeError as error:
                report.case(name, [error])
    report.case("loss of view", losses())
    report.case("settings", settings())
    report.case("the table", table())
    report.case("mistakes in registers", mistakes())
    report.end()


if __name__ == "__main__":
    main()
