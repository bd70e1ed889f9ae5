#!/usr/bin/python3
"""A sensor that runs as a service: control socket, metrics, the service manager, privileges.

    tests/service.py [IRONSPAN]      as root; about half a minute

The sensor listens to a cable between two network namespaces, or holds a queue's packets, as a
user without rights. Without namespaces the test is skipped.
"""
import concurrent.futures
import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

import ironspan
import live
from live_capture import Listener, Wire
from net import Lab, until
from report import Report

USER = "nobody"
STRANGER = "daemon"
NET_ADMIN, NET_RAW, DAC_OVERRIDE = 1 << 12, 1 << 13, 1 << 1
PLANT = os.path.join(ironspan.PCAPS, "modbus-plant.pcap")
RULE = 'alert modbus any any -> any any (msg:"%d"; modbus.function:6; sid:%d; rev:1;)\n'
PORT = 9469
ALWAYS = ("/dev/null", "/dev/tty")
PROGRAMS = ("ip", "setpriv", "sysctl", "tcpreplay")


class Service(Listener):
    """A sensor with all that a service has, in a folder of its user's."""

    def __init__(self, wire, folder, *options, env=None):
        self.folder, self.socket = folder, os.path.join(folder, "control")
        self.rules, self.log = os.path.join(folder, "x.rules"), os.path.join(folder, "log")
        with open(self.rules, "w", encoding="utf-8") as rules:
            rules.write(RULE % (1, 1))
        super().__init__(wire, "-Q", "-S", self.rules, "-l", self.log, "--user", USER,
                         "--set", "control.socket=" + self.socket,
                         "--set", "metrics.listen=127.0.0.1:%d" % PORT,
                         "--set", "detect.cache-dir=" + os.path.join(folder, "cache"),
                         *options, before=("env", *(env or ())))
        self.wire = wire

    def up(self, words="listening on mon"):
        self.wait_for(words)
        until(self.answers, "an answer")
        return self

    def answers(self):
        try:
            return self.ask("status")["ok"]
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def ctl(self, *words, user=None):
        """Exit code, standard output, standard error of `ironspan ctl`."""
        done = subprocess.run([ironspan.program(), "ctl", *words, "--socket", self.socket],
                              capture_output=True, timeout=60, user=user, extra_groups=[])
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def ask(self, command, **more):
        with self.connect() as s:
            return ask(s, command=command, **more)

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.connect(self.socket)
        s.settimeout(30)
        return s

    def metrics(self, request=b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"):
        """Status, headers and body."""
        done = subprocess.run(self.wire.command(sys.executable, "-c", FETCH, PORT),
                              input=request, capture_output=True, check=True, timeout=60).stdout
        head, _, body = done.partition(b"\r\n\r\n")
        return head.split(b"\r\n")[0].decode(), head.decode(), body.decode()


# In the sensor's namespace: what a server answers to standard input.
FETCH = """
import contextlib, socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
with contextlib.suppress(ConnectionError):
    s.sendall(sys.stdin.buffer.read())
    while part := s.recv(65536):
        sys.stdout.buffer.write(part)
"""


def ask(s, **request):
    s.sendall(json.dumps(request).encode() + b"\n")
    return read(s)


def read(s):
    line = b""
    while not line.endswith(b"\n"):
        part = s.recv(65536)
        if not part:
            raise ConnectionError("the sensor hung up behind %r" % line[:100])
        line += part
    return json.loads(line)


def hangs_up(s):
    with contextlib.suppress(ConnectionResetError):
        return s.recv(1) == b""
    return True


# ---- the control socket ----

def test_ctl(report, service, wire):
    wire.send(PLANT, "-i", "mon-far", "-t")
    until(lambda: service.ask("status")["answer"]["packets"] > 1000, "packets")
    status = service.ask("status")["answer"]
    report.case("status", [] if status["state"] == "good" and status["rules"]["loaded"] == 1 and
                status["pid"] == service.process.pid and status["mode"] == "span" and
                status["sinks"][0]["state"] == "up" else [status])
    stats = service.ask("stats")["answer"]["stats"]
    report.case("stats", [] if stats["decoder"]["pkts"] == status["packets"] else [stats])
    links = service.ask("interfaces")["answer"]["interfaces"]
    report.case("interfaces", [] if [(link["name"], link["state"]) for link in links] ==
                [("mon", "up")] else [links])
    assets = service.ask("assets")["answer"]
    report.case("assets", [] if assets["next"] == 0 and any(
        a["ip"] == "10.10.1.22" and a["vendor"] == "Example Works" for a in assets["assets"])
        else [assets])
    for command, words in (("status", "good"), ("stats", "stats.decoder.pkts"),
                           ("interfaces", "mon   up"), ("assets", "Example Works"),
                           ("rotate", "")):
        code, out, err = service.ctl(command)
        report.case("ctl " + command, [] if code == 0 and words in out and not err else
                    [code, out, err])
        code, out, err = service.ctl(command, "--json")
        report.case("ctl %s --json" % command, [] if code == 0 and json.loads(out)["ok"] is True
                    else [code, out, err])


def test_requests(report, service):
    cases = [
        (b'{"command":"stauts"}\n', "there is no such command"),
        (b'{}\n', "names no command"),
        (b'["status"]\n', "names no command"),
        (b'{"command":7}\n', "names no command"),
        (b'status\n', "expected"),
        (b'\n', "expected"),
        (b'\xff\xfe\n', ""),
        (b'{"command":"assets","place":-5}\n', None),
        (b'{"command":"assets","place":9999999999}\n', None),
    ]
    with service.connect() as s:
        for request, error in cases:
            s.sendall(request)
            answer = read(s)
            report.case("request %r" % request, [] if answer["ok"] == (error is None) and
                        (error or "") in answer.get("error", "") else [answer])
    with service.connect() as s:
        s.sendall(b'{"command":"status"}\n' * 5)
        report.case("several at once", [a for a in (read(s) for _ in range(5)) if not a["ok"]])
    with service.connect() as s:
        with contextlib.suppress(OSError):
            s.sendall(b"x" * 100_000)
        report.case("a request without end", [] if hangs_up(s) else ["it stays"])
    with service.connect() as s:
        s.sendall(b'{"command":"status"}')
        s.shutdown(socket.SHUT_WR)
        report.case("half a request", [] if hangs_up(s) else ["it stays"])


def test_many(report, service):
    """Those who wait longest make room; who asks at once is answered."""
    idle = [service.connect() for _ in range(60)]
    report.case("status beside 60 idle clients", [] if service.ask("status")["ok"] else ["no"])
    report.case("the first of them were hung up on", [] if hangs_up(idle[0]) else ["no"])
    for s in idle:
        s.close()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: service.ask(("status", "assets")[n % 2]), range(200)))
    report.case("200 questions by 8", [a for a in answers if not a["ok"]])
    greedy = service.connect()
    with contextlib.suppress(OSError):
        greedy.setblocking(False)
        for _ in range(1000):
            greedy.send(b'{"command":"assets"}\n' * 100)
    report.case("status beside one who never reads", [] if service.ask("status")["ok"] else
                ["no"])
    greedy.close()


