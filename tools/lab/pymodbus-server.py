#!/usr/bin/python3
"""A controller on pymodbus: units 1 and 2, a name plate, files and a queue.

usage: pymodbus-server.py tcp|udp PORT

pymodbus 3.0 decodes file records and queues but stores none, so these keep a little. Its
answers to both are not as the specification (6.14, 6.18) has them, so ours are encoded here.
"""
import struct
import sys

from pymodbus.datastore import (ModbusSequentialDataBlock, ModbusServerContext,
                                ModbusSlaveContext)
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.file_message import (FileRecord, ReadFifoQueueRequest, ReadFifoQueueResponse,
                                   ReadFileRecordRequest, ReadFileRecordResponse,
                                   WriteFileRecordRequest, WriteFileRecordResponse)
from pymodbus.server import StartTcpServer, StartUdpServer

FILES = {}


class FileContents(ReadFileRecordResponse):
    def encode(self):
        body = b"".join(struct.pack("BB", 1 + len(r.record_data), 6) + r.record_data
                        for r in self.records)
        return struct.pack("B", len(body)) + body


class ReadFile(ReadFileRecordRequest):
    def execute(self, context):
        return FileContents([
            FileRecord(record_data=FILES.get((r.file_number, r.record_number),
                                             bytes(range(2 * r.record_length))))
            for r in self.records])


class WriteFile(WriteFileRecordRequest):
    def execute(self, context):
        for r in self.records:
            FILES[r.file_number, r.record_number] = r.record_data
        return WriteFileRecordResponse(self.records)


class QueueContents(ReadFifoQueueResponse):
    def encode(self):
        count = len(self.values)
        return struct.pack(">HH%dH" % count, 2 + 2 * count, count, *self.values)


class ReadQueue(ReadFifoQueueRequest):
    def execute(self, context):
        return QueueContents([440, 4740, self.address])


def unit():
    return ModbusSlaveContext(di=ModbusSequentialDataBlock(0, [1, 0, 0, 1] * 25),
                              co=ModbusSequentialDataBlock(0, [0] * 100),
                              hr=ModbusSequentialDataBlock(0, list(range(1000, 1200))),
                              ir=ModbusSequentialDataBlock(0, list(range(3000, 3100))),
                              zero_mode=True)


def main():
    identity = ModbusDeviceIdentification(info={
        0: "Example Works", 1: "PM-340", 2: "2.14.1", 3: "https://plant.example/",
        4: "Pump controller", 5: "PM-340-R2", 6: "boiler house 1"})
    start = StartUdpServer if sys.argv[1] == "udp" else StartTcpServer
    start(context=ModbusServerContext(slaves={1: unit(), 2: unit()}, single=False),
          identity=identity, address=("0.0.0.0", int(sys.argv[2])),
          custom_functions=[ReadFile, WriteFile, ReadQueue])


main()
