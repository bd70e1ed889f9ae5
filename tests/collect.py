#!/usr/bin/python3
"""Two sensors, a message server and two collectors on one store: each alert is stored once and
counts once in its incident, whoever is killed meanwhile. In a network namespace of its own, with
the server's configuration that ships. Skipped without root, nats-server, openssl or libnats.

    tests/collect.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import json
import os
import random
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ironspan
import servers

BINARY = os.path.abspath(ironspan.program())
PCAPS = Path(ironspan.PCAPS)
CAPTURES = ("modbus-plant.pcap", "s7comm-program.pcap", "dnp3-scan.pcap")
MARK = "IRONSPAN_COLLECT_INSIDE"
passed = failed = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:3000]}")


def why_not():
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True).stdout
    if "libnats" not in version:
        return "built without libnats"
    if not servers.can_run():
        return "no nats-server or no openssl"
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "no unshare or no ip"
    done = subprocess.run(["unshare", "-n", "true"], capture_output=True)
    return "namespaces cannot be made here" if done.returncode else None


# ---- a wire with a sensor on it ----

def frames(name):
    """Of a pcap file, little endian, Ethernet."""
    data = (PCAPS / name).read_bytes()
    at = 24
    while at < len(data):
        _, _, length, _ = struct.unpack_from("<IIII", data, at)
        yield data[at + 16:at + 16 + length]
        at += 16 + length


class Sensor:
    def __init__(self, root, number, server):
        self.folder, self.number, self.process = Path(root) / f"sensor{number}", number, None
        self.folder.mkdir()
        self.wire, self.end = f"wire{number}", f"end{number}"
        subprocess.run(["ip", "link", "add", self.wire, "type", "veth", "peer", "name", self.end],
                       check=True)
        for name in (self.wire, self.end):
            subprocess.run(["ip", "link", "set", name, "up"], check=True)
        self.configure(server)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((self.end, 0))

    def configure(self, server):
        where = server.settings(self.folder, "sensor")
        self.config = self.folder / "ironspan.yaml"
        self.config.write_text(f"""
sensor: {{ id: sensor-{self.number}, site: plant-01 }}
outputs:
  events: [alert]
  sinks:
    - {{ type: file, path: "{self.folder}/eve.json" }}
    - {{ type: nats, address: "{where['url']}", user: sensor,
        password-file: "{self.folder}/password", ca-file: "{where['ca']}",
        cert-file: "{where['cert']}", key-file: "{where['key']}",
        spool: "{self.folder}/spool" }}
