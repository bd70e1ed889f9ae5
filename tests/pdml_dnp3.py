"""What tshark shows of a DNP3 application fragment: lists of indexes, flags, values, times … of
all its points, in the order of bytes."""
import re

import pdml

ONCE = pdml.table(
    numbers={"dnp3.al.iin": "iin", "dnp3.al.file.mode": "file_mode",
             "dnp3.al.file.size": "file_size", "dnp3.al.file.maxblock": "file_block_size",
             "dnp3.al.file.reqID": "file_request", "dnp3.al.file.status": "file_status",
             "dnp3.al.file.handle": "file_handle", "dnp3.al.file.blocknum": "file_block"},
    texts={"dnp3.al.file_name": "file_name"})
LISTS = pdml.table(
    numbers={
        "dnp3.al.objq.prefix": "prefix_codes", "dnp3.al.objq.range": "range_codes",
        "dnp3.al.range.start": "starts", "dnp3.al.range.stop": "stops",
        "dnp3.al.point_index": "indexes", "dnp3.al.index": "indexes",
        "dnp3.ctl.op": "op_types", "dnp3.ctl.trip": "trip_codes", "dnp3.al.count": "repeats",
        "dnp3.al.on_time": "on_times", "dnp3.al.off_time": "off_times",
        "dnp3.al.ctrlstatus": "statuses",
    })
INTEGERS = {"dnp3.al.bit", "dnp3.al.2bit", "dnp3.al.cnt", "dnp3.al.ana.int",
            "dnp3.al.anaout.int"}
REALS = {"dnp3.al.ana.float", "dnp3.al.ana.double", "dnp3.al.anaout.float",
         "dnp3.al.anaout.double"}
COUNT = re.compile(r"Number of Items: (-?\d+)")
TIMES = ("dnp3.al.timestamp", "dnp3.al.reltimestamp", "dnp3.al.time_delay")
ATTRIBUTES = "dnp3.al.da."
DOUBLE_BIT, STRINGS = (3, 4), (110, 111)  # object groups
MASKS = {"biq": 0x3f, "boq": 0x1f, "ctrq": 0x7f, "aiq": 0x7f, "aoq": 0x1f}  # flags, no state


def object_name(group, variation):
    """tshark calls strings of all lengths variation 0."""
    return "%d.%d" % (group, 0 if group in STRINGS else variation)


def real(value):
    """Single precision is written in more or fewer digits."""
    return "%.5g" % float(value)


def application(proto):
    """{field: value, or all values in the order of bytes} of a fragment."""
    out = {**pdml.only(proto, ONCE), **pdml.fields(proto, LISTS)}
    out.update(_objects(proto))
    return out


def _objects(proto):
    out = {"objects": [], "counts": []}
    for element in proto.iter("field"):
        if element.get("name") == "dnp3.al.obj":
            number = pdml.number(element.get("show"))
            out["objects"].append(object_name(number >> 8, number & 255))
            out["counts"].append(_count(element))
            _points(element, number >> 8, out)
    return out


def _count(element):
    """Items that tshark sees; it calls those negative that make no sense."""
    found = (COUNT.match(field.get("show") or "") for field in element)
    return next((max(int(match[1]), 0) for match in found if match), 0)


def _points(element, group, out):
    for field in element.iter("field"):
        name, shown = field.get("name"), field.get("show") or ""
        if shown.startswith("Quality: ") and field.get("value"):
            _flags(field, group, out)
        elif name in INTEGERS:
            out.setdefault("values", []).append(int(shown))
        elif name in REALS:
            out.setdefault("values", []).append(real(shown))
        elif name in TIMES:
            out.setdefault("times", []).append(int.from_bytes(
                bytes.fromhex(field.get("value")), "little"))
        elif name == "dnp3.al.octet_string" or name == "dnp3.al.file.data":
            out.setdefault("octets", []).append(field.get("value"))
        elif name.startswith(ATTRIBUTES) and name != ATTRIBUTES + "length":
            out.setdefault("attributes", []).append(shown)


def _flags(field, group, out):
    """The byte of flags; of binary points the value is in it."""
    byte = int(field.get("value")[:2], 16)
    kind = field[0].get("name").split(".")[2]
    out.setdefault("flags", []).append(byte & MASKS[kind])
    if kind in ("biq", "boq"):
        out.setdefault("values", []).append(byte >> 6 if group in DOUBLE_BIT else byte >> 7)
