"""Messages that are right, up to the specification's limits: nothing may object to them."""
from modbus import (HMI, PLC, counted, exception, identity, mbap, pdu, read_pair, registers,
                    words, write_pair)
from wire import Tape, Tcp, Udp

BITS_2000 = bytes((i * 37) & 0xff for i in range(250))

# request, response; None: no answer is due
LIMITS = [
    (pdu(1, 0, 2000), counted(1, BITS_2000)),
    (pdu(2, 63536, 2000), counted(2, BITS_2000)),
    (pdu(1, 65535, 1), counted(1, b"\x01")),
    (pdu(3, 0, 125), counted(3, registers(125))),
    (pdu(4, 65411, 125), counted(4, registers(125, 9))),
    (pdu(3, 65535, 1), counted(3, b"\xff\xff")),
    (pdu(5, 65535, 0xff00), pdu(5, 65535, 0xff00)),
    (pdu(5, 0, 0), pdu(5, 0, 0)),
    (pdu(6, 65535, 65535), pdu(6, 65535, 65535)),
    (pdu(15, 0, 1968, tail=b"\xf6" + BITS_2000[:246]), pdu(15, 0, 1968)),
    (pdu(15, 10, 3, tail=b"\x01\x05"), pdu(15, 10, 3)),
    (pdu(16, 65413, 123, tail=b"\xf6" + registers(123)), pdu(16, 65413, 123)),
    (pdu(22, 4, 0x00f2, 0x0025), pdu(22, 4, 0x00f2, 0x0025)),
    (pdu(23, 0, 125, 100, 121, tail=b"\xf2" + registers(121)), counted(23, registers(125))),
    (pdu(24, 0x04de), pdu(24, 2 + 62, 31, tail=registers(31))),
    (pdu(24, 7), pdu(24, 2, 0)),
    (bytes([20, 7, 6, 0, 4, 0, 1, 0, 2]), bytes([20, 6, 5, 6]) + words(0x0dfe, 0x20)),
    (bytes([20, 14, 6, 0, 4, 0, 1, 0, 2, 6, 0, 3, 0, 9, 0, 1]),
     bytes([20, 10, 5, 6]) + words(1, 2) + bytes([3, 6]) + words(3)),
    (bytes([21, 13, 6, 0, 4, 0, 7, 0, 3]) + words(0x6af, 0x4be, 0x100d),
     bytes([21, 13, 6, 0, 4, 0, 7, 0, 3]) + words(0x6af, 0x4be, 0x100d)),
    (b"\x07", b"\x07\x6d"),
    (pdu(11), pdu(11, 0xffff, 264)),
    (pdu(12), pdu(12, tail=b"\x08" + words(0, 264, 289) + b"\x20\x00")),
    (pdu(17), pdu(17, tail=b"\x0aPUMP 7\x00\xff\xff\x01")),
    (pdu(8, 0, 0xa537), pdu(8, 0, 0xa537)),
    (pdu(8, 0, 1, 2, 3, 4), pdu(8, 0, 1, 2, 3, 4)),
    (pdu(8, 1, 0xff00), pdu(8, 1, 0xff00)),
    (pdu(8, 2, 0), pdu(8, 2, 0x1234)),
    (pdu(8, 3, 0x0a00), pdu(8, 3, 0x0a00)),
    (pdu(8, 10, 0), pdu(8, 10, 0)),
    (pdu(8, 14, 0), pdu(8, 14, 77)),
    (pdu(8, 20, 0), pdu(8, 20, 0)),
    (pdu(43, tail=b"\x0d" + b"\x01\x02\x03"), pdu(43, tail=b"\x0d" + b"\x04\x05\x06")),
    (bytes([90, 0, 2]), bytes([90, 0, 0xfe, 1, 2, 3])),
    (bytes([65, 1, 2, 3]), bytes([65, 9])),
    (bytes([110]), bytes([110])),
]

IDENTITY = [
    (b"\x2b\x0e\x01\x00", identity(1, [(0, b"Example Works"), (1, b"PM-340"), (2, b"2.14.1")])),
    (b"\x2b\x0e\x02\x00", identity(2, [(3, b"https://plant.example/"), (4, b"Pump controller")],
                                   more=0xff, next_object=5)),
    (b"\x2b\x0e\x02\x05", identity(2, [(5, b"PM-340-R2"), (6, "Kesselhaus Süd".encode())])),
    (b"\x2b\x0e\x03\x80", identity(3, [(0x80, b"\xff\xfe\x00\x01\x80"), (0x81, b""),
                                       (0xff, b"\xc3\x28 \"quote\" \\ \n\t\x7f")])),
    (b"\x2b\x0e\x04\x01", identity(4, [(1, b"\xe9\x94\x85\xe7\x82\x89 1")])),
]


