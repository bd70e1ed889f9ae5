#!/usr/bin/python3
"""Rules from outside: what the language means on whole captures, and the rules commands.

    tests/rule_commands.py [IRONSPAN]

A case is rules, the steps that scene.py plays, and the sids that must alert, in order. Each
runs with one thread and with two, which must write the same.
"""
import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field

from ironspan import ROOT, TIMEOUT_S, program
from report import Report
from scene import make_capture

HEAD = "alert tcp any any -> any any "
MODBUS = "alert modbus any any -> any any "
READ = "> 00 01 00 00 00 06 01 03 00 00 00 01 | < 00 01 00 00 00 05 01 03 02 00 07"
WRITE = "> 00 02 00 00 00 06 01 06 00 05 00 63 | < 00 02 00 00 00 06 01 06 00 05 00 63"
PING = ("ip 45 00 00 20 12 34 40 00 40 01 00 00 0a 01 02 01 0a 01 02 02 "
        "08 00 00 00 00 07 00 09 61 62 63 64")
OPTIONS = ("ip 46 10 00 24 00 00 20 00 05 01 00 00 0a 01 02 01 0a 01 02 01 83 03 04 00 "
           "08 00 00 00 00 07 00 09 61 62 63 64")
SET = HEAD + '(content:"login"; xbits:set,in,track ip_src,expire 60; noalert; sid:1;)\n'
ASK = HEAD + '(content:"write"; xbits:isset,in,track ip_src; sid:2;)\n'
LOGIN, WRITES = "> 6c6f67696e", "> 7772697465"
OTHER_PORT = "flow 1 port=9000"
NAME = "alert dns any any -> any any (dns.query; %s; sid:1;)"
DNS = "flow 1 udp port=53"
ASKED = "> 0007 0100 0001 0000 0000 0000 04 6576696c 07 6578616d706c65 03 636f6d 00 0001 0001"

