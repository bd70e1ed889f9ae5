#!/usr/bin/python3
"""A client on pymodbus. usage: pymodbus-client.py tour|setpoints tcp|udp HOST PORT

tour: every function code pymodbus has. setpoints: what an engineering station does in a
few minutes: identify the device, read, write some set points, read back.
"""
import sys

from pymodbus import diag_message, file_message, mei_message, other_message
from pymodbus.client import ModbusTcpClient, ModbusUdpClient
from pymodbus.register_read_message import ReadWriteMultipleRegistersRequest
from pymodbus.register_write_message import MaskWriteRegisterRequest


def ask(client, request, unit=1):
    request.unit_id = unit  # not every request of pymodbus 3.0 takes it as an argument
    client.execute(request)


def tour_data(client):
    for unit in (1, 2):
        client.read_coils(0, 13, slave=unit)
        client.read_discrete_inputs(1, 9, slave=unit)
        client.read_holding_registers(10, 4, slave=unit)
        client.read_input_registers(0, 20, slave=unit)
        client.write_coil(3, True, slave=unit)
        client.write_register(10, 1850, slave=unit)
        client.write_coils(8, [True, False] * 6, slave=unit)
        client.write_registers(20, [1, 2, 0xffff, 0x8000], slave=unit)
        ask(client, MaskWriteRegisterRequest(10, 0x00f2, 0x0025), unit)
        ask(client, ReadWriteMultipleRegistersRequest(
            read_address=20, read_count=4, write_address=22, write_registers=[7, 8]), unit)


def tour_refused(client):
    client.read_holding_registers(300, 4, slave=1)
    client.write_coil(2000, True, slave=1)
    client.read_input_registers(0, 1, slave=9)  # there is no unit 9


def tour_diagnostics(client):
    """Force listen-only comes last: it rightly has no answer."""
    listen_only = diag_message.ForceListenOnlyModeRequest
    requests = [getattr(diag_message, name) for name in diag_message.__all__
                if name.endswith("Request") and not name.startswith("DiagnosticStatus")]
    for request in [r for r in requests if r is not listen_only] + [listen_only]:
        ask(client, request())


def tour_other(client):
    ask(client, other_message.ReadExceptionStatusRequest())
    ask(client, other_message.GetCommEventCounterRequest())
    ask(client, other_message.GetCommEventLogRequest())
    ask(client, other_message.ReportSlaveIdRequest())
    record = file_message.FileRecord
    ask(client, file_message.WriteFileRecordRequest(
        [record(file_number=4, record_number=7, record_data=b"\x06\xaf\x04\xbe\x10\x0d")]))
    ask(client, file_message.ReadFileRecordRequest(
        [record(file_number=4, record_number=7, record_length=3),
         record(file_number=3, record_number=9, record_length=2)]))
    ask(client, file_message.ReadFifoQueueRequest(0x04de))


def identify(client, *codes):
    for code in codes:
        ask(client, mei_message.ReadDeviceInformationRequest(code, 0))


def tour(client):
    tour_data(client)
    tour_refused(client)
    tour_other(client)
    identify(client, 1, 2, 3)
    ask(client, mei_message.ReadDeviceInformationRequest(4, 5))
    tour_diagnostics(client)


def setpoints(client):
    identify(client, 1)
    for step in range(6):
        client.read_holding_registers(20, 4, slave=1)
        client.write_register(20, 1800 + 10 * step, slave=1)
        client.read_holding_registers(20, 1, slave=1)
    client.write_registers(30, [500, 510, 520], slave=1)
    client.write_coil(4, True, slave=1)


def main():
    what, over, host, port = sys.argv[1:5]
    kind = ModbusUdpClient if over == "udp" else ModbusTcpClient
    client = kind(host, port=int(port), timeout=1, retries=0)
    client.connect()
    {"tour": tour, "setpoints": setpoints}[what](client)
    client.close()


main()
