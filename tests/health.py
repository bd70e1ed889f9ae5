#!/usr/bin/python3
"""What could not be seen is told: health, stats and flow events, and alerts near a loss.

    tests/health.py [IRONSPAN]       (or the environment's IRONSPAN)
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pcap
from wire import Tape, Tcp

MASTER, PLC = "10.1.1.1", "10.1.2.1"
RULE = """\
alert modbus any any -> any any (msg:"a write"; modbus.function:6; sid:1; rev:1;)
alert modbus any any -> any any (msg:"writes"; modbus.function:6; \
threshold:type limit, track by_dst, count 1, seconds 60; sid:2; rev:1;)
"""
BAD = b"\xff" * 11  # no Modbus message begins like this

passed = failed = 0


def check(what, good, told=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"{what}: {str(told)[:2000]}")


def mbap(transaction, pdu):
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, 1) + pdu


def talk(flow, count, function=3):
    for n in range(count):
        if function == 6:
            flow.talk(*2 * (mbap(n, struct.pack(">BHH", 6, n, 1)),))
        else:
            flow.talk(mbap(n, struct.pack(">BHH", 3, n, 1)), mbap(n, b"\3\2\0\1"))


def run(binary, tape, *options, rule=RULE):
    """Events by type. The same with every number of threads."""
    with tempfile.TemporaryDirectory() as folder:
        capture, rules = Path(folder) / "capture.pcap", Path(folder) / "test.rules"
        pcap.write(capture, tape.packets)
        rules.write_text(rule)
        outs = [subprocess.run([binary, "-Q", "-r", str(capture), "-S", str(rules), "--events",
                                "alert,flow,health,stats", "--threads", threads, *options],
                               check=True, stdout=subprocess.PIPE).stdout for threads in "124"]
    check("threads do not matter", outs[0] == outs[1] == outs[2])
    events = {}
    for line in outs[0].splitlines():
        event = json.loads(line)
        events.setdefault(event["event_type"], []).append(event)
    return events


def flows(events):
    return {e["src_port"]: e for e in events["flow"]}


def lose(flow, end, count):
    """Bytes that the mirror did not send."""
    flow.skip(end, count)


def good(binary):
    tape = Tape()
    flow = Tcp(tape, MASTER, PLC).open()
    talk(flow, 5)
    flow.close()
    events = run(binary, tape)
    health = [e["ot"]["health"] for e in events["health"]]
    check("one health event at the end", len(health) == 1, health)
    check("nothing was hidden", health[0]["state"] == "good" and not health[0]["reasons"] and
          "assets" not in health[0] and "gaps" not in health[0], health)
    check("all packets are counted", health[0]["packets"] == len(tape.packets), health)
    stats = events["stats"][0]["stats"]
    check("stats", stats["decoder"]["pkts"] == len(tape.packets) and
          stats["app_layer"]["transactions"] == 5 and stats["flow"]["total"] == 1, stats)
    ended = events["flow"][0]
    check("the flow", ended["flow"]["state"] == "closed" and ended["tcp"]["syn"] and
          ended["tcp"]["fin"] and ended["flow"]["alerted"] is False and
          "health" not in ended["ot"] and ended["app_proto"] == "modbus", ended)


def protocols(binary):
    """What is counted of each protocol: one request that nobody answers, one answer too long."""
    tape = Tape()
    flow = Tcp(tape, MASTER, PLC).open()
    talk(flow, 5)
    flow.ask(mbap(900, struct.pack(">BHH", 3, 0, 1)))
    tape.wait(3000)
    flow.talk(mbap(901, struct.pack(">BHH", 3, 0, 1)), mbap(901, b"\x03\x02\0\0\0\0"))
    other = Tcp(tape, MASTER, PLC, sport=8080).open()
    other.ask(b"GET / HTTP/1.1\r\n\r\n")
    counts = run(binary, tape)["stats"][-1]["stats"]["app_layer"]
    check("counts of Modbus", [counts[name]["modbus"] for name in
                               ("flow", "tx", "message", "unanswered", "error")] ==
          [1, 7, 13, 1, {"parser": 1}], counts)
    check("none of others", not any(value for name in ("flow", "tx", "message", "unanswered")
                                    for protocol, value in counts[name].items()
                                    if protocol != "modbus"), counts)


def minutes(binary):
    tape = Tape()
    flow = Tcp(tape, MASTER, PLC).open()
    for _ in range(10):
        talk(flow, 2)
        tape.wait(20_000)
    events = run(binary, tape)
    health = [e["ot"]["health"] for e in events["health"]]
    check("one a minute", [h["sequence"] for h in health] == [0, 1, 2, 3] and
          all(59 <= h["interval_s"] <= 81 for h in health[1:3]), health)
    check("each packet is in one interval", sum(h["packets"] for h in health) ==
          len(tape.packets) == health[-1]["total"]["packets"], health)
    events = run(binary, tape, "--set", "outputs.health-interval=20s")
    check("the interval can be set", len(events["health"]) > 6, len(events["health"]))


def hidden(binary):
    tape = Tape()
    lossy = Tcp(tape, MASTER, PLC, cport=40001).open()
    talk(lossy, 3)
    lose(lossy, 0, 12)
    lose(lossy, 1, 11)
    tape.wait(2000)
    talk(lossy, 30)
    talk(lossy, 1, function=6)
    middle = Tcp(tape, MASTER, PLC, cport=40002)
    talk(middle, 4)
    half = Tcp(tape, MASTER, "10.1.2.2", cport=40003)
    for n in range(6):
        half.ask(mbap(n, struct.pack(">BHH", 3, n, 1)))
    noisy = Tcp(tape, MASTER, "10.1.2.3", cport=40004).open()
    talk(noisy, 3)
    noisy.ask(BAD)
    talk(noisy, 30)
    whole = Tcp(tape, MASTER, "10.1.2.4", cport=40005).open()
    talk(whole, 2)
    talk(whole, 1, function=6)
    events = run(binary, tape)
    told = {port: e["ot"].get("health", {}) for port, e in flows(events).items()}
    check("gaps of the flow", told[40001].get("gaps", 0) >= 1 and
          told[40001].get("blind_bytes") == 23, told)
    check("seconds without sight, of both directions", 4 <= told[40001].get("blind_s", 0) <= 6,
          told)
    check("joined in the middle", told[40002] == {"midstream": 1}, told)
    check("one side", told[40003].get("one_sided") == 1, told)
    check("no messages", told[40004].get("undecoded_bytes", 0) >= len(BAD), told)
    check("nothing", told[40005] == {}, told)
    health = events["health"][-1]["ot"]["health"]
    check("reasons", health["state"] == "degraded" and
          set(health["reasons"]) == {"gaps", "undecoded", "one_sided"}, health)
    assets = {a["ip"]: a for a in health["assets"]}
    check("devices", set(assets) == {PLC, "10.1.2.2", "10.1.2.3"} and
          assets[PLC]["blind_bytes"] == 23 and assets[PLC]["midstream"] == 1 and
          4 <= assets[PLC]["blind_s"] <= 6, assets)
    check("flows", {f["client_port"] for f in health["flows"]} == {40001, 40002, 40003, 40004},
          health["flows"])
    for sid in (1, 2):  # written at once, and when the threshold was asked
        alerts = {e["src_port"]: e["ot"].get("capture") for e in events["alert"]
                  if e["alert"]["signature_id"] == sid}
        check("an alert near a loss says so", alerts[40001] and alerts[40001]["gaps"] >= 1 and
              alerts[40005] is None, alerts)
    check("flows that alerted", [port for port, e in sorted(flows(events).items())
                                 if e["flow"]["alerted"]] == [40001, 40005])


def repeats(binary):
    """How long a flow was blind does not depend on how its polls were read."""
    told = []
    for way in ("yes", "no"):
        tape = Tape()
        flow = Tcp(tape, MASTER, PLC).open()
        for n in range(20):
            flow.talk(mbap(n, struct.pack(">BHH", 3, 0, 1)), mbap(n, b"\x03\x02\0\x07"))
            tape.wait(96)
        lose(flow, 0, 12)
        lose(flow, 1, 11)
        tape.wait(996)
        talk(flow, 30)
        told += [e["ot"]["health"].get("blind_s") for e in
                 run(binary, tape, "--set", "engine.repeats=" + way)["flow"]]
    check("blind seconds with repeats", told[0] == told[1] and told[0] in (2, 3), told)


def early(binary):
    """A request comes seconds before those in front of it: nobody was blind between these."""
    told = []
    for way in ("yes", "no"):
        tape = Tape()
        flow = Tcp(tape, MASTER, PLC).open()
        poll = mbap(1, struct.pack(">BHH", 3, 0, 1)), mbap(1, b"\x03\x02\0\x07")
        for n in range(60):
            flow.talk(*poll)
            tape.wait(96)
            if n == 20:
                place, start = len(tape.packets), tape.packets[-1].time_ns
        lose(flow, 0, 12)
        flow.ask(poll[0])
        tape.packets.insert(place, replace(tape.packets.pop(), time_ns=start + 1000))
        lose(flow, 0, 12)
        talk(flow, 30)
        told += [e["ot"]["health"].get("blind_s", 0) for e in
                 run(binary, tape, "--set", "engine.repeats=" + way)["flow"]]
    # rounded up
    check("a request that came early", told == [1, 1], told)


def told_once(binary):
    """A flow that lives on is told of when something new is hidden, not again and again."""
    tape = Tape()
    flow = Tcp(tape, MASTER, PLC)
    for minute in range(5):
        talk(flow, 3)
        if minute == 2:
            lose(flow, 0, 12)
        tape.wait(70_000)
    talk(flow, 30)
    health = [e["ot"]["health"] for e in run(binary, tape)["health"]]
    check("joined late: told once", [h.get("midstream", 0) for h in health].count(1) == 1, health)
    check("a loss is told once", sum(h.get("blind_bytes", 0) for h in health) == 12 and
          sum("gaps" in h["reasons"] for h in health) == 1, health)
    check("and then all is well", health[-1]["state"] == "good", health[-1])


def copies(binary):
    tape = Tape()
    flow = Tcp(tape, MASTER, PLC).open()
    talk(flow, 5)
    tape.packets = [p for packet in tape.packets for p in (packet, packet)]
    events = run(binary, tape)
    health = events["health"][-1]["ot"]["health"]
    check("copies", health["duplicates"] == health["total"]["duplicates"] ==
          len(tape.packets) // 2 and health["state"] == "good", health)


ALERTS = {  # by the port of the client; what alerts there
    40001: "alert modbus any any -> any any (modbus.function:6; sid:1;)",
    40002: "alert tcp any any -> any any (content:|22 22|; flow:to_server; sid:2;)",
    40003: "alert tcp any any -> any any (stream-event:midstream; sid:3;)",
    40004: "alert modbus any any -> any any (app-layer-event:applayer.undecoded; sid:4;)",
    40005: "alert modbus any any -> any any (modbus.function:5; threshold:type limit, "
           "track by_rule, count 1, seconds 60; sid:5;)",
}
QUIET = """
alert modbus any 40006 -> any any (modbus.function:3; flowbits:set,a; noalert; sid:6;)
alert modbus any 40006 -> any any (modbus.function:3; xbits:set,a,track ip_src; noalert; sid:7;)
"""


def alerted(binary):
    """A flow has alerted when an alert was made of it, whatever the alert was about."""
    tape = Tape()
    ends = {port: Tcp(tape, MASTER, PLC, cport=port) for port in (*ALERTS, 40006)}
    for port, flow in ends.items():
        if port != 40003:
            flow.open()
        talk(flow, 3)
    talk(ends[40001], 1, function=6)
    ends[40002].talk(*2 * (mbap(9, struct.pack(">BHH", 16, 0x2222, 0)),))
    ends[40004].ask(BAD)
    talk(ends[40004], 30)
    for n in range(2):
        ends[40005].talk(*2 * (mbap(n, struct.pack(">BHH", 5, n, 0)),))
    events = run(binary, tape, rule="\n".join(ALERTS.values()) + QUIET)
    told = {port for port, e in flows(events).items() if e["flow"]["alerted"]}
    alerts = {}
    for e in events["alert"]:
        port = next(p for p in (e["src_port"], e["dest_port"]) if p >= 40000)
        alerts.setdefault(port, set()).add(e["alert"]["signature_id"])
    check("each flow has its alert", alerts == {p: {n} for n, p in enumerate(ALERTS, 1)}, alerts)
    check("they have alerted, and no others", told == set(ALERTS), told)


def overflow(binary):
    """More rules alert on one message than are told, and a search that is given up."""
    tape = Tape()
    talk(Tcp(tape, MASTER, PLC).open(), 1, function=6)
    flow = Tcp(tape, MASTER, PLC, 2000, 2000).open()
    flow.ask(b"a" * 60 + b"!")
    many = "".join(f'alert modbus any any -> any any (modbus.function:6; sid:{sid};)\n'
                   for sid in range(1, 71))
    events = run(binary, tape, rule=many + 'alert tcp any any -> any 2000 (content:"a"; '
                 'pcre:!"/^(a|aa)+$/"; sid:99;)\n')
    told = events["stats"][-1]["stats"]["detect"]
    check("alerts left out", len(events["alert"]) == told["alert"] == 64 and
          told["alert_queue_overflow"] == 6, told)
    check("searches given up", told["searches_given_up"] == 1, told)
    health = events["health"][-1]["ot"]["health"]
    check("both make the state worse", health["state"] == "degraded" and
          {"alerts_left_out", "searches_given_up"} <= set(health["reasons"]), health)


def no_room(binary):
    """More clients than there is room for; after an hour three that are new again."""
    tape = Tape()
    for n in range(103):
        if n == 100:
            tape.wait(3_700_000)
        talk(Tcp(tape, f"10.1.3.{n}", PLC).open(), 1, function=6)
    rule = ("alert modbus any any -> any any (modbus.function:6; threshold:type limit, "
            "track by_src, count 1, seconds 60; sid:1;)")
    events = run(binary, tape, "--events", "asset,health,stats", "--set", "engine.flows=64",
                 "--set", "engine.thresholds=16", "--set", "engine.assets=16", rule=rule)
    stats = events["stats"][-1]["stats"]
    new = [e["ot"]["asset"]["ip"] for e in events["asset"]]
    check("devices", new == ["10.1.2.1", *(f"10.1.3.{n}" for n in (*range(15), 100, 101, 102))],
          new)
    check("devices left out", stats["asset"]["left_out"] == 85, stats["asset"])
    check("windows that were over do not count", stats["detect"]["windows_forgotten"] == 84,
          stats["detect"])
    told = [set(e["ot"]["health"]["reasons"]) for e in events["health"]]
    check("it is told, and once", told[0] == {"shed", "assets_left_out", "windows_forgotten"} and
          "assets_left_out" not in told[-1] and "windows_forgotten" not in told[-1], told)


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ["IRONSPAN"]
    good(binary)
    protocols(binary)
    repeats(binary)
    early(binary)
    minutes(binary)
    hidden(binary)
    told_once(binary)
    copies(binary)
    alerted(binary)
    overflow(binary)
    no_room(binary)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