# what, rules, steps, sids that alert
LANGUAGE = [
    ("xbits: set, then asked on another flow", SET + ASK,
     [OTHER_PORT, WRITES, LOGIN, "flow 2 port=9001", WRITES], [2]),
    ("xbits: in whatever order the rules stand", ASK + SET,
     [OTHER_PORT, "> 6c6f67696e 7772697465"], [2]),
    ("xbits: of this source only", SET + ASK,
     [OTHER_PORT, LOGIN, "flow 2 port=9001 client=3", WRITES], []),
    ("xbits: gone when the time is over", SET.replace("60", "5") + ASK,
     [OTHER_PORT, LOGIN, "wait 4", WRITES, "wait 2", WRITES], [2]),
    ("xbits: of the pair, either way", SET.replace("ip_src", "ip_pair") +
     ASK.replace("ip_src", "ip_pair"),
     [OTHER_PORT, LOGIN, "flow 2 port=9001 client=2 server=1", WRITES,
      "flow 3 port=9001 client=3", WRITES], [2]),
    ("xbits: unset and isnotset", SET +
     HEAD + '(content:"out"; xbits:unset,in,track ip_src; noalert; sid:3;)\n' +
     HEAD + '(content:"write"; xbits:isnotset,in,track ip_src; sid:2;)\n',
     [OTHER_PORT, LOGIN, WRITES, "> 6f7574", WRITES], [2]),
    ("xbits: toggle", SET.replace("set,in", "toggle,in") + ASK,
     [OTHER_PORT, LOGIN, WRITES, LOGIN, WRITES], [2]),
    ("hostbits are xbits", SET + HEAD + '(content:"write"; hostbits:isset,in,src; sid:2;)\n',
     [OTHER_PORT, LOGIN, WRITES], [2]),
    ("xbits: what transactions set, packets ask",
     MODBUS + "(modbus.function:6; xbits:set,w,track ip_dst; noalert; sid:1;)\n" +
     HEAD + "(flags:S; xbits:isset,w,track ip_dst; sid:2;)\n",
     [WRITE, "flow 2 port=9000", "> 61"], [2]),
    ("xbits: of an answer the source is the server", MODBUS +
     "(flow:to_client; modbus.function:6; xbits:set,w,track ip_src; noalert; sid:1;)\n" + MODBUS +
     "(flow:to_server; modbus.function:3; xbits:isset,w,track ip_dst; sid:2;)\n" + MODBUS +
     "(flow:to_server; modbus.function:3; xbits:isset,w,track ip_src; sid:3;)\n",
     [WRITE, READ], [2]),
    ("xbits: set on the request by destination, asked on the answer by source", MODBUS +
     "(flow:to_server; modbus.function:6; xbits:set,w,track ip_dst; noalert; sid:1;)\n" + MODBUS +
     "(flow:to_client; modbus.function:6; xbits:isset,w,track ip_src; sid:2;)\n",
     [WRITE], [2]),
    ("xbits: a header that only the answer fits", "alert modbus any 502 -> any any "
     "(modbus.function:6; xbits:set,w,track ip_src; noalert; sid:1;)\n" + MODBUS +
     "(flow:to_server; modbus.function:3; xbits:isset,w,track ip_dst; sid:2;)\n",
     [WRITE, READ], [2]),
    ("a threshold on answers counts servers as sources", MODBUS +
     "(flow:to_client; modbus.function:3; threshold:type threshold, track by_src, count 2, "
     "seconds 60; sid:1;)\n" + MODBUS +
     "(flow:to_client; modbus.function:3; threshold:type threshold, track by_dst, count 2, "
     "seconds 60; sid:2;)\n",
     [READ, "flow 2 client=3", READ], [1]),
    ("distinct destinations of answers are clients", MODBUS +
     "(flow:to_client; modbus.function:3; distinct:dst_ip, count 2, seconds 60, track by_src; "
     "sid:1;)\n", [READ, READ, "flow 2 client=3", READ], [1]),
    ("xbits with a threshold", SET + ASK.replace("sid:2", "threshold:type limit, track by_src, "
                                                 "count 1, seconds 60; sid:2"),
     [OTHER_PORT, LOGIN, WRITES, WRITES], [2]),

    ("a list of texts", "alert ip any any -> any any (ot.verb:[read,write]; "
     "ot.object:[coil,Holding_Register]; sid:1;)", [READ, WRITE], [1, 1]),
    ("none of a list of texts", "alert ip any any -> any any (ot.verb:read; "
     "ot.object:![coil,input_register]; sid:1;)", [READ], [1]),
    ("a mask and a value", MODBUS + "(modbus.function:&0x07=0x03; sid:1;)\n" +
     MODBUS + "(modbus.function:&0x07=0x02; sid:2;)", [READ], [1]),

    ("app-layer-protocol alone speaks once", HEAD + "(app-layer-protocol:modbus; sid:1;)",
     [READ, WRITE, READ], [1]),
    ("app-layer-protocol that sets a bit", HEAD + "(app-layer-protocol:modbus; "
     "flowbits:set,seen; sid:1;)", [READ, WRITE, READ], [1]),
    ("app-layer-protocol: the first answer, not the first question", HEAD +
     "(app-layer-protocol:modbus; flow:to_client; sid:1;)\n" + HEAD +
     "(app-layer-protocol:modbus; flow:to_server; sid:2;)\n" + HEAD +
     "(app-layer-protocol:modbus; sid:3;)\n", [READ.split(" | ")[0], "wait 10", WRITE, READ],
     [2, 3, 1]),
    ("app-layer-protocol: an answer comes first", HEAD +
     "(app-layer-protocol:modbus; flow:to_client; sid:1;)\n" + HEAD +
     "(app-layer-protocol:modbus; flow:to_server; sid:2;)\n" + HEAD +
     "(app-layer-protocol:modbus; sid:3;)\n", ["flow 2 port=502 open=no",
     READ.split(" | ")[1], WRITE, READ], [1, 3, 2]),
    ("app-layer-protocol of packets: of each", "alert tcp-pkt any any -> any 502 "
     "(app-layer-protocol:!tls; flowbits:set,seen; sid:1;)\n" + HEAD +
     "(app-layer-protocol:!tls; flow:no_stream,to_server; xbits:set,s,track ip_src; sid:2;)\n" +
     "alert tcp-pkt any any -> any 502 (app-layer-protocol:!tls; sid:3;)",
     [READ], [1, 2, 3] * 3),
    ("packets of a protocol are its messages", "alert tcp-pkt any any -> any 502 "
     '(app-layer-protocol:modbus; content:"|00 06|"; sid:1;)\nalert modbus any any -> any 502 '
     "(flow:no_stream; modbus.function:3; sid:2;)", [READ, WRITE], [1, 2, 1]),
    ("app-layer-protocol of another", "alert tcp any any -> any 502 "
     "(app-layer-protocol:!modbus; sid:1;)",
     [READ, "flow 2", "> 6c6f67696e", "> 6c6f67696e"], [1]),
    ("app-layer-protocol unknown", HEAD + '(app-layer-protocol:unknown; content:"log"; sid:1;)',
     [OTHER_PORT, LOGIN], [1]),

    ("a name in DNS", NAME % 'content:"evil.example.com"; endswith', [DNS, ASKED], [1]),
    ("a part of a name in DNS", NAME % 'content:"EVIL.exam"; nocase', [DNS, ASKED], [1]),
    ("a zone in DNS", NAME % 'content:".com"; endswith', [DNS, ASKED], [1]),
    ("not the end of a name in DNS", NAME % 'content:"evil.exam"; endswith', [DNS, ASKED], []),
    ("another name in DNS", NAME % 'content:"evil.com"', [DNS, ASKED], []),
    ("a name that is not in DNS", NAME % 'content:!"evil.com"', [DNS, ASKED], [1]),
    ("two names in DNS", NAME % 'content:"evil."; content:".com"', [DNS, ASKED], [1]),
    ("headers of a ping", "alert icmp any any -> any any (itype:8; icode:0; icmp_id:7; "
     "icmp_seq:9; ttl:64; id:0x1234; fragbits:D; content:\"abcd\"; sid:1;)\n"
     "alert icmp any any -> any any (itype:0; sid:2;)\n"
     "alert icmp any any -> any any (ttl:<64; sid:3;)\n"
     "alert ip any any -> any any (ip_proto:icmp; tos:0; fragoffset:0; sid:4;)\n"
     "alert ip any any -> any any (sameip; sid:5;)", [PING], [1, 4]),
    ("options, tos, fragments, one address", "alert ip any any -> any any (ipopts:lsrr; sid:1;)\n"
     "alert ip any any -> any any (ipopts:ssrr; sid:2;)\n"
     "alert ip any any -> any any (ipopts:any; sid:3;)\n"
     "alert ip any any -> any any (tos:16; sid:4;)\n"
     "alert ip any any -> any any (fragbits:M; sid:5;)\n"
     "alert ip any any -> any any (fragbits:!D; sid:6;)\n"
     "alert ip any any -> any any (fragbits:+DM; sid:7;)\n"
     "alert ip any any -> any any (sameip; sid:8;)\n"
     "alert ip any any -> any any (flow:only_frag; sid:9;)", [OPTIONS], [1, 3, 4, 5, 6, 8, 9]),
    ("TCP flags: any, none", HEAD + "(flags:*SF; sid:1;)\n" +
     HEAD + "(flags:!A; sid:2;)", [OTHER_PORT, "> 61"], [1, 2, 1]),
    ("stream_size", HEAD + '(stream_size:client,>,4; content:"a"; sid:1;)\n' +
     HEAD + '(stream_size:client,<,5; content:"a"; sid:2;)\n' +
     HEAD + '(stream_size:either,=,0; content:"a"; sid:3;)',
     [OTHER_PORT, "> 61 61", "> 61 61 61", "> 61"], None),

    ("EtherNet/IP command", HEAD + "(enip_command:0x63; sid:1;)\n" +
     HEAD + "(enip_command:[0x64,register_session]; sid:2;)",
     ["flow 1 port=44818", "> 63 00 (00)*22"], [1]),
    ("CIP service", HEAD + "(cip_service:76; sid:1;)\n" + HEAD + "(cip_service:[5,77]; sid:2;)",
     ["flow 1 port=44818",
      "> 6f 00 16 00 (00)*20 (00)*6 02 00 00 00 00 00 b2 00 02 00 4c 02",
      "> 70 00 16 00 (00)*20 (00)*6 02 00 a1 00 04 00 01 02 03 04 b1 00 04 00 01 00 05 02",
      "> 4c 00 4c 00 (4c)*20 (4c)*40"], [1, 2]),
    ("its places are not looked at", HEAD + '(ssh.software; content:"plc"; depth:3; sid:1;)',
     ["flow 1 port=9000", "< 55 04 03 0c 03 70 6c 63"], [1]),
    ("DNP3, whether its dissector is in the build or not",
     HEAD + "(dnp3_func:13; dnp3_obj:12,1; sid:1;)", [OTHER_PORT, "> 61"], []),
]


