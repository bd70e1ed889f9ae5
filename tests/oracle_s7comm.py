"""An S7comm message as tshark shows it, as the shared corpus' truth has it, and as ironspan
writes it: one set of fields, named by their place in ironspan's JSON, each a list of all values
of that name. COTP's own messages are compared where S7comm follows them."""
import hashlib

import pdml
from message import Message, flat

NAME, TRUTH = "s7comm", "s7comm"
LAYERS = ("cotp", "s7comm")
HEADER = ("rosctr_raw", "pdu_ref", "cotp")
FIRST_PARTS = ()  # of every message, even of a cut one
LOSS_CHANGES = ("transfer",)
ESSENCE = None

TPDUS = {0x0e: "CR", 0x0d: "CC", 0x08: "DR", 0x0c: "DC", 0x07: "ER"}
COTP = pdml.table(
    numbers={"cotp.destref": "cotp.dst_ref", "cotp.srcref": "cotp.src_ref",
             "cotp.class": "cotp.class", "cotp.tpdu_size": "cotp.tpdu_size"},
    octets={"cotp.src-tsap-bytes": "cotp.src_tsap", "cotp.dst-tsap-bytes": "cotp.dst_tsap"})
FIELDS = pdml.table(
    numbers={
        "s7comm.header.rosctr": "rosctr_raw", "s7comm.header.pduref": "pdu_ref",
        "s7comm.header.errcls": "error.class_raw", "s7comm.header.errcod": "error.code",
        "s7comm.param.func": "function_raw", "s7comm.param.itemcount": "item_count",
        "s7comm.param.maxamq_calling": "setup.max_amq_calling",
        "s7comm.param.maxamq_called": "setup.max_amq_called",
        "s7comm.param.pdu_length": "setup.pdu_length",
        "s7comm.param.item.syntaxid": "items.syntax_raw",
        "s7comm.param.item.transp_size": "items.transport_size_raw",
        "s7comm.param.item.length": "items.length",
        "s7comm.param.item.db": "items.db", "s7comm.param.item.area": "items.area_raw",
        "s7comm.param.item.address": "items.address",
        "s7comm.param.item.address.byte": "items.byte",
        "s7comm.param.item.address.bit": "items.bit",
        "s7comm.param.item.address.number": "items.number",
        "s7comm.data.returncode": "data.return_code_raw",
        "s7comm.data.transportsize": "data.transport_size_raw",
        "s7comm.data.length": "data.length",
        "s7comm.alarm.query.complete_length": "data.length",
        "s7comm.param.userdata.type": "userdata.type_raw",
        "s7comm.param.userdata.funcgroup": "userdata.function_group_raw",
        "s7comm.param.userdata.subfunc": "userdata.subfunction_raw",
        "s7comm.param.userdata.seq_num": "userdata.sequence",
        "s7comm.param.userdata.dataunitref": "userdata.data_unit_ref",
        "s7comm.param.userdata.lastdataunit": "userdata.last_data_unit",
        "s7comm.param.errcod": "userdata.error_raw",
        "s7comm.data.blockcontrol.errorcode": "transfer.error",
        "s7comm.data.blockcontrol.uploadid": "transfer.upload_id",
        "s7comm.data.blockcontrol.loadmem_len": "transfer.load_memory_length",
        "s7comm.data.blockcontrol.mc7code_len": "transfer.mc7_length",
        "s7comm.blockinfo.block_num": "blocks.number",
        "s7comm.blockinfo.block_count": "blocks.count",
        "s7comm.blockinfo.flags": "blocks.flags",
        "s7comm.blockinfo.block_lang": "blocks.language_raw",
        "s7comm.blockinfo.load_mem_len": "blocks.load_memory_length",
        "s7comm.blockinfo.ssb_len": "blocks.ssb_length",
        "s7comm.blockinfo.add_len": "blocks.add_length",
        "s7comm.blockinfo.localdata_len": "blocks.local_data_length",
        "s7comm.blockinfo.mc7_len": "blocks.mc7_length",
        "s7comm.blockinfo.checksum": "blocks.checksum",
        "s7comm.data.userdata.szl_id": "szl.id", "s7comm.data.userdata.szl_index": "szl.index",
        "s7comm.data.userdata.szl_id.partlist_len": "szl.record_length",
        "s7comm.data.userdata.szl_id.partlist_cnt": "szl.record_count",
        "s7comm.szl.xy11.0001.bgtyp": "szl.records.module_type",
        "s7comm.szl.xy11.0001.ausbg": "szl.records.ausbg",
        "s7comm.szl.xy11.0001.ausbe": "szl.records.ausbe",
        "s7comm.szl.xy74.0000.led_on": "szl.records.on",
        "s7comm.szl.xy74.0000.led_blink": "szl.records.blink",
        "s7comm.szl.0132.0004.key": "szl.records.protection.key",
        "s7comm.szl.0132.0004.param": "szl.records.protection.assigned",
        "s7comm.szl.0132.0004.real": "szl.records.protection.valid",
        "s7comm.szl.0132.0004.crst_wrst": "szl.records.protection.startup_switch",
        "s7comm.szl.0131.0001.pdu": "szl.records.pdu_length",
        "s7comm.szl.0131.0001.anz": "szl.records.max_connections",
        "s7comm.szl.0132.0001.res_pg": "szl.records.reserved_pg",
        "s7comm.szl.0132.0001.res_os": "szl.records.reserved_os",
        "s7comm.szl.0132.0001.u_pg": "szl.records.used_pg",
        "s7comm.szl.0132.0001.u_os": "szl.records.used_os",
        "s7comm.szl.0132.0001.free": "szl.records.free_connections",
        "s7comm.cpu.diag_msg.eventid": "szl.records.event_id",
        "s7comm.varstat.req.memory_area": "variables.area_raw",
        "s7comm.varstat.req.repetition_factor": "variables.count",
        "s7comm.varstat.req.db_number": "variables.db",
        "s7comm.varstat.req.startaddress": "variables.byte",
        "s7comm.tis.parametersize": "test.parameter_size",
        "s7comm.tis.datasize": "test.data_size", "s7comm.tis.param2": "test.trigger",
        "s7comm.tis.param3": "test.frequency", "s7comm.varstat.trgevent": "test.trigger_event",
        "s7comm.tis.job.function": "test.jobs.function_raw",
        "s7comm.tis.job.response_seq_num": "test.jobs.sequence",
        "s7comm.alarm.function": "alarm.function", "s7comm.alarm.nr_objects": "alarm.object_count",
    },
    texts={
        "s7comm.param.pistart.servicename": "pi_service",
        "s7comm.param.pistart.argument": "pi_argument",
        "s7comm.param.blockcontrol.filename": "blocks.file_name",
    },
    padded={
        "s7comm.blockinfo.author": "blocks.author", "s7comm.blockinfo.family": "blocks.family",
        "s7comm.blockinfo.headername": "blocks.header_name",
        "s7comm.blockinfo.headerversion": "blocks.version",
        "s7comm.cpu.msg.username": "username",
        **{"s7comm.szl.001c.000%s" % name: "szl.records.text" for name in (
            "1.name", "2.name", "3.tag", "4.copyright", "5.serialn", "7.cputypname",
            "8.snmcmmc", "b.loc_id")},
    },
    octets={"s7comm.resp.data": "data.data"})
