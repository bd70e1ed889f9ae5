"""tools/bench --live: how many packets a second arrive without loss, beside a bare counter.

A sender in one network namespace, what listens in another, a cable between them. The sender has
the first core; the others have the listener and what the kernel does to receive packets, as if
they came from a network card. A rate is free of loss when all packets of some seconds were
taken; one that loses some is tried again, since the machine may have been busy. When the sender
cannot send faster, the row says so: it is a bound, and no ratio is made of it.

The same connections go on and on, as in a plant, and all of them came once before memory is
looked at for the first time: what a sensor remembers of each is no matter of the rate. Then comes
too much, several times: memory is flat if it does not grow from time to time. It is the listener's
own; the ring that it shares with the kernel, which counts for it from the first packet that lies
there, stands apart."""
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
SEND_S, OVER_S, SETTLE_S, RECOVER_S = 2, 4, 4, 1
PASSES = 2               # of the capture with connections of their own
LATE = 1.05              # a sender that takes so much longer is the limit
OVER, OVERS = 2, 6       # times the rate without loss, and how often
FLAT = 1.05              # memory of the later half of them, compared with the first
AWAY_S = 0.1             # taken from us by the machine below: what was lost then says nothing
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
    away_s: float          # a core was not ours, though we had work: the hypervisor's steal


def stolen_s():
    with open("/proc/stat", encoding="ascii") as stat:
        return int(stat.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


class Cable:
    """Two namespaces; what is sent into `far` arrives at `mon`."""

    def __init__(self, lab, sender, capture, packets):
        self.program, self.capture, self.packets, self.next = sender, capture, packets, 0
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
             "far", str(int(rate)), str(int(packets)), str(self.next), str(PASSES)], text=True)
        sent, refused, seconds, self.next = re.findall(r"[\d.]+", said)
        return int(sent), int(refused), float(seconds)

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

    def is_ready(self):
        raise NotImplementedError

    def cpu_s(self):
        total = 0
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            with open("/proc/%d/task/%s/schedstat" % (self.process.pid, task),
                      encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def memory(self):
        """Its own bytes, and those that the kernel lent it: programs, libraries and the ring."""
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as status:
            told = dict(line.split(":", 1) for line in status)
        return (kibibytes(told["RssAnon"]),
                kibibytes(told["RssFile"]) + kibibytes(told["RssShmem"]))

    def wait_for(self, count, wait_s):
        """Until so many are taken or told, or it is clear that it will not be so many."""
        end = time.monotonic() + wait_s
        while sum(self.counts()) < count and time.monotonic() < end:
            time.sleep(0.1)
        return self.counts()

    def start(self):
        until(lambda: self.is_ready() or self.process.poll() is not None, self.name)
        if self.process.poll() is not None:
            raise Broken("%s: %s" % (self.name, self.process.stderr.read().decode()))
        return self

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=20)

    def trial(self, rate, seconds, settle_s=SETTLE_S):
        taken, dropped = self.counts()
        used, stolen = self.cpu_s(), stolen_s()
        sent, refused, took = self.cable.send(rate, rate * seconds)
        now_taken, now_dropped = self.wait_for(taken + dropped + sent, settle_s)
        got = now_taken - taken
        return Trial((sent + refused) / took, sent, refused, sent + refused - got,
                     now_dropped - dropped + refused, took > LATE * seconds,
                     1e9 * (self.cpu_s() - used) / max(got, 1), stolen_s() - stolen)


class Bare(Listener):
    def __init__(self, cable, work, program):
        super().__init__(cable, work, "bare libpcap counter", 0, [program, "mon", RING])

    def last_line(self):
        with open(self.told, "rb") as out:
            out.seek(max(0, out.seek(0, os.SEEK_END) - 1000))
            lines = [line for line in out.read().splitlines(True) if line.endswith(b"\n")]
        return lines[-1].decode() if lines else None

    def is_ready(self):
        return self.last_line() is not None

    def counts(self):
        return tuple(map(int, re.findall(r"\d+", self.last_line() or "0 0")))


class Sensor(Listener):
    """Its control socket tells."""

    def __init__(self, cable, work, program, threads):
        self.program, self.socket = program, str(Path(work) / ("control-%d" % threads))
        super().__init__(cable, work, "all signatures, alerts", threads, [
            program, "-i", "mon", *RULES, "--threads", threads, "--events", "alert,health",
            "--set", "control.socket=" + self.socket])

    def is_ready(self):
        return os.path.exists(self.socket)

    def counts(self):
        told = subprocess.check_output([str(self.program), "ctl", "status", "--json",
                                        "--socket", self.socket])
        status = json.loads(told)["answer"]
        return status["packets"], status["dropped"]


