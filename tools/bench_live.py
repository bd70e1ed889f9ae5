"""tools/bench --live: how many packets a second arrive without loss, beside a bare counter.

A sender in one network namespace, what listens in another, a cable between them. The sender has
the first core; the others have the listener and what the kernel does to receive packets, as if
they came from a network card. A rate is free of loss when all packets of some seconds were
taken; one that loses some is tried again, since the machine may have been busy. When the sender
cannot send faster, the row says so: it is a bound, and no ratio is made of it."""
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench_rows import ROOT, RULES
from bench_run import Broken, kibibytes

sys.path.insert(0, str(ROOT / "tools" / "lab"))
from net import Host, Lab, run, until  # noqa: E402

RING = 32 << 20          # as the sensor's capture.ring-size
LOWEST, STEP, HALVINGS, TRIES = 100_000, 1.3, 3, 3
SEND_S, OVER_S, SETTLE_S, PAUSE_S = 2, 4, 4, 1
LATE = 1.05              # a sender that takes so much longer is the limit
OVER = 2                 # times the rate without loss
WISH = 0.5               # of the bare counter's rate


@dataclass
class Trial:
    """One sending."""
    rate: float
    sent: int
    refused: int           # the kernel that receives had no room for them
    lost: int              # not taken
    told: int              # refused, or by the listener as dropped
    is_late: bool          # the sender could not do it
    cpu_ns: float          # of the listener, a packet that it took


class Cable:
    """Two namespaces; what is sent into `far` arrives at `mon`."""

    def __init__(self, lab, sender, capture):
        self.program, self.capture, self.passes = sender, capture, 0
        self.near, self.far = (Host(lab, lab._space(name), None) for name in ("near", "far"))
        run("ip", "link", "add", "mon", "netns", self.near.ns, "type", "veth", "peer", "name",
            "far", "netns", self.far.ns)
        run(*self.near.command("ip", "link", "set", "mon", "up"))
        run(*self.far.command("ip", "link", "set", "far", "up"))
        cores = sorted(os.sched_getaffinity(0))
        self.sending, self.listening = cores[:1], cores[1:] or cores
        self.receive_on(self.listening)

    def receive_on(self, cores):
        """Where the kernel receives; nowhere in particular: where it is sent."""
        mask = sum(1 << core for core in cores)
        run(*self.near.command("sh", "-c", "echo %x > /sys/class/net/mon/queues/rx-0/rps_cpus" %
                               mask))

    def send(self, rate, packets):
        """Packets that were sent, how many were refused, and seconds."""
        said = subprocess.check_output(
            [*self.far.command(*self.on(self.sending)), str(self.program), str(self.capture),
             "far", str(int(rate)), str(int(packets)), str(self.passes)], text=True)
        sent, refused, seconds, self.passes = map(float, re.findall(r"[\d.]+", said))
        self.passes = int(self.passes)
        return int(sent), int(refused), seconds

    @staticmethod
    def on(cores):
        return ["taskset", "-c", ",".join(map(str, cores))]


class Listener:
    """What listens: the bare counter, or a sensor."""

    def __init__(self, cable, work, name, threads, words):
        self.cable, self.name, self.threads = cable, name, threads
        self.told = Path(work) / ("%s-%d" % (name.replace(" ", "-"), threads))
        with open(self.told, "wb") as out:
            self.process = subprocess.Popen(
                cable.near.command(*cable.on(cable.listening), *words), stdout=out,
                stderr=subprocess.PIPE)

    def counts(self):
        """Packets taken and dropped so far."""
        raise NotImplementedError

    def last_line(self, having):
        with open(self.told, "rb") as out:
            out.seek(max(0, out.seek(0, os.SEEK_END) - 200_000))
            lines = [line for line in out.read().splitlines(True) if having in line and
                     line.endswith(b"\n")]
        return lines[-1].decode() if lines else None

    def cpu_s(self):
        total = 0
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            with open("/proc/%d/task/%s/schedstat" % (self.process.pid, task),
                      encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def anonymous_bytes(self):
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as status:
            return kibibytes(dict(line.split(":", 1) for line in status)["RssAnon"])

    def wait_for(self, count):
        """Until so many are taken or told, or it is clear that it will not be so many."""
        end = time.monotonic() + SETTLE_S
        while sum(self.counts()) < count and time.monotonic() < end:
            time.sleep(0.1)
        return self.counts()

    def start(self):
        until(lambda: self.last_line(b"") or self.process.poll() is not None, self.name)
        if self.process.poll() is not None:
            raise Broken("%s: %s" % (self.name, self.process.stderr.read().decode()))
        return self

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=20)

    def trial(self, rate, seconds):
        taken, dropped = self.counts()
        used = self.cpu_s()
        sent, refused, took = self.cable.send(rate, rate * seconds)
        now_taken, now_dropped = self.wait_for(taken + dropped + sent)
        got = now_taken - taken
        return Trial((sent + refused) / took, sent, refused, sent + refused - got,
                     now_dropped - dropped + refused, took > LATE * seconds,
                     1e9 * (self.cpu_s() - used) / max(got, 1))


