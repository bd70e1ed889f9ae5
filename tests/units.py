#!/usr/bin/python3
"""What is shipped for systemd and logrotate: does it load, is it tight, does it fit the program?

    tests/units.py [IRONSPAN]      without a systemd that runs; parts are skipped without tools
"""
import os
import re
import shutil
import subprocess
import tempfile

import ironspan
from report import Report

SYSTEMD = os.path.join(ironspan.ROOT, "tools", "systemd")
FILTER = os.path.join(ironspan.ROOT, "src", "service", "syscall_filter.c")
EXPOSURE = 19  # of 100: what a sensor needs; more is a door left open
DAEMON_EXPOSURE = 12
MAY_FAIL = {"fchown"}  # of SQLite, when it is root


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


def unit(folder):
    """The unit as it is installed, for the program under test."""
    with open(os.path.join(SYSTEMD, "ironspan.service.in"), encoding="utf-8") as file:
        text = file.read()
    path = os.path.join(folder, "ironspan.service")
    program = os.path.realpath(ironspan.program())
    os.symlink(program, os.path.join(folder, "ironspan"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("@bindir@", folder))
    return path, text


def test_unit(report, folder):
    path, text = unit(folder)
    with open(os.path.join(SYSTEMD, "inline.conf"), encoding="utf-8") as file:
        drop_in = file.read()
    os.mkdir(path + ".d")
    for name, inline in (("span", False), ("inline", True)):
        if inline:
            with open(os.path.join(path + ".d", "inline.conf"), "w", encoding="utf-8") as file:
                file.write(drop_in)
        done = run("systemd-analyze", "verify", "--man=no", path)
        report.case("%s: verify" % name, [done.stderr] if done.returncode or done.stderr else [])
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager",
               "--threshold=%d" % EXPOSURE, path)
    report.case("exposure", [done.stdout[-200:]] if done.returncode else [])
    test_filters(report, text)


def test_daemon(report, folder, name):
    """Those that see no packets need no right at all, and start words that the program knows."""
    with open(os.path.join(SYSTEMD, name + ".service.in"), encoding="utf-8") as file:
        text = file.read()
    path = os.path.join(folder, name + ".service")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("@bindir@", folder))
    done = run("systemd-analyze", "verify", "--man=no", path)
    report.case("%s: verify" % name, [done.stderr] if done.returncode or done.stderr else [])
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager",
               "--threshold=%d" % DAEMON_EXPOSURE, path)
    report.case("%s: exposure" % name, [done.stdout[-200:]] if done.returncode else [])
    words = re.search(r"^ExecStart=@bindir@/ironspan (.*)$", text, re.MULTILINE)[1].split()
    done = run(ironspan.program(), words[0], "--help")
    unknown = [w for w in words[1:] if w.startswith("--") and w not in done.stdout]
    report.case("%s: its words" % name, unknown + ([done.stderr] if done.returncode else []))


def groups():
    """systemd's sets of system calls."""
    found, name = {}, None
    for line in run("systemd-analyze", "syscall-filter", "--no-pager").stdout.splitlines():
        word = line.strip()
        if line.startswith("@"):
            name = word
            found[name] = []
        elif word and name and not word.startswith("#"):
            found[name].append(word)
    return found


def flat(found, name):
    if not name.startswith("@"):
        return {name}
    return set().union(*(flat(found, part) for part in found[name]))


def test_filters(report, text):
    """The sensor's own filter lies within the unit's."""
    found = groups()
    allowed = flat(found, "@default")
    for words in re.findall(r"^SystemCallFilter=(.*)$", text, re.MULTILINE):
        calls = set().union(*(flat(found, word) for word in words.lstrip("~").split()))
        allowed = allowed - calls if words.startswith("~") else allowed | calls
    with open(FILTER, encoding="utf-8") as file:
        table = re.search(r"allowed\[\] = \{(.*?)^\};", file.read(), re.DOTALL | re.MULTILINE)
    own = set(re.findall(r'"(\w+)"', table[1]))
    own |= {"clone", "ioctl", "prctl", "socket", "socketpair", "seccomp", "capset", "execve"}
    report.case("system calls that the unit forbids", sorted(own - allowed - MAY_FAIL))
    report.case("the table was read", [] if len(own) > 100 else [len(own)])


def test_sysusers(report, folder):
    for program, name in (("systemd-sysusers", "sysusers"), ("systemd-tmpfiles", "tmpfiles")):
        if not shutil.which(program) or os.geteuid() != 0:
            report.skip(name, program + " is not installed, or not root")
            continue
        root = os.path.join(folder, "root")
        os.makedirs(os.path.join(root, "etc"), exist_ok=True)
        more = ("--create",) if name == "tmpfiles" else ()
        done = run(program, "--root=" + root, *more, os.path.join(SYSTEMD, name + ".conf"))
        report.case(name, [done.stderr] if done.returncode else [])
    made = os.path.join(folder, "root", "var", "log", "ironspan")
    if os.path.isdir(made):
        st = os.stat(made)
        report.case("its folder", [] if st.st_uid and st.st_mode & 0o777 == 0o750 else [st])


def test_logrotate(report, folder):
    if not shutil.which("logrotate"):
        report.skip("logrotate", "it is not installed")
        return
    path = os.path.join(folder, "logrotate")
    with open(os.path.join(SYSTEMD, "logrotate"), encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:  # the user is not there
        file.write(text.replace("ironspan ironspan", "root root"))
    os.chmod(path, 0o644)
    done = run("logrotate", "-d", "-s", os.path.join(folder, "state"), path)
    report.case("logrotate", [done.stderr] if done.returncode or "error:" in done.stderr else [])


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        if shutil.which("systemd-analyze"):
            test_unit(report, folder)
            for name in ("ironspan-collect", "ironspan-tier"):
                test_daemon(report, folder, name)
        else:
            report.skip("the unit", "systemd is not installed")
        test_sysusers(report, folder)
        test_logrotate(report, folder)
    report.end()


if __name__ == "__main__":
    main()