def test_rights(report, service):
    mode = stat.S_IMODE(os.stat(service.socket).st_mode)
    report.case("mode", [] if mode == 0o660 else [oct(mode)])
    code, _, err = service.ctl("status", user=STRANGER)
    report.case("a stranger", [] if code == 2 and "Permission denied" in err else [code, err])
    code, _, err = service.ctl("status", user=USER)
    report.case("its user", [] if code == 0 else [code, err])
    os.chmod(service.socket, 0o666)
    code, _, err = service.ctl("status", user=STRANGER)
    report.case("a stranger whom the mode lets in", [] if code == 2 and "does not answer" in err
                else [code, err])
    os.chmod(service.socket, 0o660)


def test_reload(report, service):
    def write(text):
        with open(service.rules, "w", encoding="utf-8") as rules:
            rules.write(text)

    before = service.ask("status")["answer"]["rules"]
    write(RULE % (1, 1) + RULE % (2, 2))
    answer = service.ask("reload")
    report.case("reload", [] if answer["ok"] and answer["answer"]["loaded"] == 2 and
                answer["answer"]["sha256"] != before["sha256"] else [answer])
    write(RULE.replace("function", "fnuction") % (1, 1))
    answer = service.ask("reload")
    report.case("reload of what is wrong", [] if not answer["ok"] and
                "x.rules:1" in answer["error"] else [answer])
    code, _, err = service.ctl("reload")
    report.case("ctl tells why", [] if code == 1 and "x.rules:1" in err else [code, err])
    os.unlink(service.rules)
    answer = service.ask("reload")
    report.case("reload of nothing", [] if not answer["ok"] and "x.rules" in answer["error"]
                else [answer])
    write(RULE % (1, 1))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: service.ask("reload"), range(8)))
    report.case("eight reloads at once", [a for a in answers if not a["ok"]])
    service.process.send_signal(signal.SIGUSR2)
    until(lambda: service.ask("status")["answer"]["rules"]["loaded"] == 1, "the rules again")


