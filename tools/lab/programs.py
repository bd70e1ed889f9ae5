"""The programs that talk in the recordings, and how to start them."""
import functools
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"


class Programs:
    """C is compiled into folder, packages of npm are installed into modules, both when asked
    for the first time."""

    def __init__(self, folder, modules):
        self.folder, self.modules = folder, modules

    @staticmethod
    def python(name, *words):
        return [PYTHON, os.path.join(HERE, name), *words]

    @functools.cache
    def libmodbus(self, name):
        flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "libmodbus"],
                                        text=True).split()
        out = os.path.join(self.folder, name)
        subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-o", out,
                        os.path.join(HERE, name + ".c"), *flags], check=True)
        return out

    def node(self, name, *words):
        return ["env", "NODE_PATH=" + self._packages(), "node", os.path.join(HERE, name),
                *words]

    @functools.cache
    def _packages(self):
        """What package-lock.json says, outside the repository; node-snap7 is compiled."""
        os.makedirs(self.modules, exist_ok=True)
        wanted = os.path.join(HERE, "package-lock.json")
        installed = os.path.join(self.modules, "installed.json")
        if not same(wanted, installed):
            for name in ("package.json", "package-lock.json"):
                shutil.copy(os.path.join(HERE, name), self.modules)
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=self.modules,
                           check=True, env=dict(os.environ, npm_config_nodedir="/usr",
                                                npm_config_build_from_source="true"))
            shutil.copy(wanted, installed)
        return os.path.join(self.modules, "node_modules")


def same(one, other):
    if not os.path.exists(other):
        return False
    with open(one, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()
