"""A Modbus message as tshark shows it, as the shared corpus' truth has it, and as ironspan
writes it: one set of fields."""
from message import Message

NAME, TRUTH = "modbus", "modbus"
LAYERS = ("mbtcp", "mbudp", "mbrtu", "modbus")
HEADER = ("transaction_id", "protocol_id", "unit_id", "function_raw", "length")
FIRST_PARTS = ("transaction_id", "protocol_id", "length")  # of every message, even of a cut one
LOSS_CHANGES = ("category", "error_flags")
ESSENCE = None
PORT, RTU = 502, "mbrtu"

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
BYTE_COUNTS = ("read", "write", "comm", "server", "file", "fifo")


def _message(place, transaction, unit, function, kind, fields, malformed=False):
    """`function` is without the exception bit."""
    ident = (("tid", transaction), ("unit", unit), ("function", function),
             ("as", "request" if kind == "request" else "answer"))
    return Message(*place, NAME, ident, kind, fields, malformed)


def _addressed(function, address, quantity):
    """tshark has one name for what is read and what is written."""
    side = "read" if function in READS else "write" if function in WRITES else None
    out = {}
    if side and address is not None:
        out[side + "_address"] = int(address)
    if side and quantity is not None:
        out[side + "_quantity"] = int(quantity)
    return out


def _number(text):
    return int(text, 16) if text.startswith("0x") else int(text)


# ---- the truth ----

def truth(row):
    fields = {ours: _number(row[theirs]) for theirs, ours in COLUMNS.items() if row[theirs]}
    function = int(row["func_code"]) if row["func_code"] else None
    fields.update(_addressed(function, row["reference_num"] or None,
                             row["word_cnt"] or row["bit_cnt"] or None))
    fields.update(protocol_id=int(row["proto_id"]))
    place = int(row["frame"]), row["src"], int(row["sport"]), row["dst"], int(row["dport"])
    return _message(place, int(row["trans_id"]), int(row["unit_id"]), function, row["kind"],
                    fields, malformed=bool(row["malformed"]))


# ---- tshark ----

def pdus(packet):
    header = None
    for name, proto in packet.layers:
        if name != "modbus":
            header = proto
        elif name == "modbus" and header is not None:
            yield _pdu(packet, header, proto)
            header = None


def _show(proto, name):
    found = proto.find(".//field[@name='%s']" % name)
    return found.get("show") if found is not None else None


def _kind(fields, body, packet):
    if "exception" in fields:
        return "exception"
    ports = packet.hinted | {PORT}
    if _show(body, "modbus.request_frame") or packet.sport in ports:
        return "response"
    return "request" if packet.dport in ports else "unknown"


def _pdu(packet, header, body):
    prefix = header.get("name") if _show(header, "mbtcp.trans_id") is None else "mbtcp"
    function = int(_show(body, "modbus.func_code"))
    fields = {ours: _number(_show(body, theirs)) for theirs, ours in NUMBERS.items()
              if _show(body, theirs) is not None}
    fields.update(_addressed(function, _show(body, "modbus.reference_num"),
                             _show(body, "modbus.word_cnt") or _show(body, "modbus.bit_cnt")))
    if prefix != RTU:
        fields["protocol_id"] = int(_show(header, prefix + ".prot_id"))
    kind = _kind(fields, body, packet)
    values = _values(function, kind, body, fields)
    if values is not None:
        fields["values"] = values
    transaction = int(_show(header, prefix + ".trans_id")) if prefix != RTU else None
    return _message(packet.place(), transaction, int(_show(header, prefix + ".unit_id")),
                    function, kind, fields)


def whole(found):
    return found


def is_in_truth(_):
    return True


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


# ---- ironspan ----

def half(place, name, event):
    function = event.get("function_raw", 0)
    return _message(place, event.get("transaction_id"), event.get("unit_id"), function & 0x7f,
                    "exception" if function & 0x80 else name, _half_fields(event))


def _half_fields(event):
    read, write, fifo = (event.get(part, {}) for part in ("read", "write", "fifo"))
    out = {
        "protocol_id": event.get("protocol_id"),
        "exception": event.get("exception", {}).get("raw"),
        "subfunction": event.get("diagnostic", {}).get("raw"),
        "mei": event.get("mei", {}).get("raw"),
        "and_mask": write.get("and_mask"), "or_mask": write.get("or_mask"),
        "read_address": read.get("address"), "read_quantity": read.get("quantity"),
        "write_address": write.get("address"), "write_quantity": write.get("quantity"),
        "byte_count": next((event[part]["byte_count"] for part in BYTE_COUNTS
                            if "byte_count" in event.get(part, {})), None),
        "values": _half_values(event.get("function_raw"), read, write, fifo),
    }
    return {name: value for name, value in out.items() if value is not None}


def _half_values(function, read, write, fifo):
    """A coil is written as the word that was sent, not as 0 or 1."""
    if function == 5 and "data" in write:
        return [write["data"]]
    return next((part["values"] for part in (write, read, fifo) if "values" in part), None)


def joined(found):
    return found
