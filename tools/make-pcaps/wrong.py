"""One wrong message in each conversation, right ones before and behind it.

The conversations of a file have client ports from FIRST_PORT on, in the order of its list.
Each row: what is wrong, the request, the response (None: none), and the events it must
raise, once. EXPECTED lists the same for the tests.
"""
from modbus import HMI, PLC, counted, exception, identity, mbap, pdu, read_pair, registers
from wire import Tape, Tcp

FIRST_PORT = 42000
VALUE, LENGTH, EXTRA = "invalid_value", "invalid_length", "extra_bytes"
QUANTITY, BYTE_COUNT, OVERFLOW = "invalid_quantity", "invalid_byte_count", "address_overflow"
FUNCTION, UNIT, PROTOCOL = ("invalid_function_code", "invalid_unit_identifier",
                            "invalid_protocol_id")
MISMATCH, UNSOLICITED = "value_mismatch", "unsolicited_response"

T = 7  # the wrong message's transaction


def ask(body, **header):
    return mbap(T, body, **header)


# What a client says wrong. A device refuses most of it with exception 3.
REQUESTS = [
    ("read of no register", ask(pdu(3, 0, 0)), QUANTITY),
    ("read of 126 registers", ask(pdu(3, 0, 126)), QUANTITY),
    ("read of 126 input registers", ask(pdu(4, 0, 126)), QUANTITY),
    ("read of 2001 coils", ask(pdu(1, 0, 2001)), QUANTITY),
    ("read of no input", ask(pdu(2, 0, 0)), QUANTITY),
    ("read past address 65535", ask(pdu(3, 65535, 2)), OVERFLOW),
    ("read of coils past 65535", ask(pdu(1, 65529, 8)), OVERFLOW),
    ("coil value neither on nor off", ask(pdu(5, 1, 0x1234)), VALUE),
    ("coil value 00FF", ask(pdu(5, 1, 0x00ff)), VALUE),
    ("write of no coil", ask(pdu(15, 0, 0, tail=b"\x00")), QUANTITY),
    ("write of 1969 coils", ask(pdu(15, 0, 1969, tail=b"\xf7" + bytes(247))), QUANTITY),
    ("coils: byte count too small", ask(pdu(15, 0, 17, tail=b"\x02\xff\xff")), BYTE_COUNT),
    ("coils: byte count too large", ask(pdu(15, 0, 8, tail=b"\x02\xff\xff")), BYTE_COUNT),
    ("write of no register", ask(pdu(16, 0, 0, tail=b"\x00")), QUANTITY),
    ("write of 124 registers", ask(pdu(16, 0, 124, tail=b"\xf6" + registers(123))), QUANTITY),
    ("registers: byte count odd", ask(pdu(16, 0, 2, tail=b"\x03\0\1\0")), BYTE_COUNT),
    ("registers: byte count too small", ask(pdu(16, 0, 2, tail=b"\x02\0\1")), BYTE_COUNT),
    ("registers past 65535", ask(pdu(16, 65535, 2, tail=b"\x04\0\1\0\2")), OVERFLOW),
    ("read and write: 126 read", ask(pdu(23, 0, 126, 0, 1, tail=b"\x02\0\1")), QUANTITY),
    ("read and write: none written", ask(pdu(23, 0, 1, 0, 0, tail=b"\x00")), QUANTITY),
    ("read and write: 122 written",
     ask(pdu(23, 0, 1, 0, 122, tail=b"\xf2" + registers(121))), QUANTITY),
    ("read and write: byte count", ask(pdu(23, 0, 1, 0, 2, tail=b"\x02\0\1")), BYTE_COUNT),
    ("file read: byte count no multiple of 7", ask(b"\x14\x06\x06\0\4\0\1\0"), BYTE_COUNT),
    ("file read: reference type 5", ask(b"\x14\x07\x05\0\4\0\1\0\2"), "invalid_reference_type"),
    ("file write: record longer than the message", ask(b"\x15\x09\x06\0\4\0\7\0\3\0\1"), LENGTH),
    ("device identification: code 5", ask(b"\x2b\x0e\x05\x00"), VALUE),
    ("read: two bytes too many", ask(pdu(3, 0, 4, 0)), EXTRA),
    ("read: cut short", ask(b"\x03\0\0\0"), LENGTH),
    ("registers: bytes behind the data", ask(pdu(16, 0, 1, tail=b"\x02\0\1\xaa\xbb")), EXTRA),
    ("registers: data cut short", ask(pdu(16, 0, 2, tail=b"\x04\0\1")), LENGTH),
    ("mask write: cut short", ask(pdu(22, 4, 0xf2)), LENGTH),
    ("restart with a value of its own", ask(pdu(8, 1, 0x1234)), VALUE),
    ("diagnostics without a subfunction", ask(b"\x08"), LENGTH),
    ("function code 0", ask(b"\0\0\0\0\1"), FUNCTION),
    ("function code 128", ask(b"\x80\0\0\0\1"), FUNCTION),
    ("exception sent by the client", ask(exception(3, 2)), "exception_from_client"),
    ("protocol id 1", ask(pdu(3, 0, 4), protocol=1), PROTOCOL),
    ("unit 250", ask(pdu(3, 0, 4), unit=250), UNIT),
    ("length field 1", mbap(T, b"", length=1), LENGTH),
    ("length field 0", mbap(T, b"", length=0)[:6], LENGTH),
    ("length field 255", ask(pdu(16, 0, 123, tail=b"\xf6" + bytes(248))), LENGTH),
]

