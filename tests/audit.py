#!/usr/bin/python3
"""`ironspan audit`: what was done to a log, and whether the program says so. The logs are made and
the checkpoints checked by another program (tlog.py).

    tests/audit.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import ironspan
import tlog

BINARY = os.path.abspath(ironspan.program())

passed = failed = 0
FOLDER = None
SIZE = 23  # entries of the log that is damaged


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:2000]}")


def run(*args):
    return subprocess.run([BINARY, "audit", *map(str, args)], capture_output=True, text=True,
                          timeout=120, cwd=FOLDER)


def put(name, content):
    path = Path(FOLDER) / name
    path.write_bytes(b"".join(content) if isinstance(content, list) else content)
    return name


def verify(content, *args):
    done = run("verify", "--log", put("log", content), "--json", *args)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        return done.returncode, {"result": done.stderr}


def expect(what, content, result, line=None, seq=None, args=()):
    code, found = verify(content, *args)
    check(what, found["result"] == result and code == (0 if result == "ok" else 1), found)
    if line is not None:
        check(f"{what}: line", found.get("line") == line, found)
    if seq is not None:
        check(f"{what}: entry", found.get("seq") == seq, found)


def rewritten(entries, at):
    """The log as if entry `at` (from 0) had always said something else."""
    made = entries[:at]
    for old in entries[at:]:
        more = {"text": "nothing happened"} if len(made) == at else {}
        made.append(tlog.entry(old["seq"], made[-1]["hash"] if made else None, **more))
    return made


# ---- damages that the chain itself shows ----

def test_whole(entries):
    for count in (0, 1, 2, SIZE):
        code, found = verify(tlog.lines(entries[:count]))
        check(f"{count} entries", code == 0 and found["result"] == "ok" and
              found["entries"] == count, found)
    done = run("verify", "--log", put("log", tlog.lines(entries)))
    check("in words", done.returncode == 0 and done.stdout.startswith("OK: log, 23 entries"),
          done.stdout)
    first = tlog.entry(20855, None)
    expect("cut out of a longer log", tlog.lines([first, tlog.entry(20856, first["hash"])]), "ok")


def test_flips(entries):
    """Any bit of any line: the verdict names that line, or the one behind a lost line end."""
    chance = random.Random(1)
    content = b"".join(tlog.lines(entries))
    for _ in range(120):
        at = chance.randrange(len(content) - 1)
        changed = bytearray(content)
        changed[at] ^= 1 << chance.randrange(8)
        code, found = verify(bytes(changed))
        check(f"flip at {at}", code == 1 and found["result"] == "bad" and
              found["line"] == content[:at].count(b"\n") + 1, found)


def test_order(entries):
    lines = tlog.lines(entries)
    for i in (0, 7, SIZE - 2):
        swapped = lines[:]
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
        if i:
            expect(f"swap {i}", swapped, "swapped", i + 1, i + 2)
        else:
            expect("swap 0", swapped, "missing", 1, 2)
    far = lines[:]
    far[4], far[15] = far[15], far[4]
    expect("swapped far apart", far, "swapped", 5, 16)
    for i in (1, 9, SIZE - 2):
        expect(f"drop {i}", lines[:i] + lines[i + 1:], "missing", i + 1, i + 2)
    expect("drop the first", lines[1:], "missing", 1, 2)
    expect("drop three", lines[:5] + lines[8:], "missing", 6, 9)
    expect("repeat", lines[:6] + lines[5:], "repeated", 7, 6)
    expect("cut in the middle", b"".join(lines)[:-40], "truncated", SIZE)
    fork = tlog.entry(9, entries[7]["hash"], text="another")
    expect("fork", lines[:9] + tlog.lines([fork]) + lines[9:], "forked", 10, 9)
    expect("replaced", lines[:8] + tlog.lines([fork]) + lines[9:], "bad", 10, 10)
    expect("another log's", lines[:5] + tlog.lines([tlog.entry(6, entries[4]["hash"], log="b")]),
           "bad", 6, 6)


def test_forms(entries):
    def with_line(text):
        return [*tlog.lines(entries[:3]), text + b"\n"]

    def changed(**keys):
        value = {**tlog.entry(4, entries[2]["hash"]), **keys}
        return tlog.canonical({k: v for k, v in value.items() if v != "gone"})
    good = tlog.canonical(tlog.entry(4, entries[2]["hash"]))
    expect("as it is", with_line(good), "ok")
    for what, text in [("empty", b""), ("text", b"no JSON"), ("a list", b"[]"), ("NUL", b"\0"),
                       ("deep", b"[" * 100000), ("long", b'"' + b"x" * (2 << 20)),
                       ("a key twice", good[:-1] + b',"seq":4}'), ("a space", good + b" "),
                       ("another order", json.dumps(json.loads(good)).encode()),
                       ("no hash", changed(hash="gone")), ("hash", changed(hash="0" * 64)),
                       ("a short hash", changed(hash="00")), ("a float", changed(seq=4.0)),
                       ("schema", changed(schema="ironspan.audit/2")),
                       ("negative", changed(seq=-1)), ("prev", changed(prev=7)),
                       ("time", changed(at="yesterday")), ("actor", changed(actor="me"))]:
        expect(what, with_line(text), "bad", 4)
    code, found = verify(with_line(changed(alg="SM3")))
    check("SM3", code == 1 and "algorithm that is not known" in found["text"], found)


# ---- rewriting, which only a checkpoint shows ----

def make_keys():
    for name in ("log", "other", "witness"):
        done = run("key", "make", f"{name}.key", "--name", f"ironspan.example/{name}")
        check(f"key {name}", done.returncode == 0, done.stderr)


def checkpoint(content, out):
    done = run("checkpoint", "--log", put("log", content), "--key", "log.key", "--out", out)
    check(f"checkpoint {out}", done.returncode == 0, done.stderr)
    return (Path(FOLDER) / out).read_text()


def test_note(entries):
    """The checkpoint, with other eyes."""
    public = tlog.public_key((Path(FOLDER) / "log.key.pub").read_text())
    for count in (0, 1, 2, 3, 7, 8, SIZE):
        lines = tlog.lines(entries[:count])
        note = checkpoint(lines, f"note{count}")
        found, text = tlog.signatures(note)
        root = tlog.root([line[:-1] for line in lines])
        check(f"text of {count}", text == f"ironspan.example/log\n{count}\n"
              f"{base64.b64encode(root).decode()}\n", note)
        key_id, signature = found["ironspan.example/log"]
        check(f"id of {count}", key_id == tlog.note_id(public[0], 1, public[1]), note)
        check(f"signature of {count}", tlog.is_signed(public[1], text.encode(), signature), note)


def test_rewriting(entries):
    lines = tlog.lines(entries)
    checkpoint(lines[:15], "at15")
    with_it = ("--checkpoint", "at15", "--pub", "log.key.pub")
    expect("it grew", lines, "ok", args=with_it)
    other = tlog.lines(rewritten(entries, 11))
    expect("rewritten, seen alone", other, "ok")
    expect("rewritten, with the checkpoint", other, "forked", args=with_it)
    expect("rewritten behind it", tlog.lines(rewritten(entries, 18)), "ok", args=with_it)
    expect("cut, seen alone", lines[:12], "ok")
    expect("cut, with the checkpoint", lines[:12], "truncated", args=with_it)
    done = run("checkpoint", "--log", put("log", other), "--key", "log.key", "--out", "at15")
    check("no second history is signed", done.returncode == 1 and "rewritten" in done.stderr,
          done.stderr)
    done = run("checkpoint", "--log", put("log", lines[:5]), "--key", "log.key", "--out", "at15")
    check("nor a shorter one", done.returncode == 1 and "cut off" in done.stderr, done.stderr)
    done = run("checkpoint", "--log", put("log", lines), "--key", "log.key", "--out",
               "/dev/stdout")
    check("a checkpoint into a pipe", done.returncode == 0 and done.stdout, done.stderr)
    done = run("checkpoint", "--log", put("log", lines[:5] + lines[6:]), "--key", "log.key")
    check("nor a broken one", done.returncode == 1 and "missing" in done.stderr, done.stderr)


def test_foreign_notes(entries):
    lines = tlog.lines(entries)
    note = checkpoint(lines, "good")
    body, signature = note.rsplit("\n\n", 1)
    for what, text in [("empty", ""), ("no signature", body + "\n\n"), ("no text", signature),
                       ("size", note.replace(f"\n{SIZE}\n", f"\n{SIZE - 1}\n")),
                       ("leading zero", note.replace(f"\n{SIZE}\n", f"\n0{SIZE}\n")),
                       ("huge", note.replace(f"\n{SIZE}\n", "\n" + "9" * 30 + "\n")),
                       ("origin", note.replace("example/log\n", "example/other\n", 1)),
                       ("signature", note[:-12] + "AAAA" + note[-8:]),
                       ("long", note + "x" * 100000)]:
        put("note", text.encode())
        done = run("verify", "--log", put("log", lines), "--checkpoint", "note",
                   "--pub", "log.key.pub")
        check(f"note: {what}", done.returncode == 1 and "OK" not in done.stdout, done)
    done = run("verify", "--log", "log", "--checkpoint", "good", "--pub", "other.key.pub")
    check("another key", done.returncode == 1 and "no key of --pub" in done.stderr, done.stderr)
    done = run("verify", "--log", "log", "--checkpoint", "good")
    check("no key", done.returncode == 2 and "needs --pub" in done.stderr, done.stderr)
    put("foreign", (note + "— example.org/else AAAAAAAA\n").encode())
    done = run("verify", "--log", "log", "--checkpoint", "foreign", "--pub", "log.key.pub")
    check("an unknown signature beside it", done.returncode == 0, done.stderr)


# ---- witnesses ----

def cosign(lines, note, old):
    request = run("request", "--log", put("log", lines), "--checkpoint", note, "--old", old)
    if request.returncode:
        return request
    put("request", request.stdout.encode())
    return run("cosign", "request", "--pub", "log.key.pub", "--key", "witness.key",
               "--held", "held")


def test_witness(entries):
    lines = tlog.lines(entries)
    held = 0
    for count in (1, 2, 3, 6, 8, 13, 16, SIZE):
        checkpoint(lines[:count], f"w{count}")
        done = cosign(lines, f"w{count}", held)
        check(f"cosign {held} to {count}", done.returncode == 0, done.stderr)
        held = count
    name, public = tlog.public_key((Path(FOLDER) / "witness.key.pub").read_text())
    note = (Path(FOLDER) / f"w{SIZE}").read_text() + done.stdout
    found, text = tlog.signatures(note)
    key_id, signature = found[name]
    signed = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{text}"
    check("cosignature id", key_id == tlog.note_id(name, 4, public), note)
    check("cosignature", tlog.is_signed(public, signed.encode(), signature[8:]), note)
    put("cosigned", note.encode())
    args = ("--pub", "log.key.pub", "--witness", "witness.key.pub", "--checkpoint")
    expect("cosigned", lines, "ok", args=(*args, "cosigned"))
    done = run("verify", "--log", "log", *args, f"w{SIZE}")
    check("not cosigned", done.returncode == 1 and "--witness" in done.stderr, done.stderr)


def test_witness_refuses(entries):
    """A log with a key of its own shows two histories; the witness takes the first only."""
    lines, other = tlog.lines(entries), tlog.lines(rewritten(entries, 4))
    checkpoint(other, "forked")
    for old in (0, 3, SIZE):
        done = cosign(other, "forked", old)
        check(f"forked from {old}", done.returncode == 1, done)
        check("why", "held" in done.stderr, done.stderr)
    checkpoint(lines[:9], "older")
    done = cosign(lines, "older", 9)
    check("an older tree", done.returncode == 1 and "does not begin" in done.stderr, done.stderr)
    done = cosign(lines, f"w{SIZE}", SIZE)
    check("the same again", done.returncode == 0, done.stderr)
    good = (Path(FOLDER) / "request").read_bytes()
    for what, text in [("empty", b""), ("no checkpoint", b"old 0\n\n"), ("old", b"old x" + good),
                       ("proof", b"old 0\nAAAA\n\n" + good.split(b"\n\n", 1)[1]),
                       ("many", b"old 1\n" + b"A" * 43 + b"=\n" + good[6:] * 90)]:
        put("request", text)
        done = run("cosign", "request", "--pub", "log.key.pub", "--key", "witness.key",
                   "--held", "held")
        check(f"request: {what}", done.returncode == 1, done)
    done = run("cosign", "request", "--pub", "other.key.pub", "--key", "witness.key",
               "--held", "held")
    check("an unknown log", done.returncode == 1, done.stderr)


# ---- words and key files ----

def test_words():
    for what, args, code, words in [
            ("nothing", [], 2, "audit verify, checkpoint"), ("unknown", ["x"], 2, "audit verify"),
            ("no log", ["verify"], 2, "needs --log"),
            ("unknown option", ["verify", "--lgo", "x"], 2, "did you mean --log"),
            ("no value", ["verify", "--log"], 2, "--log needs a value"),
            ("no such log", ["verify", "--log", "none"], 2, "No such file"),
            ("no name", ["key", "make", "k"], 2, "needs --name"),
            ("bad name", ["key", "make", "k", "--name", "a b"], 1, "without spaces"),
            ("made over", ["key", "make", "log.key", "--name", "x"], 1, "File exists"),
            ("no key", ["key", "show", "log"], 1, "not a key file")]:
        done = run(*args)
        check(what, done.returncode == code and words in done.stderr, done)
        check(f"{what}: one line", done.stderr.count("\n") == 1, done.stderr)
    os.chmod(Path(FOLDER) / "log.key", 0o640)
    done = run("checkpoint", "--log", "log", "--key", "log.key")
    check("mode", done.returncode == 1 and "chmod 600" in done.stderr, done.stderr)
    os.chmod(Path(FOLDER) / "log.key", 0o600)
    done = run("--help")
    check("help", done.returncode == 0 and "audit verify" in done.stdout, done)
    done = run("key", "show", "log.key")
    check("show", done.returncode == 0 and "ironspan.example/log" in done.stdout and
          "PRIVATE" not in done.stdout, done)


def main():
    global FOLDER
    entries = tlog.chain(SIZE)
    with tempfile.TemporaryDirectory(prefix="ironspan-audit-") as FOLDER:
        make_keys()
        test_whole(entries)
        test_flips(entries)
        test_order(entries)
        test_forms(entries)
        test_note(entries)
        test_rewriting(entries)
        test_foreign_notes(entries)
        test_witness(entries)
        test_witness_refuses(entries)
        test_words()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
