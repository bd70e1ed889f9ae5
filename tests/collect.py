#!/usr/bin/python3
"""Alerts of many sensors in one store of incidents: each is stored once and counts once, whoever is
killed meanwhile, and the incidents are those that one sensor with all the traffic would find. First
through folders; then two sensors, a message server and two collectors, in a network namespace of
its own, with the server's configuration that ships (skipped without root, nats-server, openssl or
libnats).

    tests/collect.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import ironspan
import servers

BINARY = os.path.abspath(ironspan.program())
PCAPS = Path(ironspan.PCAPS)
CAPTURES = (("modbus-plant.pcap",), ("s7comm-program.pcap", "dnp3-scan.pcap"))  # by sensor
MARK = "IRONSPAN_COLLECT_INSIDE"
passed = failed = skipped = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:3000]}")


def run(*args, **more):
    return subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, timeout=120,
                          **more)


# ---- what a store says ----

def rows(store, sql):
    """As somebody who only reads."""
    if not (store / "incidents.db").exists():
        return []
    db = sqlite3.connect(f"file:{store}/incidents.db?mode=ro", uri=True, timeout=10)
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        db.close()


def stored(store):
    """uid → incident of every alert."""
    return {bytes(uid).hex(): incident for uid, incident in
            rows(store, "SELECT uid, incident FROM alert")}


def documents(store):
    return [json.loads(row[0]) for row in rows(store, "SELECT json FROM document")]


def story(doc):
    """What an incident says of the plant, whoever saw it."""
    return (doc["title"], doc["site"]["id"],
            sorted((r["signature_id"], r["count"], r["accepted"]) for r in doc["alerts"]["rules"]),
            sorted(str(a.get("ip")) for a in doc["actors"]),
            sorted(str(a.get("ip")) for a in doc["affected"]))


def stories(store):
    return sorted(story(d) for d in documents(store) if d["state"] != "merged")


def check_counts(what, store):
    """Each alert counts once in its incident."""
    found = stored(store)
    counted = sum(d["alerts"]["count"] for d in documents(store) if d["state"] != "merged")
    check(f"{what}: each counts once", counted == sum(1 for i in found.values() if i) > 0,
          (counted, len(found)))


# ---- folders ----

def alerts_of(*names, **changes):
    """Alerts of captures as a live sensor would have written them, and its own store."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            shutil.copy(PCAPS / name, folder)
        done = run("--quiet", "-r", folder, "--events", "alert", "--store", folder + "/store")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        reference = stories(Path(folder) / "store")
    for line in lines:
        line["ot"].update({"origin": "live", **changes})
    return lines, reference


class Box:
    """A folder that files come to, and a store."""

    def __init__(self, root, name):
        self.inbox, self.store = Path(root) / name / "in", Path(root) / name / "store"
        self.inbox.mkdir(parents=True)

    def put(self, name, lines, age=60):
        path = self.inbox / name
        path.write_text("".join(json.dumps(e, ensure_ascii=False) + "\n" if isinstance(e, dict)
                                else e + "\n" for e in lines), encoding="utf-8")
        os.utime(path, (time.time() - age,) * 2)
        return path

    def args(self, *more):
        return "collect", "--folder", self.inbox, "--store", self.store, "--once", *more

    def collect(self, *more):
        return run(*self.args(*more))


def test_one_story(root):
    box = Box(root, "story")
    names = [name for group in CAPTURES for name in group]
    lines, reference = alerts_of(*names)
    box.put("sensor-1.json", lines[::2])
    box.put("sensor-2.ndjson", lines[1::2])
    done = box.collect()
    check("folder: collected", done.returncode == 0 and f"{len(lines)} stored" in done.stderr, done)
    check("folder: all there", len(stored(box.store)) == len(lines) > 30, len(lines))
    check("folder: the incidents of one sensor", stories(box.store) == reference != [],
          (stories(box.store), reference))
    check_counts("folder", box.store)
    check("folder: put away", sorted(p.name for p in (box.inbox / "done").iterdir()) ==
          ["sensor-1.json", "sensor-2.ndjson"])
    before = documents(box.store)
    box.put("again.json", lines)
    done = box.collect("--remove")
    check("folder: again", f"0 stored, {len(lines)} were there before" in done.stderr, done)
    check("folder: nothing changed", documents(box.store) == before)
    check("folder: removed", not (box.inbox / "again.json").exists())


