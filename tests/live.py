#!/usr/bin/python3
"""Does ironspan understand real stacks, in traffic that was made a moment ago?

    tests/live.py [IRONSPAN]      as root; under a minute

tools/lab/record lets libmodbus, pymodbus and mbpoll talk in network namespaces and records
it, each time with other ports, times and sequence numbers. Then: tshark and ironspan find the
same messages with the same fields; every request was accepted or rejected, as its answer
says; and nothing is called a violation that is none. Without a lab, the test is skipped.
"""
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import ironspan
import tshark
import violations
from message import differences
from report import Report

LAB = os.path.join(ironspan.ROOT, "tools", "lab")
EVENTS = os.path.join(ironspan.ROOT, "signatures", "events.rules")
sys.path.insert(0, LAB)
from net import Lab  # noqa: E402

RECORD_S, STOP_S = 50, 20
PROGRAMS = ("ip", "ss", "sysctl", "ethtool", "tcpdump", "tshark", "gcc", "pkg-config",
            "mbpoll")
MODULES = ("pymodbus", "serial_asyncio")
MESSAGES = {  # recording: how many messages it has at least
    "modbus-libmodbus": 50, "modbus-pymodbus": 90, "modbus-udp": 90, "modbus-offload": 200,
}
LISTEN_ONLY = (1, 8, 4)
SILENT = {  # (unit, function, sub-function) that the stack does not answer
    "modbus-libmodbus": [(1, 7, None)],
    "modbus-pymodbus": [LISTEN_ONLY, (9, 4, None)],  # there is no unit 9
    "modbus-udp": [LISTEN_ONLY, (9, 4, None)],
}


# ---- can there be a lab? ----

def leftovers(pid):
    """Removes what a lab of this process left behind, and says what that was."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
    names = [line.split()[0] for line in listed.splitlines()
             if line.startswith("lab%d-" % pid)]
    for name in names:
        inside = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True)
        for process in inside.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", name])
    return names


def lab_forbidden():
    try:
        with Lab() as lab:
            lab.host("10.10.0.1")
    except (OSError, subprocess.CalledProcessError) as error:
        return "network namespaces: %s" % error
    finally:
        leftovers(os.getpid())
    return None


def obstacle():
    """Why there can be no lab here; None if there can."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    missing += [name for name in MODULES if importlib.util.find_spec(name) is None]
    if not missing and subprocess.run(["pkg-config", "--exists", "libmodbus"]).returncode:
        missing.append("libmodbus-dev")
    if missing:
        return "missing: " + " ".join(missing)
    return lab_forbidden()


# ---- recording ----

def stop(process):
    """One signal: a second would disturb the lab while it is being removed."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def record(folder):
    """Faults. In a session of its own, so that nobody's signal to us ends it half-way."""
    log = os.path.join(folder, "log")
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            ["/usr/bin/python3", os.path.join(LAB, "record"), "-o", folder, *MESSAGES],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            env=dict(os.environ, TMPDIR=folder))
    faults = []
    try:
        if process.wait(RECORD_S):
            faults.append("exit %d" % process.returncode)
    except subprocess.TimeoutExpired:
        faults.append("not done in %d s" % RECORD_S)
    finally:
        stop(process)
        faults += ["left behind: " + name for name in leftovers(process.pid)]
    if faults:
        with open(log, encoding="utf-8") as said:
            faults.append(said.read()[-300:])
    return faults


# ---- what ironspan must say ----

def same_messages(name, path):
    wanted = tshark.messages(path)
    if len(wanted) < MESSAGES[name]:
        yield "only %d messages were recorded" % len(wanted)
    yield from differences(wanted, ironspan.messages(path))


def expected_outcomes(name, halves):
    """The last request of a UDP recording may have no packet behind it that tells the time."""
    request, response = halves.get("request"), halves.get("response")
    if request is None:
        return ()
    if response is not None:
        return ("rejected",) if "exception" in response else ("accepted",)
    asked = (request["unit_id"], request["function_raw"],
             request.get("diagnostic", {}).get("raw"))
    if asked not in SILENT.get(name, ()):
        return ()
    return ("no_reply", "not_seen") if name == "modbus-udp" else ("no_reply",)


def outcomes(name, events):
    """Functions whose meaning is the vendor's have no operation, and no outcome."""
    for event in events:
        halves = dict(ironspan.halves(event))
        wanted = expected_outcomes(name, halves)
        operation = event["ot"].get("operation")
        if not wanted or operation and operation["outcome"] not in wanted:
            yield "frames %s: outcome %s, want %s" % (
                event["ot"]["packets"], operation and operation["outcome"],
                " or ".join(wanted) or "an answer to a request")


def surprises(name, events):
    """Anomalies that our client does not cause on purpose, and alerts without anomaly."""
    allowed = dict(violations.ALLOWED.get(name + ".pcap", {}))
    told = set()
    for event in events:
        where = "%s:%d, transaction %s" % (event["src_ip"], event["src_port"],
                                           event.get("tx_id"))
        if event["event_type"] == "anomaly":
            what = event["anomaly"]["event"]
            told.add(where)
            allowed[what] = allowed.get(what, 0) - 1
            if allowed[what] < 0:
                yield "anomaly %s: %s" % (what, where)
        elif where not in told:
            yield "alert %s: %s" % (event["alert"]["signature"], where)


def check(report, name, path):
    events = ironspan.events(path, "-S", EVENTS, types=("modbus", "alert", "anomaly"))
    modbus = [event for event in events if event["event_type"] == "modbus"]
    others = [event for event in events if event["event_type"] != "modbus"]
    others.sort(key=lambda event: event["event_type"] == "alert")
    report.case(name + " messages", same_messages(name, path))
    report.case(name + " outcomes", outcomes(name, modbus))
    report.case(name + " violations", surprises(name, others))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report()
    why = obstacle()
    if why:
        report.skip("live", why)
        report.end()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        faults = record(folder)
        report.case("recording", faults)
        print("recorded in %.1f s" % (time.monotonic() - start))
        for name in MESSAGES if not faults else ():
            check(report, name, os.path.join(folder, name + ".pcap"))
    report.end()


if __name__ == "__main__":
    main()
