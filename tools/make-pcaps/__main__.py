#!/usr/bin/python3
"""Makes the captures that real stacks will not send, always the same bytes.

usage: /usr/bin/python3 tools/make-pcaps [-o DIR] [--check]

--check writes nothing and fails if a file in DIR (default: pcaps) differs from what would be
written. pcaps/SOURCES.md says what each file shows.
"""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "../../tests"), os.path.join(HERE, "../lab")]

import files  # noqa: E402


def make_all(folder):
    for name, make in files.FILES.items():
        make(os.path.join(folder, name))


def contents(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as f:
        return f.read()


def check(folder):
    with tempfile.TemporaryDirectory() as fresh:
        make_all(fresh)
        differ = [name for name in sorted(os.listdir(fresh)) if
                  contents(os.path.join(fresh, name)) != contents(os.path.join(folder, name))]
    for name in differ:
        print("make-pcaps: %s is not what the generator makes" % os.path.join(folder, name))
    print("%d passed, %d failed" % (len(files.FILES) - len(differ), len(differ)))
    return 1 if differ else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="DIR", default=os.path.join(HERE, "../../pcaps"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.check:
        sys.exit(check(args.o))
    make_all(args.o)


main()
