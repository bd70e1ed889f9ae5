"""What is not Modbus over TCP, on Modbus' port and elsewhere. No Modbus may be found here."""
import random
import struct

from modbus import HMI, PLC
from wire import Tape, Tcp, Udp


def crc(frame):
    value = 0xffff
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xa001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def rtu(unit, function, *words):
    frame = struct.pack(">BB%dH" % len(words), unit, function, *words)
    return frame + crc(frame)


def rtu_pairs():
    for address in range(0, 40, 4):
        answer = bytes([17, 3, 8]) + struct.pack(">4H", *range(address, address + 4))
        yield rtu(17, 3, address, 4), answer + crc(answer)


HTTP = [(b"GET /index.html HTTP/1.1\r\nHost: plc\r\n\r\n",
         b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
TLS = [(b"\x16\x03\x01\x00\x2e\x01\x00\x00\x2a\x03\x03" + bytes(range(40)),
        b"\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03" + bytes(range(44)))]
SSH = [(b"SSH-2.0-OpenSSH_9.2\r\n", b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n")]
S7 = [(b"\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02",
       b"\x03\x00\x00\x16\x11\xd0\x00\x01\x00\x02\x00\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02")]
DNP3 = [(b"\x05\x64\x0b\xc4\x0a\x00\x01\x00\xfd\x2a\xc0\xc0\x01\x3c\x01\x06\x36\x5e",
         b"\x05\x64\x05\x00\x01\x00\x0a\x00\x6b\x9f")]
DNS = [(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03plc\x00\x00\x01\x00\x01",
        b"\x12\x34\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00\x03plc\x00\x00\x01\x00\x01")]
ZEROS = [(bytes(64), bytes(200))]


def noise(seed):
    source = random.Random(seed)
    return [(source.randbytes(source.randrange(1, 300)), source.randbytes(200))
            for _ in range(10)]


TALKS = (HTTP, TLS, SSH, S7, DNP3, ZEROS, noise(1), noise(2), list(rtu_pairs()))


def other_protocols():
    """Well-known protocols and noise, each on port 502 and on a port of its own."""
    tape = Tape()
    for number, talk in enumerate(TALKS):
        for place, port in enumerate((502, 50000 + number)):
            line = Tcp(tape, HMI, PLC, 47000 + 2 * number + place, port).open()
            for request, response in talk:
                line.talk(request, response)
            line.close()
    for number, talk in enumerate((DNS, ZEROS, noise(3))):
        for place, port in enumerate((53, 502)):
            line = Udp(tape, HMI, PLC, 47100 + 2 * number + place, port)
            for request, response in talk:
                line.ask(request)
                line.answer(response)
    return tape.packets


def rtu_over_tcp():
    """Serial framing inside TCP: Modbus, but without the header that is looked for."""
    tape = Tape()
    line = Tcp(tape, HMI, PLC).open()
    for request, response in rtu_pairs():
        line.talk(request, response)
    line.close()
    return tape.packets