""")

    def start(self):
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([BINARY, "-Q", "-c", self.config, "-i", self.wire],
                                        stdout=self.log, stderr=self.log)

    def stop(self):
        """Ends in order: what it has is sent or spooled."""
        self.process.terminate()
        check("sensor: ended in order", self.process.wait(60) == 0,
              (self.folder / "log").read_text()[-2000:])
        self.log.close()

    def play(self, name):
        for number, frame in enumerate(frames(name)):
            self.socket.send(frame)
            if number % 20 == 19:
                time.sleep(0.005)

    def uids(self):
        path = self.folder / "eve.json"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line)["ot"]["uid"] for line in lines]


class Collector:
    def __init__(self, root, number, server):
        self.folder = Path(root) / f"collector{number}"
        self.folder.mkdir()
        self.store, self.process = Path(root) / "store", None
        where = server.settings(self.folder, "collector")
        self.args = ["--url", where["url"], "--store", self.store, "--user", "collector",
                     "--password-file", self.folder / "password", "--ca", where["ca"],
                     "--cert", where["cert"], "--key", where["key"]]

    def start(self):
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([BINARY, "collect", *map(str, self.args)],
                                        stdout=self.log, stderr=self.log)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.log.close()
        self.process = None

    def stop(self):
        self.process.terminate()
        code = self.process.wait(60)
        self.log.close()
        self.process = None
        return code

    def told(self):
        return (self.folder / "log").read_text()[-1500:]


# ---- what the store says ----

def stored(store):
    """uid → incident of every alert; as somebody who only reads."""
    if not (store / "incidents.db").exists():
        return {}
    db = sqlite3.connect(f"file:{store}/incidents.db?mode=ro", uri=True, timeout=10)
    try:
        return {bytes(uid).hex(): incident for uid, incident in
                db.execute("SELECT uid, incident FROM alert")}
    except sqlite3.OperationalError:
        return {}
    finally:
        db.close()


def listed(store):
    done = subprocess.run([BINARY, "incident", "list", "--store", store, "--state", "all",
                           "--json"], capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [json.loads(subprocess.run([BINARY, "incident", "show", row["id"], "--store", store,
                                       "--json"], capture_output=True, text=True).stdout)
            for row in rows]


def compare(what, sensors, store, told):
    def all_uids():
        return sorted({uid.replace("-", "") for sensor in sensors for uid in sensor.uids()})
    time.sleep(3)  # an alert waits for its outcome
    same = servers.wait_for(lambda: sorted(stored(store)) == all_uids(), 90, 0.5)
    found, wanted = stored(store), all_uids()
    check(f"{what}: every alert is stored, once", same, (len(found), len(wanted), told()))
    check(f"{what}: there were some", len(wanted) > 20, len(wanted))
    counts = {d["id"]: d["alerts"]["count"] for d in listed(store)
              if d["state"] != "merged"}
    in_incidents = sum(1 for incident in found.values() if incident)
    check(f"{what}: each counts once", sum(counts.values()) == in_incidents,
          (counts, in_incidents))


# ---- inside ----

def play(sensors, chance):
    for _ in range(2):
        for sensor in sensors:
            sensor.play(chance.choice(CAPTURES))


def strike(party, seconds):
    party.kill()
    time.sleep(seconds)
    party.start()


def run_all(root):
    chance = random.Random(4)
    server = servers.Server("enterprise", root / "server", servers.Certificates(root / "pki"))
    sensors = [Sensor(root, n, server) for n in (1, 2)]
    collectors = [Collector(root, n, server) for n in (1, 2)]
    store = root / "store"

    def told():
        return "".join((s.folder / "log").read_text()[-800:] for s in sensors) + "".join(
            c.told() for c in collectors)
    for party in (*sensors, *collectors): # before the server is there
        party.start()
    time.sleep(3)
    play(sensors, chance)
    time.sleep(2)
    check("server: started", server.start())
    try:
        compare("spooled", sensors, store, told)
        for party in (collectors[0], server, collectors[1], collectors[0], server):
            play(sensors, chance)
            time.sleep(chance.random())
            strike(party, chance.random() * 3)
            play(sensors, chance)
        compare("struck", sensors, store, told)
        collectors[1].kill()
        play(sensors, chance)
        compare("one alone", sensors, store, told)
        test_replay(root, server, store)
        for sensor in sensors:
            sensor.stop()
        check("collector: ends in order", collectors[0].stop() == 0, told())
        test_trail(store)
    finally:
        for party in (server, *collectors):
            party.kill()


def test_replay(root, server, store):
    """Alerts of a capture that is looked at again get nowhere."""
    before = stored(store)
    sensor = Sensor(root, 3, server)
    done = subprocess.run([BINARY, "-Q", "-c", sensor.config, "--set",
                           "outputs.sinks-on-replay=yes", "-r", PCAPS / "modbus-plant.pcap"],
                          capture_output=True, text=True, timeout=120)
    check("replay: went out", done.returncode == 0 and len(sensor.uids()) > 0, done)
    time.sleep(3)
    fresh = stored(store).keys() - before.keys()
    check("replay: is not stored", not fresh & {u.replace("-", "") for u in sensor.uids()} and
          not fresh, fresh)


def test_trail(store):
    done = subprocess.run([BINARY, "audit", "verify", "--log", store / "audit.ndjson"],
                          capture_output=True, text=True)
    check("the trail is whole", done.returncode == 0, done)


def inside():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="ironspan-collect-") as root:
        run_all(Path(root))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    if os.environ.get(MARK):
        return inside()
    reason = why_not()
    if reason:
        print(f"skipped: {reason}\n0 passed, 0 failed, 1 skipped")
        return 0
    return subprocess.run(["unshare", "-n", sys.executable, os.path.abspath(__file__), BINARY],
                          env={**os.environ, MARK: "1"}).returncode


sys.exit(main())
