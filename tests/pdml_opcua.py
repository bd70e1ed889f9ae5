"""What tshark shows of an OPC UA service, as names and values: names are those of the
specification in the spelling of ironspan's JSON."""
import base64
import hashlib
import re

import pdml

NAMES = {  # tshark's: ours
    "message_security_mode": "security_mode", "user_token_type": "token_type",
    "security_token_request_type": "request_type", "returndiag": "return_diagnostics",
    "results": "status_code", "add_results": "status_code", "remove_results": "status_code",
    "operation_results": "status_code", "input_argument_results": "status_code",
    "data_status_codes": "status_code", "operand_status_codes": "status_code",
    "configuration_results": "status_code", "string_table": "string",
    "discovery_urls": "discovery_url", "server_uris": "server_uri", "locale_ids": "locale_id",
    "profile_uris": "profile_uri", "subscription_ids": "subscription_id",
    "available_sequence_numbers": "sequence_number", "server_names": "server_name",
    "monitored_item_ids": "monitored_item_id", "continuation_points": "continuation_point",
    "server_capability_filter": "server_capability", "nodes_to_register": "node_id",
    "nodes_to_unregister": "node_id", "registered_node_ids": "node_id",
    "select_clause_results": "status_code", "browse_path": "browse_name",
    "type_definition_id": "type_definition", "type_definition_node": "type_definition",
    "include_sub_types": "include_subtypes", "req_times": "req_time",
    "retransmit_sequence_number": "sequence_number", "links_to_add": "monitored_item_id",
    "links_to_remove": "monitored_item_id", "data_change_trigger": "trigger",
    "array_dimensions": "dimension", "namespace": "namespace_uri_index",
    "event_ids": "event_id", "axis_steps": "axis_step",
    "axis_scale_enumeration": "axis_scale_type", "client_user_id_history": "client_user_id",
    "perform_update_type": "perform_insert_replace",
    "server_capabilities": "server_capability", "locale": "locale_index", "localized_text": "localized_text_index",
}
FLAGS = ("write_mask", "user_write_mask", "access_level", "user_access_level",
         "event_notifier", "resultmask", "nodeclassmask", "specified_attributes")
XML = ("opcua.XmlElement", "opcua.XmlElements")
SECRETS = ("password", "token_data")
CERTIFICATES = {"server_certificate", "client_certificate", "certificate_data", "scert"}
NODE_IDS = ("NodeId", "ExpandedNodeId")
SKIPPED = ("AdditionalHeader", "TypeId")  # TypeId: of the service, or of a structure
HEADERS = ("opcua.transport.", "opcua.security.", "opcua.servicenodeid.")
CERTIFICATE = "opcua.security.scert"
OCTETS = re.compile(r"([0-9a-f]{2}:)+[0-9a-f]{2}")
TIME = re.compile(r"[A-Z][a-z]{2} [ \d]\d, \d{4} |No time specified")
MASKS = ("encodingmask", ".mask", ".has_", "ArraySize", "_ws.", "returndiag.", "filtered",
         "statuscode.", "nodeclassmask.", "resultmask.")


def leaves(proto):
    """(name, value) of all fields that carry something, in the order of bytes."""
    for name, value in _leaves(proto, None):
        if value is not None and name not in FLAGS and name not in SECRETS:
            yield NAMES.get(name, name), value


