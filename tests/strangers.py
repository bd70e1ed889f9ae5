"""Conversations of protocols that are none of ours: a list of (end, bytes) each, in turn; end 0
is the client. Lengths, ids and magic numbers are as the real ones have them, since these are
what a dissector goes by."""
import random
import struct

SEEDS = range(6)


# ---- bytes of no protocol ----

def noise(seed):
    rng = random.Random(seed)
    return [(number % 2, rng.randbytes(rng.choice((1, 2, 5, 12, 60, 300, 1400))))
            for number in range(24)]


def same_byte(byte):
    return [(number % 2, bytes([byte]) * size)
            for number, size in enumerate((1, 7, 12, 64, 260, 1400, 3, 200, 512, 12, 12, 64))]


# ---- what any network has ----

def http():
    ask = (b"GET /index.html HTTP/1.1\r\nHost: plant.example\r\nUser-Agent: curl/7.88.1\r\n"
           b"Accept: */*\r\n\r\n")
    body = b"<html><body>" + b"<p>2 registers</p>" * 60 + b"</body></html>"
    answer = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
              % len(body)) + body
    post = (b"POST /api HTTP/1.1\r\nHost: plant.example\r\nContent-Length: 9\r\n\r\n{\"a\": 12}")
    return [(0, ask), (1, answer), (0, post), (1, b"HTTP/1.1 204 No Content\r\n\r\n")]


def ssh():
    rng = random.Random("ssh")
    lists = b"".join(struct.pack(">I", len(names)) + names for names in (
        b"curve25519-sha256,ecdh-sha2-nistp256", b"ssh-ed25519,rsa-sha2-512", b"aes128-ctr",
        b"aes128-ctr", b"hmac-sha2-256", b"hmac-sha2-256", b"none", b"none", b"", b""))
    body = b"\x14" + rng.randbytes(16) + lists + bytes(5)
    padding = 8 - (len(body) + 5) % 8 + 4
    kexinit = struct.pack(">IB", len(body) + padding + 1, padding) + body + bytes(padding)
    return [(1, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), (0, b"SSH-2.0-PuTTY_0.78\r\n"),
            (0, kexinit), (1, kexinit), *((n % 2, rng.randbytes(52)) for n in range(8))]


def record(kind, body, version=0x0303):
    return struct.pack(">BHH", kind, version, len(body)) + body


def tls():
    rng = random.Random("tls")
    suites = bytes.fromhex("130113021303c02bc02fc02cc030")
    hello = (b"\x03\x03" + rng.randbytes(32) + b"\x20" + rng.randbytes(32)
             + struct.pack(">H", len(suites)) + suites + b"\x01\x00"
             + bytes.fromhex("0007002b0003020304"))
    answer = b"\x03\x03" + rng.randbytes(32) + b"\x20" + rng.randbytes(32) + b"\x13\x01\x00"
    handshakes = [kind + struct.pack(">I", len(body))[1:] + body
                  for kind, body in ((b"\x01", hello), (b"\x02", answer))]
    return [(0, record(22, handshakes[0], 0x0301)), (1, record(22, handshakes[1])),
            (1, record(20, b"\x01")), (1, record(23, rng.randbytes(900))),
            *((n % 2, record(23, rng.randbytes(40 + 90 * n))) for n in range(8))]


def smb():
    def session(body):
        return struct.pack(">I", len(body)) + body
    names = b"".join(b"\x02" + name + b"\0" for name in (b"NT LM 0.12", b"SMB 2.002"))
    one = (b"\xffSMB\x72" + bytes(4) + b"\x18\x53\xc8" + bytes(20)
           + b"\0" + struct.pack("<H", len(names)) + names)
    two = (b"\xfeSMB" + struct.pack("<HHIHHII", 64, 1, 0, 0, 31, 0, 0) + bytes(40)
           + struct.pack("<HHHH", 65, 1, 0x2ff, 0) + bytes(56))
    ask = (b"\xfeSMB" + struct.pack("<HHIHHII", 64, 1, 0, 1, 31, 0, 0) + bytes(40)
           + struct.pack("<HBBI", 25, 0, 1, 1) + bytes(16))
    return [(0, session(one)), (1, session(two)), (0, session(ask)), (1, session(two))]


