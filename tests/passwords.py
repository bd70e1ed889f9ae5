#!/usr/bin/python3
"""Passwords, tokens and keys that pass on the wire are in nothing that ironspan writes.

    tests/passwords.py [IRONSPAN]

One capture holds logins of every protocol that has any, and some of protocols that nobody reads;
it is played whole, in small segments, cut by a snap length, one-sided, joined in the middle and
with wrong lengths. Rules fire on every message, packet and byte of it, and every kind of event,
payloads, the store, syslog, reports and the verbose log are searched for eight bytes in a row of
any secret: plain, in hexadecimal, base64 or decimal. Captures of evidence hold packets as they
were, by nature; that they do shows that this test looks at something.
"""
import base64
import glob
import os
import re
import struct
import subprocess
import sys
import tempfile

import confusion
import ironspan
import pcap
import wire
from report import Report
from receivers import Receiver
from sinks import sink

PLANT = os.path.join(ironspan.ROOT, "signatures/example-plant")
TIMEOUT_S = 120
WINDOW, STEP = 6, 3  # eight bytes of a secret in a row hold one of these windows
OPERATOR, NAME = "10.1.1.20", b"operator"

# Each is found in the bytes of one conversation.
OPCUA_PASSWORD, OPCUA_TOKEN = b"Vx8-kjhq-zzwv", b"eyJhbGciOi.xvqzt.Qm7"
OPCUA_OLD, OPCUA_NEW = b"Kw4-qxzt-mbfh", b"Zp9-vrnk-gwyd"
OPCUA_SESSION, OPCUA_GUID = bytes(range(0xb0, 0xd0)), bytes(range(0xe3, 0xf3))
S7_PASSWORD, S7_LOGIN = b"Jq3xV8w!", b"Hn5-wqpz-bx"
PLUS_ANSWER, PLUS_PASSWORD = b"Rf2\x91\x92\x93\x94\x95", b"Dd6-xkcv-trzz"
DNP3_PASSWORD, DNP3_KEY, DNP3_WRAPPED = b"Tu1-pplm-jjqx", b"\x8f\x9e\xad\xbc", b"\xe1\xd2\xc3" * 16
HTTP_PASSWORD, FTP_PASSWORD, TELNET_PASSWORD = b"Bs7-vvgh-qqrt", b"Mv4-nnbz-xxlk", b"Lc9-hhtj-zzmw"
HTTP_BASIC = base64.b64encode(b"admin:" + HTTP_PASSWORD)
SECRETS = (OPCUA_PASSWORD, OPCUA_TOKEN, OPCUA_OLD, OPCUA_NEW, OPCUA_SESSION, OPCUA_GUID,
           S7_PASSWORD, S7_LOGIN, PLUS_ANSWER, PLUS_PASSWORD, DNP3_PASSWORD, DNP3_WRAPPED,
           HTTP_PASSWORD, HTTP_BASIC, FTP_PASSWORD, TELNET_PASSWORD)


# ---- OPC UA ----

def string(value):
    return struct.pack("<i", -1) if value is None else struct.pack("<i", len(value)) + value


def chunk(kind, body, channel=7):
    return kind + b"F" + struct.pack("<II", 12 + len(body), channel) + body


def opn(number, service, body, channel):
    policy = string(b"http://opcfoundation.org/UA/SecurityPolicy#None")
    return chunk(b"OPN", policy + string(None) * 2 + struct.pack("<II", number, number) +
                 struct.pack("<BBH", 1, 0, service) + body, channel)


def msg(number, service, body):
    return chunk(b"MSG", struct.pack("<III", 1, number, number) +
                 struct.pack("<BBH", 1, 0, service) + body)


def token():
    return b"\x05\x00\x00" + string(OPCUA_SESSION)  # an opaque node id


def ask_header(session):
    return (session or b"\0\0") + struct.pack("<QIIiI", 132514416000000000, 1, 0, -1, 1000) + b"\0\0\0"


def answer_header(code=0):
    return struct.pack("<QII", 132514416000000000, 1, code) + b"\0" + struct.pack("<i", 0) + b"\0\0\0"


