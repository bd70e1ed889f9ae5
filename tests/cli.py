#!/usr/bin/python3
"""The command line: exit codes, messages, where output goes, signals, terminals.

    tests/cli.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import fcntl
import gzip
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLANT = ROOT / "pcaps" / "modbus-plant.pcap"
MAN = ROOT / "tools" / "ironspan.1"
PATIENCE_S = 120  # sanitizers are slow

RULE = 'alert modbus any any -> any any (msg:"any write"; ot.verb:write; sid:1; rev:1;)\n'
ANY = 'alert modbus any any -> any any (msg:"any message"; modbus.function:>0; sid:2; rev:1;)\n'
VARIABLE = ('alert modbus any any -> $PUMP_SERVER any (msg:"x"; modbus.function:6; sid:4; rev:1;)'
            "\n")
WRONG = 'alert modbus any any -> any any (msg:"x"; modbus.no_such_thing:1; sid:3; rev:1;)\n'

passed = failed = skipped = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:2000]}")


def skip(what):
    global skipped
    skipped += 1
    print(f"skipped: {what}")


class Done:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr.decode(errors="replace")
        self.told = f"exit {self.code}\n{self.err}"

    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]


def run(*args, stdin=b"", env=None, cwd=None):
    return Done(subprocess.run([BINARY, *map(str, args)], input=stdin, capture_output=True,
                               timeout=PATIENCE_S, env={**os.environ, **(env or {})}, cwd=cwd))


# ---- mistakes: arguments, exit code, what stderr must hold ----

def mistakes(files):
    rules, wrong = files["rules"], files["wrong"]
    return [
        ("no arguments", [], 2, "usage: ironspan -r"),
        ("nothing to read", ["-Q"], 2, "name a capture with -r"),
        ("unknown long option", ["--thraeds", "2"], 2, "did you mean --threads?"),
        ("far option", ["--xyzzy"], 2, "unknown option --xyzzy; `ironspan --help`"),
        ("unknown letter", ["-Z"], 2, "unknown option -Z"),
        ("unknown letter among others", ["--strict", "-QZr"], 2, "unknown option -Z"),
        ("the last of others without value", ["-Qr"], 2, "-r needs a value"),
        ("letter without value", ["-r"], 2, "-r needs a value"),
        ("option without value", ["--set"], 2, "--set needs a value"),
        ("value too many", ["--strict=yes"], 2, "--strict takes no value"),
        ("forgotten -r", [PLANT], 2, f"ironspan -r {PLANT}"),
        ("unknown command", ["feilds"], 2, 'unknown command "feilds", perhaps "fields"'),
        ("half a command", ["rules"], 2, "did you mean `ironspan rules check`?"),
        ("rules check what", ["rules", "check"], 2, "needs a rule file"),
        ("two protocols", ["fields", "modbus", "ot"], 2, "at most one protocol"),
        ("unknown protocol", ["fields", "modbuss"], 2, 'perhaps "modbus"'),
        ("json of events", ["-r", PLANT, "--json"], 2, "--json goes with"),
        ("costs of a command", ["fields", "--profile-rules"], 2, "--profile-rules goes without"),

        ("no such capture", ["-r", "/nowhere/x.pcap"], 2, "/nowhere/x.pcap: No such file"),
        ("not a capture", ["-r", files["text"]], 2, "not a capture"),
        ("empty file", ["-r", files["empty"]], 2, "not a capture"),
        ("no such rules", ["-r", PLANT, "-S", "/nowhere/x.rules"], 2, "/nowhere/x.rules: No"),
        ("no such more rules", ["-r", PLANT, "-s", "/nowhere/x.rules"], 2, "No such file"),
        ("no such configuration", ["-r", PLANT, "-c", "/nowhere/x.yaml"], 2, "No such file"),
        ("no such folder", ["-r", PLANT, "-l", "/nowhere/a"], 2, "/nowhere/a: No such file"),
        ("wrong filter", ["-r", PLANT, "-f", "tcp prot 502"], 2, "filter"),

        ("unknown key", ["-r", PLANT, "--set", "engine.thraeds=2"], 1,
         '--set: unknown key "engine.thraeds"; did you mean "engine.threads"?'),
        ("no assignment", ["-r", PLANT, "--set", "engine.threads"], 1, "write it as key=value"),
        ("threads", ["-r", PLANT, "--threads", "0"], 1,
         '--threads: engine.threads is "0"; it must be from 1 to 64'),
        ("checksums", ["-r", PLANT, "-k", "some"], 1, "must be all or none"),
        ("mode", ["-r", PLANT, "--set", "inline.mode=again"], 1, "must be accept or repeat"),
        ("no queue", ["-q", "-r"], 1, '-q: inline.queues is "-r"; it must be a queue'),
        ("queues backwards", ["-q", "3:1"], 1, "a queue's number, such as 0"),
        ("a queue too high", ["-q", "65536"], 1, "a queue's number, such as 0"),
        ("too many queues", ["-q", "0:64"], 1, "at most 64 of them"),
        ("queue and capture", ["-q", "0", "-r", PLANT], 2, "give one of them"),
        ("queue and interface", ["-q", "0", "-i", "lo"], 2, "give one of them"),
        ("queue and command", ["rules", "test", "1", "-q", "0"], 2, "without a command"),
        ("both configured", ["--set", "inline.queues=0", "--set", "capture.interfaces=lo"], 1,
         "configure one of them"),
        ("a mark outside its mask", ["-q", "0", "--set", "inline.mark=0x11", "--set",
                                     "inline.mark-mask=0x10"], 1, "inline.mark 0x11 has bits"),
        ("round for ever", ["-q", "0", "--set", "inline.mode=repeat"], 1, "needs inline.mark"),
        ("events", ["-r", PLANT, "--events", "alert,modbsu"], 1, 'did you mean "modbus"?'),
        ("no such sink", ["-r", PLANT, "--set", "outputs.sinks.2.path=x"], 1,
         "outputs.sinks.2.path: the number must be from 1 to 1"),
        ("a sink without path", ["-r", PLANT, "--set", "outputs.sinks.1.keep=2"], 1,
         "outputs.sinks.1 (file): path is missing"),
        ("a sink with too much", ["-T", "--set", "outputs.sinks.1.path=/x", "--set",
                                  "outputs.sinks.1.spool=/y"], 1,
         "outputs.sinks.1 (file): spool means nothing to this type"),
        ("a message server nowhere", ["-T", "--set", "outputs.sinks.1.type=nats", "--set",
                                      "outputs.sinks.1.address=udp://x"], 1,
         "outputs.sinks.1 (nats): udp://x is no nats://HOST:PORT or tls://HOST:PORT"),
        ("a password for nobody", ["-T", "--set", "outputs.sinks.1.type=nats", "--set",
                                   "outputs.sinks.1.address=nats://x", "--set",
                                   "outputs.sinks.1.password-file=/x"], 1,
         "outputs.sinks.1 (nats): user is missing"),
        ("no password", ["-T", "--set", "outputs.sinks.1.type=nats", "--set",
                         "outputs.sinks.1.address=nats://x", "--set", "outputs.sinks.1.user=x",
                         "--set", "outputs.sinks.1.password-file=/none"], 1,
         "/none: No such file or directory"),
        ("no authority", ["-T", "--set", "outputs.sinks.1.type=syslog", "--set",
                          "outputs.sinks.1.address=tls://x:1", "--set",
                          "outputs.sinks.1.ca-file=/none"], 1, "tls://x:1: /none: "),
        ("no node for reports", ["-T", "--set", "incident.tier=/none"], 1,
         "/none/tier.json: No such file or directory"),
        ("no such redaction", ["-T", "--set", "incident.redaction=none"], 1,
         "incident.redaction: there is no profile none"),
        ("a sink nowhere", ["-T", "--set", "outputs.sinks.1.type=syslog", "--set",
                            "outputs.sinks.1.address=ftp://x"], 1,
         "ftp://x is no udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT"),
        ("a sink for nothing", ["-T", "--set", "outputs.sinks.1.path=/x", "--set",
                                "outputs.sinks.1.events=anomaly"], 0,
         "anomaly events are not written: outputs.events leaves them out"),
        ("file's mistakes, all of them", ["-r", PLANT, "-c", files["bad.yaml"]], 1,
         f'{files["bad.yaml"]}:2: unknown key "engine.flow"'),
        ("the second of them", ["-r", PLANT, "-c", files["bad.yaml"]], 1,
         f'{files["bad.yaml"]}:3: engine.threads is "many"'),
        ("no UTF-8", ["-T", "-c", files["latin.yaml"]], 1, "latin.yaml:3: "),
        ("a folder as a file", ["-T", "-c", os.path.dirname(files["bad.yaml"])], 2, "Is a directory"),
        ("a section for a key", ["-T", "--set", "engine=1"], 1,
         "--set: engine is a section; name a key in it, such as engine."),
        ("a list of sections", ["-T", "--set", "outputs.sinks.1=x"], 1,
         "--set: outputs.sinks.1 is a section; name a key in it, such as outputs.sinks.#."),
        ("not YAML", ["-r", PLANT, "-c", files["broken.yaml"]], 1, "broken.yaml:2: "),

        ("test is fine", ["-T", "-S", rules], 0, "rules are fine"),
        ("test of the shipped rules", ["-T"], 0, "rules are fine"),
        ("test refuses", ["-T", "-S", wrong], 1, f"{wrong}:2:"),
        ("test refuses a filter", ["-T", "--set", "capture.filter=hosst 1"], 2, "filter is wrong"),
        ("test refuses a key", ["-T", "--set", "a=b"], 1, 'unknown key "a"'),
        ("a replay goes on", ["-r", PLANT, "-S", wrong], 0, f"{wrong}:2:"),
        ("a variable that no rule uses", ["-T", "-S", rules, "--set",
                                          "vars.address-groups.PUMPS=10.0.0.0/33"], 1,
         "--set: vars.address-groups.PUMPS: '10.0.0.0/33' is no address: write 10.0.0.1,"),
        ("a variable of the file", ["-T", "-S", rules, "-c", files["ports.yaml"]], 1,
         f'{files["ports.yaml"]}:3: vars.port-groups.PUMPS: \'70000\' is no port'),
        ("an unknown variable", ["-r", PLANT, "-S", files["variable"]], 0, "$PUMP_SERVER"),
        ("many refused rules", ["-r", PLANT, "-S", files["many wrong"]], 0,
         "5 more rules refused; `ironspan rules check FILE` names all"),
        ("capture cut short", ["-r", files["cut"]], 0, "byte"),
        ("cut short, strict", ["-r", files["cut"], "--strict"], 1, "byte"),
        ("strict by key", ["-r", files["cut"], "--set", "capture.strict=yes"], 1, "byte"),
        ("whole, strict", ["-r", PLANT, "--strict"], 0, "Seen"),
    ]


def test_mistakes(files):
    for what, args, code, said in mistakes(files):
        done = run(*args)
        check(what, done.code == code and said in done.err, done.told)
        if code == 2:
            check(f"{what}: nothing on stdout", done.out == b"", done.out)
        if code == 2 and args:
            check(f"{what}: one line", done.err.count("\n") == 1, done.err)


# ---- what is printed ----

def options_in(text):
    """Of ironspan: the help shows the firewall's, too."""
    ours = (line for line in text.splitlines() if "iptables" not in line)
    return sorted(set(re.findall(r"--[a-z][a-z-]+", "\n".join(ours))))


