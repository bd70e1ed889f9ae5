#!/usr/bin/python3
"""Does ironspan, inline, stop what rules drop, and nothing else, whatever becomes of it?

    tests/inline.py [IRONSPAN]      as root; about a minute

A client and a real Modbus server on either side of a router, whose firewall hands every packet
that it forwards to ironspan. A write of somebody who is no master is stopped or not, as the
rule's action says; the server's register tells. Then the sensor is killed, stopped and ended
while polls go on. Without namespaces and NFQUEUE, the test is skipped.
"""
import contextlib
import ipaddress
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import ironspan
import live
from live_capture import Listener
from net import Host, Lab, run, until
from programs import PYTHON, Programs
from report import Report

ENDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inline_ends.py")
MASTER6, SERVER6 = "fd00:1::2", "fd00:2::2"
MASTER, INTRUDER, SERVER = "10.20.1.2", "10.20.1.66", "10.20.2.2"
POINT, SPARE = 10, 1  # the registers that are written and polled
PIECES = 503  # where a server listens that takes messages in pieces
BIG, SEGMENT = 16 << 20, 1448
BURST = 4000
RULE = ('%s modbus !%s any -> any any (msg:"write of a stranger"; ot.verb:write; '
        'classtype:attempted-admin; sid:%d;)')
CONFLICT = ("%s tcp any any -> any any "
            "(stream-event:reassembly_overlap_different_data; sid:2;)")
HAND_OVER = ("-j", "NFQUEUE", "--queue-num", "0", "--queue-bypass")


# ---- a plant with a gate ----