def talk_all(conversation, pairs, unit=1, first=1):
    for transaction, (request, response) in enumerate(pairs, first):
        conversation.ask(mbap(transaction, request, unit))
        conversation.answer(mbap(transaction, response, unit))


def limits():
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    talk_all(plc, LIMITS)
    plc.close()
    return tape.packets


def polls():
    """The same requests again and again: bits that fill no byte, of which answers pad the last
    with zeros or not, and registers; then a write, and the polls that see it."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    transaction = 0
    for turn in range(6):
        pairs = [(pdu(1, 0, 7), counted(1, bytes([turn]))),
                 (pdu(2, 100, 10), counted(2, bytes([0xa5 + turn, 0xfe]))),
                 (pdu(1, 8, 1), counted(1, bytes([0xff]))),
                 (pdu(3, 0, 3), counted(3, registers(3, turn // 2)))]
        if turn == 4:
            pairs.append((pdu(5, 2, 0xff00), pdu(5, 2, 0xff00)))
        talk_all(plc, pairs, first=transaction)
        transaction += len(pairs)
    plc.close()
    return tape.packets


def identification():
    """Names that are no UTF-8, quotes, control characters, an empty one."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    talk_all(plc, IDENTITY, unit=17)
    plc.close()
    return tape.packets


def exceptions():
    """Every exception code of the specification, for every kind of function."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    requests = [pdu(1, 0, 8), pdu(3, 0, 2), pdu(5, 1, 0xff00), pdu(6, 1, 2),
                pdu(16, 0, 1, tail=b"\x02\0\1"), b"\x2b\x0e\x01\x00", pdu(8, 0, 1), b"\x5a\0\2"]
    for number, code in enumerate((1, 2, 3, 4, 5, 6, 8, 10, 11)):
        talk_all(plc, [(r, exception(r[0], code)) for r in requests], first=number * 16)
    plc.close()
    return tape.packets


def broadcasts():
    """Writes to unit 0 have no answer and want none."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    for transaction, request in enumerate([pdu(5, 1, 0xff00), pdu(6, 1, 2),
                                           pdu(15, 0, 8, tail=b"\x01\xff"),
                                           pdu(16, 0, 1, tail=b"\x02\0\1")]):
        plc.ask(mbap(transaction, request, unit=0))
        plc.talk(*read_pair(100 + transaction))
    tape.wait(2000)
    plc.talk(*read_pair(200, unit=255))
    plc.talk(*read_pair(201, unit=247))
    plc.close()
    return tape.packets


def previous_values():
    """Two stations: what one reads or writes, the other then overwrites."""
    tape = Tape()
    hmi = Tcp(tape, HMI, PLC, 40001).open()
    other = Tcp(tape, "10.20.9.77", PLC, 40002).open()
    hmi.talk(mbap(1, pdu(3, 20, 2)), mbap(1, counted(3, words(1200, 1300))))
    other.talk(*write_pair(1, 20, 1850))
    hmi.talk(*write_pair(2, 20, 1200))
    hmi.talk(mbap(3, pdu(1, 0, 8)), mbap(3, counted(1, b"\xa5")))
    other.talk(mbap(2, pdu(5, 1, 0xff00)), mbap(2, pdu(5, 1, 0xff00)))
    other.talk(mbap(3, pdu(15, 4, 4, tail=b"\x01\x00")), mbap(3, pdu(15, 4, 4)))
    other.talk(mbap(4, pdu(16, 20, 2, tail=b"\x04" + words(7, 8))), mbap(4, pdu(16, 20, 2)))
    other.talk(mbap(5, pdu(6, 20, 9)), mbap(5, exception(6, 4)))  # refused: changes nothing
    hmi.talk(*write_pair(4, 20, 1200))
    other.talk(*write_pair(6, 999, 1))  # nobody told what stood there
    return tape.packets


def datagrams():
    """Over UDP: no header but MBAP, equal datagrams are no copies of each other."""
    tape = Tape()
    plc = Udp(tape, HMI, PLC)
    talk_all(plc, LIMITS[:12] + IDENTITY)
    for _ in range(3):
        plc.ask(read_pair(7)[0])
        plc.answer(read_pair(7)[1])
    plc.ask(mbap(8, pdu(3, 0, 1)))
    six = Udp(tape, "fd00::10", "fd00::21", 40001)
    talk_all(six, LIMITS[3:8], first=50)
    return tape.packets


def any_port():
    """Content tells, not the port: a port of somebody else's protocol, high ports, UDP."""
    tape = Tape()
    for number, port in enumerate((5020, 20000, 102, 443, 53124, 1)):
        plc = Tcp(tape, HMI, PLC, 41000 + number, port).open()
        talk_all(plc, LIMITS[3:9])
        plc.close()
    plc = Udp(tape, HMI, PLC, 41010, 5020)
    talk_all(plc, LIMITS[3:9])
    return tape.packets