# Not in ironspan's JSON where they are 0.
ZEROS = ("error.class_raw", "error.code", "transfer.error", "transfer.upload_id")
SYNTAXES = {"s7any": 0x10, "nck": 0x82, "nck_metric": 0x83, "nck_inch": 0x84,
            "drive_es_any": 0xa2, "db_read": 0xb0, "1200_symbolic": 0xb2}
TYPES = {name: number for number, name in enumerate((
    "", "BIT", "BYTE", "CHAR", "WORD", "INT", "DWORD", "DINT", "REAL", "", "TOD", "TIME",
    "S5TIME", "", "", "DATE_AND_TIME"))} | {"COUNTER": 28, "TIMER": 29, "IEC_TIMER": 30,
                                            "IEC_COUNTER": 31, "HS_COUNTER": 32}
DATA_TYPES = {"NULL": 0, "BIT": 3, "BYTE_WORD_DWORD": 4, "INTEGER": 5, "DINTEGER": 6, "REAL": 7,
              "OCTET_STRING": 9, "NCK_ADDRESS1": 0x11, "NCK_ADDRESS2": 0x12}
NAMED = (("items", "syntax", SYNTAXES), ("items", "transport_size", TYPES),
         ("data", "transport_size", DATA_TYPES))  # ironspan has their numbers by name alone
JOB = 1
BEGINS, ENDS = (0x1a, 0x1d), (0x1c, 0x1f)  # requests of download and upload
BLOCK_FUNCTIONS = (0x1b, 0x1e)  # download and upload: their data are a part of a block
ALARM = "alarm.object_count"
BLOCK_DATA = {"data.data": "transfer.data", "data.length": "transfer.data_length"}
IN_ALARMS = {"items.syntax_raw": "alarm.objects.syntax_raw"}
IN_EACH = ("szl.id", "szl.index")  # of these units
LISTS = ("szl.", "blocks.")  # may come in several data units


def _message(place, fields, malformed=False):
    if "userdata.type_raw" not in fields:  # tshark names the header's error again
        fields.pop("userdata.error_raw", None)
    ident = (("rosctr", fields.pop("rosctr_raw", [None])[0]),
             ("ref", fields.pop("pdu_ref", [None])[0]))
    return Message(*place, NAME, ident, "", fields, malformed)


