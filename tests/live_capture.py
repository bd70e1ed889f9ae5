#!/usr/bin/python3
"""Does ironspan hear on an interface what it reads from a file?

    tests/live_capture.py [IRONSPAN]      as root; about two minutes

In network namespaces: captures of pcaps/ are sent over a cable at their own speed, and real
Modbus stacks talk through a switch with a mirror port. The alerts, by rule and transaction,
must be those of `-r` on the same packets, in time, on one thread and on two. Interfaces come
late, lose their link, vanish and come back. Without a lab, only mistakes are tested.
"""
import collections
import concurrent.futures
import contextlib
import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import ironspan
import live
import pcap
from net import Host, Lab, run, until
from programs import Programs
from report import Report

AT_ONCE = 4          # captures that are sent at a time
LONGEST_S = 4        # longer captures are left out
WAIT_S = 1.0         # engine.outcome-wait
SLOW_WAITS = 5       # so much longer where an answer came later than that
IN_TIME_S = 0.1      # from the packet that completes an alert to the alert
SETTLE_S = WAIT_S + 0.5
MTU = 65000          # some captures hold frames as an offloading card makes them
CUT_BY_SENDER = ("snap-cut.pcap",)  # the file says more than can be sent
PLANT = os.path.join(ironspan.PCAPS, "modbus-pymodbus.pcap")
UNANSWERED = os.path.join(ironspan.PCAPS, "pair-unanswered.pcap")


# ---- the program, while it listens ----

class Listener:
    """ironspan in a namespace; its lines are taken as they come."""

    def __init__(self, host, *options, before=()):
        self.lines, self.said = [], []
        self.process = host.start(*before, ironspan.program(), *options, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.threads = [threading.Thread(target=self._take, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.lines),
                                     (self.process.stderr, self.said))]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def _take(stream, into):
        for line in stream:
            into.append((time.time(), line.decode()))

    def text(self):
        return "".join(line for _, line in self.said)

    def count(self, words):
        return sum(words in line for _, line in self.said)

    def wait_for(self, words, count=1):
        until(lambda: self.count(words) >= count or self.process.poll() is not None, words)
        if self.count(words) < count:
            raise RuntimeError("ironspan ended: " + self.text())
        return self

    def stop(self, number=signal.SIGTERM):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(20)
        for thread in self.threads:
            thread.join(5)
        return code

    def events(self):
        return [json.loads(line) for _, line in self.lines]

    def delays(self):
        """Seconds between the time of each alert and its arrival here."""
        for arrival, line in self.lines:
            event = json.loads(line)
            if event["event_type"] == "alert":
                stamp = datetime.datetime.strptime(event["timestamp"],
                                                   "%Y-%m-%dT%H:%M:%S.%f%z")
                yield event, arrival - stamp.timestamp()


class Wire(Host):
    """A namespace of cables: what is sent into NAME-far arrives at NAME."""

    def __init__(self, lab, name, *cables):
        super().__init__(lab, lab._space(name), None)
        for cable in cables:
            self.cable(cable)

    def do(self, *words):
        run(*self.command(*words))

    def cable(self, name):
        self.do("ip", "link", "add", name, "mtu", MTU, "type", "veth", "peer", "name",
                name + "-far", "mtu", MTU)
        for end in (name, name + "-far"):
            self.do("ip", "link", "set", end, "up")

    def send(self, path, *options):
        self.do("tcpreplay", "-q", *(options or ("-i", "mon-far")), path)


# ---- what must be equal ----

def key(event):
    """The rule and the transaction of an alert. Behind the end of a file nobody knows whether
    an answer came; on the wire time shows that there was none."""
    operation = event["ot"].get("operation", {})
    outcome = operation.get("outcome")
    if outcome in ("not_seen", "no_reply"):
        outcome = "none"
    return (event["alert"]["gid"], event["alert"]["signature_id"], event["src_ip"],
            event.get("src_port"), event["dest_ip"], event.get("dest_port"),
            event.get("tx_id"), operation.get("verb"), outcome)


def alerts(events):
    return collections.Counter(key(e) for e in events if e["event_type"] == "alert")