def extension(service, body):
    return struct.pack("<BBHB", 1, 0, service, 1) + string(body)


def activate(number, identity):
    body = string(None) * 2 + struct.pack("<ii", -1, -1)
    return msg(number, 467, ask_header(token()) + body + identity + string(None) * 2)


def user(password, claimed=None):
    """`claimed`: a length that is wrong."""
    secret = string(password) if claimed is None else struct.pack("<i", claimed) + password
    return extension(324, string(b"user") + string(NAME) + secret + string(None))


def change_password(number):
    arguments = b"".join(b"\x0c" + string(word) for word in (OPCUA_OLD, OPCUA_NEW))
    call = b"\x02\0\0" + struct.pack("<I", 24304) + b"\x02\0\0" + struct.pack("<I", 24310)
    return msg(number, 712, ask_header(token()) + struct.pack("<i", 1) + call +
               struct.pack("<i", 2) + arguments)


def opcua(identity):
    created = (b"\0\0" + token() + struct.pack("<d", 60000) + string(None) * 2 +
               struct.pack("<ii", -1, -1) + string(None) * 2 + struct.pack("<I", 0))
    good = answer_header() + string(None) + struct.pack("<ii", -1, -1)
    fault = answer_header(0x801f0000)
    return [(0, opn(1, 446, ask_header(None) + struct.pack("<III", 0, 0, 1) + string(None) +
                    struct.pack("<I", 3600000), 0)),
            (1, opn(1, 449, answer_header() + struct.pack("<IIIQI", 0, 7, 1, 132514416000000000,
                                                          3600000) + string(None), 7)),
            (1, msg(2, 464, answer_header() + created)),
            (0, activate(3, identity)), (1, msg(3, 470, good)),
            (0, activate(4, identity)), (1, msg(4, 397, fault)),
            (0, change_password(5)), (1, msg(5, 397, fault))]


# ---- S7comm, S7comm-plus ----

def tpkt(body):
    return struct.pack(">BBH", 3, 0, 7 + len(body)) + b"\x02\xf0\x80" + body


def job(number, parameters, data=b"", kind=1):
    return tpkt(struct.pack(">BBHHHH", 0x32, kind, 0, number, len(parameters), len(data)) +
                parameters + data)


def s7comm():
    set_password = job(1, bytes.fromhex("0001120411450100"),
                       b"\xff\x09" + struct.pack(">H", len(S7_PASSWORD)) + S7_PASSWORD, 7)
    answer = job(1, bytes.fromhex("000112081285010800000000"), bytes.fromhex("0a000000"), 7)
    words = b"".join(bytes([len(w)]) + w + b"\0" * (len(w) % 2 == 0) for w in (b"0", S7_LOGIN))
    login = job(2, b"\x28" + bytes(6) + b"\xfd" + struct.pack(">H", len(words)) + words +
                b"\x09_N_LOGIN_")
    return [(0, bytes.fromhex("0300001611e00000000100c0010ac1020100c2020102")),
            (1, bytes.fromhex("0300001611d00001000200c0010ac1020100c2020102")),
            (0, job(0, bytes.fromhex("f0000001000101e0"))),
            (1, tpkt(bytes.fromhex("320300000000000800000000f0000001000100f0"))),
            (0, set_password), (1, answer), (0, login),
            (1, tpkt(bytes.fromhex("32030000000200010000000028")))]


def plus(opcode, body):
    body = bytes([opcode]) + body
    return tpkt(struct.pack(">BBH", 0x72, 2, len(body)) + body + b"\x72\x02\x00\x00")


def s7commplus():
    end = bytes.fromhex("000004e88969001200000000896a001300896b00040000000000000072020000")[:-4]
    answer = (bytes.fromhex("0000" "04f2" "0000" "000b" "00000385" "34" "00000385" "01" "8230" "1002")
              + bytes([len(PLUS_ANSWER)]) + PLUS_ANSWER + end)
    word = (bytes.fromhex("0000" "04f2" "0000" "000c" "00000385" "34" "00000385" "01" "8e36" "0017"
                          "00009dd0" "82bb51" "000401" "82bb52" "001503") + b"joe" +
            bytes.fromhex("82bb53" "0015") + bytes([len(PLUS_PASSWORD)]) + PLUS_PASSWORD +
            b"\0" + end)
    return [(0, plus(0x31, answer)), (1, plus(0x32, bytes.fromhex("000004f20000000b340000000000"))),
            (0, plus(0x31, word)), (1, plus(0x32, bytes.fromhex("000004f20000000c340000000000")))]