def test_help():
    done = run("--help")
    text = done.out.decode()
    check("help", done.code == 0 and not done.err, done.told)
    check("help is narrow", max(map(len, text.splitlines())) <= 90, "")
    check("-h is the same", run("-h").out == done.out)
    check("help is a command too", run("help").out == done.out)
    check("help of a command", run("help", "incident", "ack").out ==
          run("incident", "ack", "--help").out != b"")
    for option in options_in(text):
        said = run(option, "--xyzzy").err
        check(f"help's {option} exists", f"unknown option {option};" not in said and
              "did you mean" not in said, said)
    return text


def test_documents(help_text):
    man = MAN.read_text(encoding="utf-8")
    plain = man.replace("Fl Fl ", "--")
    words = set(re.split(r"[\s,]+", man))
    for option in options_in(help_text):
        check(f"the manual knows {option}", option in plain)
        for shell in ("ironspan.bash", "_ironspan"):
            text = (ROOT / "tools" / "completion" / shell).read_text(encoding="utf-8")
            check(f"{shell} knows {option}", option in text)
    settings = run("settings")
    keys = re.findall(r"^[a-z]\S*$", settings.out.decode(), re.MULTILINE)
    check("settings", settings.code == 0 and len(keys) > 20, settings.told)
    for key in keys:
        check(f"the manual knows {key}", key in words)


