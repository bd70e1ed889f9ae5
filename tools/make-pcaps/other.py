"""What is not Modbus over TCP, on Modbus' port and elsewhere. No Modbus may be found here."""
import random
import struct

from modbus import HMI, PLC
from rtu import crc
from tls import hello_pair
from wire import Tape, Tcp, Udp


def serial_pairs(finish):
    for address in range(0, 40, 4):
        yield (finish(struct.pack(">BBHH", 17, 3, address, 4)),
               finish(bytes([17, 3, 8]) + struct.pack(">4H", *range(address, address + 4))))


def wrong_crc(frame):
    """The bytes of the checksum the wrong way round."""
    return frame + crc(frame)[::-1]


def ascii_framing(frame):
    """The other framing of serial lines: hex digits and a sum."""
    return b":%s\r\n" % (frame + bytes([-sum(frame) & 0xff])).hex().upper().encode()


HTTP = [(b"GET /index.html HTTP/1.1\r\nHost: plc\r\n\r\n",
         b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
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


TALKS = (HTTP, [hello_pair()], SSH, S7, DNP3, ZEROS, noise(1), noise(2))


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


def no_rtu():
    """Serial framing inside TCP that is none: every checksum is wrong; ASCII."""
    tape = Tape()
    for number, finish in enumerate((wrong_crc, ascii_framing)):
        line = Tcp(tape, HMI, PLC, 40000 + number).open()
        for request, response in serial_pairs(finish):
            line.talk(request, response)
        line.close()
    return tape.packets