# What a device answers wrong.
RESPONSES = [
    ("registers: too few for the request", pdu(3, 0, 4), counted(3, registers(3)), MISMATCH),
    ("registers: too many", pdu(4, 0, 4), counted(4, registers(5)), MISMATCH),
    ("registers: odd byte count", pdu(3, 0, 4), counted(3, bytes(7)), BYTE_COUNT),
    ("registers: byte count beyond the message", pdu(3, 0, 4), b"\x03\x08" + bytes(6), BYTE_COUNT),
    ("registers: bytes behind the data", pdu(3, 0, 4), b"\x03\x08" + bytes(9), BYTE_COUNT),
    ("coils: too few bytes", pdu(1, 0, 17), counted(1, bytes(2)), MISMATCH),
    ("coil echo: other address", pdu(5, 1, 0xff00), pdu(5, 2, 0xff00), MISMATCH),
    ("coil echo: other value", pdu(5, 1, 0xff00), pdu(5, 1, 0), MISMATCH),
    ("register echo: other address", pdu(6, 1, 7), pdu(6, 2, 7), MISMATCH),
    ("register echo: other value", pdu(6, 1, 7), pdu(6, 1, 8), MISMATCH),
    ("coils written: other quantity", pdu(15, 0, 8, tail=b"\1\xff"), pdu(15, 0, 7), MISMATCH),
    ("registers written: other address", pdu(16, 4, 1, tail=b"\2\0\1"), pdu(16, 5, 1), MISMATCH),
    ("mask echo: other mask", pdu(22, 4, 0xf2, 0x25), pdu(22, 4, 0xf2, 0x26), MISMATCH),
    ("read and write: too few", pdu(23, 0, 2, 0, 1, tail=b"\2\0\1"), counted(23, b"\0\1"),
     MISMATCH),
    ("query data changed", pdu(8, 0, 0xa537), pdu(8, 0, 0xa538), MISMATCH),
    ("other subfunction", pdu(8, 11, 0), pdu(8, 12, 0), "function_mismatch"),
    ("queue of 32", pdu(24, 9), pdu(24, 66, 32, tail=registers(32)), "invalid_fifo_count"),
    ("queue: count and bytes differ", pdu(24, 9), pdu(24, 6, 3, tail=registers(2)), BYTE_COUNT),
    ("file answer beyond the message", b"\x14\x07\x06\0\4\0\1\0\2", b"\x14\x06\x09\x06\0\1\0\2",
     LENGTH),
    ("identity: object beyond the message", b"\x2b\x0e\x01\x00",
     identity(1, [(0, b"abc")])[:-2], LENGTH),
    ("identity: fewer objects than said", b"\x2b\x0e\x01\x00",
     b"\x2b\x0e\x01\x81\0\0\x02\0\3abc", LENGTH),
    ("exception code 0", pdu(3, 0, 4), exception(3, 0), "invalid_exception_code"),
    ("exception code 12", pdu(3, 0, 4), exception(3, 12), "invalid_exception_code"),
    ("exception with a byte too many", pdu(3, 0, 4), exception(3, 2) + b"\0", EXTRA),
    ("exception without a code", pdu(3, 0, 4), b"\x83", LENGTH),
]

READ = pdu(3, 0, 4)
ANSWER = counted(3, registers(4))

# Answers to READ whose header is wrong.
HEADERS = [
    ("answer from another unit", mbap(T, ANSWER, unit=2), "unit_mismatch"),
    ("answer to another function", mbap(T, counted(4, registers(4))), "function_mismatch"),
    ("exception of another function", mbap(T, exception(4, 2)), "function_mismatch"),
    ("answer with transaction 0", mbap(0, ANSWER), "transaction_id_mismatch"),
    ("answer with protocol id 1", mbap(T, ANSWER, protocol=1), PROTOCOL),
]

# What comes behind the right answer to READ.
UNASKED = [
    ("answer with another transaction", mbap(T + 300, ANSWER)),
    ("two answers to one request", mbap(T, ANSWER)),
    ("an exception nobody waits for", mbap(T + 1, exception(6, 2))),
]


def conversation(tape, number):
    return Tcp(tape, HMI, PLC, FIRST_PORT + number, isn=(1000 + number, 5000 + number)).open()


def bracketed(tape, number, wrong):
    """`wrong(plc)` between two reads that are in order."""
    plc = conversation(tape, number)
    plc.talk(*read_pair(1))
    wrong(plc)
    plc.talk(*read_pair(1000))
    plc.close()


def requests():
    tape = Tape()
    for number, (_, message, _) in enumerate(REQUESTS):
        bracketed(tape, number, lambda plc, m=message: plc.ask(m))
    return tape.packets


def responses():
    tape = Tape()
    rows = [(mbap(T, request), mbap(T, response)) for _, request, response, _ in RESPONSES]
    rows += [(mbap(T, READ), response) for _, response, _ in HEADERS]
    for number, row in enumerate(rows):
        bracketed(tape, number, lambda plc, row=row: plc.talk(*row))
    return tape.packets


def unasked():
    def wrong(plc, message):
        plc.talk(mbap(T, READ), mbap(T, ANSWER))
        plc.answer(message)

    tape = Tape()
    for number, (_, message) in enumerate(UNASKED):
        bracketed(tape, number, lambda plc, m=message: wrong(plc, m))
    return tape.packets


def flood():
    """600 requests and no answer."""
    tape = Tape(step_ns=100_000)
    plc = conversation(tape, 0)
    for transaction in range(600):
        plc.ask(mbap(transaction, pdu(3, transaction, 1)))
    plc.close()
    return tape.packets


EXPECTED = {
    "violation-requests": [(what, event) for what, _, event in REQUESTS],
    "violation-responses": [(what, event) for what, _, _, event in RESPONSES]
                           + [(what, event) for what, _, event in HEADERS],
    "violation-unasked": [(what, UNSOLICITED) for what, _ in UNASKED],
}