def test_command_options():
    """What bash completes for a command is what its help lists."""
    text = (ROOT / "tools" / "completion" / "ironspan.bash").read_text(encoding="utf-8")
    for name in ("audit", "collect", "report", "share", "tier"):
        offered = re.search(rf"^_ironspan_{name}\(\) {{\n(.*?)^}}", text, re.M | re.S)[1]
        helped = run(name, "--help").out.decode()
        helped = {option for line in helped.splitlines() if "plant.pcap" not in line
                  for option in options_in(line)}
        wrong = (set(options_in(offered)) ^ helped) - {"--help"}
        check(f"completion of {name}", not wrong, wrong)


def completed(*words):
    script = ('. "$1"; shift; compopt() { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1));'
              '_ironspan; echo "${COMPREPLY[*]}"')
    path = f"{Path(BINARY).resolve().parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", script, "bash", ROOT / "tools/completion/ironspan.bash",
                           "ironspan", *words], capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": path})
    return set(done.stdout.split())


def test_completion():
    for words, some in ((["incident", "report", "--"], {"--kind", "--store"}),
                        (["incident", "submit", "3f9a", "--"], {"--receipt", "--at"}),
                        (["incident", "list", "--level", ""], {"1", "4"}),
                        (["tier", "notice", "node", "--level", ""], {"red", "blue"}),
                        (["report", ""], {"incident", "audit"})):
        offered = completed(*words)
        check(f"completion of {words}", some <= offered, offered)


