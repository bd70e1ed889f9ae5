#!/usr/bin/python3
"""The Debian package: built, looked at by lintian, installed in a bare system, used, removed.

    tests/package.py      as root, with Debian's servers in reach; some minutes

IRONSPAN_ROOT may name a tree made by debootstrap --variant=minbase, which is copied; without
it, and without debootstrap or the servers, installing is skipped.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from report import Report

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PLANT = os.path.join(ROOT, "pcaps", "modbus-plant.pcap")
PROGRAMS = ("dpkg-buildpackage", "dh", "lintian", "meson")
BUILD_S, ROOT_S, INSTALL_S = 1800, 900, 900
FILES = ("usr/bin/ironspan", "etc/ironspan/ironspan.yaml", "etc/logrotate.d/ironspan",
         "lib/systemd/system/ironspan.service", "lib/systemd/system/ironspan-collect.service",
         "lib/systemd/system/ironspan-tier.service", "usr/lib/sysusers.d/ironspan.conf",
         "usr/lib/tmpfiles.d/ironspan.conf", "usr/share/ironspan/signatures/modbus.rules",
         "usr/share/man/man1/ironspan.1.gz",
         "usr/share/bash-completion/completions/ironspan")


def run(*words, timeout=120, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=timeout, **options)


def faults_of(done):
    return [] if done.returncode == 0 else [done.stdout[-2000:], done.stderr[-2000:]]


def build(report, folder):
    """The package's path, or None."""
    done = run("sh", os.path.join(ROOT, "tools", "package-deb"), folder, timeout=BUILD_S)
    report.case("built, and lintian finds no error", faults_of(done))
    lines = done.stdout.splitlines()
    return lines[-1] if done.returncode == 0 else None


def needed(report):
    """Build-Depends holds every library of tools/packages-build; compilers come by themselves."""
    with open(os.path.join(ROOT, "tools", "packages-build"), encoding="utf-8") as f:
        libraries = {line.strip() for line in f if line.startswith("lib")} - {"libc6-dev"}
    with open(os.path.join(ROOT, "tools", "debian", "control"), encoding="utf-8") as f:
        control = {line.strip(" ,\n") for line in f}
    report.case("libraries that it is built with", sorted(libraries - control))


def look(report, package):
    done = run("dpkg-deb", "-c", package)
    names = {line.split()[5].removeprefix("./") for line in done.stdout.splitlines()}
    report.case("what is in it", [name for name in FILES if name not in names])
    strange = [line for line in done.stdout.splitlines()
               if "root/root" not in line or line[5] == "w" or line[8] == "w"]
    report.case("root's, and nobody else may write", strange)


# ---- in a bare system ----

def make_root(folder):
    """A tree, or why there is none."""
    root, given = os.path.join(folder, "root"), os.environ.get("IRONSPAN_ROOT")
    if given:
        subprocess.run(["cp", "-a", given, root], check=True)
        return root, None
    if not shutil.which("debootstrap"):
        return None, "debootstrap is not installed"
    done = run("debootstrap", "--variant=minbase", "bookworm", root, timeout=ROOT_S)
    return (root, None) if done.returncode == 0 else (None, done.stdout[-300:])


class Bare:
    def __init__(self, root):
        self.root = root

    def run(self, *words, timeout=120):
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
               "LC_ALL": "C.UTF-8", "HOME": "/root"}
        return run("chroot", self.root, *words, timeout=timeout, env=env)

    def path(self, name):
        return os.path.join(self.root, name.lstrip("/"))


def used(report, bare):
    done = bare.run("ironspan", "--version")
    report.case("--version", faults_of(done) or
                ([] if done.stdout.startswith("ironspan ") else [done.stdout]))
    shutil.copy(PLANT, bare.path("/tmp/plant.pcap"))
    done = bare.run("ironspan", "-Qr", "/tmp/plant.pcap")
    alerts = [e for e in map(json.loads, done.stdout.splitlines()) if e["event_type"] == "alert"]
    report.case("a replay with the shipped rules", faults_of(done) or
                ([] if len(alerts) > 10 else [len(alerts)]))
    done = bare.run("ironspan", "-Qr", "/tmp/plant.pcap", "--user", "ironspan", "-l",
                    "/var/log/ironspan")
    log = bare.path("/var/log/ironspan/eve.json")
    report.case("as its user, into its folder", faults_of(done) or
                ([] if os.path.getsize(log) > 1000 and os.stat(log).st_mode & 0o777 == 0o640
                 else [os.stat(log)]))
    done = bare.run("ironspan", "-T", "-c", "/etc/ironspan/ironspan.yaml")
    report.case("the shipped configuration", faults_of(done))
    folders = {name: os.stat(bare.path("/var/%s/ironspan" % name))
               for name in ("cache", "lib", "log", "spool")}
    report.case("folders of its own", [name for name, st in folders.items()
                                       if st.st_uid == 0 or st.st_mode & 0o777 != 0o750])
    for name in ("ironspan", "ironspan-collect", "ironspan-tier"):
        enabled = bare.path("/etc/systemd/system/multi-user.target.wants/%s.service" % name)
        report.case("%s is not enabled" % name, [enabled] if os.path.lexists(enabled) else [])


def left(bare):
    """What a purge leaves of it, but the user."""
    for folder in ("etc", "usr", "lib", "var"):
        for where, folders, files in os.walk(bare.path(folder)):
            if where.endswith(("/var/lib/dpkg/info", "/var/cache/apt/archives")):
                continue
            yield from (os.path.join(where, name) for name in folders + files
                        if "ironspan" in name)


def installed(report, bare, package):
    shutil.copy(package, bare.path("/tmp/ironspan.deb"))
    done = bare.run("apt-get", "install", "-y", "--no-install-recommends", "/tmp/ironspan.deb",
                    timeout=INSTALL_S)
    report.case("installed", faults_of(done))
    if done.returncode:
        return
    used(report, bare)
    report.case("installed again", faults_of(bare.run("dpkg", "-i", "/tmp/ironspan.deb")))
    done = bare.run("apt-get", "remove", "-y", "ironspan")
    report.case("removed", faults_of(done) or
                [name for name in ("/usr/bin/ironspan",) if os.path.exists(bare.path(name))])
    report.case("its configuration stays", [] if os.path.exists(
        bare.path("/etc/ironspan/ironspan.yaml")) else ["it is gone"])
    report.case("purged", faults_of(bare.run("apt-get", "purge", "-y", "ironspan")))
    report.case("nothing is left", list(left(bare)))


def main():
    report = Report()
    needed(report)
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        report.skip("package", "missing: " + " ".join(missing))
        report.end()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        package = build(report, os.path.join(folder, "build"))
        if package:
            look(report, package)
        root, why = make_root(folder) if package and os.geteuid() == 0 else (None, "no root")
        if root:
            subprocess.run(["mount", "-t", "proc", "proc", root + "/proc"], check=False)
            try:
                installed(report, Bare(root), package)
            finally:
                subprocess.run(["umount", "-l", root + "/proc"], check=False)
        elif package:
            report.skip("installed", why)
    report.end()


if __name__ == "__main__":
    sys.exit(main())
