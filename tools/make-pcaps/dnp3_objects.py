"""DNP3 objects that lie about their number or size, that few know, and secure authentication."""
import struct

import dnp3
from dnp3 import FIN, FIR, counted, every, indexed, ranged, request, response
from dnp3_talk import ASK_ALL, BREAKER, asks, control, says, status

# ---- objects ----

def objects(*bodies, function=dnp3.READ):
    """Requests with these bodies; refused with IIN2.2."""
    def story(line):
        for sequence, body in enumerate(bodies, 3):
            line.ask(asks(request(function, sequence, body), sequence))
            line.answer(says(response(sequence, dnp3.PARAMETER_ERROR), sequence))
    return story


def answers(*bodies, function=dnp3.RESPONSE, control=FIR | FIN):
    def story(line):
        for sequence, body in enumerate(bodies, 3):
            line.ask(ASK_ALL[sequence])
            line.answer(says(response(sequence, 0, body, control, function), sequence))
    return story


QUALIFIERS = [bytes([30, 1, qualifier, 0, 0, 0, 0]) for qualifier in (0x0f, 0x7f, 0x72, 0x8f)]
BEYOND = [
    ranged(30, 1, 0, 9, bytes(12)),                             # ten points, bytes for two
    bytes([30, 1, 8]) + b"\xff\xff" + bytes(15),                # 65535 points
    bytes([30, 1, 0x29]) + b"\xff\xff\xff\xff" + bytes(9),      # 4294967295 points
    bytes([1, 1, 2]) + struct.pack("<II", 0, 0xffffffff) + b"\xff",
    bytes([70, 5, 0x5b, 1, 0xff, 0xff]) + bytes(20),            # a size beyond the end
    bytes([110, 255, 0, 0, 0]) + b"short",
    bytes([30, 1]), bytes([30, 1, 0, 0]),                       # a header cut short
]
NOTHING = [
    bytes([60, 2, 9]) + b"\xff\xff\xff\xff",                    # objects of no size
    bytes([30, 0, 9]) + b"\xff\xff\xff\xff",
    bytes([110, 0, 9]) + b"\xff\xff\xff\xff",
    bytes([1, 1, 7, 0]), bytes([30, 1, 0x28, 0, 0]),
    every(60, 2) * 600,
]
KNOWN_TO_FEW = [
    ranged(0, 255, 0, 0, b"\xfe\x06\xf2\x00\xfa\x00\xfc\x01"),  # the list of attributes
    indexed(43, 3, [(2, b"\x00" + struct.pack("<i", 1200) + bytes(6))]),
    indexed(43, 8, [(2, b"\x00" + struct.pack("<d", 49.95) + bytes(6))]),
    ranged(102, 1, 0, 3, b"\x01\x02\x03\x04"),
    ranged(34, 1, 0, 1, struct.pack("<HH", 10, 20)),
    ranged(31, 5, 0, 1, struct.pack("<BhBh", 1, 5, 1, 6)),
    indexed(33, 3, [(0, b"\x01" + struct.pack("<i", 7) + bytes(6))]),
    ranged(101, 1, 0, 0, b"\x12\x34"),
    counted(50, 4, bytes(6) + struct.pack("<IB", 24, 5)),
    ranged(30, 7, 0, 0, b"\x01"),                               # no such variation
    ranged(77, 1, 0, 0, b"\x01\x02"),                           # no such group
]


STORIES = (objects(*QUALIFIERS), objects(ranged(1, 2, 9, 3)), answers(*BEYOND),
           objects(*NOTHING), answers(*NOTHING[3:5]), answers(*KNOWN_TO_FEW),
           objects(BREAKER[:9], function=dnp3.SELECT))


# ---- secure authentication (version 5) ----

def sized(variation, data):
    return dnp3.sized(120, variation, data)


MAC = bytes(range(16))
CHALLENGE = sized(1, struct.pack("<IHBB", 7, 1, 4, 1) + b"\xa1\xa2\xa3\xa4")


def secured(line):
    """A challenged control, one in aggressive mode, keys, and an error."""
    line.talk(control(5, dnp3.DIRECT_OPERATE, BREAKER),
              says(response(5, 0, CHALLENGE, function=131)))
    line.talk(asks(request(32, 5, sized(2, struct.pack("<IH", 7, 1) + MAC))), status(5, 0))
    aggressive = bytes([120, 3, 7, 1]) + struct.pack("<IH", 8, 1) + BREAKER + sized(9, MAC)
    line.talk(control(6, dnp3.DIRECT_OPERATE, aggressive), status(6, 0))
    key_status = sized(5, struct.pack("<IHBBBH", 1, 1, 2, 1, 4, 4) + b"\xb1\xb2\xb3\xb4" + MAC)
    line.talk(asks(request(32, 7, bytes([120, 4, 7, 1]) + struct.pack("<H", 1))),
              says(response(7, 0, key_status, function=131)))
    line.talk(asks(request(32, 8, sized(6, struct.pack("<IH", 1, 1) + bytes(32)))),
              says(response(8, 0, key_status, function=131)))
    error = struct.pack("<IHHB", 9, 1, 10, 1) + dnp3.time48(1767225600000) + b"wrong MAC"
    line.talk(control(9, dnp3.DIRECT_OPERATE, BREAKER),
              says(response(9, 0, sized(7, error), function=131)))
    line.ask(asks(request(33, 10, sized(7, error))))