@dataclass
class Block:
    lines: list = field(default_factory=list)


def capture_of(folder, steps):
    path = os.path.join(folder, "case.pcap")
    make_capture(path, [Block([("case", step) for step in steps])])
    return path


def run(*args):
    done = subprocess.run([program(), *args], capture_output=True, text=True, check=False,
                          timeout=TIMEOUT_S)
    return done.returncode, done.stdout, done.stderr


def write(folder, text):
    path = os.path.join(folder, "case.rules")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def alerts(capture, rules, threads):
    code, out, err = run("-r", capture, "-S", rules, "--events", "alert", "-Q",
                         "--threads", str(threads))
    if code:
        return [err], out
    return [json.loads(line)["alert"]["signature_id"] for line in out.splitlines()], out


def check_language(report, folder):
    for what, text, steps, want in LANGUAGE:
        rules, capture = write(folder, text), capture_of(folder, steps)
        got, out = alerts(capture, rules, 1)
        faults = [] if want is None or got == want else ["want %s, got %s" % (want, got)]
        if alerts(capture, rules, 2)[1] != out:
            faults.append("two threads write something else")
        report.case(what, faults)


# ---- commands ----

SHOWN = MODBUS + '(msg:"a write"; flow:to_server; modbus.function:6; modbus.write.value:>98; ' \
    'content:"|00 63|"; offset:10; depth:2; threshold:type limit, track by_src, count 1, ' \
    "seconds 60; sid:7;)\n"