# ---- DNP3 ----

def dnp3_object(group, variation, body, more=0):
    """`more`: how much longer it says it is."""
    return struct.pack("<BBBBH", group, variation, 0x5b, 1, len(body) + more) + body


def dnp3_login(less=0):
    """`less`: how much shorter it says the password is."""
    return struct.pack("<HHHHI", 12, len(NAME), 12 + len(NAME), len(DNP3_PASSWORD) - less, 0) \
        + NAME + DNP3_PASSWORD


def dnp3_ask(sequence, function, body):
    return confusion.link_frame(0xc4, 10, 1, bytes([0xc0 | sequence] * 2 + [function]) + body)


def dnp3():
    granted = struct.pack("<HHHH", 12, 0, 12, 0) + DNP3_KEY
    session = struct.pack("<IH", 1, 1) + DNP3_WRAPPED
    update = struct.pack("<IHH", 1, 1, len(DNP3_WRAPPED)) + DNP3_WRAPPED

    def answer(sequence, function, body):
        return confusion.link_frame(
            0x44, 1, 10, bytes([0xc0 | sequence] * 2 + [function, 0, 0]) + body)
    return [(0, dnp3_ask(1, 29, dnp3_object(70, 2, dnp3_login()))),
            (1, answer(1, 129, dnp3_object(70, 2, granted))),
            (0, dnp3_ask(2, 32, dnp3_object(120, 6, session))),
            (1, answer(2, 131, dnp3_object(120, 7, b"\0" * 8))),
            (0, dnp3_ask(3, 32, dnp3_object(120, 13, update)))]


# ---- what no dissector reads ----