class Gate:
    """A client and a server, and between them a router that can be looked into."""

    def __init__(self, lab, folder):
        self.folder, self.rules = folder, 0
        self.client, self.router, self.server = (
            Host(lab, lab._space(name), ip)
            for name, ip in (("client", MASTER), ("gate", None), ("server", SERVER)))
        for host in (self.client, self.router, self.server):
            for which in ("all", "default"):
                run(*host.command("sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=0" % which))
        self.cable(self.client, "inside", "10.20.1.1", MASTER, INTRUDER)
        self.cable(self.server, "outside", "10.20.2.1", SERVER)
        self.cable6(self.client, "inside", "fd00:1::1", MASTER6)
        self.cable6(self.server, "outside", "fd00:2::1", SERVER6)
        self.at_gate("sysctl", "-qw", "net.ipv4.ip_forward=1",
                     "net.ipv6.conf.all.forwarding=1")

    def at_gate(self, *words):
        run(*self.router.command(*words))

    def cable(self, host, port, gate, *addresses):
        run("ip", "link", "add", "eth0", "netns", host.ns, "type", "veth", "peer", "name", port,
            "netns", self.router.ns)
        self.at_gate("ip", "address", "add", gate + "/24", "dev", port)
        self.at_gate("ip", "link", "set", port, "up")
        for words in (*(("address", "add", a + "/24", "dev", "eth0") for a in addresses),
                      ("link", "set", "eth0", "up"), ("route", "add", "default", "via", gate)):
            run(*host.command("ip", *words))

    def cable6(self, host, port, gate, address):
        self.at_gate("ip", "address", "add", gate + "/64", "dev", port, "nodad")
        for words in (("address", "add", address + "/64", "dev", "eth0", "nodad"),
                      ("route", "add", "default", "via", gate)):
            run(*host.command("ip", "-6", *words))

    def firewall(self, *rules):
        """These rules of the mangle table's FORWARD chain, and no others."""
        for table in ("iptables", "ip6tables"):
            self.at_gate(table, "-t", "mangle", "-F")
            for rule in rules:
                self.at_gate(table, "-t", "mangle", "-A", "FORWARD", *rule)

    def counts(self):
        """Packets that each rule has seen."""
        said = subprocess.check_output(self.router.command(
            "iptables", "-t", "mangle", "-nvxL", "FORWARD"), text=True)
        return [int(line.split()[0]) for line in said.splitlines()[2:]]

    def sensor(self, rules, *options, queue="0"):
        self.rules += 1
        path = os.path.join(self.folder, "inline-%d.rules" % self.rules)
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(rules) + "\n")
        listener = Listener(self.router, "-q", queue, "-S", path, *options)
        return listener.wait_for("holding the packets")

    def ask(self, *words, kind="tcp", source=MASTER, to=SERVER, port=502):
        done = subprocess.run(self.client.command(
            PYTHON, ENDS, "ask", kind, source, to, port, *words),
            capture_output=True, text=True, timeout=60, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def value(self, port=502):
        """Of the register, asked for where no sensor is in between."""
        done = subprocess.check_output(self.server.command(
            PYTHON, ENDS, "ask", "tcp", "127.0.0.1", "127.0.0.1", port,
            "read:%d" % POINT), text=True)
        return json.loads(done)


def end(listener, faults, code=0):
    """The program ends well and has nothing to complain about."""
    got = listener.stop()
    if got != code or listener.count("warning"):
        faults.append("exit %d: %s" % (got, listener.text()))
    return faults


def told(listener, words):
    """A count of the table at the end."""
    found = re.search(r"([\d,]+) +%s" % re.escape(words), listener.text())
    return int(found[1].replace(",", "")) if found else 0


def alerts(listener):
    return [event for event in listener.events() if event["event_type"] == "alert"]


# ---- what becomes of a write ----

# action; what the stranger notices; whether it is written; whom a reset told
ACTIONS = [
    ("alert", "written", True, None),
    ("drop", "silence", False, None),
    ("reject", "reset", False, "to_client"),
    ("rejectsrc", "reset", False, "to_client"),
    ("rejectdst", "silence", False, "to_server"),
    ("rejectboth", "reset", False, "both"),
]


def verdict_of(action, target, is_tcp=True):
    verdict = {"action": "alert" if action == "alert" else "drop"}
    if target:
        verdict["reject-target"] = target
        verdict["reject"] = ["tcp-reset" if is_tcp else "icmp-prohib"]
    return verdict


def alert_faults(event, verdict, blocked):
    got = (event["alert"]["action"], event["verdict"], event["ot"]["operation"]["outcome"])
    want = ("blocked" if blocked else "allowed", verdict,
            "blocked" if blocked else "accepted")
    if got != want:
        yield "alert %s, want %s" % (got, want)
    iface = "inside" if blocked else "outside"  # where its last packet came in
    if (event["in_iface"], event["src_ip"]) != (iface, INTRUDER):
        yield "of %s on %s" % (event["src_ip"], event["in_iface"])


def write_faults(gate, listener, new, row):
    """A stranger reads, writes, reads; the master reads and writes."""
    action, noticed, is_written, target = row
    before = gate.value()
    got = gate.ask("read:%d" % POINT, "write:%d=%d" % (POINT, new), source=INTRUDER)
    if got != [before, noticed]:
        yield "the stranger noticed %s, want %s" % (got, [before, noticed])
    if gate.value() != (new if is_written else before):
        yield "the register is %d, was %d" % (gate.value(), before)
    got = gate.ask("read:%d" % POINT, "write:%d=%d" % (POINT, new + 1), "read:%d" % POINT)
    if got != [new if is_written else before, "written", new + 1]:
        yield "the master noticed %s" % got
    until(lambda: alerts(listener), "an alert")
    found = alerts(listener)
    if len(found) != 1:
        yield "%d alerts" % len(found)
    yield from alert_faults(found[0], verdict_of(action, target), not is_written)


def open_to(gate, event):
    """What the server still has of the alert's connection."""
    address = ipaddress.ip_address(event["src_ip"])
    peer = ("[%s]:%d" if address.version == 6 else "%s:%d") % (address, event["src_port"])
    return subprocess.check_output(gate.server.command(
        "ss", "-Htn", "state", "established", "dst", peer), text=True).strip()


def test_actions(report, gate):
    gate.firewall(HAND_OVER)
    for number, row in enumerate(ACTIONS):
        threads = str(1 + number % 2)
        listener = gate.sensor([RULE % (row[0], MASTER, 1)], "--threads", threads)
        faults = list(write_faults(gate, listener, 2000 + 10 * number, row))
        if row[3] in ("to_server", "both"):
            faults += [open_to(gate, event) for event in alerts(listener)
                       if open_to(gate, event)]
        end(listener, faults)
        dropped = told(listener, "packets that rules dropped")
        if (dropped > 0) != (not row[2]):
            faults.append("%d packets dropped" % dropped)
        report.case("%s, threads %s" % (row[0], threads), faults)


def test_datagrams(report, gate):
    for action, noticed, _, target in (ACTIONS[1], ACTIONS[2], ACTIONS[4]):
        if target == "to_client":
            noticed = "No route to host"  # what Linux makes of a forbidden destination
        target = target if target == "to_client" else None
        listener = gate.sensor([RULE % (action, MASTER, 1)])
        got = gate.ask("read:%d" % POINT, "write:%d=77" % POINT, source=INTRUDER, kind="udp")
        faults = [] if got[1:] == [noticed] else ["the stranger noticed %s" % got]
        got = gate.ask("read:%d" % POINT, "write:%d=78" % POINT, kind="udp")
        if got[1:] != ["written"]:
            faults.append("the master noticed %s" % got)
        until(lambda: alerts(listener), "an alert")
        faults += alert_faults(alerts(listener)[0], verdict_of(action, target, False), True)
        report.case("datagram, " + action, end(listener, faults))


def test_flow(report, gate):
    """Of a message in pieces the last is dropped, with the rest of the flow; a new connection
    from the same port is another matter."""
    before = gate.value(PIECES)
    listener = gate.sensor([RULE % ("drop", MASTER, 1)])
    words = ("read:%d" % SPARE, "split:%d=99" % POINT, "read:%d" % SPARE, "anew",
             "read:%d" % SPARE)
    got = gate.ask(*words, source=INTRUDER + "@4001", port=PIECES)
    spare = got[0]
    # The server waits for the rest, for half a second, and closes.
    cut = [word for word in got[1:3] if word not in ("silence", "reset")]
    faults = [str(got)] if cut or got[3:] != ["connected", spare] else []
    if gate.value(PIECES) != before:
        faults.append("the message got through in pieces")
    if len(alerts(listener)) != 1:
        faults.append("%d alerts" % len(alerts(listener)))
    got = gate.ask(*words, port=PIECES)
    faults += [] if got == [spare, "written", spare, "connected", spare] else [str(got)]
    report.case("a message in pieces", end(listener, faults))


def test_other_rules(report, gate):
    """Rules on fields, on bytes that are nobody's, on packets, on answers; and what cannot."""
    listener = gate.sensor([
        "drop modbus any any -> any any (modbus.function:6; sid:2;)",
        'drop tcp any any -> any 7777 (content:"sesame"; sid:3;)',
        "reject tcp any any -> any 7778 (flags:S; sid:4;)",
        "drop ip any any -> any any (ot.outcome:accepted; ot.point.addr:33; sid:5;)",
        "drop modbus any any -> any any (modbus.function:3; modbus.read.address:34; "
        "threshold:type threshold, track by_src, count 1, seconds 60; sid:6;)",
        "pass modbus any any -> any any (modbus.function:6; modbus.write.address:35; sid:7;)",
    ], "-v")
    cases = [
        ("field", ["write:%d=7" % POINT], 502, ["silence"]),
        ("pass", ["write:35=7"], 502, ["written"]),
        ("answer", ["read:33", "read:%d" % SPARE], 502, ["silence", "silence"]),
        ("threshold", ["read:34"], 502, [1034]),
        ("bytes", ["raw:hello", "raw:open sesame", "raw:hello"], 7777,
         ["hello", "silence", "silence"]),
    ]
    for what, words, port, want in cases:
        got = gate.ask(*words, port=port)
        report.case("rule on: " + what, [] if got == want else ["%s, want %s" % (got, want)])
    refused = subprocess.run(gate.client.command(
        PYTHON, ENDS, "ask", "tcp", MASTER, SERVER, 7778, "raw:x"),
        capture_output=True, text=True, timeout=60, check=False).stderr
    report.case("rule on: a packet", [] if "ConnectionRefusedError" in refused else [refused])
    listener.stop()
    notes = [] if listener.count("cannot drop") == 1 and listener.count(
        "the request passes") == 1 else [listener.text()]
    report.case("what cannot drop is named", notes)


def test_decoy(report, gate):
    """The server throws away what ironspan looked at, and takes other bytes in its place."""
    for what, rule, options, noticed in (
            ("an alert", CONFLICT % "alert", [], "written"),
            ("a rule that drops", CONFLICT % "drop", [], "silence"),
            ("checksums", CONFLICT % "alert", ["-k", "all", "--threads", "2"], "silence")):
        listener = gate.sensor([RULE % ("drop", MASTER, 1), rule], *options)
        got = gate.ask("read:%d" % POINT, "decoy:%d=%d" % (POINT, 4000), source=INTRUDER)
        faults = [] if got[1:] == [noticed] else [str(got)]
        until(lambda: alerts(listener), "an alert")
        got = gate.ask("write:%d=4001" % POINT, "read:%d" % POINT)
        faults += [] if got == ["written", 4001] else [str(got)]
        report.case("other bytes in the same place: " + what, end(listener, faults))


def test_ipv6(report, gate):
    """Resets and errors of the other IP are made otherwise."""
    rule = '%s any any -> any 7779 (content:"sesame"; sid:%d;)'
    listener = gate.sensor([rule % ("rejectboth tcp", 1), rule % ("reject udp", 2)])
    for kind, words, want in (
            ("tcp", ["raw:hello", "raw:open sesame"], ["hello", "reset"]),
            ("udp", ["raw:open sesame"], ["Permission denied"])):  # what Linux makes of a forbidden one
        got = gate.ask(*words, kind=kind, source=MASTER6, to=SERVER6, port=7779)
        report.case("IPv6, " + kind, [] if got == want else ["%s, want %s" % (got, want)])
    end(listener, [])
    report.case("IPv6, alerts", [open_to(gate, event) or event for event in alerts(listener)
                                 if event["verdict"]["action"] != "drop" or
                                 event["proto"] == "TCP" and open_to(gate, event)])


def test_dry_run(report, gate):
    listener = gate.sensor([RULE % ("reject", MASTER, 1)], "--dry-run")
    got = gate.ask("write:%d=3001" % POINT, "read:%d" % POINT, source=INTRUDER)
    faults = [] if got == ["written", 3001] else [str(got)]
    until(lambda: alerts(listener), "an alert")
    verdict = verdict_of("reject", "to_client") | {"dry_run": True}
    faults += alert_faults(alerts(listener)[0], verdict, False)
    end(listener, faults)
    if told(listener, "packets that rules would have dropped") != 1:
        faults.append(listener.text())
    report.case("dry run", faults)


# ---- how packets come and go ----

def test_marks(report, gate):
    mark = ("--set", "inline.mark=0x10", "--set", "inline.mark-mask=0xf0")
    marked = ("-m", "mark", "--mark", "0x10/0xf0", "-j", "ACCEPT")
    cases = [
        ("mark", [HAND_OVER], []),
        ("repeat", [marked, HAND_OVER], ["--set", "inline.mode=repeat"]),
        ("repeat, and the firewall forgot", [HAND_OVER], ["--set", "inline.mode=repeat"]),
    ]
    for what, rules, options in cases:
        gate.firewall(*rules)
        gate.at_gate("iptables", "-t", "mangle", "-A", "POSTROUTING", *marked)
        listener = gate.sensor([RULE % ("drop", MASTER, 1)], *mark, *options)
        got = gate.ask("read:%d" % SPARE)
        faults = [] if got == [1001] else [str(got)]
        said = subprocess.check_output(gate.router.command(
            "iptables", "-t", "mangle", "-nvxL", "POSTROUTING"), text=True)
        if int(said.splitlines()[2].split()[0]) == 0:
            faults.append("no packet was marked: " + said)
        if len(rules) == 2 and 0 in gate.counts():
            faults.append("not repeated: %s" % gate.counts())
        report.case(what, end(listener, faults))
    gate.firewall(HAND_OVER)


def test_queues(report, gate):
    gate.firewall(("-j", "NFQUEUE", "--queue-balance", "0:3", "--queue-bypass"))
    for threads in ("1", "2"):
        listener = gate.sensor([RULE % ("drop", MASTER, 1)], "--threads", threads, queue="0:3")
        faults = []
        for number in range(4):
            got = gate.ask(*["read:%d" % SPARE] * 30, "write:%d=%d" % (POINT, 600 + number))
            faults += [] if got == [1001] * 30 + ["written"] else [str(got)]
            got = gate.ask("write:%d=9" % POINT, source=INTRUDER)
            faults += [] if got == ["silence"] else [str(got)]
        faults += [] if gate.value() == 603 else ["the register is %d" % gate.value()]
        report.case("four queues, threads " + threads, end(listener, faults))
    gate.firewall(HAND_OVER)


def start_sink(gate, kind, port):
    process = gate.server.start(PYTHON, ENDS, "sink", kind, port, text=True,
                                stdout=subprocess.PIPE)
    gate.server.wait_for_port(port, kind == "udp")
    return process


def test_large(report, gate):
    """Packets that a card would cut up are looked at, and go on, whole."""
    for threads in ("1", "2"):
        listener = gate.sensor(['drop tcp any any -> any any (content:"never there"; sid:1;)'],
                               "--threads", threads)
        sink = start_sink(gate, "tcp", 9000)
        gate.client.run(PYTHON, ENDS, "send", MASTER, SERVER, 9000, BIG)
        got = json.loads(sink.communicate(timeout=30)[0])
        faults = end(listener, [] if got == BIG else ["%d bytes arrived" % got])
        seen = re.search(r"Seen +([\d,]+)", listener.text())
        packets = int(seen[1].replace(",", "")) + told(listener, "packets that passed unseen")
        if packets > BIG // SEGMENT:
            faults.append("%d packets: none was large" % packets)
        report.case("large packets, threads " + threads, faults)


def test_burst(report, gate):
    """More than waits in a queue: counted to the last packet, and let through or not."""
    for options, words in (([], "packets that passed unseen"),
                           (["--fail-closed"], "packets dropped by the kernel")):
        listener = gate.sensor([RULE % ("drop", MASTER, 1)], "--set",
                               "inline.queue-memory=256kb", *options)
        sink = start_sink(gate, "udp", 9001)
        gate.client.run(PYTHON, ENDS, "burst", MASTER, SERVER, 9001, BURST,
                        listener.process.pid)
        arrived = json.loads(sink.communicate(timeout=30)[0])
        faults = end(listener, [])
        seen = int(re.search(r"Seen +([\d,]+)", listener.text())[1].replace(",", ""))
        over = told(listener, words)
        if not over or seen + over != BURST or arrived != (seen if options else BURST):
            faults.append("%d seen, %d beyond, %d arrived" % (seen, over, arrived))
        report.case("burst, %s" % (options or ["fail-open"])[0], faults)


# ---- when it fails ----

def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="utf-8") as listed:
        return [int(word) for word in listed.read().split()]


