#!/usr/bin/python3
"""Where events go: files, syslog over UDP, TCP and TLS, Unix sockets, several at once.

    tests/sinks.py [IRONSPAN]

A capture is read and its events are sent to receivers of our own on the loopback interface,
that refuse, are not there, are killed and come back. What arrives must be what standard output
says of the same capture. Sinks of a sensor that listens are in sinks_live.py.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

import ironspan
from receivers import SYSLOG, Receiver
from report import Report

PLANT = os.path.join(ironspan.PCAPS, "modbus-plant.pcap")
PATIENCE_S = 120


def sink(number, **keys):
    words = []
    for key, value in keys.items():
        words += ["--set", "outputs.sinks.%d.%s=%s" % (number, key.replace("_", "-"), value)]
    return words


class Done:
    def __init__(self, *words):
        command = [ironspan.program(), "-r", PLANT, "--set", "outputs.sinks-on-replay=yes",
                   *map(str, words)]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        self.code, self.out = done.returncode, done.stdout
        self.err = done.stderr.decode()

    def faults(self, code=0, says=()):
        if self.code != code:
            yield "exit %d, want %d: %s" % (self.code, code, self.err)
        for words in says:
            if words not in self.err:
                yield "it did not say %r: %s" % (words, self.err)


def plain(*words):
    """Lines of standard output, without any sink."""
    done = subprocess.run([ironspan.program(), "--quiet", "-r", PLANT, *words], capture_output=True,
                          timeout=PATIENCE_S, check=True)
    return done.stdout


def events(data):
    return [json.loads(line) for line in data.splitlines()]


def differences(want, got):
    """Every event once, in order."""
    if got != want:
        uids = [event["ot"].get("uid") for event in got]
        yield "%d events of %d, %d different" % (len(got), len(want), len(set(uids)))


def read(path):
    with open(path, "rb") as file:
        return file.read()


# ---- files ----

def test_files(report, folder):
    want = plain("--events", "all")
    all_events, some = os.path.join(folder, "all.json"), os.path.join(folder, "some.json")
    done = Done("--events", "all", *sink(1, path=all_events),
                *sink(2, path=some, events="alert,asset"))
    faults = list(done.faults())
    if done.out or read(all_events) != want:
        faults.append("the file differs from standard output")
    kinds = ('"event_type":"alert"', '"event_type":"asset"')
    lines = [line for line in want.decode().splitlines(True) if any(k in line for k in kinds)]
    if read(some).decode() != "".join(lines) or not lines:
        faults.append("alerts and assets differ")
    for path in (all_events, some):
        if os.stat(path).st_mode & 0o777 != 0o640:
            faults.append("%s: mode %o" % (path, os.stat(path).st_mode))
    report.case("two files", faults)

    both = Done("-l", folder, *sink(1, type="stdout"))
    report.case("standard output and -l", [] if both.out == plain() ==
                read(os.path.join(folder, "eve.json")) else [both.err])
    left = subprocess.run([ironspan.program(), "--quiet", "-r", PLANT, *sink(1, path=some + "x")],
                          capture_output=True, timeout=PATIENCE_S, check=False)
    report.case("a replay leaves sinks alone", [] if left.stdout == plain() and
                not os.path.exists(some + "x") else [left.stderr])
    report.case("no such folder", Done(*sink(1, path="/nowhere/x")).faults(2, ["/nowhere/x: No"]))


def test_rotation(report, folder):
    path = os.path.join(folder, "rotated.json")
    want = plain("--events", "all")
    done = Done("--events", "all", *sink(1, path=path, rotate_size="300kb", keep=20))
    files = sorted(glob.glob(path + ".*"), key=lambda p: -int(p.rpartition(".")[2])) + [path]
    faults = list(done.faults())
    if b"".join(map(read, files)) != want:
        faults.append("together they differ")
    if len(files) < 3 or any(os.path.getsize(p) > 300 << 10 for p in files):
        faults.append("sizes: %s" % [os.path.getsize(p) for p in files])
    if any(not read(p).endswith(b"\n") for p in files):
        faults.append("a line is cut")
    report.case("rotation", faults)


def test_reserve(report, folder):
    """A file that grows takes its place on the disk ahead, and keeps none that it does not need."""
    words = [ironspan.program(), "--quiet", "--events", "all"]
    words += 12 * ["-r", os.path.join(ironspan.PCAPS, "modbus-plant.pcap")]
    paths = {name: os.path.join(folder, name) for name in ("own.json", "alone", "appended")}
    want = subprocess.run(words, stdout=subprocess.PIPE, timeout=PATIENCE_S, check=True).stdout
    subprocess.run([*words, "--set", "outputs.sinks-on-replay=yes",
                    *sink(1, path=paths["own.json"])], timeout=PATIENCE_S, check=True)
    for name, mode in (("alone", "wb"), ("appended", "ab")):
        with open(paths[name], mode) as out:
            subprocess.run(words, stdout=out, timeout=PATIENCE_S, check=True)
    for name, path in paths.items():
        about, faults = os.stat(path), []
        if read(path) != want or len(want) < 8 << 20:
            faults.append("%d bytes, want %d" % (about.st_size, len(want)))
        if about.st_blocks * 512 > about.st_size + (64 << 10):
            faults.append("%d bytes of the disk for %d" % (about.st_blocks * 512, about.st_size))
        report.case("room on the disk: " + name, faults)


# ---- sockets ----

def syslog_faults(receiver, want):
    levels = {1: 1, 2: 3, 3: 4, 4: 6}
    for message, event in zip(receiver.messages(), want):
        match = SYSLOG.fullmatch(message)
        if not match:
            yield "no RFC 5424: %s" % message
            continue
        pri, time, host, kind, data, _ = match.groups()
        severity = (event.get("alert") or event["ot"]["incident"]["alerts"])["severity"]
        if int(pri) != 13 * 8 + levels[severity] or kind != event["event_type"]:
            yield "header of %s %d: %s" % (event["event_type"], severity, message[:100])
        if time != event["timestamp"].replace("+0000", "Z") or host != "plant-7":
            yield "time and host: %s" % message[:100]
        if 'uid="%s"' % event["ot"]["uid"] not in data or 'sev="%d"' % severity not in data:
            yield "structured data: %s" % data


def test_syslog(report, folder, kind, certificates=None):
    more = {"ca_file": certificates.ca} if kind == "tls" else {}
    pair = certificates.server if kind == "tls" else ()
    receiver = Receiver(kind, folder, certificates=pair).start()
    want = events(plain("--events", "alert,incident"))
    done = Done("--set", "sensor.id=plant-7", *sink(
        1, type="syslog", address=receiver.address, events="alert,incident", **more))
    receiver.wait_for(len(want)).kill()
    got = receiver.events()
    faults = list(done.faults())
    if len(got) != len(want):
        faults.append("%d of %d" % (len(got), len(want)))
    faults += syslog_faults(receiver, got)
    report.case("syslog over " + kind, faults)


def test_unix(report, folder, kind):
    receiver = Receiver(kind, folder).start()
    want = events(plain("--events", "all"))
    done = Done("--events", "all", *sink(1, type=kind, path=receiver.where))
    receiver.wait_for(len(want)).kill()
    report.case(kind, list(done.faults()) + list(differences(want, receiver.events())))


# ---- TLS ----

class Certificates:
    """An authority, a receiver's certificate for localhost, and one for a sensor."""

    def __init__(self, folder):
        self.folder = folder
        self.ca, ca_key = self.make("ca", "/CN=Test authority", [])
        signed = ["-CA", self.ca, "-CAkey", ca_key]
        name = ["-addext", "subjectAltName=DNS:localhost"]
        self.server = self.make("server", "/CN=receiver", signed + name)
        self.other_name = self.make("other", "/CN=receiver", signed + [
            "-addext", "subjectAltName=DNS:elsewhere.example"])
        self.sensor = self.make("sensor", "/CN=sensor", signed)
        self.foreign = self.make("foreign", "/CN=foreign", name)

    def make(self, name, subject, more):
        paths = [os.path.join(self.folder, name + end) for end in (".pem", ".key")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-subj", subject, "-days", "3",
                        "-out", paths[0], "-keyout", paths[1], *more], check=True,
                       capture_output=True)
        return paths


