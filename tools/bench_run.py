"""Runs a program for tools/bench: how long it took, what it said, how much memory it had."""
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass

SAMPLE_S = 0.005


class Broken(Exception):
    """Something could not be built or run; the text says what."""


@dataclass
class Run:
    """What one run of a program took and said."""
    wall_s: float
    cpu_s: float
    said: str
    anonymous_bytes: int
    resident_bytes: int


def run(command, sampled=False):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err) as child:
            memory = peak_memory(child.pid) if sampled else (0, 0)
            _, status, usage = os.wait4(child.pid, 0)
            wall_s = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
        said, complaints = (tail(file) for file in (out, err))
    if child.returncode != 0:
        raise Broken(f"{' '.join(command)}\nended with {child.returncode}\n{complaints}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, said, *memory)


def tail(file):
    file.seek(max(0, file.seek(0, os.SEEK_END) - 4000))
    return file.read().decode(errors="replace")


def peak_memory(pid):
    """Highest anonymous and resident memory, in bytes, that was seen until the program ended."""
    anonymous = resident = 0
    while True:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            lines = dict(line.split(":", 1) for line in status)
        if "RssAnon" not in lines:  # ended
            return anonymous, resident
        anonymous = max(anonymous, kibibytes(lines["RssAnon"]))
        resident = max(resident, kibibytes(lines["VmHWM"]))
        time.sleep(SAMPLE_S)


def kibibytes(text):
    return int(text.split()[0]) * 1024
