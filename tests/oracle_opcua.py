"""An OPC UA message as tshark shows it, as the shared corpus' truth has it, and as ironspan
writes it: one set of fields. What a service carries is compared by the names of its fields:
all values of a name, in the order of bytes."""
import calendar
import re
from datetime import datetime

import pdml
from message import Message
from pdml_opcua import canonical, leaves, real

NAME, TRUTH = "opcua", "opcua"
LAYERS = ("opcua",)
HEADER = ("message_type", "secure_channel_id")
FIRST_PARTS = ("message_type",)  # of every message, even of a cut one
LOSS_CHANGES = ("sequence_skipped", "chunk", "chunks", "size")
ESSENCE = None
IDENT = (*HEADER, "sequence_number", "request_id")

TRANSPORT = pdml.table(
    numbers={"opcua.transport.size": "size", "opcua.transport.ver": "version",
             "opcua.transport.scid": "secure_channel_id",
             "opcua.transport.rbs": "receive_buffer_size",
             "opcua.transport.sbs": "send_buffer_size",
             "opcua.transport.mms": "max_message_size",
             "opcua.transport.mcc": "max_chunk_count",
             "opcua.transport.error": "error", "opcua.security.seq": "sequence_number",
             "opcua.security.rqid": "request_id", "opcua.security.tokenid": "token_id",
             "opcua.servicenodeid.numeric": "service_id"},
    texts={"opcua.transport.type": "message_type", "opcua.transport.chunk": "chunk",
           "opcua.transport.endpoint": "endpoint_url", "opcua.transport.suri": "server_uri",
           "opcua.transport.reason": "reason", "opcua.security.spu": "security_policy"})
COLUMNS = {"size": "size", "secure_channel_id": "secure_channel_id", "token_id": "token_id",
           "seq": "sequence_number", "request_id": "request_id", "service_nodeid": "service_id",
           "error": "error"}
ALIASES = {  # ours: ours, where tshark has one name
    "notification_sequence_number": "sequence_number", "view_timestamp": "timestamp",
    "server_type": "application_type", "target_node_class": "node_class",
    "cancelled_request_handle": "request_handle", "update_type": "history_update_type",
}
BODY = "body."  # before names of what the service carries; empty texts do not count
SMALL = 0x10000
MODES = ("Invalid", "None", "Sign", "SignAndEncrypt")
REQUEST_TYPES = ("Issue", "Renew")
def _message(place, fields, malformed=False):
    ident = tuple((name, fields.pop(name, None)) for name in IDENT)
    return Message(*place, NAME, ident, "", fields, malformed)


def whole(found):
    """A message of several chunks is one, and ends with its last. Which encrypted chunks belong
    together cannot be seen: each counts."""
    chunks, out = {}, []
    secure = {_channel(m) for m in found if _is_secure(m)}
    readable = {_channel(m) for m in found if m.fields.pop("is_read", False)}
    for message in found:
        kind, channel = message.ident[0][1], _channel(message)
        is_last = message.fields.pop("chunk", "F") != "C"
        if (_is_secure(message) or kind in ("MSG", "CLO") and channel not in readable
                and not _is_counted(message)):
            out.append(_encrypted(message))
            continue
        key = (*message.key()[:4], message.ident[1], message.ident[3])
        chunks.setdefault(key, []).append(message)
        if is_last:
            out.append(_joined(chunks.pop(key), channel in secure))
    return out


def _channel(message):
    ends = frozenset((message.key()[:2], message.key()[2:4]))
    return ends, message.ident[1]


def _is_counted(message):
    """Numbers that begin at 1, not bytes of a secret."""
    return all(value < SMALL for _, value in message.ident[2:])


def _is_secure(message):
    return (message.ident[0][1] == "OPN"
            and not message.fields.get("security_policy", "#None").endswith("#None"))


def _body(message):
    return [name for name in message.fields if name.startswith(BODY)]


def _encrypted(message):
    """tshark shows bytes of the secret as numbers."""
    message.ident = (*message.ident[:2], *((name, None) for name, _ in message.ident[2:]))
    for name in ("service_id", *_body(message)):
        if name != BODY + "thumbprint":
            message.fields.pop(name, None)
    return message