class Polls:
    """A master that goes on asking."""

    def __init__(self, gate):
        self.process = gate.client.start(PYTHON, ENDS, "poll", MASTER, SERVER, 502,
                                         stdout=subprocess.PIPE)
        self.times = []

    def flow(self, count=20):
        """Reads so many answers; the longest time between two."""
        longest, last = 0, time.monotonic()
        for _ in range(count):
            if not self.process.stdout.readline():
                raise RuntimeError("polls ended")
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest

    def stop(self):
        self.process.kill()
        self.process.wait()


def test_failure(report, gate):
    """What an alarm would ring for if they did not go on: readline() would wait for ever."""
    for what, number in (("killed", signal.SIGKILL), ("stopped", signal.SIGSTOP),
                         ("ended", signal.SIGTERM), ("crashed", signal.SIGABRT)):
        listener = gate.sensor([RULE % ("drop", MASTER, 1)])
        watchdog = children(listener.process.pid)
        for pid in watchdog:  # as whoever signals all processes of a service
            for other in (signal.SIGHUP, signal.SIGUSR2, signal.SIGINT, signal.SIGTERM):
                os.kill(pid, other)
        polls = Polls(gate)
        signal.alarm(30)
        polls.flow()
        listener.process.send_signal(number)
        gap = polls.flow()
        polls.stop()
        signal.alarm(0)
        print("%s: polls went on after %.2f s" % (what, gap))
        code = listener.process.wait(10)
        want = 0 if number == signal.SIGTERM else -number
        if number == signal.SIGSTOP:
            want = -signal.SIGKILL
        faults = [] if code == want else ["exit %d" % code]
        if number == signal.SIGSTOP and not listener.count("did nothing for"):
            faults.append("the watchdog is silent: " + listener.text())
        until(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in watchdog),
              "the watchdog's end")
        if len(watchdog) != 1:
            faults.append("watchdogs: %s" % watchdog)
        report.case(what, faults)