@dataclass
class Over:
    """Too much, and then half of what was free of loss."""
    trial: Trial
    anonymous_bytes: int   # after it
    left: int              # packets neither taken nor told RECOVER_S after the last
    after: Trial           # which begins then, or as soon as none is left

    @property
    def has_recovered(self):
        return self.left == 0 and self.after.lost == 0

    @property
    def is_known(self):
        return self.has_recovered or self.after.away_s < AWAY_S


@dataclass
class Live:
    """What was measured of one listener."""
    name: str
    threads: int
    rate: float = 0          # the highest without loss
    sender_was_limit: bool = False
    cpu_ns: float = 0
    anonymous_bytes: int = 0 # all connections are known, and nothing was lost
    lent_bytes: int = 0      # the ring's, libraries' and the like
    trials: list = field(default_factory=list)
    overs: list = field(default_factory=list) # at twice that rate, or what the sender can

    @property
    def most_bytes(self):
        """In the first half of the overloads, and in the second."""
        own = [over.anonymous_bytes for over in self.overs]
        return max(own[:OVERS // 2]), max(own[OVERS // 2:])

    @property
    def was_too_much(self):
        return any(over.trial.lost for over in self.overs)

    @property
    def recovered(self):
        return sum(over.has_recovered for over in self.overs)

    @property
    def known(self):
        return sum(over.is_known for over in self.overs)


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


def warm_up(listener, live):
    """All connections, at the lowest rate of all."""
    packets = 0
    while packets < PASSES * listener.cable.packets:
        packets += listener.trial(LOWEST, SEND_S).sent
    live.anonymous_bytes, live.lent_bytes = listener.memory()


def overload(listener, live):
    for _ in range(OVERS):
        trial = listener.trial(OVER * live.rate, OVER_S, RECOVER_S)
        own, live.lent_bytes = listener.memory()
        after = listener.trial(live.rate / 2, SEND_S)
        live.overs.append(Over(trial, own, trial.lost - trial.told, after))


def measure(listener):
    live = Live(listener.name, listener.threads)
    try:
        listener.start()
        warm_up(listener, live)
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
        cable = Cable(lab, programs.sender, capture, programs.count(capture)[0])
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


def when_too_much(row, is_met, why):
    """What happens above the rate is not known where the sender did not come there."""
    if not row.was_too_much:
        return "not known", why + "; but nothing was lost, the sender was the limit"
    return ("met" if is_met else "not met"), why


def flat(row):
    first, second = row.most_bytes
    return when_too_much(row, second <= FLAT * first,
                         "%.1f MiB before, then at most %.1f, later at most %.1f" % (
                             row.anonymous_bytes / 2**20, first / 2**20, second / 2**20))


def recovered(row):
    return when_too_much(row, row.recovered == row.known, "%d of %d times%s" % (
        row.recovered, row.known, "" if row.known == OVERS else
        "; in %d others the machine was away" % (OVERS - row.known)))


def print_rates(rows):
    print("\nlive: packets a second without loss; memory when all connections are known\n"
          f"  {'':<25}threads  packets/s          CPU ns a packet  own MiB  ring and program MiB")
    for row in rows:
        bound = "(sender)" if row.sender_was_limit else ""
        print(f"  {row.name:<25}{row.threads or '-':>7} {row.rate:>10,.0f} {bound:<8}"
              f"{row.cpu_ns:>15,.0f} {row.anonymous_bytes / 2**20:>8.1f} "
              f"{row.lent_bytes / 2**20:>21.1f}")


def print_overs(rows):
    print(f"\nlive: {OVER} times that rate, then half of it at once\n"
          f"  {'':<25}threads  packets/s       lost       told  own MiB  "
          f"left after {RECOVER_S} s  then lost")
    for row in rows:
        for over in row.overs:
            print(f"  {row.name:<25}{row.threads or '-':>7} {over.trial.rate:>10,.0f} "
                  f"{over.trial.lost:>10,} {over.trial.told:>10,} "
                  f"{over.anonymous_bytes / 2**20:>8.1f} {over.left:>15,} "
                  f"{over.after.lost:>10,}")


def print_rows(rows):
    print_rates(rows)
    print_overs(rows)
    print()
    for row in rows[1:]:
        for (word, why), wish in ((verdict(rows[0], row), f">= {WISH} of the bare counter"),
                                  (flat(row), "memory flat above"),
                                  (recovered(row), f"recovered within {RECOVER_S} s")):
            print(f"{word:<10} {wish}, {row.threads} workers: {why}")