def read(path, *options):
    done = subprocess.run([ironspan.program(), "-Q", "-r", path, *options],
                          capture_output=True, timeout=ironspan.TIMEOUT_S, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(wanted, got):
    for row in sorted((wanted - got).elements(), key=str):
        yield "missing: %s" % (row,)
    for row in sorted((got - wanted).elements(), key=str):
        yield "too many: %s" % (row,)


def wrong_marks(events, ifaces):
    for event in events:
        if event["ot"]["origin"] != "live" or "pcap_filename" in event:
            yield "not marked as live: %s" % event
        if event["event_type"] == "alert" and (event.get("in_iface") not in ifaces or
                                               event["pkt_src"] != "wire/pcap"):
            yield "interface %s, source %s" % (event.get("in_iface"), event["pkt_src"])


# ---- captures over a cable ----

def span_s(packets):
    times = [packet.time_ns for packet in packets]
    return (max(times) - min(times)) / 1e9 if times else 0


def sendable():
    """Captures that can be sent as they are and do not take long."""
    for path in ironspan.captures():
        name = os.path.basename(path)
        packets = pcap.read(path)
        if (packets and name not in CUT_BY_SENDER and span_s(packets) <= LONGEST_S and
                all(p.link == pcap.ETHERNET and 14 < len(p.data) < MTU for p in packets)):
            yield path


def heard(lab, name, path, *options):
    wire = Wire(lab, name, "mon")
    listener = Listener(wire, "-i", "mon", *options).wait_for("listening on mon")
    wire.send(path)
    time.sleep(SETTLE_S)
    code = listener.stop()
    faults = list(differences(alerts(read(path)), alerts(listener.events())))
    faults += wrong_marks(listener.events(), ("mon",))
    if code or listener.count("warning"):
        faults.append("exit %d: %s" % (code, listener.text()))
    return faults


def heard_twice(lab, number, path):
    """A busy machine sends late; rules that look at time notice. Then once more."""
    threads = ("--threads", str(1 + number % 2))
    faults = heard(lab, "a%d" % number, path, *threads)
    return faults and heard(lab, "b%d" % number, path, *threads)


def test_captures(report, lab):
    paths = list(sendable())
    report.case("captures", [] if len(paths) > 40 else ["only %d can be sent" % len(paths)])
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = pool.map(lambda item: heard_twice(lab, *item), enumerate(paths))
        for path, faults in zip(paths, results):
            report.case("sent " + os.path.basename(path), faults)


def test_tap(report, lab, folder):
    """A tap gives each direction on an interface of its own."""
    wire = Wire(lab, "tap", "one", "two")
    cache = os.path.join(folder, "directions")
    run("tcpprep", "--port", "--pcap=" + PLANT, "--cachefile=" + cache)
    listener = Listener(wire, "-i", "one", "-i", "two").wait_for("listening on two")
    wire.send(PLANT, "-c", cache, "-i", "one-far", "-I", "two-far")
    time.sleep(SETTLE_S)
    faults = [] if listener.stop() == 0 else [listener.text()]
    events = listener.events()
    faults += differences(alerts(read(PLANT)), alerts(events))
    faults += wrong_marks(events, ("one", "two"))
    report.case("two interfaces", faults)


def test_filter(report, lab):
    wire = Wire(lab, "filter", "mon")
    listener = Listener(wire, "-i", "mon", "-f", "udp port 9").wait_for("listening")
    wire.send(PLANT)
    time.sleep(SETTLE_S)
    faults = [] if listener.stop() == 0 else [listener.text()]
    faults += ["heard: %s" % line for (_, line), event in zip(listener.lines, listener.events())
               if event["event_type"] != "health"]
    report.case("a filter", faults)


def test_silence(report, lab):
    """Nothing follows the last request, and still its alert comes, with its outcome."""
    wire = Wire(lab, "silence", "mon")
    rule = os.path.join(tempfile.mkdtemp(dir=lab.folder), "any.rules")
    with open(rule, "w", encoding="utf-8") as out:
        out.write('alert ip any any -> any any (msg:"x"; ot.outcome:no_reply; sid:1;)\n')
    for threads in ("1", "2"):
        listener = Listener(wire, "-i", "mon", "-S", rule, "--threads",
                            threads).wait_for("listening")
        wire.send(UNANSWERED)
        time.sleep(SETTLE_S + SLOW_WAITS * WAIT_S)
        delays = [delay - WAIT_S for _, delay in listener.delays()]
        listener.stop()
        want = sum(alerts(read(UNANSWERED, "-S", rule)).values())
        faults = [] if 0 < len(delays) == want else ["%d alerts of %d" % (len(delays), want)]
        faults += late(delays)
        report.case("silence, threads " + threads, faults)


def late(delays):
    """Most must be in time: the machine may be busy for a moment."""
    delays = sorted(delays)
    if delays and delays[len(delays) // 2] > IN_TIME_S:
        yield "half of the alerts took more than %.0f ms" % (1000 * delays[len(delays) // 2])


# ---- interfaces that come and go ----

def tell(listener, warnings, returns):
    """Each absence is told once, and each return."""
    if listener.count("warning") != warnings:
        yield "%d warnings, want %d: %s" % (listener.count("warning"), warnings,
                                            listener.text())
    if listener.count("is back; listening") != returns:
        yield "%d returns, want %d: %s" % (listener.count("is back"), returns, listener.text())


def hears(wire, listener):
    """The alerts of one more sending."""
    before = len(listener.lines)
    wire.send(PLANT)
    time.sleep(SETTLE_S)
    got = alerts(json.loads(line) for _, line in listener.lines[before:])
    if not got:
        yield "nothing is heard"


def away(wire, listener, take, give, returns):
    """Absent for longer than a look around takes; then it must be heard again."""
    take()
    listener.wait_for("warning", returns)
    time.sleep(1.5)
    give()
    listener.wait_for("is back; listening", returns)
    yield from tell(listener, returns, returns)
    yield from hears(wire, listener)


def test_absence(report, lab):
    wire = Wire(lab, "absence")
    rule = os.path.join(tempfile.mkdtemp(dir=lab.folder), "any.rules")
    with open(rule, "w", encoding="utf-8") as out:
        out.write('alert ip any any -> any any (msg:"x"; ot.verb:write; sid:1;)\n')
    listener = Listener(wire, "-i", "mon", "-i", "lo", "-S", rule).wait_for("listening on lo")

    def link(end, how):
        return lambda: wire.do("ip", "link", "set", end, how)

    def nothing():
        pass

    report.case("missing at start", away(
        wire, listener, nothing, lambda: wire.cable("mon"), 1))
    report.case("switched off and on", away(
        wire, listener, link("mon", "down"), link("mon", "up"), 2))
    report.case("link lost and found", away(
        wire, listener, link("mon-far", "down"), link("mon-far", "up"), 3))
    report.case("removed and made anew", away(
        wire, listener, lambda: wire.do("ip", "link", "del", "mon"),
        lambda: wire.cable("mon"), 4))
    code = listener.stop()
    report.case("absence in the table", [] if code == 0 and "missing or down" in
                listener.text() else ["exit %d: %s" % (code, listener.text())])
    states = [(h["state"], "link_away" in h["reasons"]) for h in
              (e["ot"]["health"] for e in listener.events() if e["event_type"] == "health")]
    changes = [state for state, last in zip(states, [None] + states) if state != last]
    report.case("absence in health events, at once", [] if changes.count(("degraded", True)) >= 4
                and changes.count(("good", False)) >= 3 else ["%s" % states])
    report.case("what is missing is named", [] if
                "no such interface; waiting for it; there are " in listener.text()
                else [listener.text()])


# ---- what is told of troubles ----

def test_health(report, lab):
    """Messages are cut for two seconds. Each event is another one, none tells of less than no
    time, and all is well when an interval was, not when a new one begins."""
    wire = Wire(lab, "health", "mon")
    listener = Listener(wire, "-i", "mon", "-S", "/dev/null", "--set", "capture.snaplen=66",
                        "--set", "outputs.health-interval=1s").wait_for("listening")
    wire.send(PLANT)
    time.sleep(3)
    faults = [] if listener.stop() == 0 else [listener.text()]
    events = [e for e in listener.events() if e["event_type"] == "health"]
    told = [(e["timestamp"], e["ot"]["health"]) for e in events]
    if len({e["ot"]["uid"] for e in events}) < len(events):
        faults.append("two events have one uid")
    faults += ["from %s to %s" % (h["from"], at) for at, h in told if h["from"][:26] > at[:26]]
    states = [h["state"] for _, h in told]
    if "degraded" not in states or states[-1] != "good":
        faults.append("%s" % states)
    faults += ["well at once: %s" % h for _, h in told if h["state"] == "good" and
               "interim" in h]
    report.case("health of cut messages", faults)


# ---- the end ----

def test_end(report, lab, folder):
    wire = Wire(lab, "end", "mon")
    for number in (signal.SIGTERM, signal.SIGINT):
        for threads in ("1", "2"):
            out = os.path.join(folder, "out-%d-%s" % (number, threads))
            listener = Listener(wire, "-i", "mon", "-l", out, "--threads",
                                threads).wait_for("listening")
            wire.send(PLANT)
            started = time.monotonic()
            code = listener.stop(number)
            faults = [] if code == 0 and listener.count("Seen ") else [
                "exit %d: %s" % (code, listener.text())]
            if time.monotonic() - started > 2:
                faults.append("it took %.1f s to end" % (time.monotonic() - started))
            with open(os.path.join(out, "eve.json"), encoding="utf-8") as lines:
                if not alerts(map(json.loads, lines)) or listener.lines:
                    faults.append("events are not in the folder")
            report.case("%s, threads %s" % (signal.Signals(number).name, threads), faults)


# ---- a switch with a mirror port ----

def mirror(lab):
    """Every frame that enters the switch goes to span-far as well, and arrives at span."""
    switch = Host(lab, lab.switch, None)
    for words in (("ip", "link", "add", "span", "type", "veth", "peer", "name", "span-far"),
                  ("ip", "link", "set", "span", "up"),
                  ("ip", "link", "set", "span-far", "up")):
        run(*switch.command(*words))
    for number in range(1, len(lab.hosts) + 1):
        port = "port%d" % number
        run(*switch.command("tc", "qdisc", "add", "dev", port, "clsact"))
        run(*switch.command("tc", "filter", "add", "dev", port, "ingress", "protocol", "all",
                            "u32", "match", "u32", "0", "0", "action", "mirred", "egress",
                            "mirror", "dev", "span-far"))
    return switch


def talk(first, second, station, intruder, programs):
    """Real clients and servers, and somebody who should not be there."""
    station.call(programs.libmodbus("client"), "tour", first.ip, 502)
    for plc in (first, second):
        station.call(*programs.python("pymodbus-client.py", "setpoints", "tcp", plc.ip, 502))
    for plc in (first, second):
        intruder.call(*programs.python("intruder.py", plc.ip, 502))


def test_mirror(report, folder, threads):
    programs = Programs(folder, os.path.join(folder, "modules"))
    path = os.path.join(folder, "mirror-%s.pcap" % threads)
    with Lab() as lab:
        first, second, station, intruder = (lab.host(ip) for ip in (
            "10.10.1.21", "10.10.1.22", "10.10.5.20", "10.10.9.77"))
        switch = mirror(lab)
        first.serve(502, programs.libmodbus("plc"), 502)
        second.serve(502, *programs.python("pymodbus-server.py", "tcp", 502))
        recording = lab.record(path)
        listener = Listener(switch, "-i", "span", "--threads", threads).wait_for("listening")
        talk(first, second, station, intruder, programs)
        time.sleep(SETTLE_S)
        recording.stop()
        code = listener.stop()
    faults = [] if code == 0 and not listener.count("warning") else [listener.text()]
    wanted = alerts(read(path))
    if len(wanted) < 10:
        faults.append("only %d alerts to compare" % len(wanted))
    faults += differences(wanted, alerts(listener.events()))
    faults += wrong_marks(listener.events(), ("span",))
    report.case("mirror port, threads " + threads, faults)
    answered = [delay for event, delay in listener.delays() if
                event["ot"].get("operation", {}).get("outcome") in ("accepted", "rejected")]
    report.case("alerts in time, threads " + threads,
                list(late(answered)) or ([] if answered else ["there are none"]))


# ---- mistakes ----

NOBODY = ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all",
          "--inh-caps=-all"]
MISTAKES = [
    ("a name that cannot be", [], ["-i", "far-too-long-a-name"], "cannot be the name"),
    ("the same twice", [], ["-i", "lo", "-i", "lo"], "named twice"),
    ("a filter", [], ["-i", "nosuch0", "-f", "tcp prot 502"], "the filter is wrong"),
    ("interface and capture", [], ["-i", "lo", "-r", PLANT], "give one of them"),
    ("interface and command", [], ["rules", "test", "1", "-i", "lo"], "without a command"),
    ("no permission", NOBODY, ["-i", "lo"], "setcap cap_net_raw+ep /"),
]


def test_mistakes(report, folder):
    """Nobody may not be able to run the program where it was built."""
    binary = os.path.join(folder, "ironspan")
    shutil.copy(ironspan.program(), binary)
    os.chmod(folder, 0o755)
    for what, before, words, said in MISTAKES:
        if before and (os.geteuid() != 0 or not shutil.which(before[0])):
            report.skip(what, "needs root and " + before[0])
            continue
        rules = [] if words[0] == "rules" else ["-S", "/dev/null"]
        done = subprocess.run([*before, binary, *words, *rules], capture_output=True,
                              text=True, timeout=60, check=False)
        good = (done.returncode == 2 and done.stderr.count("\n") == 1 and
                said in done.stderr and not done.stdout)
        report.case("mistake: " + what, [] if good else [
            "exit %d: %s" % (done.returncode, done.stderr)])


def obstacle():
    missing = [name for name in ("tcpreplay", "tcpprep", "tc") if not shutil.which(name)]
    return live.obstacle() or ("missing: " + " ".join(missing) if missing else None)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.callback(live.leftovers, os.getpid())
        test_mistakes(report, folder)
        why = obstacle()
        if why:
            report.skip("live capture", why)
            report.end()
        with Lab() as lab:
            lab.folder = folder
            test_absence(report, lab)
            test_silence(report, lab)
            test_tap(report, lab, folder)
            test_filter(report, lab)
            test_health(report, lab)
            test_end(report, lab, folder)
            test_captures(report, lab)
        for threads in ("1", "2"):
            test_mirror(report, folder, threads)
        report.end()


if __name__ == "__main__":
    main()
