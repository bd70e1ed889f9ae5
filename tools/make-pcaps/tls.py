"""TLS on the ports of industrial protocols and elsewhere: what its handshake says in the clear."""
import random
import struct

from modbus import HMI, PLC
from wire import Tape, Tcp

CERTIFICATE = bytes.fromhex(  # CN=Pump 7, O=Example Works; its key was thrown away
    "308201c43082016ba0030201020214187c0f6f3e87d2dc4f9249b240a220e23716f1ec300a06082a8648"
    "ce3d0403023029310f300d06035504030c0650756d70203731163014060355040a0c0d4578616d706c65"
    "20576f726b73301e170d3236313132323132343730345a170d3336313131393132343730345a3029310f"
    "300d06035504030c0650756d70203731163014060355040a0c0d4578616d706c6520576f726b73305930"
    "1306072a8648ce3d020106082a8648ce3d030107034200046432a03062efa2f7011f3ebfb59c1e432dfe"
    "b17ecd4b90541efc998ef465c6a495740b0a862b277ed8db71be982b1bc59a8aabef87a9319ac57e25f9"
    "a9e63773a371306f301d0603551d0e04160414ebeefa3acbf0242f705d50a4bf32ee10c7b1591d301f06"
    "03551d23041830168014ebeefa3acbf0242f705d50a4bf32ee10c7b1591d300f0603551d130101ff0405"
    "30030101ff301c0603551d1104153013861175726e3a6578616d706c653a70756d7037300a06082a8648"
    "ce3d04030203470030440220493f1600d2fb656e05b2c08e057c97b2fbb2320d235419a4e5b3a82846bd"
    "f4b902203317f4e11bdd72cf708f72029b689fa7508f5665cbd9dc1e9ca6887a3f989a6b")
HANDSHAKE, CHANGE, ALERT, DATA = 22, 20, 21, 23
source = random.Random()


def record(content, body, version=0x0303):
    return struct.pack(">BHH", content, version, len(body)) + body


def handshake(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def extension(kind, body):
    return struct.pack(">HH", kind, len(body)) + body


def server_name(name):
    return extension(0, struct.pack(">HBH", len(name) + 3, 0, len(name)) + name)


def versions(*offered):
    return extension(43, bytes([2 * len(offered)]) + struct.pack(">%dH" % len(offered), *offered))


def hello(kind, version, suites, extensions):
    body = struct.pack(">H", version) + source.randbytes(32) + b"\0" + suites
    return handshake(kind, body + struct.pack(">H", len(extensions)) + extensions)


def client_hello(*suites, extensions=b"", version=0x0303):
    return hello(1, version, struct.pack(">H%dH" % len(suites), 2 * len(suites), *suites)
                 + b"\1\0", extensions)


def server_hello(suite, extensions=b"", version=0x0303):
    return hello(2, version, struct.pack(">HB", suite, 0), extensions)


def certificates(*ders):
    whole = b"".join(len(der).to_bytes(3, "big") + der for der in ders)
    return handshake(11, len(whole).to_bytes(3, "big") + whole)


def secret(size=300, content=DATA):
    return record(content, source.randbytes(size))


def hello_pair():
    source.seed(802)
    return (record(HANDSHAKE, client_hello(0xc02b), 0x0301),
            record(HANDSHAKE, server_hello(0xc02b)))


def talk(line, rounds=5):
    for _ in range(rounds):
        line.talk(secret(64), secret(900))


def version_13(line):
    line.ask(record(HANDSHAKE, client_hello(
        0x1301, 0x1302, extensions=server_name(b"plc7.plant.example") + versions(0x0304, 0x0303)),
        0x0301))
    line.answer(record(HANDSHAKE, server_hello(0x1301, extension(43, b"\3\4")))
                + record(CHANGE, b"\1") + secret(700))
    line.ask(record(CHANGE, b"\1") + secret(60))
    talk(line)


def version_12(line):
    line.ask(record(HANDSHAKE, client_hello(0xc02b, 0xc006, extensions=server_name(b"drive")),
                    0x0301))
    line.answer(record(HANDSHAKE, server_hello(0xc02b))
                + record(HANDSHAKE, certificates(CERTIFICATE))
                + record(HANDSHAKE, handshake(13, bytes(12)) + handshake(14, b"")))
    line.ask(record(HANDSHAKE, certificates(CERTIFICATE)) + record(HANDSHAKE, handshake(
        16, source.randbytes(66))) + record(CHANGE, b"\1") + secret(40, HANDSHAKE))
    line.answer(record(CHANGE, b"\1") + secret(40, HANDSHAKE))
    talk(line)


def in_pieces(line):
    """A hello over many records and segments, cut inside its own header."""
    whole = client_hello(0x002f, 0x003b, extensions=server_name(b"a.example"), version=0x0302)
    cuts = (0, 3, 5, 40, len(whole))
    stream = b"".join(record(HANDSHAKE, whole[a:b], 0x0301) for a, b in zip(cuts, cuts[1:]))
    for at in range(0, len(stream), 7):
        line.ask(stream[at:at + 7])
    line.answer(record(HANDSHAKE, server_hello(0x003b, version=0x0302), 0x0302))
    talk(line, 2)


def refused(line):
    line.ask(record(HANDSHAKE, client_hello(0x1301, extensions=versions(0x0304)), 0x0301))
    line.answer(record(ALERT, b"\2\x46"))


def handshakes():
    tape = Tape()
    source.seed(8446)
    places = ((version_12, 802), (version_13, 802), (version_12, 19999), (version_13, 20000),
              (version_13, 102), (version_12, 4843), (in_pieces, 53124), (refused, 502))
    for number, (story, port) in enumerate(places):
        line = Tcp(tape, HMI, PLC, 43000 + number, port).open()
        story(line)
        line.close()
    talk(Tcp(tape, HMI, PLC, 43100, 802))    # joined later
    talk(Tcp(tape, HMI, PLC, 43101, 50000))  # on a port that says nothing
    return tape.packets


PACKETS = {"tls-handshakes": handshakes}