def http():
    return [(0, b"GET /plc HTTP/1.1\r\nHost: plc\r\nAuthorization: Basic " + HTTP_BASIC + b"\r\n\r\n"),
            (1, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            (0, b"POST /login HTTP/1.1\r\nHost: plc\r\n\r\nuser=a&password=" + HTTP_PASSWORD)]


def ftp():
    return [(1, b"220 ready\r\n"), (0, b"USER " + NAME + b"\r\n"), (1, b"331 password\r\n"),
            (0, b"PASS " + FTP_PASSWORD + b"\r\n"), (1, b"230 in\r\n")]


def telnet():
    return [(1, b"\xff\xfd\x18login: "), (0, NAME + b"\r\n"), (1, b"Password: "),
            (0, TELNET_PASSWORD + b"\r\n"), (1, b"# ")]


CONVERSATIONS = (
    (4840, opcua(user(OPCUA_PASSWORD))),
    (4840, opcua(extension(940, string(b"jwt") + string(OPCUA_TOKEN) + string(None)))),
    (102, s7comm()), (102, s7commplus()), (20000, dnp3()), (80, http()), (21, ftp()),
    (23, telnet()))
# Lengths that reach beyond the message, that are none, that are too small; a message too short.
WRONG = ((4840, opcua(user(None)) + [(0, msg(6, 473, b"\4\0\0" + OPCUA_GUID[:9]))]),
         *((4840, opcua(user(OPCUA_PASSWORD, claimed))) for claimed in (0x7fffffff, -7)),
         *((20000, [(0, dnp3_ask(1, 29, dnp3_object(70, 2, dnp3_login(less), more)))])
           for less, more in ((0, 9), (7, 0))))


# ---- captures ----

class Played:
    def __init__(self):
        self.tape, self.count = wire.Tape(), 0

    def flow(self, port, opened=True):
        self.count += 1
        server = "10.1.2.%d" % (self.count % 200 + 1)
        tcp = wire.Tcp(self.tape, OPERATOR, server, 40000 + self.count, port)
        return tcp.open() if opened else tcp

    def all(self, send, conversations=CONVERSATIONS, opened=True):
        for port, steps in conversations:
            tcp = self.flow(port, opened)
            for end, body in steps:
                send(tcp, end, body)
            self.tape.wait(1500)  # who waits for an answer has waited


def whole(tcp, end, body):
    tcp.send(end, body)


def in_pieces(tcp, end, body):
    for at in range(0, len(body), 40):
        tcp.send(end, body[at:at + 40])


def one_side(tcp, end, body):
    if end == 0:
        tcp.send(end, body)
    else:
        tcp.skip(end, len(body))


def with_hole(tcp, end, body):
    """The 30 bytes before the last 20 are lost."""
    tcp.send(end, body[:max(0, len(body) - 50)])
    tcp.skip(end, len(body[-50:-20]))
    tcp.send(end, body[-20:])


def datagrams(played):
    for port, steps in ((20000, dnp3()), (69, ftp()), (161, ftp())):
        udp = wire.Udp(played.tape, OPERATOR, "10.1.3.1", 41000 + port, port)
        for end, body in steps:
            udp.ask(body) if end == 0 else udp.answer(body)


def cut(packets):
    """Each login again with a snap length that ends in the middle of the secret."""
    out = []
    for p in packets:
        places = [at for at in (p.data.find(s) for s in SECRETS) if at > 0]
        out.append(p.cut(places[0] + WINDOW + 1) if places else p)
    return out


def make_captures(folder):
    played = Played()
    for send in (whole, in_pieces, one_side, with_hole):
        played.all(send)
    played.all(whole, opened=False)
    played.all(whole, WRONG)
    datagrams(played)
    login = Played()
    login.all(whole)
    paths = [os.path.join(folder, name + ".pcap") for name in ("logins", "cut")]
    pcap.write(paths[0], played.tape.packets)
    pcap.write(paths[1], cut(login.tape.packets))
    return paths


# ---- rules that fire on everything ----

def rules(path):
    protocols = ("modbus", "s7comm", "s7commplus", "dnp3", "opcua", "tls")
    lines = ["alert %s any any -> any any (msg:\"%s %s\"; flow:%s; sid:%d;)"
             % (name, name, way, way, 9000000 + number)
             for number, (name, way) in enumerate(
                 (n, w) for n in protocols for w in ("to_server", "to_client"))]
    lines += ["alert %s any any -> any any (msg:\"content %s\"; content:\"%s\"; sid:%d;)"
              % (proto, word, word, 9000100 + number)
              for number, (proto, word) in enumerate(
                  (p, w) for p in ("tcp", "tcp-pkt", "udp") for w in
                  ("pass", "login", "Basic", "word", "PASS", "-"))]
    lines += ["alert %s any any -> any any (msg:\"%s packet\"; dsize:>0; sid:%d;)"
              % (proto, proto, 9000200 + number)
              for number, proto in enumerate(("tcp", "udp", "ip"))]
    lines += ["alert tcp any any -> any any (msg:\"pcre\"; pcre:\"/pass\\S+/i\"; sid:9000300;)"]
    with open(path, "w", encoding="ascii") as out:
        out.write("\n".join(lines) + "\n")
    return path


# ---- what is looked for ----

def forms_of(part):
    """How these bytes may be written; base64 wherever they begin in it."""
    yield part
    for text in (part.hex(), part.hex(" "), part.hex(":")):
        yield text.encode()
        yield text.upper().encode()
    for separator in (", ", ","):
        yield separator.join(map(str, part)).encode()
    for before in range(3):
        code = base64.b64encode(bytes(before) + part)
        yield code[(0, 2, 3)[before]:len(code) - (0, 4, 4)[(before + len(part)) % 3]]
    yield b"".join(b"\\u%04x" % byte for byte in part)
    yield part.decode("latin-1").encode()


def patterns():
    found = {}
    for secret in SECRETS:
        for at in range(0, len(secret) - WINDOW + 1, STEP):
            for form in forms_of(secret[at:at + WINDOW]):
                found[form] = secret
    return found


FORMS = patterns()
ANY = re.compile(b"|".join(re.escape(form) for form in sorted(FORMS)))


def leaks(name, data):
    for match in ANY.finditer(data):
        yield "%s: %r as %r in %r" % (name, FORMS[match[0]], match[0],
                                      data[max(0, match.start() - 160):match.end() + 40])


def missing(data):
    """DNP3 puts a checksum behind every 16 bytes."""
    for secret in SECRETS:
        parts = (secret[at:at + WINDOW] for at in range(len(secret) - WINDOW + 1))
        if not any(part in data for part in parts):
            yield secret


class Outputs:
    """All that one run and what people do afterwards wrote: (name, bytes)."""

    def __init__(self, folder, captures):
        self.folder, self.captures, self.all = folder, captures, []
        self.store = os.path.join(folder, "store")

    def command(self, name, *words):
        done = subprocess.run([ironspan.program(), *words], capture_output=True,
                              timeout=TIMEOUT_S, check=False)
        self.all += [(name, done.stdout), (name + ", its messages", done.stderr)]
        return done

    def sensor(self):
        receiver = Receiver("tcp", self.folder).start()
        try:
            done = self.command(
                "the run", *(word for path in self.captures for word in ("-r", path)), "-v",
                "-s", rules(os.path.join(self.folder, "all.rules")), "--events", "all",
                "--registers", PLANT, "--store", self.store, "-l", self.folder,
                "--set", "outputs.payload=yes", "--set", "outputs.rule-text=yes",
                "--set", "evidence.dir=" + os.path.join(self.folder, "evidence"),
                "--set", "evidence.file-size=4mb", "--set", "outputs.sinks-on-replay=yes",
                *sink(1, type="syslog", address=receiver.address))
        finally:
            receiver.kill()
        for path in (os.path.join(self.folder, "eve.json"), receiver.out,
                     *glob.glob(os.path.join(self.store, "**"), recursive=True)):
            if os.path.isdir(path):
                continue
            with open(path, "rb") as file:
                self.all.append((os.path.basename(path), file.read()))
        return [] if done.returncode == 0 else [done.stderr[-2000:]]

    def people(self):
        done = self.command("incident list", "incident", "list", "--store", self.store,
                            "--state", "all", "--json")
        self.command("operations", "incident", "operations", "--store", self.store)
        self.command("alerts", "incident", "alerts", "--store", self.store, "--json")
        self.command("audit", "report", "audit", "--store", self.store)
        self.command("fields of a rule", "rules", "test", "7060040", "-r", self.captures[0])
        for found in set(re.findall(rb"\"id\":\"(inc[^\"]+)\"", done.stdout)):
            for verb in (("incident", "show"), ("report", "incident"), ("share", "export")):
                self.command(" ".join(verb), *verb, found.decode(), "--store", self.store)


def evidence(folder):
    """They hold what passed, and nothing else than a capture does."""
    data = b""
    for path in glob.glob(os.path.join(folder, "evidence", "*")):
        with open(path, "rb") as file:
            data += file.read()
    return [] if OPCUA_PASSWORD in data else ["no evidence holds what was looked for"]


def is_shown(outputs, kind):
    """Protocols whose messages were shown with their payload: else nothing was tested."""
    eve = dict(outputs)["eve.json"].splitlines()
    return [] if any(b'"event_type":"alert"' in line and b'"payload":' in line and
                     b'"%s":{' % kind in line for line in eve) else ["no payload"]


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        captures = make_captures(folder)
        with open(captures[0], "rb") as file:
            report.case("the capture has all", missing(file.read()))
        outputs = Outputs(folder, captures)
        report.case("the run", outputs.sensor())
        outputs.people()
        for name, data in outputs.all:
            report.case(name, leaks(name, data))
        for kind in (b"opcua", b"s7comm", b"s7commplus", b"dnp3"):
            report.case("payloads of %s" % kind.decode(), is_shown(outputs.all, kind))
        report.case("evidence", evidence(folder))
    report.end()


if __name__ == "__main__":
    sys.exit(main())