def test_what_is_left_out(root):
    box = Box(root, "left-out")
    lines, _ = alerts_of("dnp3-scan.pcap")
    for origin in ("replay", "exercise", None, 7):
        others = [{**lines[0], "event_type": "asset"}]
        unreal = [{**e, "ot": {**e["ot"], "origin": origin}} for e in lines + others]
        box.put(f"{origin}.json", unreal)
        done = box.collect()
        check(f"left out: {origin}", done.returncode == 0 and "0 stored" in done.stderr and
              f"events of a replay or an exercise, left out: {len(unreal)};" in done.stderr and
              "left out" in done.stderr.splitlines()[0], done)
    strange = ["", "{", "[]", "null", "x" * 200000, '{"event_type":"alert"}', "\0",
               json.dumps({**lines[0], "timestamp": "yesterday"}),
               json.dumps({**lines[0], "ot": {**lines[0]["ot"], "uid": "../x"}}),
               json.dumps({**lines[0], "alert": 7}), "[" * 60000]
    box.put("strange.json", strange)
    done = box.collect()
    check("left out: strange lines", done.returncode == 0 and
          f"unusable: {len(strange) - 1}" in done.stderr, done)
    check("left out: nothing is there", not stored(box.store) and not documents(box.store))
    box.put(".hidden.json", lines)
    box.put("sensor.json.tmp", lines)
    box.put("growing.json", lines, age=0)
    done = box.collect()
    check("left out: what is no whole file waits", len(stored(box.store)) == len(lines) and
          f"{len(lines)} stored, 0 were there" in done.stderr, done)


def test_sites(root):
    """The same addresses at two plants are other devices."""
    box = Box(root, "sites")
    for site in ("plant-01", "plant-02"):
        lines, _ = alerts_of("modbus-plant.pcap", site=site)
        for line in lines:
            line["ot"]["uid"] = site[-2:] + line["ot"]["uid"][2:]
        box.put(f"{site}.json", lines)
    _, reference = alerts_of("modbus-plant.pcap")
    done = box.collect()
    for site in ("plant-01", "plant-02"):
        found = [s for s in stories(box.store) if s[1] == site]
        check(f"sites: {site}", [(s[0], *s[2:]) for s in found] ==
              [(s[0], *s[2:]) for s in reference], (done, found))


def health(lines, sensor, begin_s, end_s, **counts):
    """A sensor's interval, in seconds behind the first alert."""
    def at(seconds):
        return shifted(lines[:1], seconds)[0]["timestamp"]
    interim = counts.pop("interim", None)
    origin = counts.pop("origin", "live")
    body = {"state": "degraded", "reasons": [], "sequence": 0, "interval_s": end_s - begin_s,
            "packets": 1000, "from": at(begin_s), **counts, "total": {"packets": 0}}
    if interim:
        body["interim"] = True
    return {"timestamp": at(end_s), "event_type": "health",
            "ot": {"schema": "ironspan.health/1", "health": body, "sensor": {"id": sensor},
                   "origin": origin}}


def capture_of(store):
    docs = [d for d in documents(store) if d["state"] != "merged"]
    return docs[0]["capture"], {r["sensor"]: r for r in docs[0]["capture"]["sensors"]}, docs