def dns():
    ask = struct.pack(">HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + b"\4plan\7example\0\0\1\0\1"
    answer = (struct.pack(">HHHHHH", 0x1234, 0x8180, 1, 1, 0, 0) + ask[12:]
              + bytes.fromhex("c00c000100010000003c0004c0000201"))
    return [(0, struct.pack(">H", len(ask)) + ask),
            (1, struct.pack(">H", len(answer)) + answer)]


# ---- strangers in TPKT and COTP, S7comm's own clothes ----

def tpkt(body):
    return struct.pack(">BBH", 3, 0, 4 + len(body)) + body


def data_tpdu(body):
    return tpkt(b"\x02\xf0\x80" + body)


REQUEST = tpkt(bytes.fromhex("11e00000000100c1020100c2020102c0010a"))
CONFIRM = tpkt(bytes.fromhex("11d00001000200c0010ac1020100c2020102"))


def mms():
    connect = bytes.fromhex(
        "0db20506130100160102140200023302000134020001c19ca09a31819703a003800101a2818f8004000000"
        "01820400000001a423300f0201010604520100013004060251013010020103060528ca220201300406025101")
    read = bytes.fromhex("010001006110300e020103a009a007020101a402a000")
    return [(0, REQUEST), (1, CONFIRM), (0, data_tpdu(connect)), (1, data_tpdu(connect[:40])),
            *((n % 2, data_tpdu(read)) for n in range(6))]


def rdp():
    cookie = b"Cookie: mstshash=operator\r\n"
    negotiate = bytes.fromhex("0100080000000000")
    ask = tpkt(bytes([6 + len(cookie) + len(negotiate), 0xe0]) + bytes(5) + cookie + negotiate)
    confirm = tpkt(bytes.fromhex("0ed000001234000200080000000000"))
    initial = data_tpdu(b"\x7f\x65\x82\x01\x94" + bytes.fromhex("0401010401010101ff") * 30)
    return [(0, ask), (1, confirm), (0, initial), (1, initial),
            (0, data_tpdu(bytes.fromhex("0401000100"))), (0, data_tpdu(b"\x28")),
            (1, data_tpdu(bytes.fromhex("2e00000400")))]


def plain_tpkt():
    return [(0, REQUEST), (1, CONFIRM), (0, data_tpdu(b"telegram of our own")),
            (1, data_tpdu(b"answer of our own")), (0, data_tpdu(bytes(20))),
            (1, data_tpdu(bytes(range(64))))]



def q931():
    """H.225 call signalling of H.323: Q.931 in TPKT, without COTP."""
    bearer = bytes.fromhex("0403888090")
    user = b"\x28\x09operator\0"
    h225 = bytes.fromhex("2080060008914a000428b500") + b"\x12gatekeeper-station" + bytes(24)
    setup = (b"\x08\x02\x10\x01\x05" + bearer + user + b"\x7e"
             + struct.pack(">H", len(h225) + 1) + b"\x05" + h225)
    answers = [b"\x08\x02\x90\x01" + bytes([kind]) + b"\x7e\0\x05\x05" + h225[:4]
               for kind in (2, 1, 7)]  # proceeding, alerting, connect
    return [(0, tpkt(setup)), *((1, tpkt(answer)) for answer in answers),
            (0, tpkt(b"\x08\x02\x10\x01\x5a\x08\x02\x80\x90\x7e\0\x05\x05" + h225[:4]))]


# ---- other protocols of plants, and beside them ----

def iec104():
    start, started = bytes.fromhex("680407000000"), bytes.fromhex("68040b000000")
    asdu = bytes.fromhex("680e0000000064010600010000000014")
    return [(0, start), (1, started), (0, asdu), (1, asdu), (1, bytes.fromhex("680401000200"))]


def enip():
    def command(code, body=b"", session=0):
        return struct.pack("<HHII8sI", code, len(body), session, 0, b"plant 01", 0) + body
    identity = struct.pack("<HHHH", 1, 12, 33, 1) + bytes(16) + struct.pack(
        "<HHHBBHI", 1, 14, 55, 20, 11, 0x60, 0xc0ffee) + b"\x0b1756-EN2T/B\x03"
    read = b"\x4c\x02\x20\x6b\x25\x00\x01\x00\x01\x00"
    packet = struct.pack("<IHHHHHH", 0, 10, 2, 0, 0, 0xb2, len(read)) + read
    reply = packet[:16] + b"\xcc\0\0\0\xc4\0\x07\0\0\0"
    return [(0, command(0x63)), (1, command(0x63, identity)), (0, command(4)),
            (0, command(0x65, b"\1\0\0\0")), (1, command(0x65, b"\1\0\0\0", 0x10001)),
            (0, command(0x6f, packet, 0x10001)), (1, command(0x6f, reply, 0x10001)),
            (0, command(0)), (0, command(0x66, b"", 0x10001))]


def bacnet():
    def bvlc(function, body):
        return struct.pack(">BBH", 0x81, function, 4 + len(body)) + body
    who_is = bytes.fromhex("0120ffff00ff1008")
    i_am = bytes.fromhex("0120ffff00ff1000c4020004d22205c4910021 0f")
    read = bytes.fromhex("010402030d0c0c0000000519 55")
    value = bytes.fromhex("0100300d0c0c000000051955 3e4441b800003f")
    return [(0, bvlc(11, who_is)), (1, bvlc(11, i_am)), (0, bvlc(10, read)),
            (1, bvlc(10, value)), (0, bvlc(10, read)), (1, bvlc(10, value))]


def mqtt():
    connect = b"\x10\x18\0\4MQTT\x04\x02\0\x3c\0\x0cpump-station"
    publish = b"\x30\x10\0\x0aplant/temp21.5"
    return [(0, connect), (1, b"\x20\x02\0\0"), (0, b"\x82\x0c\0\1\0\7plant/#\0"),
            (1, b"\x90\x03\0\1\0"), *((1, publish) for _ in range(4)),
            (0, b"\xc0\0"), (1, b"\xd0\0"), (0, b"\xe0\0")]


def hart_ip():
    """Its header of a first session looks like MBAP: the sequence is where the length is."""
    def message(kind, ident, sequence, body):
        return struct.pack(">BBBBHH", 1, kind, ident, 0, sequence, 8 + len(body)) + body
    start = b"\x01" + struct.pack(">I", 600000)
    command = bytes.fromhex("82a6060102030000a3")
    out = []
    for sequence in range(1, 8):
        ident, body = (0, start) if sequence < 5 else (3, command)
        out += [(0, message(0, ident, sequence, body)), (1, message(1, ident, sequence, body))]
    return out


def fins():
    ask = bytes.fromhex("800002000a00000500 01010182000000 0002")
    answer = bytes.fromhex("c00002000500000a00 0101010000 00070008")
    return [(0, ask), (1, answer)] * 4


def ntp():
    ask = b"\x23" + bytes(47)
    answer = bytes.fromhex("240306e8000001f000000a3cc0000201") + bytes(range(32))
    return [(0, ask), (1, answer), (0, b"\x23\0\x06\xe8" + bytes(44)), (1, answer)]


def snmp():
    get = bytes.fromhex("302602010004067075626c6963a019020203e8020100020100300d300b06072b06010201"
                        "01000500")
    return [(0, get), (1, get.replace(b"\xa0", b"\xa2", 1))] * 3


def mysql():
    """Lengths with the low byte first and a sequence: as MBAP, protocol id 0."""
    def packet(sequence, body):
        return struct.pack("<I", len(body))[:3] + bytes([sequence]) + body
    hello = b"\x0a5.7.42-log\0" + bytes(60)
    return [(1, packet(0, hello)), (0, packet(1, b"\x85\xa6\xff\1" + bytes(40))),
            (1, packet(2, bytes(7))), (0, packet(0, b"\x03SELECT 1")), (0, packet(0, b"\x0e")),
            (1, packet(1, bytes(7))), (0, packet(0, b"\x01"))]


STRANGERS = {
    **{"random bytes %d" % seed: noise(seed) for seed in SEEDS},
    "zeros": same_byte(0), "ones": same_byte(255), "HTTP": http(), "SSH": ssh(), "TLS": tls(),
    "SMB": smb(), "IEC 104": iec104(), "DNS": dns(), "MMS": mms(), "RDP": rdp(),
    "plain TPKT": plain_tpkt(), "Q.931": q931(), "EtherNet/IP": enip(), "BACnet/IP": bacnet(),
    "MQTT": mqtt(), "HART-IP": hart_ip(), "FINS": fins(), "NTP": ntp(), "SNMP": snmp(),
    "MySQL": mysql(),
}
DATAGRAMS = ("random bytes 0", "zeros", "HTTP", "DNS", "TLS", "EtherNet/IP", "BACnet/IP",
             "HART-IP", "FINS", "NTP", "SNMP")