def _snake(label):
    """"NodesToRead" is nodes_to_read."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", label).lower()


def _label(element):
    """(label, type) of "TypeId: ExpandedNodeId" or "[0]: ReadValueId"."""
    text = re.sub(r"^\[\d+\]: ", "", element.get("show") or "")
    label, _, kind = text.partition(": ")
    return label, kind


def _leaves(element, variable):
    """(name, value) of all fields below; what is in a variable is named `value`."""
    for field in element:
        name = field.get("name")
        if name == "":
            yield from _structure(field, element, variable)
        elif name == CERTIFICATE or not name.startswith(HEADERS) and not any(
                mask in name for mask in MASKS):
            yield from _leaf(field, variable or _snake(name.rsplit(".", 1)[1]))
        elif name == "opcua.variant.has_value":
            yield from _leaves(field, variable)


def _leaf(field, name):
    if name in CERTIFICATES:
        yield "thumbprint", _thumbprint(field.get("value") or "")
    elif field.get("name") in XML:
        yield name, _xml(field)
    elif name != "byte_string":  # the body of an unknown structure
        yield name, _scalar(field)
    if name == "service_result":
        yield "service_result_raw", pdml.number(field.get("show"))


def _xml(field):
    """Its text; of null and empty ones tshark gives the length."""
    value = bytes.fromhex(field.get("value") or "")
    is_length = value in (b"\xff" * 4, bytes(4))
    return None if is_length else value.decode(errors="replace") or None


def _thumbprint(value):
    """SHA-1 of the first certificate of a chain; None if there is none."""
    der = bytes.fromhex(value)
    if der[:2] != b"\x30\x82":
        return None
    return hashlib.sha1(der[:4 + int.from_bytes(der[2:4], "big")]).hexdigest()


def _structure(field, parent, variable):
    label, kind = _label(field)
    if label.strip() in SKIPPED:
        return
    if not kind:  # an element of an array: its name is the array's
        kind, label = label, _label(parent)[0]
    name = variable or _snake(label)
    if label == "AuthenticationToken":
        yield name, _token(field)
    elif kind in NODE_IDS:
        yield name, _node_id(field)
    elif kind == "QualifiedName":
        yield name, _qualified_name(field)
    elif kind == "LocalizedText":
        yield name, pdml.show(field, "opcua.loctext.Text")
    elif kind == "Variant":
        yield from _leaves(field, "value")
    elif kind == "ArrayDimensions":
        yield from _leaves(field, "dimension")
    elif variable and kind in ("Array of Byte", "Array of SByte"):
        yield name, canonical("".join(f.get("value") for f in field
                                       if f.get("name") != "opcua.variant.ArraySize"))
    else:
        yield from _leaves(field, variable if kind.startswith("Array of ") else None)


def _scalar(field):
    """Statuses and enumerations by name, times as 100 ns since 1601; None if it is empty."""
    shown, said = field.get("show") or "", field.get("showname") or ""
    named = re.search(r"\[(\w+)\]$", said) or re.search(r": (\w+) \(0x[0-9a-f]+\)$", said)
    if not shown or "[OpcUa Null" in said or "[OpcUa Empty" in said:
        return None
    if named and named[1] != "Unknown":
        return named[1]
    if TIME.match(shown):
        return int.from_bytes(bytes.fromhex(field.get("value")), "little") or None
    return canonical(shown)


def canonical(text):
    """Whether a text that looks like a number is one, PDML does not tell."""
    if OCTETS.fullmatch(text):
        text = text.replace(":", "")
    if re.fullmatch(r"0x[0-9a-f]+|-?\d+", text):
        return pdml.number(text)
    if re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", text):
        return real(text)
    return text


def real(value):
    """Single precision is written in more or fewer digits."""
    value = float(value)
    return int(value) if value.is_integer() else "%.5g" % value


def _node_id(field):
    """As the specification writes it: ns=2;s=Pump."""
    parts = {f.get("name"): f.get("show") for f in field.iter("field")}
    namespace = parts.get("opcua.nodeid.nsindex", "0")
    server = parts.get("opcua.expandednodeid.ServerIndex", "0")
    prefix = "ns=%s;" % namespace if namespace != "0" else ""
    for letter, name in (("i", "numeric"), ("s", "string"), ("g", "guid"), ("b", "bytestring")):
        if "opcua.nodeid." + name in parts:
            value = parts["opcua.nodeid." + name]
            if letter == "b":
                value = base64.b64encode(bytes.fromhex(value.replace(":", ""))).decode()
            return "%s%s%s=%s" % ("svr=%s;" % server if server != "0" else "", prefix, letter,
                                  value)
    return None


def _token(field):
    """A secret, which ironspan shows as the beginning of its hash, if it is not null."""
    encoded = bytes.fromhex(field.get("value"))
    return ("sha256:" + hashlib.sha256(encoded).hexdigest()[:16] if len(encoded) > 2
            else _node_id(field))


def _qualified_name(field):
    name = pdml.show(field, "opcua.qualname.Name")
    number = pdml.show(field, "opcua.qualname.Id")
    return (name or None) if number == "0" else "%s:%s" % (number, name)
