"""The lab's DNP3 master: asks, confirms, listens to what an outstation reports by itself."""
import socket
import struct
import time

import dnp3
from dnp3 import READ, every

TIMEOUT_S = 1.0
CLASSES = (every(60, 2), every(60, 3), every(60, 4))
EVENTS, CLASS_0 = b"".join(CLASSES), every(60, 1)
LATCH_ON, LATCH_OFF, PULSE_ON, CLOSE, TRIP = 3, 4, 1, 0x41, 0x81


def crob(operation, count=1, on_ms=0, off_ms=0, status=0):
    """A control relay output block."""
    return struct.pack("<BBIIB", operation, count, on_ms, off_ms, status)


def analog(variation, value, status=0):
    """An analog output block: 1 and 2 are integers, 3 and 4 are not."""
    return struct.pack("<" + " ihfd"[variation] + "B", value, status)


def now48():
    return dnp3.time48(time.time_ns() // 1_000_000)


class Master:
    """One master address; several outstations may be behind its connection."""

    def __init__(self, over, host, port, own, peer):
        self.kind = socket.SOCK_DGRAM if over == "udp" else socket.SOCK_STREAM
        self.where, self.own, self.sequence = (host, port), own, 0
        self.senders, self.assemblies, self.peer = {}, {}, peer
        self.connect()

    def connect(self):
        """The first frame tells the outstation who is there."""
        self.socket = socket.socket(type=self.kind)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect(self.where)
        if self.kind == socket.SOCK_STREAM:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = dnp3.FrameReader()
        self.link(dnp3.REQUEST_STATUS)

    def close(self):
        self.socket.close()

    def sender(self, peer=None):
        """Each outstation has a transport sequence of its own."""
        peer = self.peer if peer is None else peer
        if peer not in self.senders:
            self.senders[peer] = dnp3.Sender(lambda data: self.socket.sendall(data), self.own,
                                             peer, dnp3.DIR)
        return self.senders[peer]

    # ---- link layer ----

    def link(self, function, control=0, data=b"", peer=None):
        """A link service and its answer, which may not come."""
        self.sender(peer).link(dnp3.PRM | control | function, data)
        return self.wait(lambda frame, _: not frame.control & dnp3.PRM)

    # ---- what arrives ----

    def wait(self, wanted, seconds=TIMEOUT_S):
        """Until a frame, or the fragment it completes, is what is wanted; None if nothing is."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                return None
            if not data:  # restarted
                self.close()
                self.connect()
                return None
            found = [pair for frame in self.reader.feed(data) for pair in [self.heard(frame)]
                     if wanted(*pair)]
            if found:
                return found[0]
        return None

    def heard(self, frame):
        """The frame and the fragment that it completes; confirms reports, answers the link."""
        if not frame.control & dnp3.PRM or frame.destination != self.own:
            return frame, None
        if frame.function == dnp3.REQUEST_STATUS:
            self.sender(frame.source).link(dnp3.LINK_STATUS)
            return frame, None
        whole = self.assemblies.setdefault(frame.source, dnp3.Reassembly()).feed(frame.data)
        fragment = dnp3.parse(whole) if whole else None
        if fragment and fragment.control & dnp3.CON:
            self.confirm(fragment, frame.source)
        return frame, fragment

    def confirm(self, fragment, peer):
        control = dnp3.FIR | dnp3.FIN | fragment.control & dnp3.UNS
        self.sender(peer).fragment(dnp3.request(dnp3.CONFIRM, fragment.sequence,
                                                control=control))

    def listen(self, seconds):
        self.wait(lambda *_: False, seconds)

    # ---- requests ----

    def ask(self, function, body=b"", peer=None, to=None, sequence=None):
        """A request and all fragments of its answer; gives the last one."""
        if sequence is None:
            sequence = self.sequence = self.sequence + 1 & 15
        self.sender(peer).fragment(dnp3.request(function, sequence, body), to)
        if function in dnp3.NO_RESPONSE or to is not None:
            return None
        last = self.wait(lambda _, fragment: fragment and fragment.function == dnp3.RESPONSE
                         and fragment.control & dnp3.FIN)
        return last[1] if last else None

    def read(self, *objects, peer=None):
        return self.ask(READ, b"".join(objects), peer)

    def select_operate(self, body):
        self.ask(dnp3.SELECT, body)
        self.ask(dnp3.OPERATE, body)

    # ---- files ----

    def open_file(self, name, mode, size=0, request=1):
        """The handle that the outstation gave (0 when it refused)."""
        command = (struct.pack("<HH", 26, len(name)) + now48()
                   + struct.pack("<HIIHHH", 0o644, 0x5eed, size, mode, 400, request) + name)
        answer = self.ask(dnp3.OPEN_FILE, dnp3.sized(70, 3, command))
        return struct.unpack_from("<I", answer.body, 6)[0]

    def close_file(self, handle):
        self.ask(dnp3.CLOSE_FILE, dnp3.sized(70, 4, struct.pack("<IIHHB", handle, 0, 0, 9, 0)))

    def read_file(self, name):
        handle, block = self.open_file(name, mode=1), 0
        while handle:
            answer = self.read(dnp3.sized(70, 5, struct.pack("<II", handle, block)))
            if answer.body[13] & 0x80:
                break
            block += 1
        if handle:
            self.close_file(handle)

    def write_file(self, name, content, piece=400):
        handle = self.open_file(name, mode=2, size=len(content))
        count = (len(content) + piece - 1) // piece
        for block in range(count):
            last = 0x80000000 if block == count - 1 else 0
            part = content[block * piece:(block + 1) * piece]
            self.ask(dnp3.WRITE, dnp3.sized(70, 5, struct.pack("<II", handle, block | last)
                                            + part))
        self.close_file(handle)