# arguments ({r}: the rules, {c}: the capture), exit code, what the output holds
COMMANDS = [
    ("show 7 {r}", 0, ["a write", "modbus.function:6", "when the request is whole",
                       "reached through the request's function: WrSingleReg (6)",
                       '"|00|c" stands at 10', "header class", "limit: count 1 in 60 s"]),
    ("show 8 {r}", 2, ["no rule has the sid 8"]),
    ("show x {r}", 2, ["x is no sid"]),
    ("test 7 {r} -r {c}", 0, ["packet 7", "fires", '"modbus.write.value","value":99',
                              "held back by its threshold", "fired on 2 and made 1 alerts",
                              "modbus.function:6", "the request has 3"]),
    ("test 9 {r} -r {c}", 1, ["never fires"]),
    ("test 10 {r} -r {c}", 1, ["step 2 of 2", "fired on 0"]),
    ("test 7 {r}", 2, ["nothing to test on"]),
    ("test 7 {r} -r nowhere.pcap", 2, ["nowhere.pcap"]),
    ("check {r}", 1, ["refused", "needs base64_decode"]),
]


def check_commands(report, folder):
    rules = write(folder, SHOWN +
                  HEAD + "(base64_data; sid:11;)\n" + HEAD + '(content:"|00 06|"; content:"|ff|"; distance:0; sid:10;)\n' +
                  "alert ip any any -> any any (app-layer-event:enip.invalid_pdu; sid:9;)\n")
    capture = capture_of(folder, [READ, WRITE, WRITE])
    for line, code, parts in COMMANDS:
        words = ["rules"] + [w.format(r=rules, c=capture) for w in line.split()]
        got, out, err = run(*words)
        missing = [p for p in parts if p not in out + err]
        faults = ["without %r: %s" % (p, out + err) for p in missing]
        report.case("rules " + line, faults + ([] if got == code else ["exit code %d" % got]))