def test_tls_refusals(report, folder, certificates):
    c = certificates
    rows = [
        ("a foreign authority", c.foreign, {}, "certificate: self-signed certificate"),
        ("another's name", c.other_name, {}, "certificate: hostname mismatch"),
        ("none of ours", [*c.server, c.ca], {}, "TLS: "),
    ]
    for what, pair, keys, says in rows:
        receiver = Receiver("tls", folder, certificates=pair).start()
        spool = os.path.join(folder, "spool " + what)
        done = Done(*sink(1, type="syslog", address=receiver.address, ca_file=c.ca,
                          events="alert", spool=spool, **keys))
        receiver.kill()
        report.case("tls: " + what, list(done.faults(0, [says, "events wait"])) +
                    ["received: %s" % m for m in receiver.messages()])

    receiver = Receiver("tls", folder, certificates=[*c.server, c.ca]).start()
    done = Done(*sink(1, type="syslog", address=receiver.address, ca_file=c.ca, events="alert",
                      cert_file=c.sensor[0], key_file=c.sensor[1]))
    want = plain("--events", "alert").count(b"\n")
    receiver.wait_for(want).kill()
    report.case("tls: a certificate of ours", done.faults())
    rows = [
        ("no such authority", {"ca_file": "/nowhere/ca"}, "/nowhere/ca: "),
        ("no such key", {"cert_file": c.sensor[0], "key_file": "/nowhere/key"}, "/nowhere/key: "),
        ("another's key", {"cert_file": c.sensor[0], "key_file": c.server[1]},
         "server.key: key values mismatch"),
    ]
    for what, keys, says in rows:
        done = Done(*sink(1, type="syslog", address="tls://localhost:1", **keys))
        report.case("tls: " + what, done.faults(2, [says]))