def test_health(root):
    """What each sensor could not see stands in the incidents of its site."""
    box = Box(root, "health")
    lines, _ = alerts_of("modbus-plant.pcap", sensor={"id": "a"})
    lines = [line for line in lines if line["dest_ip"] == lines[0]["dest_ip"]]
    server = {"ip": lines[0]["dest_ip"], "gaps": 3, "one_sided": 1}
    one = [lines[0], {**lines[1], "ot": {**lines[1]["ot"], "sensor": {"id": "silent"}}},
           health(lines, "a", -30, 30, gaps=3, blind_bytes=300, assets=[server]),
           health(lines, "b", -20, 40, dropped=7, away_s=20, shed=2),
           health(lines, "fine", -20, 40), health(lines, "b", -20, 10, dropped=5, interim=1),
           health(lines, "early", -90, -30, dropped=9),
           health(lines, "unreal", -20, 40, dropped=9, origin="replay")]
    strange = [{**one[2], "ot": {**one[2]["ot"], "health": h}} for h in
               (7, [], {"from": 7}, {"from": "x"}, {"from": one[2]["timestamp"], "gaps": -1,
                                                     "assets": [7, {"ip": "x"}]})]
    box.put("one.json", one + strange)
    done = box.collect()
    capture, sensors, docs = capture_of(box.store)
    check("health: counted", "health: 10" in done.stderr and "unusable: 0" in done.stderr, done)
    check("health: whose", sorted(sensors) == ["a", "b", "silent"] and
          docs[0]["alerts"]["sensors"] == ["a", "silent"], docs[0])
    check("health: of each", (sensors["a"]["gaps"], sensors["a"]["blind_bytes"],
                              sensors["b"]["drops"], sensors["b"]["blind_s"],
                              sensors["b"]["shed"]) == (3, 300, 7, 20, 2), sensors)
    check("health: one did not tell", sensors["silent"]["complete"] is None and
          capture["complete"] is False, capture)
    check("health: the sum", (capture["drops"], capture["gaps"], capture["packets"]) ==
          (7, 3, 2000), capture)
    check("health: of the device", capture["assets"] and capture["assets"][0]["gaps"] == 3 and
          capture["assets"][0]["one_sided_flows"] == 1, capture)
    box.put("two.json", one[2:4] + [health(lines, "a", 30, 90), health(lines, "b", 70, 130),
                                    health(lines, "silent", 30, 90)])
    box.collect()
    capture, sensors, docs = capture_of(box.store)
    check("health: another goes on, and nothing counts twice",
          (sensors["a"]["packets"], sensors["a"]["gaps"], sensors["b"]["drops"]) == (2000, 3, 7),
          sensors)
    check("health: a sensor that was off", sensors["b"]["off_s"] == 30 and
          sensors["a"]["off_s"] == 0, sensors)
    check("health: it tells at last", sensors["silent"]["complete"] is True, sensors)
    for redaction in ((), ("--redact", "to-authority", "--key", box.inbox / "key")):
        done = run("report", "incident", docs[0]["id"], "--store", box.store, "--format", "md",
                   "--lang", "en", *redaction)
        has = "Sensor by sensor" in done.stdout and "| b |" in done.stdout
        check(f"health: in the report {redaction}", done.returncode == 0 and
              has != bool(redaction), done.stdout)


def shifted(lines, seconds):
    """The same alerts at another time; they are others then."""
    result = []
    for line in lines:
        at = time.strptime(line["timestamp"][:19], "%Y-%m-%dT%H:%M:%S")
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.mktime(at) + seconds))
        uid = str(uuid.uuid5(uuid.UUID(line["ot"]["uid"]), str(seconds)))
        result.append({**line, "timestamp": text + line["timestamp"][19:],
                       "ot": {**line["ot"], "uid": uid}})
    return result


def test_late(root):
    """What a sensor sends days later makes incidents of that time, and ends no others."""
    box = Box(root, "late")
    lines, reference = alerts_of("modbus-plant.pcap")
    box.put("a.json", lines[:-1])
    box.collect()
    late = shifted(lines, -3 * 86400)
    for number, line in enumerate(late):
        box.put("late.json", [line])
        if number % 8 == 7:
            box.collect()
    box.put("late.json", late)
    box.put("z.json", lines)
    done = box.collect()
    check("late: stored", len(stored(box.store)) == 2 * len(lines), done)
    check("late: as if in time", [s for s in stories(box.store)] == sorted(2 * reference),
          (stories(box.store), reference))
    check_counts("late", box.store)