def _tpdu(place, kind, fields):
    ident = (("tpdu", kind), ("src", fields.pop("cotp.src_ref", [None])[0]),
             ("dst", fields.pop("cotp.dst_ref", [None])[0]))
    return Message(*place, NAME, ident, "", fields)


# ---- the truth ----

COLUMNS = {
    "rosctr": "rosctr_raw", "pduref": "pdu_ref", "err_class": "error.class_raw",
    "err_code": "error.code", "function": "function_raw", "item_count": "item_count",
    "item_area": "items.area_raw", "item_db": "items.db", "item_length": "items.length",
    "return_codes": "data.return_code_raw", "ud_type": "userdata.type_raw",
    "ud_funcgroup": "userdata.function_group_raw", "ud_subfunc": "userdata.subfunction_raw",
    "ud_seq": "userdata.sequence", "ud_lastdataunit": "userdata.last_data_unit",
    "param_errcod": "userdata.error_raw",
}
TEXTS = {"pi_service": "pi_service", "block_filename": "blocks.file_name"}


def truth(row):
    fields = {ours: [pdml.number(n) for n in row[theirs].split(",")]
              for theirs, ours in COLUMNS.items() if row[theirs]}
    fields.update({ours: [row[theirs]] for theirs, ours in TEXTS.items() if row[theirs]})
    place = int(row["frame"]), row["src"], int(row["sport"]), row["dst"], int(row["dport"])
    return _message(place, fields, bool(row["malformed"]))


def is_in_truth(message):
    """COTP's own messages are not."""
    return message.ident[0][0] == "rosctr"


# ---- tshark ----

def pdus(packet):
    for name, proto in packet.layers:
        if name == "s7comm":
            yield _message(packet.place(), _renamed(pdml.fields(proto, FIELDS)))
        else:
            kind = TPDUS.get(pdml.number(pdml.show(proto, "cotp.type") or "0"))
            if kind:
                yield _tpdu(packet.place(), kind, pdml.fields(proto, COTP))


def _renamed(fields):
    is_block = fields.get("function_raw", [0])[0] in BLOCK_FUNCTIONS
    names = (BLOCK_DATA if is_block else {}) | (IN_ALARMS if ALARM in fields else {})
    return {names.get(name, name): values for name, values in fields.items()}


def _ends(message):
    return frozenset(((message.src, message.sport), (message.dst, message.dport)))


def whole(found):
    """Of COTP's own messages those of connections with S7comm."""
    ours = {_ends(m) for m in found if m.ident[0][0] == "rosctr"}
    out = joined(m for m in found if _ends(m) in ours)
    _hash_blocks(out)
    return out


def _hash_blocks(found):
    """What ironspan says of a block at its end: its size, and its hash."""
    blocks = {}
    for message in found:
        function = message.fields.get("function_raw", [None])[0]
        key = _ends(message)
        if function in BEGINS and message.ident[0][1] == JOB:
            blocks[key] = b""
        elif function in BLOCK_FUNCTIONS and key in blocks:
            data = message.fields.pop("transfer.data", [""])[0]
            blocks[key] += bytes.fromhex(data)
        elif function in ENDS and message.ident[0][1] == JOB and blocks.get(key):
            message.fields["transfer.size"] = [len(blocks[key])]
            message.fields["transfer.sha256"] = [hashlib.sha256(blocks.pop(key)).hexdigest()]


def joined(found):
    """A list that comes in several data units is compared as one, in the last of them: ironspan
    shows what is in each unit, tshark all of it at the end."""
    out, parts = list(found), {}
    for message in out:
        unit = message.fields.get("userdata.data_unit_ref", [0])[0]
        if unit:
            part = parts.setdefault((message.src, message.sport, message.dport, unit), {})
            for name in [n for n in message.fields if n.startswith(LISTS)]:
                part.setdefault(name, []).extend(message.fields.pop(name))
            if message.fields["userdata.last_data_unit"] == [0]:
                message.fields.update(part)
                part.clear()
        for name in IN_EACH:
            if name in message.fields:
                message.fields[name] = message.fields[name][:1]
    return out


# ---- ironspan ----

def half(place, name, event):
    if "cotp" in event and "rosctr" not in event:
        return _tpdu(place, event["cotp"]["pdu_type"], flat(event))
    for group, key, names in NAMED:
        for element in event.get(group, ()):
            if key in element:
                element.setdefault(key + "_raw", names.get(element[key]))
    fields = flat(event)
    for name in ZEROS:
        fields.setdefault(name, [0])
    texts = [text for text in fields.get("szl.records.text", ()) if text]
    if texts:
        fields["szl.records.text"] = texts
    return _message(place, fields)