def test_mistakes(report, gate):
    listener = gate.sensor(["alert ip any any -> any any (ttl:1; sid:1;)"], "--fail-closed")
    report.case("closed: no watchdog", ["there is one"] * len(children(listener.process.pid)))
    empty = ["-S", "/dev/null"]
    taken = subprocess.run(gate.router.command(ironspan.program(), "-q", "0", *empty),
                           capture_output=True, text=True, timeout=30, check=False)
    report.case("a queue that is taken", [] if taken.returncode == 2 and
                taken.stderr == "ironspan: error: queue 0 belongs to another program\n"
                else [taken.stderr])
    end(listener, [])
    binary = os.path.join(gate.folder, "ironspan")
    shutil.copy(ironspan.program(), binary)
    os.chmod(gate.folder, 0o755)
    nobody = ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all",
              "--inh-caps=-all"]
    done = subprocess.run(gate.router.command(*nobody, binary, "-q", "0", *empty),
                          capture_output=True, text=True, timeout=30, check=False)
    report.case("no permission", [] if done.returncode == 2 and "CAP_NET_ADMIN" in
                done.stderr else [done.stderr])


# ---- all of it ----

def no_queues(folder):
    """Why packets cannot be handed over here; None if they can."""
    with Lab() as lab:
        try:
            gate = Gate(lab, folder)
            gate.firewall(HAND_OVER)
            gate.sensor(["alert ip any any -> any any (ttl:1; sid:1;)"]).stop()
        except (subprocess.CalledProcessError, RuntimeError) as error:
            return "packets cannot be queued: %s" % error
    return None


