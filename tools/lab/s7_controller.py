"""What our small S7 controller holds: memory, blocks, a name plate and a password."""
import struct

OK, NO_ADDRESS, NO_OBJECT = 0xff, 5, 10
BITS, OCTETS = 4, 9  # how a value's length is counted
# bit, byte, char, word, int, dword, dint, real
SIZES = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 4, 8: 4}
AREAS = (0x81, 0x82, 0x83, 0x84)  # inputs, outputs, flags, data blocks: all the same bytes
SUBTYPES = {"08": 0x08, "0A": 0x0a, "0C": 0x0c, "0E": 0x0e}  # OB DB FC FB
PASSWORD = b"BOILER-1"
MODULES = ((1, b"6ES7 315-2EH14-0AB0 ", 5), (6, b"6ES7 315-2EH14-0AB0 ", 5),
           (7, b"Boot Loader         ", 0x4126))
NAMES = ((1, b"PUMPHOUSE"), (2, b"CPU 315-2 PN/DP"), (3, b"P+HB1"), (4, b"Example Works"),
         (5, b"S X-PUMP00070001"), (7, b"CPU 315-2 PN/DP"), (8, b"MMC 0A1B2C3D"), (9, b""),
         (10, b""), (11, b"boiler house 1"))


def block(kind, number, code):
    """As in load memory: header, code or data, footer with author, family and name."""
    head = struct.pack(">2sBBBBHIIIHIHHHHH", b"pp", 1, 1, 1, SUBTYPES[kind], number,
                       len(code) + 92, 0, 0x026a1c80, 0x3a5b, 0x026a1c80, 0x3a5b, 0, 0, 0,
                       len(code))
    return head + code + struct.pack(">20s8s8s8sBBH8s", b"", b"EXAMPLE", b"PUMPS",
                                     b"%b_%d" % (kind.encode(), number), 17, 0, 0, b"")


def status_list(number, index):
    """A system status list, or None."""
    if number == 0x0011:
        rows = [struct.pack(">H20sHHH", at, name, 0, 0xc000 + at, version)
                for at, name, version in MODULES]
    elif number == 0x001c:
        rows = [struct.pack(">H32s", at, name) for at, name in NAMES]
    else:
        return None
    return struct.pack(">HHHH", number, index, len(rows[0]), len(rows)) + b"".join(rows)


def is_password(coded):
    clear = bytes(c ^ 0x55 ^ (coded[i - 2] if i > 1 else 0) for i, c in enumerate(coded))
    return clear == PASSWORD


class Controller:
    def __init__(self):
        self.memory = bytearray(range(256)) * 4
        self.blocks = {name: block(name[:2], int(name[2:]), code) for name, code in (
            ("0800001", bytes.fromhex("fb7c70030001") * 120), ("0A00001", bytes(range(100))),
            ("0E00010", bytes.fromhex("68001d80d880") * 20))}

    def _place(self, spec):
        """Of an S7ANY item: first byte, bytes and which bit; None if it is none of ours."""
        if len(spec) != 12 or spec[2] != 0x10 or spec[8] not in AREAS or spec[3] not in SIZES:
            return None
        count = struct.unpack(">H", spec[4:6])[0] * SIZES[spec[3]]
        address = int.from_bytes(spec[9:12], "big")
        return address // 8, count, address % 8 if spec[3] == 1 else None

    def read(self, spec):
        place = self._place(spec)
        if place is None:
            return struct.pack(">BBH", NO_OBJECT, 0, 0)
        at, count, bit = place
        if at + count > len(self.memory):
            return struct.pack(">BBH", NO_ADDRESS, 0, 0)
        if bit is not None:
            return struct.pack(">BBHB", OK, 3, 1, self.memory[at] >> bit & 1)
        return struct.pack(">BBH", OK, BITS, 8 * count) + self.memory[at:at + count]

    def write(self, spec, value):
        place = self._place(spec)
        if place is None:
            return NO_OBJECT
        at, count, bit = place
        if at + count > len(self.memory):
            return NO_ADDRESS
        if bit is None:
            self.memory[at:at + count] = value
        else:
            self.memory[at] = self.memory[at] & (0xff ^ 1 << bit) | (value[0] & 1) << bit
        return OK
