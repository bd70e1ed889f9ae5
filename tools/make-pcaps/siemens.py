"""S7comm and S7comm-plus on one connection, as engineering tools speak them."""
import struct

from modbus import HMI, PLC
from wire import Tape, Tcp

CALL = bytes.fromhex("11e00000000100c0010ac1020100c2020102")
CONFIRM = bytes.fromhex("11d00001000500c0010ac1020100c2020102")
WORD = bytes.fromhex("0401120a10040001000184000020")  # read_var of DB1.DBW4
SESSION = 901
EXPLORE, SET_VARIABLE = 0x4bb, 0x4f2
STOP = bytes.fromhex("0000003401907700080100" "0004e88969001200000000896a001300896b000400"
                     "000000000000")


def tpkt(cotp):
    return struct.pack(">BBH", 3, 0, 4 + len(cotp)) + cotp


def data(payload):
    return tpkt(b"\x02\xf0\x80" + payload)


def job(ref, parameter):
    return data(struct.pack(">BBHHHH", 0x32, 1, 0, ref, len(parameter), 0) + parameter)


def ack(ref, parameter, content=b"", error=0):
    return data(struct.pack(">BBHHHHH", 0x32, 3, 0, ref, len(parameter), len(content), error) +
                parameter + content)


def plus(opcode, function, number, body, session=None):
    """A message of version 2."""
    head = struct.pack(">BHHHH", opcode, 0, function, 0, number)
    head += struct.pack(">I", session) if session else b""
    return data(struct.pack(">BBH", 0x72, 2, len(head + body)) + head + body +
                b"\x72\x02\0\0")


def read(line, ref, value):
    line.ask(job(ref, WORD))
    line.answer(ack(ref, b"\x04\x01", b"\xff\x04\x00\x10" + struct.pack(">H", value)))


def both(line):
    """Set-up and reads in the one; a stop of the CPU in the other, while a read waits."""
    line.open()
    line.ask(tpkt(CALL))
    line.answer(tpkt(CONFIRM))
    line.ask(job(1, bytes.fromhex("f0000001000101e0")))
    line.answer(ack(1, bytes.fromhex("f0000001000100f0")))
    read(line, 2, 4660)
    line.ask(job(3, WORD))
    line.ask(plus(0x31, SET_VARIABLE, 5, b"\x34" + STOP, SESSION))
    line.answer(plus(0x32, SET_VARIABLE, 5, b"\x34\0" + bytes(4)))
    line.answer(ack(3, b"\x04\x01", b"\xff\x04\x00\x10\x12\x35"))
    read(line, 4, 4662)


def two_protocols():
    tape = Tape()
    line = Tcp(tape, HMI, PLC, 49200, 102)
    both(line)
    line.close()
    return tape.packets


PACKETS = {"s7-two-protocols": two_protocols}
