"""Hosts on one switch, as network namespaces: what the recordings are made on.

    with Lab() as lab:
        plc = lab.host("10.10.1.21")
        ...

Everything a Lab starts or makes is ended and removed when the block is left, also after an
error or a signal. Namespaces carry the process id, so two labs do not meet.
"""
import os
import signal
import subprocess
import time

WAIT_S = 10


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def until(condition, what):
    """Ask until it is so, at most WAIT_S seconds."""
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


class Host:
    """A namespace with one address; commands run inside it."""

    def __init__(self, lab, ns, ip):
        self.lab, self.ns, self.ip = lab, ns, ip

    def command(self, *words):
        return ["ip", "netns", "exec", self.ns, *map(str, words)]

    def start(self, *words, **options):
        """A program that goes on until the lab ends."""
        process = subprocess.Popen(self.command(*words), start_new_session=True, **options)
        self.lab.processes.append(process)
        return process

    def call(self, *words, timeout=60):
        """A program that ends by itself; its result does not matter, only its packets."""
        subprocess.run(self.command(*words), timeout=timeout, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, *words, timeout=60):
        """A program that must end well; what it says on standard error is shown."""
        subprocess.run(self.command(*words), timeout=timeout, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, check=True)

    def serve(self, port, *words, udp=False):
        """A server; returns when its port is open."""
        self.start(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_port(port, udp)

    def wait_for_port(self, port, udp=False):
        ask = self.command("ss", "-Hlun" if udp else "-Hltn", "sport = :%d" % port)
        until(lambda: subprocess.check_output(ask).strip(),
              "port %d in %s" % (port, self.ns))

    def wait_for_traffic(self, peer, port):
        """Until a connection to there has carried data."""
        ask = self.command("ss", "-Htni", "dst", "%s:%d" % (peer, port))
        until(lambda: b"bytes_received:" in subprocess.check_output(ask),
              "traffic from %s" % self.ns)


class Lab:
    def __init__(self, offloads=False):
        self.offloads, self.hosts, self.processes, self.spaces = offloads, [], [], []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: exit(1))
        try:
            self.switch = self._space("switch")
            self._in(self.switch, "ip", "link", "add", "br0", "type", "bridge")
            self._in(self.switch, "ip", "link", "set", "br0", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for name in self.spaces:
            subprocess.run(["ip", "netns", "del", name])

    def _in(self, ns, *words):
        run("ip", "netns", "exec", ns, *words)

    def _space(self, name):
        ns = "lab%d-%s" % (os.getpid(), name)
        run("ip", "netns", "add", ns)
        self.spaces.append(ns)
        for which in ("all", "default"):
            self._in(ns, "sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=1" % which)
        self._in(ns, "ip", "link", "set", "lo", "up")
        return ns

    def _calm(self, ns, device):
        """Frames as a switch sees them: no segmentation or checksums left to hardware."""
        if not self.offloads:
            self._in(ns, "ethtool", "-K", device, "tx", "off", "rx", "off", "tso", "off",
                     "gso", "off", "gro", "off")

    def host(self, ip):
        """A host with this address in 10.10.0.0/16."""
        number = len(self.hosts) + 1
        ns, port = self._space("h%d" % number), "port%d" % number
        run("ip", "link", "add", "eth0", "netns", ns, "type", "veth", "peer", "name", port,
            "netns", self.switch)
        octets = tuple(int(o) for o in ip.split("."))
        self._in(ns, "ip", "link", "set", "eth0", "address", "02:00:%02x:%02x:%02x:%02x" % octets)
        self._in(ns, "ip", "address", "add", ip + "/16", "dev", "eth0")
        self._in(self.switch, "ip", "link", "set", port, "master", "br0")
        for where, device in ((ns, "eth0"), (self.switch, port)):
            self._calm(where, device)
            self._in(where, "ip", "link", "set", device, "up")
        self.hosts.append(Host(self, ns, ip))
        return self.hosts[-1]

    def record(self, path):
        """Starts tcpdump on the bridge, which sees each frame once; stop with the result.
        In immediate mode a slot of its buffer is as large as the snap length: keep it low."""
        process = Host(self, self.switch, None).start(
            "tcpdump", "-i", "br0", "-U", "--immediate-mode", "-n", "-Z", "root", "-s", 65550,
            "-B", 65536, "-w", path, stderr=subprocess.PIPE)
        while b"listening on" not in process.stderr.readline():
            if process.poll() is not None:
                raise RuntimeError("tcpdump ended")
        return Recording(process, path)


class Recording:
    def __init__(self, process, path):
        self.process, self.path = process, path

    def stop(self):
        """Ends when the wire is quiet: nothing came for half a second."""
        size, quiet_since = -1, time.monotonic()
        while time.monotonic() - quiet_since < 0.5:
            time.sleep(0.05)
            if os.path.getsize(self.path) != size:
                size, quiet_since = os.path.getsize(self.path), time.monotonic()
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=5)[1]
        if b"\n0 packets dropped by kernel" not in said:
            raise RuntimeError("%s: frames are missing: %s" % (self.path, said.decode()))