def rules_in(text):
    """Examples of rules: from `alert` to the closing bracket."""
    return re.findall(r"^\s*(alert .*?;\))$", text, re.MULTILINE | re.DOTALL)


def test_documented_rules(files):
    man = MAN.read_text(encoding="utf-8").replace("\\e\n", "\\\n")
    for name, text in (("README", (ROOT / "README.md").read_text(encoding="utf-8")),
                       ("manual", man)):
        rules = rules_in(text)
        path = Path(files["folder"]) / "documented.rules"
        path.write_text("\n".join(rules) + "\n", encoding="utf-8")
        done = run("rules", "check", path)
        check(f"rules of the {name}", rules and done.code == 0 and
              f"{len(rules)} loaded, 0 with a note, 0 refused" in done.out.decode(),
              done.out.decode())


def test_readme_table():
    """What README shows of the table is in it, in that order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text[text.index("\nSeen "):]
    shown = [line for line in shown[:shown.index("```")].splitlines() if line]
    table = iter(run("-r", PLANT, "--registers", ROOT / "signatures" / "example-plant",
                     "--events", "incident").err.splitlines())
    missing = [line for line in shown if line not in table]
    check("README's table", shown and not missing, missing)


def test_manual_reads():
    if not shutil.which("groff"):
        return skip("groff is not installed")
    for page in sorted(MAN.parent.glob("ironspan*.[0-9]")):
        done = subprocess.run(["groff", "-mdoc", "-Tascii", "-ww", "-z", str(page)],
                              capture_output=True, check=False)
        check(f"{page.name} reads", done.returncode == 0 and not done.stderr, done.stderr)
    return None


def test_version():
    done = run("--version")
    text = done.out.decode()
    check("version", done.code == 0 and re.match(r"ironspan \d+\.\d+\.\d+\n", text), text)
    for name in ("libpcap", "Hyperscan", "jansson", "libyaml"):
        check(f"version of {name}", re.search(rf"{name}.* \d+\.\d+", text), text)
    check("-V is the same", run("-V").out == done.out)


def test_fields():
    plain, one, ot = run("fields"), run("fields", "modbus"), run("fields", "ot")
    check("fields", plain.code == 0 and b"modbus" in plain.out and b"ot.verb" in plain.out)
    check("fields of one", one.code == 0 and b"function" in one.out and
          len(one.out) < len(plain.out), one.out)
    check("fields of ot", ot.code == 0 and b"verb" in ot.out, ot.out)
    for args in (["fields", "--json"], ["fields", "modbus", "--json"]):
        done = run(*args)
        try:
            json.loads(done.out)
            check(" ".join(args), done.code == 0)
        except ValueError as error:
            check(" ".join(args), False, f"{error}: {done.out[:300]}")


def test_rules_check(files):
    done = run("rules", "check", files["rules"])
    check("rules check", done.code == 0 and b"1 loaded" in done.out, done.told)
    done = run("rules", "check", files["rules"], files["wrong"])
    text = done.out.decode()
    check("rules check refuses", done.code == 1, done.told)
    check("it names the place", re.search(r"wrong\.rules:2:\d+: rule (3 )?refused: ", text), text)
    check("it counts each file", "any.rules: 1 loaded" in text and "1 refused" in text, text)
    done = run("rules", "check", files["wrong"], "--json")
    reports = done.events()
    check("rules check --json", done.code == 1 and len(reports) == 1, done.told)
    check("its numbers", reports[0]["refused"] == 1 and reports[0]["loaded"] == 1, reports)
    note = reports[0]["notes"][0]
    check("its note", note["fate"] == "refused" and note["line"] == 2 and note["column"] > 0 and
          note["option"] and note["reason"], note)
    check("no such rules", run("rules", "check", "/nowhere/x.rules").code == 2)


# ---- what is read and written ----

def no_names(events):
    """Without what tells where the packets came from."""
    for event in events:
        event.pop("pcap_filename", None)
    return events


def test_dry_run(files):
    """Of a capture, too: what would have been dropped, and whom a reset would have told."""
    done = run("-Q", "-r", PLANT, "--dry-run", "-S", files["reject"])
    alerts = [e for e in done.events() if e["event_type"] == "alert"]
    verdict = {"action": "drop", "reject-target": "to_client", "reject": ["tcp-reset"],
               "dry_run": True}
    check("dry run", alerts and all(e["verdict"] == verdict for e in alerts), done.out[:300])
    check("nothing is blocked", all(e["alert"]["action"] == "allowed" for e in alerts), "")
    plain = run("-r", PLANT, "-S", files["reject"])
    check("no verdict without", plain.out and b"verdict" not in plain.out, "")
    check("what was dry is counted", "would have dropped" in run(
        "-r", PLANT, "--dry-run", "-S", files["reject"]).err, "")


def test_replay(files):
    plain = run("-r", PLANT, "-S", files["rules"])
    check("replay", plain.code == 0 and plain.out, plain.told)
    events = plain.events()
    alerts = [e for e in events if e["event_type"] == "alert"]
    check("alerts of this rule only", alerts and {e["alert"]["signature_id"] for e in alerts} ==
          {1}, len(alerts))
    check("the default events", {e["event_type"] for e in events} <=
          {"alert", "asset", "health", "incident"}, "")
    check("the table", re.search(r"^Seen +[\d,]+ +packets", plain.err, re.MULTILINE) and
          re.search(r"^ +\d+ .* 1 any write$", plain.err, re.MULTILINE), plain.err)
    check("the table is narrow", max(map(len, plain.err.splitlines())) <= 80, plain.err)
    check("no colours in a pipe", "\033" not in plain.err, plain.err)

    quiet = run("-Q", "-r", PLANT, "-S", files["rules"])
    check("quiet", quiet.out == plain.out and quiet.err == "", quiet.err)
    again = run("-r", PLANT, "-S", files["rules"], "--threads", 2)
    check("two threads", again.out == plain.out)
    piped = run("-r", "-", "-S", files["rules"], stdin=PLANT.read_bytes())
    check("standard input", piped.code == 0 and no_names(piped.events()) ==
          no_names(plain.events()), piped.told)
    check("verbose", "rules of 1 files" in run("-v", "-r", PLANT, "-S", files["rules"]).err)


def test_more_rules(files):
    def sids(*args):
        events = run("-r", PLANT, *args).events()
        return {e["alert"]["signature_id"] for e in events if e["event_type"] == "alert"}

    shipped = sids()
    check("shipped rules", 1 not in shipped, shipped)
    check("-s adds", sids("-s", files["rules"]) == shipped | {1}, shipped)
    check("-S -s", sids("-S", files["rules"], "-s", files["all"]) == {1, 2})
    check("-S twice", sids("-S", files["rules"], "-S", files["all"]) == {1, 2})
    check("by the file", sids("-c", files["mine.yaml"]) == {1})
    check("by --set", sids("--set", f"rule-files={files['all']}") == {2})


def test_inputs(files):
    once = run("-r", PLANT, "--events", "modbus")
    numbers = [e["pcap_cnt"] for e in once.events()]
    twice = run("-r", PLANT, "-r", PLANT, "--events", "modbus")
    check("-r twice", twice.code == 0 and max(e["pcap_cnt"] for e in twice.events()) >
          max(numbers), twice.told)
    check("a folder", run("-r", files["captures"], "--events", "modbus").code == 0)
    empty = run("-r", files["no captures"])
    check("a folder without captures", empty.code == 2 and not empty.out, empty.told)
    mixed = run("-r", files["mixed captures"], "--events", "modbus")
    check("a folder tells of what it holds that is compressed", mixed.code == 0 and
          "left out: " in mixed.err and "zcat" in mixed.err and "notes" not in mixed.err, mixed.told)
    none = run("-r", PLANT, "--events", "modbus", "-f", "udp port 9")
    check("a filter", none.code == 0 and not none.out and "refused by the filter" in none.err,
          none.told)
    cut = run("-r", files["cut"], "--events", "modbus")
    check("whole packets of a cut capture", 0 < len(cut.events()) <= len(numbers), cut.told)
    check("one warning with the byte", cut.err.count("warning") == 1 and
          re.search(r"warning: .*byte \d+", cut.err), cut.err)


def test_events(files):
    def types(*args):
        events = run("-r", PLANT, "-S", files["rules"], *args).events()
        return {e["event_type"] for e in events}

    check("one type", types("--events", "modbus") == {"modbus"})
    check("two types", types("--events", "modbus,alert") == {"modbus", "alert"})
    check("by key", types("--set", "outputs.events=modbus") == {"modbus"})
    check("option before key", types("--events", "modbus", "--set", "outputs.events=alert") ==
          {"modbus"})
    check("all", types("--events", "all") >= {"modbus", "alert"})
    check("none", not types("--set", "outputs.events="))
    check("protocol off", "modbus" not in types("--events", "all", "--set",
                                                "protocols.modbus.enabled=no"))


def test_rule_costs(files):
    """--profile-rules: the same events, and the costs on standard error."""
    args = ["-Q", "-r", PLANT, "-S", files["all"], "-S", files["rules"]]
    plain, table = run(*args), run(*args, "--profile-rules")
    check("costs: the same events", table.out == plain.out and table.code == 0, table.told)
    check("costs: a table", "ticks/check" in table.err and "1:2 any message" in table.err,
          table.told)
    for threads in (1, 3):
        done = run(*args, "--profile-rules", "--json", "--threads", threads)
        costs = json.loads(done.err)
        row = next(row for row in costs["rules"] if row["sid"] == 2)
        check("costs: a rule's", row["checks"] >= row["matches"] > 0 and row["ticks"] > 0, row)
        check("costs: sums of files",
              [file["file"] for file in costs["files"]] == [str(files["all"]),
                                                            str(files["rules"])] and
              costs["files"][0]["ticks"] == row["ticks"], costs)


def test_log_dir(files):
    folder = Path(files["folder"]) / "out"
    plain = run("-r", PLANT, "-S", files["rules"])
    done = run("-r", PLANT, "-S", files["rules"], "-l", folder)
    check("-l writes no stdout", done.code == 0 and done.out == b"", done.told)
    check("-l makes the folder", (folder / "eve.json").read_bytes() == plain.out)
    check("-l says where", str(folder / "eve.json") in done.err, done.err)
    run("-r", PLANT, "-S", files["rules"], "-l", folder)
    check("-l appends", (folder / "eve.json").read_bytes() == 2 * plain.out)


def test_broken_output(files):
    if not os.path.exists("/dev/full"):
        return skip("no /dev/full")
    with open("/dev/full", "wb") as full:
        process = subprocess.run([BINARY, "-r", str(PLANT), "-S", files["all"]], stdout=full,
                                 stderr=subprocess.PIPE, timeout=PATIENCE_S, check=False)
    said = process.stderr.decode()
    check("a full disk", process.returncode == 2 and said.count("error:") == 1, said)
    registers = str(ROOT / "signatures/example-plant")
    for words in (["--help"], ["-V"], ["fields"], ["settings"], ["rules", "check", files["rules"]],
                  ["incident", "--help"], ["audit", "--help"], ["share", "--help"],
                  ["report", "audit", str(PLANT)], ["report", "risk", str(PLANT), str(PLANT)],
                  ["registers", "check", registers]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, *words], stdout=full, stderr=subprocess.PIPE,
                                  timeout=PATIENCE_S, check=False)
        told = done.stderr.decode()
        check(f"a full disk: {' '.join(words)}", done.returncode == 2 and
              told.count("standard output cannot be written") == 1, told)
    with subprocess.Popen([BINARY, "-r", str(PLANT), "-S", files["all"]],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read().decode()
        check("a closed pipe", process.wait(PATIENCE_S) == 2 and "error" not in said, said)
    return None


# ---- signals and terminals ----

def test_signal(files, number, threads):
    """Everything is fed but the end; what was found must come out all the same."""
    what = f"{signal.Signals(number).name}, {threads} threads"
    args = ["-S", files["all"], "--events", "alert", "--threads", str(threads)]
    want = run("-r", PLANT, *args).out.count(b"\n")
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, \
            subprocess.Popen([BINARY, "-r", "-", *args], stdin=subprocess.PIPE, stdout=out,
                             stderr=err) as process:
        try:
            process.stdin.write(PLANT.read_bytes())
            process.stdin.flush()
            wait_for_empty_pipe(process.stdin)
            time.sleep(0.3)
            process.send_signal(number)
            process.wait(20)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            process.kill()
        out.seek(0)
        err.seek(0)
        got, said = out.read().count(b"\n"), err.read().decode()
    check(f"{what}: exit code", process.returncode == 0, f"exit {process.returncode}\n{said}")
    check(f"{what}: the table", "Seen" in said, said)
    check(f"{what}: what was found", got == want, f"{got} lines of {want}")


def wait_for_empty_pipe(pipe):
    left = bytearray(4)
    for _ in range(PATIENCE_S * 10):
        fcntl.ioctl(pipe, termios.FIONREAD, left)
        if struct.unpack("i", left)[0] == 0:
            return
        time.sleep(0.1)


class Terminal:
    """A pseudo-terminal of 100 columns that a program writes stderr to."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.seen = b""

    def read(self, patience_s):
        while select.select([self.ours], [], [], patience_s)[0]:
            try:
                data = os.read(self.ours, 65536)
            except OSError:
                return
            if not data:
                return
            self.seen += data

    def close(self):
        os.close(self.theirs)
        self.read(0.2)
        os.close(self.ours)
        return self.seen.decode()


