#!/usr/bin/python3
"""Each method of OPC UA's namespace 0 that a shipped rule is about means more than a call.

    tests/methods.py [IRONSPAN]

Rules find methods by their names, and the dissector tells what a name means: all ids that the
standard has are called here, and what is named and found by a rule must be named by its
operation, too. No rule may look for a name that nothing has.
"""
import os
import re
import struct
import tempfile

import ironspan
import pcap
import wire
from report import Report

RULES = os.path.join(ironspan.ROOT, "signatures", "opcua.rules")
IDS = 33000
# A type's method, one of a standard object, one that is like another in all but its object.
MEANINGS = (
    (12886, "Server_RequestServerStateChange", "mode_change", "server"),
    (25709, "ServerConfiguration_ResetToServerDefaults", "restart", "server"),
    (25699, "ServerConfigurationType_ResetToServerDefaults", "restart", "server"),
    (2430, "ProgramStateMachineType_Reset", "mode_change", "program"),
    (18199, "AlarmConditionType_Reset", "alarm_ack", "alarm"),
    (17421, "PublishSubscribe_Diagnostics_Reset", "control", "method"),
    (9212, "AlarmConditionType_ShelvingState_OneShotShelve", "config", "alarm"),
    (14646, "PubSubStatusType_Disable", "config", "pubsub"),
    (11588, "FileType_Write", "file", "file"),
    (12655, "ServerConfiguration_CertificateGroups_DefaultApplicationGroup_TrustList_Write",
     "config", "trust_list"),
    (25508, "PubSubConfigurationType_CloseAndUpdate", "config", "pubsub"),
    (15672, "WellKnownRole_Observer_AddIdentity", "config", "role"),
    (16228, "WellKnownRole_Operator_AddApplication", "config", "role"),
    (17528, "KeyCredentialConfiguration_CreateCredential", "config", "credential"),
    (15751, "TemporaryFileTransferType_CloseAndCommit", "file", "file"),
    (16354, "FileSystem_DeleteFileSystemObject", "file", "file"),
    (24310, "UserManagement_ChangePassword", "config", "user"),
    (19337, None, "control", "method"),
)


def call(number):
    """A CallRequest for one method of namespace 0, without arguments."""
    header = bytes(10) + struct.pack("<II", number, 0) + b"\xff" * 4 + bytes(7)
    method = struct.pack("<IBBHBBHI", 1, 1, 0, 2253, 1, 0, number, 0)
    body = struct.pack("<4IBBH", 1, 1, number, number, 1, 0, 712) + header + method
    return b"MSGF" + struct.pack("<I", 8 + len(body)) + body


def called():
    """id: (name, verb, object)"""
    tape = wire.Tape()
    flow = wire.Tcp(tape, "10.0.0.1", "10.0.0.2", 40000, 4840)
    flow.open()
    for number in range(1, IDS):
        flow.ask(call(number))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "methods.pcap")
        pcap.write(path, tape.packets)
        found = {}
        for event in ironspan.events(path, types=("opcua",)):
            method = event["opcua"]["request"]["methods_to_call"][0]
            operation = event["ot"]["operation"]
            found[int(method["method_id"][2:])] = (method.get("method_name"), operation["verb"],
                                                   operation["object"])
        return found


def looked_for():
    """sid: the expression that a rule has for names of methods; also where it is commented out."""
    with open(RULES) as file:
        rules = re.split(r"(?<=;\))\n", file.read())
    found = {}
    for rule in rules:
        sid = re.search(r"sid:(\d+)", rule)
        name = re.search(r'opcua\.method_name(?:; pcre:"/(.*?)/"|:(\w+));', rule)
        if name:
            found[int(sid[1])] = re.compile(name[1] or "^%s$" % name[2])
    return found


def main():
    report, methods, rules = Report(), called(), looked_for()
    report.case("all are called", [] if len(methods) == IDS - 1 else [len(methods)])
    for number, *want in MEANINGS:
        report.case(number, [] if methods[number] == tuple(want) else [methods[number]])
    for sid, names in rules.items():
        found = [m for m in methods.values() if m[0] and names.search(m[0])]
        report.case("%d finds methods" % sid, [] if found else [names.pattern])
        report.case("%d: what they mean" % sid, [m[0] for m in found if m[2] == "method"])
    report.case("rules about methods", [] if len(rules) == 21 else [sorted(rules)])
    report.end()


main()
