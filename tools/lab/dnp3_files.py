"""The files of the lab's outstation (group 70)."""
import struct

import dnp3

FILE_OK, FILE_NOT_FOUND, FILE_BAD_HANDLE = 0, 3, 6
BLOCK, LAST_BLOCK = 400, 1 << 31


def file_status(handle=0, size=0, request=0, status=FILE_OK):
    return dnp3.sized(70, 4, struct.pack("<IIHHB", handle, size, BLOCK, request, status))


class Files:
    """A little file system; a handle is (name, mode)."""

    def __init__(self):
        self.contents = {"/config/rtu.cfg": b"[rtu]\nname = feeder bay 4\n" + b"# spare\n" * 120,
                         "/log/events.txt": b"2026-01-01 breaker 52 closed\n" * 4}
        self.handles, self.last_handle = {}, 0

    def open(self, command):
        _, size, _, _, _, _, mode, _, request = struct.unpack_from("<HHQHIIHHH",
                                                                   pad_time(command))
        name = command[26:26 + size].decode()
        if mode == 1 and name not in self.contents:
            return file_status(request=request, status=FILE_NOT_FOUND)
        if mode == 2:
            self.contents[name] = b""
        self.last_handle += 1
        self.handles[self.last_handle] = name
        return file_status(self.last_handle, len(self.contents[name]), request)

    def close(self, status):
        handle, _, _, request = struct.unpack_from("<IIHH", status)
        known = self.handles.pop(handle, None) is not None
        return file_status(handle, 0, request, FILE_OK if known else FILE_BAD_HANDLE)

    def delete(self, command):
        size, = struct.unpack_from("<H", command, 2)
        request, = struct.unpack_from("<H", command, 24)
        known = self.contents.pop(command[26:26 + size].decode(), None) is not None
        return file_status(request=request, status=FILE_OK if known else FILE_NOT_FOUND)

    def info(self, descriptor):
        size, = struct.unpack_from("<H", descriptor, 2)
        request, = struct.unpack_from("<H", descriptor, 18)
        name = descriptor[20:20 + size]
        length = len(self.contents.get(name.decode(), b""))
        return dnp3.sized(70, 7, struct.pack("<HHHI", 20, size, 1, length)
                          + dnp3.time48(1767225600000) + struct.pack("<HH", 0o644, request) + name)

    def read(self, transport):
        handle, block = struct.unpack_from("<II", transport)
        content = self.contents.get(self.handles.get(handle), b"")
        part = content[block * BLOCK:(block + 1) * BLOCK]
        last = LAST_BLOCK if (block + 1) * BLOCK >= len(content) else 0
        return dnp3.sized(70, 5, struct.pack("<II", handle, block | last) + part)

    def write(self, transport):
        handle, block = struct.unpack_from("<II", transport)
        name = self.handles.get(handle)
        if name:
            self.contents[name] += transport[8:]
        status = FILE_OK if name else FILE_BAD_HANDLE
        return dnp3.sized(70, 6, struct.pack("<IIB", handle, block, status))


def pad_time(command):
    """The 48-bit time of a file command as 64 bits, so that struct can read on."""
    return command[:10] + b"\0\0" + command[10:]