def on_terminal(args, env=None, feed=None):
    """stderr of a run on a terminal; feed(process) may be slow with standard input."""
    terminal = Terminal()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    environment.update({"TERM": "xterm"}, **(env or {}))
    with subprocess.Popen([BINARY, *map(str, args)], stdin=subprocess.PIPE, env=environment,
                          stdout=subprocess.DEVNULL, stderr=terminal.theirs) as process:
        if feed:
            feed(process)
        process.stdin.close()
        while process.poll() is None:
            terminal.read(0.05)
    return terminal.close()


def feed_slowly(process):
    """The capture's packets again and again, for a little more than the bar waits."""
    data = PLANT.read_bytes()
    end = time.monotonic() + 2
    try:
        process.stdin.write(data[:24])
        while time.monotonic() < end:
            process.stdin.write(data[24:])
            process.stdin.flush()
            time.sleep(0.02)
    except BrokenPipeError:
        pass


def has_terminals():
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError:
        return False
    return True


def test_terminal(files):
    args = ["-r", PLANT, "-S", files["rules"]]
    check("colours", "\033[1m" in on_terminal(args))
    check("NO_COLOR", "\033[1m" not in on_terminal(args, {"NO_COLOR": "1"}))
    check("NO_COLOR that is empty", "\033[1m" in on_terminal(args, {"NO_COLOR": ""}))
    check("a dumb terminal", "\033" not in on_terminal(args, {"TERM": "dumb"}))
    check("no bar on a short run", "packets/s  " not in on_terminal(args))
    slow = ["-r", "-", "-S", files["rules"]]
    said = on_terminal(slow, feed=feed_slowly)
    check("a bar on a long run", re.search(r"\r\033\[K[\d,]+ packets  [\d,]+ packets/s", said),
          said)
    check("the bar is wiped", "\r\033[K\r\n" in said or said.rfind("\r\033[K") <
          said.find("Seen"), said)
    said = on_terminal(slow + ["-Q"], feed=feed_slowly)
    check("no bar when quiet", said == "", said)


