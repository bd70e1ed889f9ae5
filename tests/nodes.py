"""Nodes of the tiers for tests: folders with keys and tier.json, documents to send, and what the
folders say afterwards."""
import json
import subprocess
from pathlib import Path


class Node:
    """A node's folder, `binary tier …` on it, and the process of `tier run`."""

    def __init__(self, binary, root, name, tier):
        self.binary, self.name, self.tier = binary, name, tier
        self.folder = Path(root) / name
        (self.folder / "trust").mkdir(parents=True)
        self.peers, self.process = [], None
        done = subprocess.run([binary, "audit", "key", "make", self.folder / "node.key", "--name",
                               name], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def write(self, **more):
        config = {"schema": "ironspan.tier/1", "node": self.name, "tier": self.tier,
                  "key": "node.key", "trust": "trust",
                  "peers": [{"node": p.name, "tier": p.tier} for p in self.peers],
                  "trails": [], **more}
        (self.folder / "tier.json").write_text(json.dumps(config))

    def run(self, command, *args):
        return subprocess.run([self.binary, "tier", command, self.folder, *map(str, args)],
                              capture_output=True, text=True, timeout=120)

    def status(self):
        done = self.run("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr}

    # ---- tier run ----

    def start(self):
        self.log = open(self.folder / "run.log", "ab")
        self.process = subprocess.Popen([self.binary, "tier", "run", self.folder],
                                        stderr=self.log, stdout=self.log)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.log.close()
        self.process = None

    def told(self):
        return (self.folder / "run.log").read_text()[-1500:]

    def stop(self):
        """In order: its exit code."""
        self.process.terminate()
        code = self.process.wait(30)
        self.log.close()
        self.process = None
        return code

    # ---- folders ----

    def files(self, part):
        return sorted(p for p in (self.folder / part).glob("*.json")
                      if not p.name.endswith(".receipt.json"))

    def bodies(self, part):
        """The bodies of the envelopes in a folder, in the order of their names."""
        return [json.loads(p.read_text())["body"] for p in self.files(part)]

    def waiting(self):
        return [p for lane in range(4) for p in self.files(f"out/{lane}")]

    def trail(self):
        return [json.loads(line) for line in
                (self.folder / "audit.ndjson").read_text(encoding="utf-8").splitlines()]

    def verify(self):
        done = subprocess.run([self.binary, "audit", "verify", "--log",
                               self.folder / "audit.ndjson"], capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr


def link(lower, upper):
    """They talk with each other and have each other's key."""
    for a, b in ((lower, upper), (upper, lower)):
        a.peers.append(b)
        (a.folder / "trust" / f"{b.name}.pub").write_text(
            (b.folder / "node.key.pub").read_text())


def report(number, **more):
    """An approved, redacted report, as far as envelopes look at it."""
    return {"schema": "ironspan.report/1", "uid": f"00000000-0000-4000-8000-{number:012}",
            "kind": "progress", "exercise": False, "content": {"5_clues": "厂区", "n": number},
            "approval": {"prepared_by": "P-0042", "approved_by": "P-0003",
                         "approved_at": "2026-11-20T03:15:00.000000Z", "two_person": True},
            "redaction": {"profile": "to-province/1", "removed": []}, **more}