def _joined(pieces, is_signed):
    """Sequence numbers are the chunks': the first one's. tshark leaves the signatures of chunks
    between their bodies."""
    message = pieces[-1]
    message.ident = pieces[0].ident
    if len(pieces) > 1:
        message.fields["chunks"] = len(pieces)
        message.fields["size"] = sum(piece.fields["size"] for piece in pieces)
        for name in _body(message) if is_signed else ():
            del message.fields[name]
    return message


def is_in_truth(_):
    return True


# ---- the truth ----

def truth(row):
    place = int(row["frame"]), row["src"], int(row["sport"]), row["dst"], int(row["dport"])
    fields = {ours: pdml.number(row[theirs]) for theirs, ours in COLUMNS.items() if row[theirs]}
    fields.update(message_type=row["msg_type"], chunk=row["chunk"],
                  is_read=bool(row["service_nodeid"]) and row["msg_type"] != "OPN")
    for theirs, ours in (("security_policy", "security_policy"), ("endpoint", "endpoint_url")):
        if row[theirs]:
            fields[ours] = row[theirs]
    for theirs, ours, names in (
            ("security_modes", "security_mode", MODES),
            ("token_request_type", "request_type", REQUEST_TYPES),
            ("service_result", "service_result_raw", None)):
        if row[theirs] and (names is None or row["msg_type"] == "OPN"):
            number = pdml.number(row[theirs])
            fields[BODY + ours] = [names[number] if names else number]
    if row["username"]:
        fields[BODY + "user_name"] = [row["username"]]
    return _message(place, fields, bool(row["malformed"]))


# ---- tshark ----

def pdus(packet):
    for _, proto in packet.layers:
        fields = pdml.only(proto, TRANSPORT)
        if "message_type" in fields:
            for name, value in leaves(proto):
                fields.setdefault(BODY + name, []).append(value)
            if not fields.get("service_id"):  # none that tshark understands
                fields.pop("service_id", None)
            fields["is_read"] = (fields["message_type"] != "OPN"
                                 and any(name.startswith(BODY) for name in fields))
            yield _message(packet.place(), fields, packet.is_malformed)


# ---- ironspan ----

OUTSIDE = {  # of bodies
    "size": "size", "token_id": "token_id", "chunks": "chunks", "service_id": "service_id",
    "security_policy": "security_policy", "protocol_version": "version",
    "receive_buffer_size": "receive_buffer_size", "send_buffer_size": "send_buffer_size",
    "max_message_size": "max_message_size", "max_chunk_count": "max_chunk_count",
    "error_raw": "error", "reason": "reason",
}
TRANSPORT_TYPES = ("HEL", "ACK", "ERR", "RHE")
ISO_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z")
FROM_1601 = 11644473600  # seconds, to 1970


def half(place, name, event):
    fields = {name: event.get(name) for name in IDENT}
    fields.update({theirs: event[ours] for ours, theirs in OUTSIDE.items() if ours in event})
    if event["message_type"] in TRANSPORT_TYPES:
        fields.update({name: event[name] for name in ("endpoint_url", "server_uri")
                       if name in event})
    else:
        _half_body({name: value for name, value in event.items()
                    if name not in OUTSIDE and name not in IDENT}, fields)
    return _message(place, fields)


def _half_body(group, fields):
    for name, value in group.items():
        if isinstance(value, dict) and "thumbprint" in value:
            fields.setdefault(BODY + "thumbprint", []).append(value["thumbprint"].lower())
        elif isinstance(value, dict):
            _half_body(value, fields)
        elif isinstance(value, list):
            for element in value:
                _half_body(element if isinstance(element, dict) else {name: element}, fields)
        else:
            value = _half_scalar(value)
            if value is not None:
                fields.setdefault(BODY + ALIASES.get(name, name), []).append(value)


def _half_scalar(value):
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return real(value)
    time = ISO_TIME.fullmatch(value) if isinstance(value, str) else None
    if time:
        seconds = calendar.timegm(datetime.fromisoformat(time[1]).timetuple()) + FROM_1601
        return (seconds * 10**7 + int((time[2] or "0").ljust(7, "0")[:7])) or None
    return (canonical(value) if isinstance(value, str) else value) if value != "" else None


def joined(found):
    return found