def check_every_form(report):
    """All forms of the language load, those that are meant to as they stand, and can be reached."""
    path = os.path.join(ROOT, "tests/rules/language.rules")
    code, out, err = run("rules", "check", path, "--json")
    told = json.loads(out)
    report.case("every form of the language loads", [] if code == 0 else [
        "%(line)s:%(column)s %(reason)s" % n for n in told["notes"] if n["fate"] == "refused"])
    with open(path, encoding="utf-8") as f:
        sids = sorted({int(s) for s in re.findall(r"\bsid: ?(\d+)", re.sub(r"(?m)^#.*", "", f.read()))})
    noted = {n["sid"] for n in told["notes"] if n["fate"] == "fell_back"}
    report.case("the forms that are used with a note", [
        "%d: %s" % (s, "as it stands" if s >= 1000 else "with a note")
        for s in sids if (s in noted) != (s >= 1000)])
    report.case("every form is reached", [
        str(s) for s in sids if "never:" in run("rules", "show", str(s), path)[1]])


def check_fields(report, folder):
    """Many rules on one field wait for Hyperscan together; what is shown says so."""
    rules = write(folder, "".join(
        'alert opcua any any -> any any (opcua.endpoint_url; content:"node%d"; content:"x"; '
        "distance:0; sid:%d;)\n" % (n, n) for n in range(1, 41)))
    code, out, err = run("rules", "show", "40", rules)
    want = ('waits until Hyperscan sees "node40" in opcua.endpoint_url (a database of 32 patterns)',
            "opcua.endpoint_url: 2 steps in its bytes", 'content "node40" in opcua.endpoint_url')
    faults = ["without %r: %s" % (w, out + err) for w in want if w not in out]
    report.case("rules show, a rule on a field's bytes", faults + ([str(code)] if code else []))
    code, out, err = run("rules", "test", "40", rules, "-r", capture_of(folder, [READ]))
    faults = [] if code == 1 and "a message of opcua" in out else [out + err]
    report.case("rules test, a rule on a field's bytes", faults)


def check_json(report, folder):
    rules = write(folder, SHOWN + HEAD + "(base64_data; sid:11;)\n# " + SHOWN)
    code, out, _ = run("rules", "check", rules, "--json")
    told = json.loads(out)
    want = {"loaded": 1, "fell_back": 0, "refused": 1, "commented": 1}
    got = {key: told[key] for key in want}
    note = told["notes"][0]
    faults = [] if got == want and code == 1 else ["%s, exit code %d" % (got, code)]
    if (note["fate"], note["line"], note["sid"], note["option"]) != \
            ("refused", 2, 11, "base64_data"):
        faults.append(str(note))
    report.case("rules check --json", faults)


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        check_language(report, folder)
        check_commands(report, folder)
        check_every_form(report)
        check_fields(report, folder)
        check_json(report, folder)
    report.end()


if __name__ == "__main__":
    main()