def test_rotate(report, service, wire):
    def lines(path):
        with open(path, encoding="utf-8") as log:
            return len(log.readlines())

    log = os.path.join(service.log, "eve.json")
    os.rename(log, log + ".old")
    service.ask("rotate")
    until(lambda: os.path.exists(log), "a new file")
    wire.send(PLANT, "-i", "mon-far", "-t")
    until(lambda: lines(log) > 0, "events in it")
    report.case("rotated", [] if lines(log + ".old") > 0 else ["the old file is empty"])


# ---- metrics ----

SAMPLE = re.compile(r'(ironspan_[a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (\d+)')


def parse(body):
    """Samples by name with labels; strict about order, HELP and TYPE."""
    samples, types, current = {}, {}, None
    for line in body.splitlines():
        if line.startswith("# HELP "):
            current = line.split()[2]
            assert current not in types and len(line.split()) > 3, line
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name == current and kind in ("counter", "gauge"), line
            assert name.endswith("_total") == (kind == "counter"), line
            types[name] = kind
        else:
            match = SAMPLE.fullmatch(line)
            assert match and match[1] == current and current in types, line
            assert line not in samples, line
            samples[match[1] + (match[2] or "")] = int(match[3])
    return samples


def test_metrics(report, service):
    status, head, body = service.metrics()
    samples = parse(body)
    answer = service.ask("status")["answer"]
    report.case("metrics", [] if status == "HTTP/1.1 200 OK" and "version=0.0.4" in head and
                samples["ironspan_packets_total"] == answer["packets"] > 1000 and
                samples["ironspan_alerts_total"] == answer["alerts"] > 0 and
                samples['ironspan_interface_up{interface="mon"}'] == 1 and
                samples["ironspan_rules"] == 1 and body.endswith("\n") else [status, body])
    promtool = shutil.which("promtool")
    if promtool:
        done = subprocess.run([promtool, "check", "metrics"], input=body.encode(),
                              capture_output=True)
        report.case("promtool", [done.stderr] if done.returncode else [])
    else:
        report.skip("promtool", "prometheus is not installed")
    cases = [
        (b"GET / HTTP/1.1\r\n\r\n", "404"),
        (b"GET /metrics?x=1 HTTP/1.0\n\n", "200"),
        (b"HEAD /metrics HTTP/1.1\r\n\r\n", "200"),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "405"),
        (b"nonsense\r\n\r\n", "400"),
        (b"GET /metrics HTTP/2.0\r\n\r\n", "400"),
        (b"\r\n\r\n", "400"),
    ]
    for request, code in cases:
        status, _, body = service.metrics(request)
        report.case("http %r" % request[:20], [] if status.split()[1] == code and
                    (not request.startswith(b"HEAD") or not body) else [status, body])
    status, _, _ = service.metrics(b"GET /" + b"x" * 10000 + b" HTTP/1.1\r\n\r\n")
    report.case("http without end", [status] if status else [])


# ---- privileges ----

def threads_of(pid):
    """What /proc says of each thread, as names and values."""
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, task), encoding="utf-8") as text:
            yield dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)