def obstacle(folder):
    missing = [name for name in ("iptables", "ss", "setpriv") if not shutil.which(name)]
    return live.obstacle() or ("missing: " + " ".join(missing) if missing else
                               no_queues(folder))


def echo(gate, port):
    """A server that says what it is told."""
    gate.server.serve(port, PYTHON, "-c", (
        "import socketserver as s\n"
        "class H(s.BaseRequestHandler):\n"
        "    def handle(self):\n"
        "        while d := self.request.recv(999): self.request.sendall(d)\n"
        "s.ThreadingTCPServer.allow_reuse_address = True\n"
        "s.ThreadingTCPServer.address_family = 10\n"  # IPv6, which takes IPv4 too
        "s.ThreadingTCPServer(('', %d), H).serve_forever()" % port))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.callback(live.leftovers, os.getpid())
        why = obstacle(folder)
        if why:
            report.skip("inline", why)
            report.end()
        with Lab() as lab:
            gate = Gate(lab, folder)
            server = Programs.python("pymodbus-server.py", "tcp", 502)
            gate.server.serve(502, *server)
            gate.server.serve(502, *Programs.python("pymodbus-server.py", "udp", 502),
                              udp=True)
            gate.server.serve(PIECES, Programs(folder, None).libmodbus("plc"), PIECES)
            echo(gate, 7777)
            echo(gate, 7778)
            echo(gate, 7779)
            for test in (test_actions, test_datagrams, test_flow, test_other_rules,
                         test_decoy, test_ipv6, test_dry_run, test_marks, test_queues, test_large,
                         test_burst, test_failure, test_mistakes):
                test(report, gate)
        report.end()


if __name__ == "__main__":
    main()
