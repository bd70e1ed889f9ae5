"""The protocols that tests compare: their modules, in the order of dissectors/meson.build."""
import oracle_dnp3
import oracle_modbus
import oracle_opcua
import oracle_s7comm
import oracle_s7commplus

PROTOCOLS = (oracle_modbus, oracle_s7comm, oracle_s7commplus, oracle_dnp3, oracle_opcua)
BY_NAME = {protocol.NAME: protocol for protocol in PROTOCOLS}
NAMES = tuple(BY_NAME)
