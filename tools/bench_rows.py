"""What tools/bench measures: protocols, their captures, and the ways to run."""
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLEAN, DIRTY = "in order", "1 % lost, 1 % swapped"
NO_RULES = ("-S", "/dev/null", "--events", "alert")
RULES = ("--set", f"default-rule-path={ROOT / 'signatures'}")
FLOOD = ("-S", str(ROOT / "tools/bench-alerts.rules"), "--events")


@dataclass
class Protocol:
    """What is measured of a protocol, and the ratios that are wanted of it."""
    name: str
    title: str
    messages: int
    quick_messages: int
    flows: int
    kinds: tuple
    alerts_at_least: float
    logged_at_least: float
    floods: bool = False  # also with an alert for nearly every transaction


PROTOCOLS = {p.name: p for p in (
    Protocol("modbus", "Modbus", 5_240_000, 300_000, 1_000, (CLEAN, DIRTY), 0.35, 0.10),
    Protocol("s7comm", "S7comm", 1_000_000, 100_000, 500, (CLEAN,), 0.25, 0.06, True),
    Protocol("dnp3", "DNP3", 1_000_000, 100_000, 500, (CLEAN,), 0.25, 0.06),
    Protocol("opcua", "OPC UA", 1_000_000, 100_000, 500, (CLEAN,), 0.15, 0.06),
)}


@dataclass
class Row:
    """A way to run, and what was measured. No threads: the bare loop."""
    name: str
    capture: str
    threads: int = 0
    options: tuple = ()
    wall_s: list = field(default_factory=list)
    cpu_s: list = field(default_factory=list)
    ratios: list = field(default_factory=list)
    cpu_ratios: list = field(default_factory=list)
    anonymous_bytes: int = 0
    resident_bytes: int = 0
    events: int = 0
    sha256: str = ""


def rows(protocol):
    """The bare loop of a capture comes before what is compared with it."""
    alerts = "all signatures, alerts", (*RULES, "--events", "alert")
    logged = "every transaction logged", (*RULES, "--events", f"alert,{protocol.name}")
    alone = (*NO_RULES, "--set", f"protocols.{protocol.name}.enabled=no")
    runs = {
        CLEAN: [("packets and flows only", alone, 1),
                (f"{protocol.title}, no rules", NO_RULES, 1),
                (*alerts, 1), (*alerts, 2), (*logged, 1), (*logged, 2)],
        DIRTY: [(*alerts, 1), (*alerts, 2)],
    }
    if protocol.floods:
        runs[CLEAN] += [("everything alerts", (*FLOOD, "alert"), 1),
                        ("the same, with incidents", (*FLOOD, "alert,incident"), 1)]
    return [Row(name, capture_name(protocol, kind), threads, options)
            for kind in protocol.kinds
            for name, options, threads in [("bare libpcap loop", (), 0), *runs[kind]]]


def capture_name(protocol, kind):
    return f"{protocol.title}, {kind}"