class Bare(Listener):
    def __init__(self, cable, work, program):
        super().__init__(cable, work, "bare libpcap counter", 0, [program, "mon", RING])

    def counts(self):
        return tuple(map(int, re.findall(r"\d+", self.last_line(b"taken") or "0 0")))


class Sensor(Listener):
    """Its health events tell; each second one comes."""

    def __init__(self, cable, work, program, threads):
        super().__init__(cable, work, "all signatures, alerts", threads, [
            program, "-i", "mon", *RULES, "--threads", threads, "--events", "alert,health",
            "--set", "outputs.health-interval=1s"])

    def counts(self):
        line = self.last_line(b'"event_type":"health"')
        total = json.loads(line)["ot"]["health"]["total"] if line else {}
        return total.get("packets", 0), total.get("dropped", 0)


@dataclass
class Live:
    """What was measured of one listener."""
    name: str
    threads: int
    rate: float = 0          # the highest without loss
    sender_was_limit: bool = False
    cpu_ns: float = 0
    anonymous_bytes: int = 0
    trials: list = field(default_factory=list)
    over: Trial = None       # at twice that rate, or what the sender can
    over_bytes: int = 0      # anonymous memory after it
    after: Trial = None      # a second later, at half the rate


def attempt(listener, live, rate):
    for _ in range(TRIES):
        trial = listener.trial(rate, SEND_S)
        live.trials.append(trial)
        if trial.lost == 0:
            break
    return trial


def search(listener, live):
    """The highest rate without loss."""
    low, high = 0, None
    while high is None:
        rate = low * STEP or LOWEST
        trial = attempt(listener, live, rate)
        if trial.lost:
            high = rate
        else:
            low = max(low, trial.rate)
        live.sender_was_limit = trial.is_late and not trial.lost
        if trial.is_late:
            break
    for _ in range(HALVINGS if high else 0):
        middle = (low + high) / 2
        trial = attempt(listener, live, middle)
        if trial.lost:
            high = middle
        else:
            low = middle
    live.rate = low


def overload(listener, live):
    """Too much for some seconds, and then half of what was free of loss."""
    live.anonymous_bytes = listener.anonymous_bytes()
    live.over = listener.trial(OVER * live.rate, OVER_S)
    live.over_bytes = listener.anonymous_bytes()
    time.sleep(PAUSE_S)
    live.after = listener.trial(live.rate / 2, SEND_S)


def measure(listener):
    live = Live(listener.name, listener.threads)
    try:
        listener.start()
        search(listener, live)
        overload(listener, live)
        listener.cable.receive_on([])
        live.cpu_ns = listener.trial(live.rate / 2, SEND_S).cpu_ns
    finally:
        listener.cable.receive_on(listener.cable.listening)
        listener.stop()
    return live


def measure_all(programs, capture, tell):
    with Lab() as lab:
        cable = Cable(lab, programs.sender, capture)
        tell("live: the bare counter")
        rows = [measure(Bare(cable, programs.work, programs.counter))]
        for threads in (1, 2):
            tell("live: threads %d" % threads)
            rows.append(measure(Sensor(cable, programs.work, programs.ironspan, threads)))
        tell("")
        return rows


# ---- for people ----

def verdict(bare, row):
    ratio = row.rate / bare.rate
    if bare.sender_was_limit:
        return "not known", "at most %.2f: the sender was the bare counter's limit" % ratio
    if row.sender_was_limit:
        return ("met" if ratio >= WISH else "not known"), "at least %.2f" % ratio
    return ("met" if ratio >= WISH else "not met"), "%.2f" % ratio


def print_rows(rows):
    print("\nlive: packets a second without loss, then what happens above, and a second later at "
          "half the rate\n"
          f"  {'':<25}threads  packets/s          CPU ns a packet  anon MiB   above: packets/s"
          "     lost     told  anon MiB  then lost")
    for row in rows:
        bound = "(sender)" if row.sender_was_limit else ""
        print(f"  {row.name:<25}{row.threads or '-':>7} {row.rate:>10,.0f} {bound:<8}"
              f"{row.cpu_ns:>15,.0f} {row.anonymous_bytes / 2**20:>9.1f} "
              f"{row.over.rate:>18,.0f} {row.over.lost:>8,} {row.over.told:>8,} "
              f"{row.over_bytes / 2**20:>9.1f} {row.after.lost:>10,}")
    print()
    for row in rows[1:]:
        word, why = verdict(rows[0], row)
        print(f"{word:<10} >= {WISH} of the bare counter, {row.threads} workers: {why}")
