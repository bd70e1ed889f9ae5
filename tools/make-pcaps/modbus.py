"""Modbus messages for the generator, right and wrong ones alike."""
import struct

PLC, PLC2, HMI = "10.20.1.21", "10.20.1.22", "10.20.5.10"


def mbap(transaction, pdu, unit=1, protocol=0, length=None):
    """A whole message; `length` overrides the header's length field."""
    length = len(pdu) + 1 if length is None else length
    return struct.pack(">HHHB", transaction, protocol, length, unit) + pdu


def pdu(function, *words, tail=b""):
    """Function code, 16-bit words, then bytes."""
    return struct.pack(">B%dH" % len(words), function, *words) + tail


def counted(function, data):
    """What answers a read: byte count and data."""
    return bytes([function, len(data)]) + data


def words(*values):
    return struct.pack(">%dH" % len(values), *values)


def exception(function, code):
    return bytes([function | 0x80, code])


def registers(count, first=0):
    return words(*[(first + 7 * i) & 0xffff for i in range(count)])


def read_pair(transaction, address=0, count=4, unit=1, function=3):
    """A valid read of registers and its answer."""
    return (mbap(transaction, pdu(function, address, count), unit),
            mbap(transaction, counted(function, registers(count, transaction)), unit))


def write_pair(transaction, address, value, unit=1):
    whole = mbap(transaction, pdu(6, address, value), unit)
    return whole, whole


def identity_object(number, value):
    return bytes([number, len(value)]) + value


def identity(code, objects, conformity=0x83, more=0, next_object=0):
    """An answer to Read Device Identification."""
    return (bytes([43, 14, code, conformity, more, next_object, len(objects)])
            + b"".join(identity_object(n, v) for n, v in objects))
