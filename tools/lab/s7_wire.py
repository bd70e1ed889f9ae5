"""S7comm over ISO-on-TCP (RFC 1006), as much as our small controller and client need.

    TPKT  03 00 length(2)                      frame length with these 4 bytes
    COTP  length type ...                      E0 connect, D0 confirm, F0 data, 80 disconnect
    S7    32 rosctr 00 00 reference(2) parameters(2) data(2) [error class, code]
"""
import socket
import struct
import time

JOB, ACK, ACK_DATA, USERDATA = 1, 2, 3, 7
CONNECT, CONFIRM, DISCONNECT, DATA = 0xe0, 0xd0, 0x80, 0xf0
LAST = 0x80  # COTP data: no fragment follows
PAUSE_S = 0.002


def tpkt(cotp):
    return struct.pack(">BBH", 3, 0, 4 + len(cotp)) + cotp


def header(rosctr, reference, parameters, data=b"", error=0):
    words = struct.pack(">BBHHHH", 0x32, rosctr, 0, reference, len(parameters), len(data))
    return words + (struct.pack(">H", error) if rosctr in (ACK, ACK_DATA) else b"") \
        + parameters + data


class Pdu:
    def __init__(self, raw):
        _, self.rosctr, _, self.reference, parameters, data = struct.unpack(">BBHHHH", raw[:10])
        start = 12 if self.rosctr in (ACK, ACK_DATA) else 10
        self.error = int.from_bytes(raw[10:start], "big")
        self.parameters = raw[start:start + parameters]
        self.data = raw[start + parameters:start + parameters + data]


class Wire:
    """One connection. fragment: user data in one COTP frame at most; cut: bytes in one TCP
    segment at most, with a pause after each."""

    def __init__(self, connection, fragment=None, cut=None):
        self.socket, self.fragment, self.cut = connection, fragment, cut
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, cut is not None)

    def _take(self, count):
        taken = b""
        while len(taken) < count:
            more = self.socket.recv(count - len(taken))
            if not more:
                raise EOFError
            taken += more
        return taken

    def frame(self):
        """The next COTP frame, without TPKT."""
        return self._take(struct.unpack(">BBH", self._take(4))[2] - 4)

    def pdu(self):
        raw = b""
        while True:
            cotp = self.frame()
            if cotp[1] != DATA:
                raise EOFError
            raw += cotp[3:]
            if cotp[2] & LAST:
                return Pdu(raw)

    def _frames(self, pdu):
        size = self.fragment or len(pdu)
        for at in range(0, len(pdu), size):
            last = LAST if at + size >= len(pdu) else 0
            yield tpkt(bytes([2, DATA, last]) + pdu[at:at + size])

    def write(self, stream):
        for at in range(0, len(stream), self.cut or len(stream)):
            self.socket.sendall(stream[at:at + (self.cut or len(stream))])
            if self.cut:
                time.sleep(PAUSE_S)

    def send(self, *pdus):
        """All of them in one go: several PDUs a segment."""
        self.write(b"".join(frame for pdu in pdus for frame in self._frames(pdu)))