def test_folder_killed(root):
    """Two collectors on one folder and one store, killed at any moment."""
    chance = random.Random(6)
    box = Box(root, "killed")
    lines, reference = alerts_of(*[name for group in CAPTURES for name in group])
    many = [e for hour in range(12) for e in shifted(lines, 2 * 86400 * hour)]
    parts = [many[n::6] for n in range(6)]
    for number, part in enumerate(parts):
        box.put(f"part-{number}.json", part)
    kills = 0
    while len(stored(box.store)) < len(many) and kills < 60:
        kills += 1
        both = [subprocess.Popen([BINARY, *map(str, box.args())], stderr=subprocess.DEVNULL)
                for _ in range(2)]
        time.sleep(chance.random() * 0.5)
        for process in both:
            process.kill()
            process.wait()
    done = box.collect()
    check("killed: ended", done.returncode == 0, done)
    check("killed: each once", len(stored(box.store)) == len(many), (len(many), done))
    check_counts("killed", box.store)
    check("killed: the incidents of one sensor", stories(box.store) == sorted(12 * reference),
          (stories(box.store), reference))
    done = run("audit", "verify", "--log", box.store / "audit.ndjson")
    check("killed: the trail is whole", done.returncode == 0, done)


def test_strange_files(root):
    """What is no file, what is being written, what another clock dated: nothing waits for them."""
    box = Box(root, "strange")
    lines, _ = alerts_of("modbus-plant.pcap")
    (box.inbox / "a.json").mkdir()
    os.symlink("/no/such", box.inbox / "b.json")
    growing = box.put("c.json", lines[:2], age=0)
    box.put("d.json", lines[2:4], age=-86400)
    box.put("e.json", lines[4:6])
    collector = subprocess.Popen([BINARY, *map(str, box.args()[:-1])], stderr=subprocess.PIPE)

    def is_read():
        os.utime(growing)
        return len(stored(box.store)) >= 4

    seen = servers.wait_for(is_read, 15)
    collector.terminate()
    told = collector.communicate()[1]
    check("strange files: the others are read", seen and growing.exists(), told)
    box.put("e.json", lines[6:8])
    done = box.collect()
    left = sorted(path.name for path in box.inbox.iterdir())
    check("strange files: it ends", done.returncode == 0 and left == ["a.json", "b.json", "done"],
          (done, left))
    check("strange files: done", sorted(path.name for path in (box.inbox / "done").iterdir()) ==
          ["c.json", "d.json", "e.json", "e.json.1"])


def test_words(root):
    for what, args in [("nothing", []), ("both", ["--url", "nats://x", "--folder", "x"]),
                       ("a word", ["--folder", "x", "y"]), ("remove", ["--url", "x", "--remove"]),
                       ("no store", ["--folder", "x"]), ("no value", ["--url"]),
                       ("unknown", ["--folders", "x"])]:
        done = run("collect", *args)
        check(f"words: {what}", done.returncode == 2 and done.stderr.startswith("ironspan: error"),
              done)
    done = run("collect", "--folder", Path(root) / "nowhere", "--store", Path(root) / "s", "--once")
    check("words: no folder", done.returncode == 2 and "nowhere" in done.stderr, done)
    done = run("collect", "--help")
    check("words: help", done.returncode == 0 and "--folder" in done.stdout, done)


def test_folders():
    with tempfile.TemporaryDirectory(prefix="ironspan-collect-") as root:
        for test in (test_one_story, test_what_is_left_out, test_sites, test_health, test_late,
                     test_folder_killed, test_strange_files, test_words):
            test(root)


def why_not():
    version = run("--version").stdout
    if "libnats" not in version:
        return "built without libnats"
    if not servers.can_run():
        return "no nats-server or no openssl"
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "no unshare or no ip"
    done = subprocess.run(["unshare", "-n", "true"], capture_output=True)
    return "namespaces cannot be made here" if done.returncode else None


