#!/usr/bin/python3
"""A small S7 controller of our own: variables, blocks up and down, status lists, a password.
usage: s7-plc.py PORT [FRAGMENT]     COTP frames with at most FRAGMENT bytes of user data

In a download it is the controller that asks (Job PDUs), the programmer that answers.
"""
import socket
import struct
import sys
import threading

from s7_controller import OCTETS, OK, Controller, is_password, status_list
from s7_wire import (ACK_DATA, CONFIRM, CONNECT, JOB, USERDATA, Wire, header, tpkt)

PDU_SIZE = 240
READ, WRITE, SETUP, CONTROL, STOP = 4, 5, 0xf0, 0x28, 0x29
REQUEST, BLOCK, ENDED, START_UPLOAD, UPLOAD, END_UPLOAD = 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f
NOT_FOUND, NO_SUCH_NUMBER, PROTECTED, NOT_IMPLEMENTED = 0xd209, 0xd210, 0xd241, 0x8104
WRONG_PASSWORD, NO_SUCH_LIST = 0xd602, 0xd401
SZL, LOGIN = (4, 1), (5, 1)  # userdata: group and subfunction


def items(parameters):
    at = 2
    for _ in range(parameters[1]):
        end = at + 2 + parameters[at + 1]
        yield parameters[at:end]
        at = end


def padded(found):
    """Every value but the last fills whole words."""
    return b"".join(v + b"\0" * (len(v) & 1) for v in found[:-1]) + found[-1]


def values(data, count):
    at = 0
    for _ in range(count):
        _, size, length = struct.unpack(">BBH", data[at:at + 4])
        length = length if size in (3, OCTETS) else length // 8
        yield data[at + 4:at + 4 + length]
        at += 4 + length + (length & 1)


class Session:
    """One client's connection; a handler answers a job with (parameters, data, error)."""

    def __init__(self, plc, connection, fragment):
        self.plc, self.wire = plc, Wire(connection, fragment)
        self.upload, self.list, self.reference = b"", b"", 0x4000
        self.size, self.trusted, self.unit = PDU_SIZE, False, 0
        self.handlers = {READ: self.read, WRITE: self.write, SETUP: self.setup,
                         REQUEST: self.download, START_UPLOAD: self.start_upload,
                         UPLOAD: self.next_upload, END_UPLOAD: self.done,
                         CONTROL: self.control, STOP: self.done}

    def serve(self):
        request = self.wire.frame()
        if request[1] != CONNECT:
            return
        self.wire.socket.sendall(tpkt(bytes([request[0], CONFIRM]) + request[4:6] + b"\0\1"
                                      + request[6:]))
        while True:
            pdu = self.wire.pdu()
            if pdu.rosctr == USERDATA:
                self.wire.send(header(USERDATA, pdu.reference, *self.userdata(pdu)))
                continue
            answer = self.handlers.get(pdu.parameters[0], self.unknown)(pdu)
            self.wire.send(header(ACK_DATA, pdu.reference, *answer))
            if pdu.parameters[0] == REQUEST and answer[2] == 0:
                self.fetch(pdu.parameters[9:18])

    def done(self, job):
        return job.parameters[:1], b"", 0

    def unknown(self, job):
        return b"", b"", NOT_IMPLEMENTED

    def setup(self, job):
        self.size = min(PDU_SIZE, int.from_bytes(job.parameters[6:8], "big"))
        return job.parameters[:6] + struct.pack(">H", self.size), b"", 0

    def read(self, job):
        found = [self.plc.read(spec) for spec in items(job.parameters)]
        return job.parameters[:2], padded(found), 0

    def write(self, job):
        codes = [self.plc.write(spec, value) for spec, value in
                 zip(items(job.parameters), values(job.data, job.parameters[1]))]
        return job.parameters[:2], bytes(codes), 0

    def start_upload(self, job):
        """The name is 9 characters: _ or $, type, number, file system."""
        found = self.plc.blocks.get(job.parameters[10:17].decode())
        if found is None:
            return b"", b"", NOT_FOUND
        self.upload = found
        return b"\x1d\0\1\0\0\0\0\7\7%07d" % len(found), b"", 0

    def next_upload(self, job):
        part = self.upload[:self.size - 18]
        self.upload = self.upload[len(part):]
        head = struct.pack(">HH", len(part), 0xfb)
        return bytes([UPLOAD, bool(self.upload)]), head + part, 0

    def download(self, job):
        if not self.trusted:
            return b"", b"", PROTECTED
        if int(job.parameters[12:17]) > 999:
            return b"", b"", NO_SUCH_NUMBER
        return job.parameters[:1], b"", 0

    def ask(self, function, name):
        """A job of ours, and its answer."""
        self.reference += 1
        self.wire.send(header(JOB, self.reference, bytes([function]) + bytes(7) + name))
        return self.wire.pdu()

    def fetch(self, name):
        name, code, more = b"\x09" + name[:8] + b"P", b"", True
        while more:
            answer = self.ask(BLOCK, name)
            more = answer.parameters[1]
            code += answer.data[4:]
        self.ask(ENDED, name)
        self.plc.blocks[name[2:9].decode()] = code

    def control(self, job):
        if job.parameters.endswith(b"_DELE"):
            if self.plc.blocks.pop(job.parameters[12:19].decode(), None) is None:
                return b"", b"", NOT_FOUND
        return job.parameters[:1], b"", 0

    def userdata(self, pdu):
        asked = pdu.parameters[5] & 15, pdu.parameters[6]
        if asked == SZL:
            data, error = self.next_list(pdu)
        elif asked == LOGIN:
            self.trusted = is_password(pdu.data[4:])
            data, error = b"", 0 if self.trusted else WRONG_PASSWORD
        else:
            data, error = b"", NOT_IMPLEMENTED
        head = bytes([0, 1, 0x12, 8, 0x12, 0x80 | asked[0], asked[1], 1, self.unit,
                      bool(self.list)]) + struct.pack(">H", error)
        return head, struct.pack(">BBH", OK if data else 10, OCTETS if data else 0,
                                 len(data)) + data

    def next_list(self, pdu):
        """A long list comes in parts, under one data unit reference."""
        if pdu.parameters[4] == 0x11:
            self.list = status_list(*struct.unpack(">HH", pdu.data[4:8])) or b""
            self.unit = 1 if len(self.list) > self.size - 26 else 0
        part = self.list[:self.size - 26]
        self.list = self.list[len(part):]
        return part, 0 if part else NO_SUCH_LIST


def serve(plc, connection, fragment):
    with connection:
        try:
            Session(plc, connection, fragment).serve()
        except (EOFError, ConnectionError):
            pass


def main():
    fragment = int(sys.argv[2]) if len(sys.argv) > 2 else None
    plc = Controller()
    with socket.create_server(("0.0.0.0", int(sys.argv[1]))) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(plc, connection, fragment),
                             daemon=True).start()


main()