def bar_of_file(files):
    """A capture of known length whose output nobody reads for a while."""
    terminal = Terminal()
    with subprocess.Popen([BINARY, "-S", files["all"], "--events", "all"] +
                          ["-r", str(PLANT)] * 40, stdout=subprocess.PIPE,
                          stderr=terminal.theirs, env={**os.environ, "TERM": "xterm"}) as process:
        time.sleep(1.5)
        while os.read(process.stdout.fileno(), 65536):
            time.sleep(0.001)
        process.wait(PATIENCE_S)
    return terminal.close()


def test_bar_of_file(files):
    said = bar_of_file(files)
    found = re.findall(r"\r\033\[K(\[=*>? *\] +(\d+)%  [^\r]*)", said)
    check("a bar with an end", found and all(int(share) <= 100 for _, share in found) and
          re.search(r"B of .*B  [\d,]+ packets/s  \d+:\d\d left", found[0][0]), said[:500])
    check("the bar fits", all(len(line) < 100 for line, _ in found), found[:3])


# ---- files that the tests read ----

def make_files(folder):
    files = {"folder": folder}

    def write(key, name, data):
        path = Path(folder) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        files[key] = str(path)

    capture = PLANT.read_bytes()
    write("rules", "any.rules", RULE)
    write("reject", "reject.rules", RULE.replace("alert ", "reject "))
    write("all", "all.rules", ANY)
    write("wrong", "wrong.rules", RULE + WRONG)
    write("many wrong", "many.rules", WRONG * 15)
    write("variable", "variable.rules", VARIABLE)
    write("text", "text.pcap", "This is no capture, whatever its name says.\n" * 9)
    write("empty", "empty.pcap", "")
    write("cut", "cut.pcap", capture[:-5])
    write("bad.yaml", "bad.yaml", "engine:\n  flow: 1\n  threads: many\n")
    write("latin.yaml", "latin.yaml", b"engine:\n  threads: 1\n# caf\xe9\n")
    write("ports.yaml", "ports.yaml", "vars:\n  port-groups:\n    PUMPS: 70000\n")
    write("broken.yaml", "broken.yaml", "rule-files: [a\n")
    write("mine.yaml", "mine.yaml", f"default-rule-path: {folder}\nrule-files: [any.rules]\n")
    write("first", "captures/b.pcap", capture)
    write("second", "captures/a.pcap", capture)
    write("mixed", "mixed/a.pcap", capture)
    write("mixed gz", "mixed/b.pcap.gz", gzip.compress(capture))
    write("mixed notes", "mixed/notes.txt", "Nothing.\n")
    files["mixed captures"] = str(Path(folder) / "mixed")
    files["captures"] = str(Path(folder) / "captures")
    files["no captures"] = str(Path(folder) / "none")
    os.mkdir(files["no captures"])
    return files


def main():
    with tempfile.TemporaryDirectory() as folder:
        files = make_files(folder)
        test_mistakes(files)
        test_documents(test_help())
        test_documented_rules(files)
        test_command_options()
        test_completion()
        test_readme_table()
        test_manual_reads()
        test_version()
        test_fields()
        test_rules_check(files)
        test_replay(files)
        test_dry_run(files)
        test_more_rules(files)
        test_inputs(files)
        test_events(files)
        test_rule_costs(files)
        test_log_dir(files)
        test_broken_output(files)
        for number in (signal.SIGINT, signal.SIGTERM):
            for threads in (1, 2):
                test_signal(files, number, threads)
        if has_terminals():
            test_terminal(files)
            test_bar_of_file(files)
        else:
            skip("no pseudo-terminals here")
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}")
    return 1 if failed else 0


BINARY = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("IRONSPAN", ""))
if not os.access(BINARY, os.X_OK) or os.path.isdir(BINARY):
    sys.exit("tests/cli.py: name the program: tests/cli.py build/src/ironspan")
sys.exit(main())
