"""Modbus in serial framing (RTU) inside TCP and UDP, as gateways and modems carry it."""
import struct

from modbus import HMI, PLC, counted, exception, identity, pdu, registers, words
from wire import Tape, Tcp, Udp, crc16


def crc(frame):
    return struct.pack("<H", crc16(frame, 0xa001, 0xffff))


def rtu(message, unit=17):
    """Unit, function and data, and the checksum behind them."""
    frame = bytes([unit]) + message
    return frame + crc(frame)


def poll(line, first, count=8):
    for address in range(first, first + count):
        line.talk(rtu(pdu(3, address, 4)), rtu(counted(3, registers(4, address))))


TALK = [
    (pdu(1, 19, 37), counted(1, b"\xcd\x6b\xb2\x0e\x1b")),
    (pdu(2, 196, 22), counted(2, b"\xac\xdb\x35")),
    (pdu(3, 107, 3), counted(3, words(555, 0, 100))),
    (pdu(4, 8, 1), counted(4, words(10))),
    (pdu(5, 172, 0xff00), pdu(5, 172, 0xff00)),
    (pdu(6, 1, 3), pdu(6, 1, 3)),
    (pdu(15, 19, 10, tail=b"\x02\xcd\x01"), pdu(15, 19, 10)),
    (pdu(16, 1, 2, tail=b"\x04" + words(10, 258)), pdu(16, 1, 2)),
    (pdu(22, 4, 0xf2, 0x25), pdu(22, 4, 0xf2, 0x25)),
    (pdu(23, 3, 6, 14, 3, tail=b"\x06" + words(255, 255, 255)), counted(23, registers(6))),
    (pdu(24, 1246), pdu(24, 6, 2, tail=words(440, 4740))),
    (pdu(8, 0, 0xa537), pdu(8, 0, 0xa537)),
    (pdu(3, 0, 126), exception(3, 3)),
    (b"\x2b\x0e\x01\x00", identity(1, [(0, b"Example Works"), (1, b"RM-12"), (2, b"1.4")])),
    (pdu(17), pdu(17, tail=b"\x05\x02\xff\x01\x02\x03")),
    (pdu(3, 0, 125), counted(3, registers(125))),
    (pdu(65, 17), pdu(65, 17)),  # a checksum that ends in 0
]


def talk_all(line):
    for request, response in TALK:
        line.talk(rtu(request), rtu(response))


def framing(tape):
    """Functions of all kinds, on Modbus' port and on one that gateways like."""
    for number, port in enumerate((502, 4001)):
        line = Tcp(tape, HMI, PLC, 41000 + number, port).open()
        talk_all(line)
        line.close()


def pieces(tape):
    """Frames cut at every place, and several in a segment."""
    line = Tcp(tape, HMI, PLC, 41010, 4001).open()
    request, response = rtu(TALK[2][0]), rtu(TALK[2][1])
    for at in range(1, len(request)):
        line.ask(request[:at])
        line.ask(request[at:])
        line.answer(response[:at])
        line.answer(response[at:])
    line.ask(request * 3)
    line.answer(response * 3)
    line.close()


def midstream(tape):
    """No handshake, the first segment begins inside an answer."""
    line = Tcp(tape, HMI, PLC, 41020, 4001)
    line.send(1, rtu(counted(3, registers(20)))[9:])
    poll(line, 100)
    line.close()


def called_back(tape):
    """A modem opens the connection; the requests come from the end that it called."""
    line = Tcp(tape, PLC, HMI, 41030, 4001).open()
    for request, response in TALK[:6]:
        line.answer(rtu(request))
        line.ask(rtu(response))
    line.close()


def damaged(tape):
    """A wrong checksum, a wrong count, junk: what follows is read all the same."""
    line = Tcp(tape, HMI, PLC, 41040, 4001).open()
    poll(line, 0, 3)
    write = rtu(pdu(6, 1, 3))
    line.ask(write[:-1] + bytes([write[-1] ^ 0x10]))
    poll(line, 10, 3)
    line.ask(bytes.fromhex("11100000000204ff"))
    line.talk(write, write)
    line.ask(b"\xff\xfe\xfd" + rtu(pdu(5, 7, 0)))
    line.answer(rtu(pdu(5, 7, 0)))
    poll(line, 20, 3)
    line.close()


def datagrams(tape):
    line = Udp(tape, HMI, PLC, 41050, 4001)
    for request, response in TALK:
        line.ask(rtu(request))
        line.answer(rtu(response))


def together(*stories):
    def make():
        tape = Tape()
        for story in stories:
            story(tape)
        return tape.packets
    return make


PACKETS = {
    "rtu-valid": together(framing, datagrams),
    "rtu-pieces": together(pieces, midstream, called_back),
    "rtu-damaged": together(damaged),
}