# ---- wires with sensors on them ----

def frames(name):
    """Of a pcap file, little endian, Ethernet."""
    data = (PCAPS / name).read_bytes()
    at = 24
    while at < len(data):
        _, _, length, _ = struct.unpack_from("<IIII", data, at)
        yield data[at + 16:at + 16 + length]
        at += 16 + length


class Wire:
    def __init__(self, number):
        self.name, self.end, self.captures = f"wire{number}", f"end{number}", CAPTURES[number]
        subprocess.run(["ip", "link", "add", self.name, "type", "veth", "peer", "name", self.end],
                       check=True)
        for name in (self.name, self.end):
            subprocess.run(["ip", "link", "set", name, "up"], check=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((self.end, 0))

    def play(self):
        for name in self.captures:
            for number, frame in enumerate(frames(name)):
                self.socket.send(frame)
                if number % 20 == 19:
                    time.sleep(0.005)


class Program:
    """Something that is started, killed and started again."""

    def __init__(self, root, name):
        self.folder, self.process, self.args = Path(root) / name, None, []
        self.folder.mkdir()

    def start(self):
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([BINARY, *map(str, self.args)], stdout=self.log,
                                        stderr=self.log)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.log.close()
        self.process = None

    def stop(self, what):
        """In order."""
        self.process.send_signal(signal.SIGTERM)
        check(f"{what}: ended in order", self.process.wait(60) == 0, self.told())
        self.log.close()
        self.process = None

    def told(self):
        return (self.folder / "log").read_text()[-1500:]


class Sensor(Program):
    """On some wires; publishes to a server, or has a store of its own."""

    def __init__(self, root, name, wires, server=None):
        super().__init__(root, name)
        self.store = self.folder / "store"
        sink = ""
        if server:
            where = server.settings(self.folder, "sensor")
            sink = f"""
    - {{ type: nats, address: "{where['url']}", user: sensor,
        password-file: "{self.folder}/password", ca-file: "{where['ca']}",
        cert-file: "{where['cert']}", key-file: "{where['key']}",
        spool: "{self.folder}/spool" }}"""
        self.config = self.folder / "ironspan.yaml"
        self.config.write_text(f"""
sensor: {{ id: {name}, site: plant-01 }}
outputs:
  events: [alert, health]
  health-interval: 2s
  sinks:
    - {{ type: file, path: "{self.folder}/eve.json" }}{sink}
""")
        self.args = ["--quiet", "-c", self.config, *[a for w in wires for a in ("-i", w.name)]]
        if not server:
            self.args += ["--store", self.store]

    def uids(self):
        path = self.folder / "eve.json"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        events = [json.loads(line) for line in lines]
        return [e["ot"]["uid"].replace("-", "") for e in events if e["event_type"] == "alert"]


class Collector(Program):
    def __init__(self, root, number, server):
        super().__init__(root, f"collector{number}")
        self.store = Path(root) / "store"
        where = server.settings(self.folder, "collector")
        self.args = ["collect", "--url", where["url"], "--store", self.store, "--user", "collector",
                     "--password-file", self.folder / "password", "--ca", where["ca"],
                     "--cert", where["cert"], "--key", where["key"]]


# ---- inside ----

class Plant:
    def __init__(self, root):
        self.chance = random.Random(4)
        self.server = servers.Server("enterprise", root / "server",
                                     servers.Certificates(root / "pki"))
        self.wires = [Wire(n) for n in range(2)]
        self.sensors = [Sensor(root, f"sensor-{n}", [wire], self.server)
                        for n, wire in enumerate(self.wires)]
        self.reference = Sensor(root, "reference", self.wires)
        self.collectors = [Collector(root, n, self.server) for n in (1, 2)]
        self.store = root / "store"

    def play(self):
        for wire in self.wires:
            wire.play()

    def told(self):
        return "".join(p.told() for p in (*self.sensors, *self.collectors))

    def strike(self, party):
        self.play()
        time.sleep(self.chance.random())
        party.kill()
        time.sleep(self.chance.random() * 2)
        party.start()

    def check_all_stored(self, what):
        def wanted():
            return sorted(uid for sensor in self.sensors for uid in sensor.uids())
        time.sleep(3)  # an alert waits for its outcome
        same = servers.wait_for(lambda: sorted(stored(self.store)) == wanted(), 60, 0.5)
        check(f"{what}: every alert is stored, once", same,
              (len(stored(self.store)), len(wanted()), self.told()))
        check(f"{what}: there were some", len(set(wanted())) == len(wanted()) > 20, len(wanted()))


def run_all(root):
    plant = Plant(root)
    try:
        for party in (*plant.sensors, plant.reference, *plant.collectors):
            party.start()  # before the server is there
        time.sleep(3)
        plant.play()
        time.sleep(1)
        check("server: started", plant.server.start())
        plant.check_all_stored("spooled")
        one, two = plant.collectors
        for party in (one, plant.server, two, one, plant.server, two, one):
            plant.strike(party)
        plant.check_all_stored("struck")
        two.kill()
        plant.play()
        plant.check_all_stored("one alone")
        plant.server.kill()
        shutil.rmtree(plant.server.folder / "store")
        plant.server.start()
        plant.play()
        plant.check_all_stored("a server that lost its disk")
        test_replay(root, plant)
        for party in (*plant.sensors, plant.reference):
            party.stop(party.folder.name)
        one.stop("collector")
        test_end(plant)
    finally:
        for party in (plant.server, *plant.sensors, plant.reference, *plant.collectors):
            party.kill()


def test_replay(root, plant):
    """Alerts of a capture that is looked at again get nowhere."""
    before = stored(plant.store)
    sensor = Sensor(root, "replay", [], plant.server)
    done = run("--quiet", "-c", sensor.config, "-r", PCAPS / "modbus-plant.pcap")
    check("replay: reaches no sink by itself", done.returncode == 0 and not sensor.uids() and
          "alert" in done.stdout, done)
    done = run("--quiet", "-c", sensor.config, "--set", "outputs.sinks-on-replay=yes", "-r",
               PCAPS / "modbus-plant.pcap")
    check("replay: went out", done.returncode == 0 and len(sensor.uids()) > 10, done)
    left_out = servers.wait_for(lambda: "left out" in plant.collectors[0].told(), 30)
    check("replay: is left out", left_out and stored(plant.store) == before, plant.told())


def test_end(plant):
    check("the reference saw as much", len(plant.reference.uids()) == len(stored(plant.store)),
          (len(plant.reference.uids()), len(stored(plant.store))))
    check_counts("at the end", plant.store)
    check("the incidents of one sensor", stories(plant.store) == stories(plant.reference.store),
          (stories(plant.store), stories(plant.reference.store)))
    captures = [d["capture"] for d in documents(plant.store) if d["state"] != "merged"]
    check("each tells what its sensors saw", all(
        c and any(row["packets"] > 0 for row in c["sensors"] if row["complete"] is not None)
        for c in captures), captures)
    done = run("audit", "verify", "--log", plant.store / "audit.ndjson")
    check("the trail is whole", done.returncode == 0, done)


def inside():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="ironspan-collect-") as root:
        run_all(Path(root))
    return end()


def end():
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


def main():
    global passed, failed, skipped
    if os.environ.get(MARK):
        return inside()
    test_folders()
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        skipped += 1
        return end()
    done = subprocess.run(["unshare", "-n", sys.executable, os.path.abspath(__file__), BINARY],
                          env={**os.environ, MARK: "1"}, capture_output=True, text=True)
    *told, last = done.stdout.splitlines() or ["0 passed, 1 failed"]
    print("\n".join([*told, done.stderr]).strip(), end="\n" if told or done.stderr else "")
    numbers = last.replace(",", "").split()
    passed, failed = passed + int(numbers[0]), failed + int(numbers[2])
    return end()


sys.exit(main())
