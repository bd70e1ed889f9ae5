"""What tools/bench measured, as one structure for machines and as a table for people."""
import os
import platform
from dataclasses import asdict
from pathlib import Path
from statistics import median

MIB = 1 << 20
MEMORY, MEMORY_PER_FLOW = 64 * MIB, 1024


def pairs(rows):
    """The rows that differ in nothing but threads: with one, with two."""
    return [(one, two) for one in rows for two in rows
            if (one.threads, two.threads) == (1, 2) and
            (one.capture, one.options) == (two.capture, two.options)]


def machine():
    cpuinfo = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    models = [line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "kernel": f"{platform.system()} {platform.release()}",
    }


def result_of(row, packets, size):
    wall_s = median(row.wall_s)
    return {**asdict(row), "packets_per_s": packets / wall_s, "bytes_per_s": size / wall_s,
            "ratio": median(row.ratios), "cpu_ratio": median(row.cpu_ratios)}


def target(what, at_least, value):
    return {"what": what, "at_least": at_least, "is": round(value, 3), "met": value >= at_least}


def targets(protocol, rows, flows):
    """What is wanted, what it is, whether that will do. The first two pairs are alerts only
    and everything logged, of the capture in order."""
    (alerts, alerts_2), (logged, _) = pairs(rows)[:2]
    gain = median(one / two for one, two in zip(alerts.wall_s, alerts_2.wall_s))
    memory = max(row.anonymous_bytes for row in rows if row.threads)
    bound = MEMORY + MEMORY_PER_FLOW * flows
    return [
        target(f"{alerts.name}, 1 thread: ratio to the bare loop", protocol.alerts_at_least,
               median(alerts.ratios)),
        target(f"{logged.name}, 1 thread: ratio to the bare loop", protocol.logged_at_least,
               median(logged.ratios)),
        target(f"{alerts.name}: 2 threads to 1", 1.25, gain),
        {"what": f"anonymous memory, MiB: 64, and 1 KiB for each of {flows:,} flows",
         "at_most": round(bound / MIB, 1), "is": round(memory / MIB, 1),
         "met": memory <= bound},
    ]


def report(protocol, rows, sizes, flows):
    """All of one protocol."""
    return {
        "name": protocol.name,
        "title": protocol.title,
        "flows": flows,
        "captures": {name: {"packets": packets, "bytes": size}
                     for name, (packets, size) in sizes.items()},
        "rows": [result_of(row, *sizes[row.capture]) for row in rows],
        "same_output": [{"name": one.name, "capture": one.capture, "events": one.events,
                         "same": one.sha256 == two.sha256} for one, two in pairs(rows)],
        "targets": targets(protocol, rows, flows),
    }


# ---- for people ----

HEAD = (f"  {'':<25}threads  packets/s    MB/s  wall s   CPU s  ratio  {'range':<11}"
        "  by CPU  anon MiB  all MiB     events")


def print_table(told):
    print_header(told)
    for protocol in told["protocols"]:
        print_captures(protocol)
    print()
    for protocol in told["protocols"]:
        for pair in protocol["same_output"]:
            print(f"{'same' if pair['same'] else 'DIFFERENT'} bytes with 1 and 2 threads: "
                  f"{pair['name']}, {pair['capture']}, {pair['events']:,} events")
    print()
    for protocol in told["protocols"]:
        for row in protocol["targets"]:
            bound = f">= {row['at_least']:.2f}" if "at_least" in row else f"<= {row['at_most']}"
            print(f"{'met' if row['met'] else 'not met':<8} {row['is']:>6} {bound:<8} "
                  f"{protocol['title']}: {row['what']}")


def print_captures(protocol):
    for name, size in protocol["captures"].items():
        print(f"\n{name}: {size['packets']:,} packets of {protocol['flows']:,} flows, "
              f"{size['bytes'] / 1e6:,.0f} MB\n{HEAD}")
        for row in protocol["rows"]:
            if row["capture"] == name:
                print_row(row)


def print_header(told):
    where = told["machine"]
    print(f"CPU       {where['cpu']}, {where['cores']} cores; load {where['load']} at first")
    print(f"kernel    {where['kernel']}")
    print(f"compiler  {told['compiler']}")
    print(f"program   {told['program']}")
    print(f"          {'; '.join(told['versions'])}")
    print(f"rounds    {told['rounds']}; medians. MiB: peaks of one more run")
    print(f"start     {told['start_s']:.2f} s to read all rules, part of the times below")


def print_row(row):
    spread = f"{min(row['ratios']):.3f}-{max(row['ratios']):.3f}"
    print(f"  {row['name']:<25}{row['threads'] or '-':>7} {row['packets_per_s']:>10,.0f} "
          f"{row['bytes_per_s'] / 1e6:>7,.1f} {median(row['wall_s']):>7.2f} "
          f"{median(row['cpu_s']):>7.2f}  {row['ratio']:.3f}  {spread}  "
          f"{row['cpu_ratio']:>6.3f}  {row['anonymous_bytes'] / MIB:>8.1f} "
          f"{row['resident_bytes'] / MIB:>8.1f} {row['events']:>10,}")
