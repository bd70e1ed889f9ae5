#!/usr/bin/python3
"""A sensor that runs as a service: ctl, metrics, words to the service manager, what it may do.

    tests/service.py [IRONSPAN]       (or the environment's IRONSPAN)

It listens on loopback; without the right to do so all is skipped.
"""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE_S = 60  # sanitizers are slow
RULE = 'alert tcp any any -> any any (msg:"x"; content:"nobody says this"; sid:%d; rev:1;)\n'
METRIC = re.compile(r'[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+')

passed = failed = skipped = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:1500]}")


class Sensor:
    def __init__(self, binary, *options):
        self.binary = binary
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.rules = self.path / "test.rules"
        self.rules.write_text(RULE % 1)
        self.control = self.path / "control"
        self.told = self.path / "stderr"
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(str(self.path / "notify"))
        self.manager.settimeout(PATIENCE_S)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.metrics = "127.0.0.1:%d" % free.getsockname()[1]
        self.process = subprocess.Popen(
            [binary, "-Q", "-i", "lo", "-S", str(self.rules), "-l", str(self.path / "log"),
             "--set", "detect.cache-dir=none", "--set", f"control.socket={self.control}",
             "--set", f"metrics.listen={self.metrics}", *options], stderr=self.told.open("wb"),
            env=dict(os.environ, NOTIFY_SOCKET=str(self.path / "notify")))

    def until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(self.told.read_text())
            time.sleep(0.02)

    def started(self):
        self.until(lambda: self.control.exists() or self.process.poll() is not None)
        return self.process.poll() is None

    def ctl(self, *words):
        return subprocess.run([self.binary, "ctl", *words, "--socket", str(self.control)],
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def ask(self, command):
        return json.loads(self.ctl(command, "--json").stdout)

    def says(self, word):
        """Waits for a word to the service manager."""
        while word not in self.manager.recv(4096).decode():
            pass
        return True


def test_ctl(sensor):
    check("who may ask", stat.S_IMODE(sensor.control.stat().st_mode) == 0o660)
    status = sensor.ask("status")
    check("status", status["ok"] and status["answer"]["pid"] == sensor.process.pid and
          status["answer"]["rules"]["loaded"] == 1, status)
    check("for people", "pid" in sensor.ctl("status").stdout)
    links = sensor.ask("interfaces")
    check("interfaces", "lo" in json.dumps(links), links)
    check("assets", sensor.ask("assets")["ok"])
    check("stats", "decoder" in json.dumps(sensor.ask("stats")))
    check("rotate", sensor.ask("rotate")["ok"])
    wrong = sensor.ctl("no-such-thing")
    check("an unknown command", wrong.returncode != 0 and wrong.stderr, wrong)


def test_reload(sensor):
    sensor.rules.write_text(RULE % 1 + RULE % 2)
    answer = sensor.ask("reload")
    check("reload", answer["ok"] and answer["answer"]["loaded"] == 2, answer)
    sensor.rules.write_text(RULE % 1 + "alert what is this\n")
    answer = sensor.ask("reload")
    check("a broken set is refused, with the reason", not answer["ok"] and answer.get("error"),
          answer)
    check("and the old one stays", sensor.ask("status")["answer"]["rules"]["loaded"] == 2)


def test_socket(sensor):
    """Whoever talks nonsense, or not at all, hurts nobody else."""
    idle = []
    for _ in range(40):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(PATIENCE_S)
        try:
            s.connect(str(sensor.control))
        except OSError:
            break
        idle.append(s)
    for words in (b"\0" * 5000, b"{" * 70000, b'{"command":7}\n', b"\n\n\n"):
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(str(sensor.control))
                s.sendall(words)
            except OSError:
                pass
    for s in idle:
        s.close()
    check("still answers", sensor.ask("status")["ok"])


def test_metrics(sensor):
    text = urllib.request.urlopen(f"http://{sensor.metrics}/metrics",
                                  timeout=PATIENCE_S).read().decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    check("metrics", lines and all(METRIC.fullmatch(line) for line in lines),
          [line for line in lines if not METRIC.fullmatch(line)][:3])
    check("names", any(line.startswith("ironspan_packets_total ") for line in lines), text[:500])
    try:
        urllib.request.urlopen(f"http://{sensor.metrics}/elsewhere", timeout=PATIENCE_S)
        check("nothing else is there", False)
    except urllib.error.HTTPError as error:
        check("nothing else is there", error.code == 404, error)


def test_rights(sensor, seccomp):
    lines = Path(f"/proc/{sensor.process.pid}/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    allowed = 1 << 12 | 1 << 13 | 1 << 1  # NET_ADMIN, NET_RAW, DAC_OVERRIDE
    check("capabilities", int(status["CapEff"], 16) & ~allowed == 0, status["CapEff"])
    check("no new privileges", status["NoNewPrivs"] == "1")
    check("system calls are filtered, if asked", status["Seccomp"] == ("2" if seccomp else "0"),
          status["Seccomp"])


def run(binary, seccomp):
    global skipped
    sensor = Sensor(binary, "--set", "seccomp=" + ("yes" if seccomp else "no"))
    if not sensor.started():
        skipped += 1
        print("skipped: cannot listen: " + sensor.told.read_text().strip())
        return
    check("the manager hears that it is ready", sensor.says("READY=1"))
    test_ctl(sensor)
    test_reload(sensor)
    test_socket(sensor)
    test_metrics(sensor)
    test_rights(sensor, seccomp)
    check("shutdown", sensor.ask("shutdown")["ok"])
    check("the manager hears that it stops", sensor.says("STOPPING=1"))
    check("it ends", sensor.process.wait(PATIENCE_S) == 0, sensor.told.read_text())
    check("nothing is left", not sensor.control.exists())
    check("nobody there is told", sensor.ctl("status").returncode == 2)


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ["IRONSPAN"]
    signal.alarm(10 * PATIENCE_S)
    run(binary, False)
    run(binary, True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
