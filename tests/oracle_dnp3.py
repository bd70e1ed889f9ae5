"""A DNP3 message as tshark shows it, as the shared corpus' truth has it, and as ironspan
writes it: one set of fields. A message is an application fragment, or a link frame that
carries none. tshark has a line for every frame, with the fragment's fields on its last."""
import re

import pdml
from message import Message
from pdml_dnp3 import application, object_name, real

NAME, TRUTH = "dnp3", "dnp3"
LAYERS = ("dnp3",)
HEADER = ("type", "src", "dst", "control")
FIRST_PARTS = ()  # of every message, even of a cut one
LOSS_CHANGES = ("type", "control", "link", "transport", "frames", "segments",
                "application.complete")
ESSENCE = "application"  # a link frame without it may be a part of a lost fragment

LINK = pdml.table(
    numbers={"dnp3.len": "length", "dnp3.ctl": "control", "dnp3.src": "src", "dnp3.dst": "dst",
             "dnp3.tr.ctl": "transport", "dnp3.al.ctl": "app_control",
             "dnp3.al.func": "function", "dnp.hdr.CRC.status": "header_crc"})
CHUNKS = pdml.table(numbers={"dnp.data_chunk.CRC.status": "data_crc"})
START_STOP = (0, 1, 2)  # range codes
FIRST = 0x40  # of the transport header
SURE = ("length", "dir", "prm", "link_function", "fir", "fin", "con", "uns", "iin", "control",
        "header_crc", "transport_sequence", "segment_lengths", "segment_sequences")
FILES, ATTRIBUTE = 70, 0  # object groups
WITH_OBJECTS = (*range(1, 11), 20, 21, 129, 130)  # functions; of others tshark shows none
OUTPUTS = (10, 11, 40, 42)  # whose bit 5 tshark does not name


# ---- frames to messages ----

def _frame(place, row, malformed=False, is_part=False):
    """`row`: a link frame's columns; those of the fragment where it is the last."""
    return Message(*place, NAME, (), "", row, malformed, is_part)


def _fragment(frames):
    last = frames[-1]
    row = dict(last.fields)
    control = row["control"]
    app_control = row.pop("app_control")
    ident = (("src", row.pop("src")), ("dst", row.pop("dst")),
             ("function", row.pop("function")), ("seq", app_control & 15))
    row.update(dir=control >> 7, prm=control >> 6 & 1, link_function=control & 15,
               fir=app_control >> 7, fin=app_control >> 6 & 1, con=app_control >> 5 & 1,
               uns=app_control >> 4 & 1)
    if len(frames) > 1:
        row["segment_lengths"] = [f.fields["length"] for f in frames[:-1]]
        row["segment_sequences"] = [f.fields["transport"] & 63 for f in frames[:-1]]
    row["transport_sequence"] = row.pop("transport") & 63
    if last.malformed:
        row = {name: row[name] for name in row if name in SURE}
    elif not row.get("objects") and ident[2][1] not in WITH_OBJECTS:
        row.pop("objects", None)
        row.pop("counts", None)
    del row["control"]
    return Message(last.frame, last.src, last.sport, last.dst, last.dport, NAME, ident, "", row,
                   last.malformed, last.is_part)


def _link(frame):
    """A frame without a fragment, or one that never found its first or last."""
    row = dict(frame.fields)
    control = row.pop("control")
    ident = (("src", row.pop("src")), ("dst", row.pop("dst")), ("link", control & 15),
             ("prm", control >> 6 & 1))
    row["dir"] = control >> 7
    row.pop("transport", None)
    return Message(frame.frame, frame.src, frame.sport, frame.dst, frame.dport, NAME, ident, "",
                   row, frame.malformed)


def whole(frames):
    """Messages of the link frames."""
    out, open_ = [], {}
    for frame in frames:
        row = frame.fields
        key = (frame.src, frame.sport, frame.dst, frame.dport, row["src"], row["dst"])
        transport = row.get("transport")
        if transport is None:
            out.append(_link(frame))
            continue
        if transport & FIRST:
            open_[key] = []
        elif key not in open_ and "function" not in row:
            out.append(_link(frame))
            continue
        open_.setdefault(key, []).append(frame)
        if "function" in row:
            out.append(_fragment(open_.pop(key)))
    return out


def is_in_truth(_):
    return True


# ---- the truth ----

def truth(row):
    place = int(row["frame"]), row["src"], int(row["sport"]), row["dst"], int(row["dport"])
    fields = {"length": int(row["link_len"]), "control": pdml.number(row["ctl"]),
              "src": int(row["link_src"]), "dst": int(row["link_dst"])}
    if row["hdr_crc_status"]:
        fields["header_crc"] = int(row["hdr_crc_status"])
    if row["data_crc_status"]:
        fields["data_crc"] = [int(status) for status in row["data_crc_status"].split(",")]
    if row["tr_seq"]:
        fields["transport"] = (int(row["tr_fin"]) << 7 | int(row["tr_fir"]) << 6
                               | int(row["tr_seq"]))
    if row["al_func"]:
        fields["function"] = int(row["al_func"])
        fields["app_control"] = sum(int(row[name]) << bit for name, bit in (
            ("al_fir", 7), ("al_fin", 6), ("al_con", 5), ("al_uns", 4), ("al_seq", 0)))
        objects = [text.partition(":") for text in row["objects_gv_points"].split(";") if text]
        fields["objects"] = [name for name, _, _ in objects]
        fields["counts"] = [int(count or 0) for _, _, count in objects]
    if row["iin"]:
        fields["iin"] = pdml.number(row["iin"])
    return _frame(place, fields, bool(row["malformed"]))


