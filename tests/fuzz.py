#!/usr/bin/python3
"""A short run of one fuzzer: fuzz.py FUZZER SECONDS [SEEDS...]

What it finds is kept beside the fuzzer as crash-*, and its path printed."""

import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    fuzzer, seconds, *seeds = sys.argv[1:]
    artifacts = Path(fuzzer).parent
    with tempfile.TemporaryDirectory() as corpus:
        run = subprocess.run(
            [fuzzer, f"-max_total_time={seconds}", "-rss_limit_mb=4096", "-timeout=20",
             "-close_fd_mask=3", f"-artifact_prefix={artifacts}/", corpus, *seeds],
            capture_output=True, text=True, errors="replace", check=False)
    if run.returncode:
        print(run.stderr[-4000:])
    print(f"{int(not run.returncode)} passed, {int(bool(run.returncode))} failed")
    return run.returncode


sys.exit(main())
