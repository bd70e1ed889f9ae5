"""The header of an S7comm-plus message as the shared corpus' truth has it (tshark 4.0 knows
nothing of it) and as ironspan writes it."""
from message import Message

NAME, TRUTH = "s7commplus", "s7plus"
LAYERS = ()
HEADER = ("version", "opcode_raw", "function_raw", "sequence_number")
FIRST_PARTS = ()  # of every message, even of a cut one
LOSS_CHANGES = ()
ESSENCE = None


def _message(place, version, opcode, fields):
    fields = {name: value for name, value in fields.items() if value is not None}
    return Message(*place, NAME, (("version", version), ("opcode", opcode)), "", fields)


# ---- the truth ----

def truth(row):
    place = int(row["frame"]), row["src"], int(row["sport"]), row["dst"], int(row["dport"])
    return _message(place, int(row["version"]), row["opcode"] or None, {
        "data_length": int(row["data_len"]), "length": int(row["payload_len"]),
        "function": int(row["function"], 16) if row["function"] else None,
        "sequence": int(row["seq"]) if row["seq"] else None,
        "session": int(row["session"], 16) if row["session"] else None})


def is_in_truth(_):
    return True


def pdus(_):
    return ()


def whole(found):
    return found


# ---- ironspan ----

def half(place, _, event):
    return _message(place, event.get("version"), event.get("opcode"), {
        "data_length": event.get("data_length"), "length": event.get("length"),
        "function": event.get("function_raw"), "sequence": event.get("sequence_number"),
        "session": event.get("session_id", event.get("object_id"))})


def joined(found):
    """COTP's own messages are the same as S7comm's, and compared there."""
    return [m for m in found if dict(m.ident)["version"] is not None]