# ---- tshark ----

def pdus(packet):
    for _, proto in packet.layers:
        row = {**pdml.only(proto, LINK), **pdml.fields(proto, CHUNKS)}
        if "src" not in row:
            continue
        if "function" in row:
            row.update(application(proto))
        yield _frame(packet.place(), row, packet.is_malformed,
                     proto.find(".//field[@name='dnp3.unknown_object']") is not None)


# ---- ironspan ----

FLAGS = {"online": 0, "restart": 1, "comm_lost": 2, "remote_forced": 3, "local_forced": 4,
         "chatter_filter": 5, "rollover": 5, "over_range": 5, "discontinuity": 6,
         "reference_err": 6}
VALUES = ("state", "value", "count", "commanded_value", "deadband_value")
OCTETS = ("data", "file_data")
FILE = {"operational_mode": "file_mode", "file_size": "file_size",
        "maximum_block_size": "file_block_size", "request_id": "file_request",
        "status_code": "file_status", "file_handle": "file_handle", "block": "file_block",
        "filename": "file_name"}


def half(place, name, event):
    link, control = event.get("link", {}), event.get("control", {})
    application = event.get("application")
    fields = {
        "length": link.get("length"), "dir": int(control.get("dir", 0)),
        "header_crc": int(link.get("header_crc") == "good"),
    }
    if "blocks" in link:
        fields["data_crc"] = [1] * link["blocks"]
    ident = (("src", event.get("src")), ("dst", event.get("dst")))
    if application is None or "function_code" not in application:
        ident += (("link", control.get("function_code")), ("prm", int(control.get("pri", 0))))
    else:
        app = application["control"]
        ident += (("function", application["function_code"]), ("seq", app["sequence"]))
        fields.update(_half_fragment(event, application, app))
    return Message(*place, NAME, ident, "",
                   {name: value for name, value in fields.items() if value is not None})


def _half_fragment(event, application, app):
    control, segments = event.get("control", {}), event.get("segments", ())
    fields = {
        "prm": int(control.get("pri", 0)), "link_function": control.get("function_code"),
        "fir": int(app["fir"]), "fin": int(app["fin"]), "con": int(app["con"]),
        "uns": int(app["uns"]), "iin": event.get("iin", {}).get("raw"),
        "transport_sequence": event.get("transport", {}).get("sequence"),
        "segment_lengths": [s["length"] for s in segments] or None,
        "segment_sequences": [s["sequence"] for s in segments] or None,
        "objects": [], "counts": [],
    }
    for an_object in application.get("objects", ()):
        _half_object(an_object, fields)
    return fields


def _half_object(an_object, fields):
    group = an_object["group"]
    if "variation" not in an_object:  # a fragment that ends in an object's header
        return
    fields["objects"].append(object_name(group, an_object["variation"]))
    fields["counts"].append(an_object.get("count", 0))
    for ours, theirs in (("prefix_code", "prefix_codes"), ("range_code", "range_codes"),
                         ("start", "starts"), ("stop", "stops")):
        if ours in an_object and (ours not in ("start", "stop")
                                  or an_object["range_code"] in START_STOP):
            fields.setdefault(theirs, []).append(an_object[ours])
    for point in an_object.get("points", ()):
        _half_point(point, group, fields)


def _half_point(point, group, fields):
    def add(name, value):
        fields.setdefault(name, []).append(value)
    if "index" in point:
        add("indexes", point["index"])
    if "online" in point:
        flags = sum(1 << bit for name, bit in FLAGS.items() if point.get(name))
        add("flags", flags & 0x1f if group in OUTPUTS else flags)
    if group == FILES:
        fields.update({theirs: point[ours] for ours, theirs in FILE.items() if ours in point})
    for ours, theirs in (("op_type", "op_types"), ("tcc", "trip_codes"), ("ontime", "on_times"),
                         ("offtime", "off_times"), ("status_code", "statuses"),
                         ("control_status", "statuses"), ("timestamp", "times"),
                         ("delay_ms", "times"), ("delay_secs", "times"), ("created", "times")):
        if ours in point:
            add(theirs, point[ours])
    for name in OCTETS:
        if name in point and group != ATTRIBUTE:
            add("octets", _octets(point[name]))
    if "op_type" in point:
        if "count" in point:
            add("repeats", point["count"])
    elif group == ATTRIBUTE:
        add("attributes", str(point.get("value", point.get("text"))))
    else:
        for name in VALUES:
            if name in point:
                value = point[name]
                add("values", real(value) if isinstance(value, float) else value)


def _octets(escaped):
    """In hex."""
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), escaped).encode(
        "latin-1").hex()


def joined(found):
    return found
