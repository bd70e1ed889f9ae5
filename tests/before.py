"""What tests of the value before share: conversations of which a model says what writes must show."""
import os
import tempfile

import ironspan
import pcap
from report import Report


def shown(path, *options, types):
    """The value before of every write or control, in order."""
    operations = (event["ot"].get("operation", {}) for event in
                  ironspan.events(path, *options, types=types))
    return [o.get("value_prev") for o in operations if o.get("verb") in ("write", "control")]


def take_turns(draw, turns, lines, devices, read, write):
    """Eight reads for two writes; what the writes must show. A device has its lines."""
    wanted = []
    for _ in range(turns):
        i = draw.randrange(len(devices))
        line = draw.choice(lines[i])
        if draw.random() < 0.8:
            read(line, devices[i])
        else:
            wanted.append(write(line, devices[i]))
    return wanted


def differences(got, wanted, is_same):
    if len(got) != len(wanted):
        yield "%d writes, %d wanted" % (len(got), len(wanted))
    yield from ("write %d: %s, wanted %s" % (i, g, w)
                for i, (g, w) in enumerate(zip(got, wanted)) if not is_same(g, w))


def compare(conversation, seeds, types, is_same=lambda one, other: one == other):
    """conversation(seed): packets, and what their writes must show."""
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            packets, wanted = conversation(seed)
            path = os.path.join(folder, "%d.pcap" % seed)
            pcap.write(path, packets)
            for options in (["--threads", "1"], ["--threads", "4"],
                            ["--set", "engine.repeats=no"]):
                got = shown(path, *options, types=types)
                report.case("seed %d %s" % (seed, " ".join(options)),
                            differences(got, wanted, is_same))
            report.case("seed %d: enough of both" % seed,
                        [] if sum(w is not None for w in wanted) > 50 and None in wanted else
                        [wanted.count(None)])
    report.end()