# ---- receivers that go and come ----

def test_spool(report, folder, kind):
    """Two runs that reach nobody, then one that does: all three arrive, in order."""
    receiver = Receiver(kind, folder)
    where = {"address": receiver.address, "type": "syslog"} if kind == "tcp" else {
        "path": receiver.where, "type": kind}
    words = sink(1, events="alert,incident", spool=os.path.join(folder, "spool-" + kind),
                 **where)
    want = events(plain("--events", "alert,incident"))
    faults = []
    for _ in range(2):
        done = Done(*words)
        faults += done.faults(0, ["events wait", "wait on disk until a sink takes them"])
        if done.err.count("warning") != 1:
            faults.append("more than one warning: " + done.err)
    receiver.start()
    done = Done(*words)
    receiver.wait_for(3 * len(want)).kill()
    faults += done.faults()
    if "wait on disk" in done.err:
        faults.append("something is left: " + done.err)
    faults += differences(3 * want, receiver.events())
    report.case("a spool, " + kind, faults)


def test_cut_spool(report, folder):
    receiver = Receiver("tcp", folder)
    spool = os.path.join(folder, "cut")
    words = sink(1, events="alert", type="syslog", address=receiver.address, spool=spool)
    want = events(plain("--events", "alert"))
    Done(*words)
    path, = glob.glob(os.path.join(spool, "alert-*"))
    os.truncate(path, os.path.getsize(path) - 100)
    receiver.start()
    done = Done(*words)
    receiver.wait_for(2 * len(want) - 1).kill()
    lost = " 1  alerts and incidents that could not be written"
    report.case("a spool that was cut", list(done.faults(2, [lost])) +
                list(differences(want[:-1] + want, receiver.events())))


def test_full_spool(report, folder):
    """Little room: alerts stay, transactions go."""
    receiver = Receiver("tcp", folder)
    words = ["--events", "modbus,alert", *sink(
        1, type="syslog", address=receiver.address, spool=os.path.join(folder, "small"),
        spool_size="64kb")]
    data = plain("--events", "modbus,alert")
    alerts = [e for e in events(data) if e["event_type"] == "alert"]
    done = Done(*words)
    faults = list(done.faults(2, ["other events that could not be written"]))
    if "alerts and incidents that could not" in done.err:
        faults.append(done.err)
    receiver.start()
    Done("--events", "asset", *words[2:])
    receiver.wait_for(len(alerts)).kill()
    got = [e for e in receiver.events() if e["event_type"] == "alert"]
    report.case("a spool that is full", faults + list(differences(alerts, got)))


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        certificates = Certificates(folder)
        test_files(report, folder)
        test_rotation(report, folder)
        test_reserve(report, folder)
        for kind in ("udp", "tcp", "tls"):
            test_syslog(report, folder, kind, certificates)
        for kind in ("unix_stream", "unix_dgram"):
            test_unix(report, folder, kind)
            test_spool(report, folder, kind)
        test_tls_refusals(report, folder, certificates)
        test_spool(report, folder, "tcp")
        test_cut_spool(report, folder)
        test_full_spool(report, folder)
    report.end()


if __name__ == "__main__":
    main()
