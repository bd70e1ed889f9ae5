"""What tshark finds of Modbus in a capture, message by message; and the same from a table
that tshark made earlier (the shared corpus' truth)."""
import csv
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from message import Message

NUMBERS = {  # tshark's field: ours
    "modbus.exception_code": "exception", "modbus.byte_cnt": "byte_count",
    "modbus.byte_cnt_16": "byte_count", "modbus.diagnostic_code": "subfunction",
    "modbus.mei": "mei", "modbus.and_mask": "and_mask", "modbus.or_mask": "or_mask",
    "modbus.read_reference_num": "read_address", "modbus.read_word_cnt": "read_quantity",
    "modbus.write_reference_num": "write_address", "modbus.write_word_cnt": "write_quantity",
}
READS, WRITES = (1, 2, 3, 4), (5, 6, 15, 16, 22)
COLUMNS = {  # the truth's column: ours
    "exception_code": "exception", "byte_cnt": "byte_count", "read_ref": "read_address",
    "read_word_cnt": "read_quantity", "write_ref": "write_address",
    "write_word_cnt": "write_quantity", "diagnostic_code": "subfunction", "mei": "mei",
    "and_mask": "and_mask", "or_mask": "or_mask",
}


def available():
    return shutil.which("tshark") is not None


def kind_of(fields, matched, sport, dport, ports):
    if "exception" in fields:
        return "exception"
    if matched or sport in ports:
        return "response"
    return "request" if dport in ports else "unknown"


def addressed(function, address, quantity):
    """tshark has one name for what is read and what is written."""
    side = "read" if function in READS else "write" if function in WRITES else None
    out = {}
    if side and address is not None:
        out[side + "_address"] = address
    if side and quantity is not None:
        out[side + "_quantity"] = quantity
    return out


def number(text):
    return int(text, 16) if text.startswith("0x") else int(text)


# ---- the truth of the shared corpus ----

def truth(path, ports=(502,)):
    with open(path, encoding="utf-8", newline="") as f:
        return [_truth_row(row) for row in csv.DictReader(f, delimiter="\t")]


def _truth_row(row):
    fields = {ours: number(row[theirs]) for theirs, ours in COLUMNS.items() if row[theirs]}
    function = int(row["func_code"]) if row["func_code"] else None
    quantity = row["word_cnt"] or row["bit_cnt"]
    fields.update(addressed(function, int(row["reference_num"]) if row["reference_num"] else None,
                            int(quantity) if quantity else None))
    fields.update(protocol_id=int(row["proto_id"]))
    return Message(int(row["frame"]), row["src"], int(row["sport"]), row["dst"],
                   int(row["dport"]), int(row["trans_id"]), int(row["unit_id"]), function,
                   row["kind"], fields, malformed=bool(row["malformed"]))


# ---- tshark itself ----

def messages(path, decode_as=(), preferences=()):
    """In the order of frames, and inside a frame of bytes."""
    hints = [word for hint in decode_as for word in ("-d", hint)]
    hints += [word for preference in preferences for word in ("-o", preference)]
    ports = {502} | {int(hint.split("==")[1].split(",")[0]) for hint in decode_as}
    process = subprocess.Popen(["tshark", "-n", "-r", path, *hints, "-T", "pdml"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = []
    for _, element in ElementTree.iterparse(process.stdout):
        if element.tag == "packet":
            out += _packet(element, ports)
            element.clear()
    process.wait()
    return out


def _packet(packet, ports):
    frame, place, header = 0, {}, None
    for proto in packet.iter("proto"):
        name = proto.get("name")
        if name == "geninfo":
            frame = int(_show(proto, "num"))
        elif name in ("ip", "ipv6"):
            place["src"], place["dst"] = _show(proto, name + ".src"), _show(proto, name + ".dst")
        elif name in ("tcp", "udp"):
            place["sport"] = int(_show(proto, name + ".srcport"))
            place["dport"] = int(_show(proto, name + ".dstport"))
        elif name in ("mbtcp", "mbudp"):
            header = proto
        elif name == "modbus" and header is not None:
            yield _message(frame, place, header, proto, ports)
            header = None


def _show(proto, name):
    found = proto.find(".//field[@name='%s']" % name)
    return found.get("show") if found is not None else None


def _message(frame, place, header, body, ports):
    prefix = header.get("name") if _show(header, "mbtcp.trans_id") is None else "mbtcp"
    function = int(_show(body, "modbus.func_code"))
    fields = {ours: number(_show(body, theirs)) for theirs, ours in NUMBERS.items()
              if _show(body, theirs) is not None}
    address = _show(body, "modbus.reference_num")
    quantity = _show(body, "modbus.word_cnt") or _show(body, "modbus.bit_cnt")
    fields.update(addressed(function, int(address) if address else None,
                            int(quantity) if quantity else None))
    fields["protocol_id"] = int(_show(header, prefix + ".prot_id"))
    kind = kind_of(fields, _show(body, "modbus.request_frame"), place["sport"], place["dport"],
                   ports)
    values = _values(function, kind, body, fields)
    if values is not None:
        fields["values"] = values
    return Message(frame, place["src"], place["sport"], place["dst"], place["dport"],
                   int(_show(header, prefix + ".trans_id")),
                   int(_show(header, prefix + ".unit_id")), function, kind, fields)


def _listed(body, word):
    """Numbers of the lines that tshark writes without a name: "Register 7 (UINT16): 9"."""
    lines = [f.get("show") or "" for f in body.iter("field") if f.get("name") == ""]
    return [int(line.rsplit(":", 1)[1]) for line in lines if line.startswith(word + " ")]


def _values(function, kind, body, fields):
    """Registers or coils that the message carries; None where tshark does not tell."""
    if kind == "exception":
        return None
    if function in (1, 2) and kind == "response":
        return _listed(body, "Bit") or None
    data = body.find(".//field[@name='modbus.data']")
    raw = bytes.fromhex(data.get("value")) if data is not None and data.get("value") else None
    if function in (3, 4, 16) and _listed(body, "Register"):
        return _listed(body, "Register")
    if raw is None:
        return None
    if function == 15 and kind == "request":
        bits = [byte >> i & 1 for byte in raw for i in range(8)]
        return bits[:fields.get("write_quantity", 0)]
    if function in (5, 6) or function in (3, 4, 16, 23, 24) and len(raw) % 2 == 0:
        return [int.from_bytes(raw[i:i + 2], "big") for i in range(0, len(raw), 2)]
    return None
