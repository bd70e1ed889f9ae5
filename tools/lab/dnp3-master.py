#!/usr/bin/python3
"""A master. usage: dnp3-master.py WHAT tcp|udp HOST PORT [OWN [OUTSTATION...]]

tour      every service that the lab's outstation has, and what it refuses
poll      what a control centre does: integrity poll, time, events, reports, some controls
gateway   polls several outstations behind one connection, one of which is not there
intruder  looks for addresses and functions, silences, restarts, operates
"""
import struct
import sys

import dnp3
from dnp3 import counted, every, indexed, ranged, sized
from dnp3_master import (CLASS_0, CLASSES, CLOSE, EVENTS, LATCH_OFF, LATCH_ON, PULSE_ON, TRIP,
                         Master, analog, crob, now48)

CLEAR_RESTART = bytes([80, 1, 0, 7, 7, 0])


def synchronise(m):
    """The two ways to set a clock: over serial lines with the delay, over a LAN without."""
    m.ask(dnp3.DELAY_MEASURE)
    m.ask(dnp3.WRITE, counted(50, 1, now48()))
    m.ask(dnp3.RECORD_TIME)
    m.ask(dnp3.WRITE, counted(50, 3, now48()))


# ---- tour ----

def tour_link(m):
    m.link(dnp3.REQUEST_STATUS)
    m.link(dnp3.RESET_LINK)
    read = dnp3.segments(dnp3.request(dnp3.READ, 15, ranged(1, 2, 0, 3)))[0]
    m.link(dnp3.CONFIRMED, dnp3.FCV | dnp3.FCB, read)
    m.listen(0.2)


def tour_reads(m):
    m.read(EVENTS, CLASS_0)
    m.ask(dnp3.WRITE, CLEAR_RESTART)
    synchronise(m)
    m.read(EVENTS)
    m.read(ranged(1, 2, 0, 11), ranged(30, 1, 0, 9))
    m.read(ranged(1, 1, 3, 17), every(3, 1), ranged(10, 1, 0, 7))
    m.read(ranged(20, 2, 0, 3), ranged(20, 6, 4, 7), every(21, 5), every(21, 9))
    m.read(ranged(30, 2, 0, 3), ranged(30, 4, 4, 7), ranged(30, 6, 10, 12), every(30, 3))
    m.read(ranged(30, 3, 300, 303), every(40, 2), ranged(40, 4, 0, 1), every(110, 0))
    m.listen(0.5)
    m.read(every(2, 3))
    m.read(bytes([32, 0, 7, 3]), every(22, 1))
    m.read(every(11, 2), every(13, 2), every(42, 3), every(111, 0))


def tour_attributes(m):
    m.read(ranged(0, 255, 0, 0))
    m.read(ranged(0, 254, 0, 0))
    m.read(ranged(0, 242, 0, 0), ranged(0, 250, 0, 0))
    m.read(ranged(0, 196, 0, 0))
    m.ask(dnp3.WRITE, ranged(0, 245, 0, 0, b"\x01\x0arelay room"))


def tour_controls(m):
    """Accepted, and refused with one status after the other."""
    close, on = indexed(12, 1, [(2, crob(CLOSE, 1, 250, 250))]), crob(LATCH_ON)
    m.select_operate(close)
    m.select_operate(indexed(12, 1, [(0, on), (3, crob(TRIP, 2, 100, 100)), (4, on)]))
    m.ask(dnp3.OPERATE, close)                                              # no select
    m.ask(dnp3.SELECT, close)
    m.ask(dnp3.OPERATE, indexed(12, 1, [(2, crob(TRIP))]))                  # another one
    m.select_operate(indexed(12, 1, [(7, on)]))                             # local
    m.ask(dnp3.SELECT, indexed(12, 1, [(99, on), (1, on)]))                 # no such point
    m.ask(dnp3.DIRECT_OPERATE, indexed(12, 1, [(1, crob(0x0f))]))           # no such code
    m.ask(dnp3.DIRECT_OPERATE, indexed(12, 1, [(1, crob(LATCH_OFF))]))
    m.ask(dnp3.DIRECT_OPERATE_NO_ACK, indexed(12, 1, [(5, crob(PULSE_ON, 1, 500, 500))]))
    for variation, value in ((1, 1200), (2, -300), (3, 49.95), (4, 1e-3)):
        m.select_operate(indexed(41, variation, [(variation, analog(variation, value))]))
    m.ask(dnp3.DIRECT_OPERATE, indexed(41, 1, [(0, analog(1, 77)), (300, analog(1, 1))]))
    m.ask(dnp3.DIRECT_OPERATE, indexed(41, 3, [(0, analog(3, 1e9))]))       # out of range
    m.ask(dnp3.DIRECT_OPERATE,
          indexed(12, 1, [(1, on)]) + indexed(41, 2, [(1, analog(2, 42))]))


def tour_counters(m):
    m.ask(dnp3.FREEZE, every(20))
    m.ask(dnp3.FREEZE_NO_ACK, every(20))
    m.ask(dnp3.FREEZE_AT_TIME, counted(50, 2, now48() + struct.pack("<I", 3600000)) + every(20))
    m.ask(dnp3.FREEZE_CLEAR, ranged(20, 0, 0, 3))
    m.ask(dnp3.FREEZE_CLEAR_NO_ACK, every(20))
    m.read(every(21, 1), every(23, 5))


