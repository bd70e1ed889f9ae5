"""What tshark finds in a capture, message by message; and the same from a table that tshark
made earlier (the shared corpus' truth). What a PDU says is told by its protocol's module:

    NAME            ironspan's name of it
    LAYERS          tshark's protocols that carry it, with their headers
    pdus(packet)    what tshark shows of it in a packet, in the order of bytes, as messages
    truth(row)      the same of a table's row
    whole(pdus)     the messages of all these: several may be one
    is_in_truth(m)  whether such tables have messages like this one
"""
import csv
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

import oracle_modbus

TRANSPORT = ("ip", "ipv6", "tcp", "udp")


@dataclass
class Packet:
    frame: int
    src: str
    sport: int
    dst: str
    dport: int
    layers: list   # (tshark's protocol, its element), outermost first
    hinted: set    # ports that tshark was told to look at
    is_malformed: bool = False

    def place(self):
        return self.frame, self.src, self.sport, self.dst, self.dport


def available():
    return shutil.which("tshark") is not None


def messages(path, decode_as=(), preferences=(), protocols=(oracle_modbus,)):
    """In the order of frames, and inside a frame of bytes."""
    layers = sorted({layer for protocol in protocols for layer in protocol.LAYERS})
    hints = [word for hint in decode_as for word in ("-d", hint)]
    hints += [word for preference in preferences for word in ("-o", preference)]
    process = subprocess.Popen(
        ["tshark", "-n", "-r", path, *hints, "-Y", " or ".join(layers), "-T", "pdml", "-J",
         " ".join((*TRANSPORT, *layers))], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    hinted = {int(hint.split("==")[1].split(",")[0]) for hint in decode_as}
    found = {protocol: [] for protocol in protocols}
    for _, element in ElementTree.iterparse(process.stdout):
        if element.tag == "packet":
            packet = _packet(element, layers, hinted)
            for protocol in protocols:
                found[protocol] += protocol.pdus(packet)
            element.clear()
    process.wait()
    return [m for protocol in protocols for m in protocol.whole(found[protocol])]


def _packet(element, wanted, hinted):
    frame, ends, ports, layers = 0, ("", ""), (0, 0), []
    for proto in element.iter("proto"):
        name = proto.get("name")
        if name == "geninfo":
            frame = int(show(proto, "num"))
        elif name in ("ip", "ipv6") and show(proto, name + ".src"):
            ends = show(proto, name + ".src"), show(proto, name + ".dst")
        elif name in ("tcp", "udp") and show(proto, name + ".srcport"):
            ports = (int(show(proto, name + ".srcport")), int(show(proto, name + ".dstport")))
        elif name in wanted:
            layers.append((name, proto))
    return Packet(frame, ends[0], ports[0], ends[1], ports[1], layers, hinted,
                  element.find(".//*[@name='_ws.malformed']") is not None)


def show(element, name):
    """The first field of that name, as tshark shows it."""
    found = element.find(".//field[@name='%s']" % name)
    return found.get("show") if found is not None else None


# ---- the truth of the shared corpus ----

def truth(path, protocol):
    with open(path, encoding="utf-8", newline="") as f:
        return protocol.whole([protocol.truth(row)
                               for row in csv.DictReader(f, delimiter="\t")])