def catches(pid, number):
    return all(int(t["SigCgt"], 16) >> (number - 1) & 1 for t in threads_of(pid))


def privilege_faults(pid, capabilities, uid, had_root=True):
    faults = []
    for thread in threads_of(pid):
        has = {name: int(thread[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapAmb",
                                                        "CapBnd")}
        want = {"CapPrm": capabilities, "CapEff": capabilities, "CapInh": 0, "CapAmb": 0,
                "CapBnd": 0 if had_root else has["CapBnd"]}  # it is root's to change
        if has != want:
            faults.append("capabilities %s" % has)
        if thread["Uid"].split() != [str(uid)] * 4:
            faults.append("user %s" % thread["Uid"])
        if thread["NoNewPrivs"] != "1" or thread["Seccomp"] != "2":
            faults.append("no_new_privs %s, seccomp %s" % (thread["NoNewPrivs"],
                                                           thread["Seccomp"]))
        if uid and "0" in thread["Groups"].split():
            faults.append("groups %s" % thread["Groups"])
    return faults


def files_below(folder):
    for where, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(where, name)


def test_files(report, service, folder):
    """Whatever it made is its user's, and nobody else may read it."""
    uid = pwd.getpwnam(USER).pw_uid
    made = [(path, os.lstat(path)) for path in files_below(folder)]
    made = [(path, st) for path, st in made if stat.S_ISREG(st.st_mode) and st.st_uid == uid]
    names = {os.path.basename(path) for path, _ in made}
    report.case("files were made", [] if "eve.json" in names and
                any(n.endswith(".pcap") for n in names) and len(names) > 3 else [names])
    report.case("files are 0640 at most", [(path, oct(st.st_mode)) for path, st in made
                                           if st.st_mode & 0o137])


def ended_well(report, what, sensor, number=signal.SIGTERM):
    code = sensor.stop(number)
    report.case(what + " ends well", [] if code == 0 else [code, sensor.text()])


def test_modes(report, lab, folder):
    """What is left to the sensor, by what it does."""
    wire, uid = Wire(lab, "modes", "mon"), pwd.getpwnam(USER).pw_uid
    for what, options, user, capabilities in (
            ("-i as a user", ("-i", "mon"), USER, NET_RAW),
            ("-i as root", ("-i", "mon"), None, NET_RAW | DAC_OVERRIDE),
            ("-q as a user", ("-q", "7"), USER, NET_RAW | NET_ADMIN),
            ("-q on four threads", ("-q", "7", "--threads", "4"), USER, NET_RAW | NET_ADMIN),
            ("-q as root", ("-q", "7"), None, NET_RAW | NET_ADMIN | DAC_OVERRIDE)):
        with open(os.path.join(folder, "y.rules"), "w", encoding="utf-8") as rules:
            rules.write(RULE % (1, 1))
        as_user = ("--user", user) if user else ()
        sensor = Listener(wire, "-Q", *options, "-S", rules.name, *as_user)
        sensor.wait_for("listening" if "-i" in options else "holding")
        until(lambda pid=sensor.process.pid: catches(pid, signal.SIGTERM), "a handler")
        report.case(what, privilege_faults(sensor.process.pid, capabilities,
                                           uid if user else 0))
        ended_well(report, what, sensor)
    test_as_unit(report, wire, folder, uid)
    test_capture(report, uid)


def test_as_unit(report, wire, folder, uid):
    """Never root: what ironspan.service gives is kept, as far as it is needed."""
    user = pwd.getpwnam(USER)
    for has, options, keeps in (("+net_raw", ("-i", "mon"), NET_RAW),
                                ("+net_raw,+net_admin", ("-i", "mon"), NET_RAW),
                                ("+net_raw,+net_admin", ("-q", "7"), NET_RAW | NET_ADMIN)):
        sensor = Listener(wire, "-Q", *options, "-S", os.path.join(folder, "y.rules"), before=(
            "setpriv", "--reuid=%d" % uid, "--regid=%d" % user.pw_gid, "--clear-groups",
            "--inh-caps=-all," + has, "--ambient-caps=-all," + has,
            "--bounding-set=-all," + has, "--no-new-privs"))
        sensor.wait_for("listening" if "-i" in options else "holding")
        until(lambda pid=sensor.process.pid: catches(pid, signal.SIGTERM), "a handler")
        faults = privilege_faults(sensor.process.pid, keeps, uid, had_root=False)
        report.case("started with %s for %s" % (has, options[0]), faults)
        ended_well(report, "that", sensor)


def test_capture(report, uid):
    """A capture needs nothing at all."""
    for user, capabilities in ((USER, 0), (None, DAC_OVERRIDE)):
        sensor = subprocess.Popen([ironspan.program(), "-Q", "-r", "-", "-S", "/dev/null",
                                   *(("--user", user) if user else ())], stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL)
        with open(PLANT, "rb") as capture:
            sensor.stdin.write(capture.read())
        sensor.stdin.flush()
        until(lambda pid=sensor.pid: not privilege_faults(pid, capabilities, uid if user else 0),
              "few privileges")
        sensor.stdin.close()
        report.case("-r as %s" % user, [] if sensor.wait(60) == 0 else [sensor.returncode])


def test_refusals(report, folder):
    def says(what, words, *options, code=2, user=None):
        done = subprocess.run([ironspan.program(), "-Q", "-i", "lo", "-S", "/dev/null", *options],
                              capture_output=True, timeout=60, user=user, extra_groups=[])
        report.case(what, [] if done.returncode == code and words in done.stderr.decode() else
                    [done.returncode, done.stderr])

    path = os.path.join(folder, "file")
    with open(path, "w", encoding="utf-8"):
        pass
    says("no such user", 'no user "nobody-here"', "--user", "nobody-here")
    says("not root", 'only root can become "%s"' % USER, "--user", USER, user=STRANGER)
    says("a file at the socket's place", "is there, and no socket",
         "--set", "control.socket=" + path)
    says("no folder", "No such file", "--set", "control.socket=/nowhere/control")
    says("too long", "File name too long", "--set", "control.socket=/" + "x" * 200)
    for where in ("0.0.0.0:9469", "192.0.2.1:80", "[::]:1", "127.0.0.1", "x:1", ":9469"):
        says("listen " + where, "is no address of loopback", "--set", "metrics.listen=" + where,
             code=1)
    for words, code, what in ((["status"], 2, "no sensor listens"), (["stauts"], 2, "status"),
                              ([], 2, "one command"), (["status", "x"], 2, "one command"),
                              (["--help"], 0, "")):
        done = subprocess.run([ironspan.program(), "ctl", *words, "--socket",
                               os.path.join(folder, "none")], capture_output=True)
        report.case("ctl %s" % words, [] if done.returncode == code and
                    what in done.stderr.decode() else [done.returncode, done.stderr])


# ---- the service manager ----

class Manager:
    """What systemd hears."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(30)
        os.chmod(name, 0o666)

    def hear(self, word):
        """The next message with this word."""
        while True:
            text = self.socket.recv(4096).decode()
            if word in text.split("\n"):
                return text

    def is_silent(self, word, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            with contextlib.suppress(TimeoutError):
                if word in self.socket.recv(4096).decode().split("\n"):
                    return False
        self.socket.settimeout(30)
        return True


def test_manager(report, wire, folder, name):
    manager = Manager(name)
    service = Service(wire, folder, "-i", "mon",
                      env=("NOTIFY_SOCKET=" + name, "WATCHDOG_USEC=600000"))
    ready = manager.hear("READY=1")
    report.case("ready, and how it is", [] if "STATUS=good: " in ready and "WATCHDOG=1" in ready
                else [ready])
    report.case("signs of life", [] if [manager.hear("WATCHDOG=1") for _ in range(3)] else ["-"])
    service.ask("reload")
    text = manager.hear("RELOADING=1")
    report.case("reloading", [] if "MONOTONIC_USEC=" in text else [text])
    report.case("ready again", [] if manager.hear("READY=1") else ["-"])
    os.kill(service.process.pid, signal.SIGSTOP)
    time.sleep(0.3)
    manager.is_silent("WATCHDOG=1", 0.05)  # what was said before
    report.case("no sign of life when stopped", [] if manager.is_silent("WATCHDOG=1", 1) else
                ["it was heard"])
    os.kill(service.process.pid, signal.SIGCONT)
    report.case("and again", [] if manager.hear("WATCHDOG=1") else ["-"])
    code, out, err = service.ctl("shutdown")
    report.case("shutdown", [] if code == 0 and service.process.wait(30) == 0 else
                [code, out, err, service.text()])
    report.case("stopping", [] if manager.hear("STOPPING=1") else ["-"])
    report.case("the socket is gone", [service.socket] if os.path.exists(service.socket) else [])


# ---- what it writes to ----

CHANGES = ("open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,"
           "linkat,symlink,symlinkat,chmod,fchmodat,chown,lchown,fchownat,truncate,mknod,mknodat")
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")


def changed(trace):
    """Paths of calls that could change a file; relative ones as they are."""
    with open(trace, encoding="utf-8") as lines:
        for line in lines:
            if re.search(r"\b(open|openat)\(", line) and not WRITES.search(line):
                continue
            at = re.search(r"\(AT_FDCWD|\((\d+)(?:<([^>]*)>)?, ", line)
            for path in re.findall(r'"([^"]*)"', line):
                base = at[2] if at and at[1] else ""
                yield os.path.join(base or "", path)


def test_writes(report, wire, folder):
    if not shutil.which("strace"):
        return report.skip("what it writes to", "strace is not installed")
    home, trace = own_folder(folder, "traced"), os.path.join(folder, "trace")
    service = Service(wire, home, "-i", "mon", "--set", "evidence.dir=" + home + "/evidence",
                      env=("strace", "-f", "-y", "-o", trace, "-e", "trace=" + CHANGES)).up()
    wire.send(PLANT, "-i", "mon-far", "-t")
    until(lambda: service.ask("status")["answer"]["alerts"] > 0, "alerts")
    service.ask("reload")
    service.ask("rotate")
    service.ctl("shutdown")
    service.process.wait(60)
    paths = set(changed(trace))
    report.case("it writes", [] if any(p.startswith(home + "/evidence/") for p in paths) and
                os.path.join(home, "log/eve.json") in paths else sorted(paths))
    return report.case("it writes to its own folder alone", [
        p for p in sorted(paths) if not p.startswith(home + "/") and p not in ALWAYS])


# ---- the story ----

def own_folder(folder, name):
    path = os.path.join(folder, name)
    os.mkdir(path, 0o755)
    os.chown(path, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)
    return path


def tests(report, lab, folder):
    wire = Wire(lab, "wire", "mon")
    home = own_folder(folder, "home")
    options = ("-i", "mon", "--set", "evidence.dir=" + os.path.join(home, "evidence"))
    service = Service(wire, home, *options).up()
    report.case("privileges", privilege_faults(service.process.pid, NET_RAW,
                                               pwd.getpwnam(USER).pw_uid))
    test_ctl(report, service, wire)
    test_requests(report, service)
    test_many(report, service)
    test_metrics(report, service)
    test_rights(report, service)
    test_rotate(report, service, wire)
    test_reload(report, service)
    test_files(report, service, home)
    second = Service(wire, home, *options)
    until(lambda: second.process.poll() is not None, "an end")
    code = second.stop()
    report.case("a second sensor", [] if code == 2 and "another program listens" in second.text()
                else [code, second.text()])
    service.process.kill()
    service.process.wait()
    third = Service(wire, home, *options).up()
    report.case("after a crash", [] if third.ask("status")["ok"] else [third.text()])
    ended_well(report, "it", third)
    test_manager(report, wire, own_folder(folder, "other"), os.path.join(folder, "notify"))
    test_writes(report, wire, folder)
    test_modes(report, lab, folder)
    test_refusals(report, folder)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report()
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    why = "missing: " + " ".join(missing) if missing else live.lab_forbidden()
    if why:
        report.skip("service", why)
        report.end()
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        os.chmod(folder, 0o755)
        tests(report, lab, folder)
    report.end()


if __name__ == "__main__":
    main()