def tour_configuration(m):
    m.ask(dnp3.ASSIGN_CLASS, every(60, 3) + ranged(1, 0, 0, 11) + every(60, 1) + every(30))
    m.ask(dnp3.WRITE, ranged(34, 1, 0, 1, struct.pack("<HH", 10, 20)))
    m.ask(dnp3.WRITE, ranged(110, 8, 1, 1, b"operator"))
    m.ask(dnp3.DISABLE_UNSOLICITED, EVENTS)
    m.ask(dnp3.ENABLE_UNSOLICITED, EVENTS)
    m.listen(1.2)
    m.ask(dnp3.DISABLE_UNSOLICITED, b"".join(CLASSES[1:]))
    m.ask(dnp3.SAVE_CONFIGURATION)
    m.ask(dnp3.STOP_APPLICATION, counted(90, 1, b""))
    m.ask(dnp3.START_APPLICATION, counted(90, 1, b""))


def tour_files(m):
    m.ask(dnp3.AUTHENTICATE_FILE, sized(70, 2, struct.pack("<HHHHI", 12, 8, 20, 8, 0)
                                        + b"engineerpassw0rd"))
    info = struct.pack("<HHHI", 20, 15, 0, 0) + bytes(6) + struct.pack("<HH", 0, 4)
    m.ask(dnp3.GET_FILE_INFO, sized(70, 7, info + b"/config/rtu.cfg"))
    m.read_file(b"/config/rtu.cfg")
    m.write_file(b"/config/new.cfg", b"[rtu]\nname = feeder bay 5\n" * 30)
    m.read_file(b"/none")
    for name in (b"/config/new.cfg", b"/none"):
        command = struct.pack("<HH", 26, len(name)) + bytes(20) + struct.pack("<H", 6) + name
        m.ask(dnp3.DELETE_FILE, sized(70, 3, command))


def tour_refused(m):
    m.read(every(99, 1))                                        # no such object
    m.read(ranged(30, 1, 200, 210))                             # no such points
    m.ask(dnp3.WRITE, bytes([80, 1, 0, 4, 4, 1]))               # may not be written
    m.ask(dnp3.WRITE, ranged(30, 1, 0, 0, bytes(5)))            # may not be written
    m.ask(dnp3.INITIALIZE_APPLICATION)                          # obsolete
    m.ask(dnp3.ABORT_FILE, sized(70, 4, bytes(13)))             # not here
    m.ask(70)                                                   # no function of DNP3


def tour_end(m):
    """Broadcasts show in the next answer; restarts end in IIN1.7 and a new connection."""
    for to in dnp3.BROADCASTS:
        m.ask(dnp3.WRITE, counted(50, 1, now48()), to=to)
        m.read(ranged(1, 2, 0, 1))
    m.ask(dnp3.WARM_RESTART)
    m.read(CLASS_0)
    m.ask(dnp3.WRITE, CLEAR_RESTART)
    m.ask(dnp3.DISABLE_UNSOLICITED, EVENTS)
    m.listen(4.5)  # silence: the outstation asks whether somebody is there
    m.ask(dnp3.COLD_RESTART)
    m.listen(0.5)
    m.read(EVENTS, CLASS_0)


def tour(m, _):
    for part in (tour_link, tour_reads, tour_attributes, tour_controls, tour_counters,
                 tour_configuration, tour_files, tour_refused, tour_end):
        part(m)


# ---- others ----

def poll(m, _):
    """As a control centre starts and goes on; an operator trips and closes a breaker."""
    m.ask(dnp3.DISABLE_UNSOLICITED, EVENTS)
    m.read(EVENTS, CLASS_0)
    m.ask(dnp3.WRITE, CLEAR_RESTART)
    synchronise(m)
    m.ask(dnp3.ENABLE_UNSOLICITED, EVENTS)
    for turn in range(12):
        m.listen(0.7)
        m.read(*CLASSES[:1 + turn % 3])
        if turn in (4, 8):
            m.select_operate(indexed(12, 1, [(2, crob(TRIP if turn == 4 else CLOSE, 1, 200))]))
            m.select_operate(indexed(41, 2, [(1, analog(2, 1850 + turn))]))
    m.read(EVENTS, CLASS_0)


def gateway(m, outstations):
    for turn in range(4):
        for peer in outstations:
            m.link(dnp3.REQUEST_STATUS, peer=peer)
            m.read(EVENTS, *([CLASS_0] if turn == 0 else []), peer=peer)
        m.listen(0.4)
    m.ask(dnp3.DIRECT_OPERATE, indexed(12, 1, [(1, crob(LATCH_ON))]), peer=outstations[1])


def intruder(m, _):
    """Asks every address at once and does not wait; then acts on the one it knows."""
    m.socket.sendall(b"".join(dnp3.frame(dnp3.DIR | dnp3.PRM | dnp3.REQUEST_STATUS, to, m.own)
                              for to in range(40)))
    m.listen(0.3)
    for function in (24, 30, 32, 33, 40, 70, 100):
        m.ask(function)
    m.read(ranged(0, 254, 0, 0))
    for group in (1, 10, 30, 50, 86, 91, 112, 120):
        m.read(every(group))
    m.ask(dnp3.DISABLE_UNSOLICITED, EVENTS)
    for index in range(9):
        m.ask(dnp3.DIRECT_OPERATE, indexed(12, 1, [(index, crob(TRIP, 1, 1000))]))
    m.ask(dnp3.OPERATE, indexed(12, 1, [(3, crob(LATCH_ON))]))
    m.ask(dnp3.WRITE, counted(50, 1, dnp3.time48(0)), to=0xffff)
    m.ask(dnp3.COLD_RESTART)


STORIES = {story.__name__: story for story in (tour, poll, gateway, intruder)}


def main():
    what, over, host, port = sys.argv[1:5]
    own, *outstations = [int(word) for word in sys.argv[5:]] or [1]
    outstations = outstations or [10]
    master = Master(over, host, int(port), own, outstations[0])
    STORIES[what](master, outstations)
    master.close()


main()
