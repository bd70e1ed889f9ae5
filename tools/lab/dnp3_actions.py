"""What the functions of a request do to the lab's outstation; each gives the objects of its
answer."""
import struct
import time

import dnp3
from dnp3_points import EVENT_GROUP, FORMATS, Event, event_pieces
from dnp3_request import Short, Unknown

(SUCCESS, TIMEOUT, NO_SELECT, FORMAT_ERROR, NOT_SUPPORTED, LOCAL_MODE, OUT_OF_RANGE) = (
    0, 1, 2, 3, 4, 7, 12)
SELECT_S, LOCAL_POINT, HIGHEST_OUTPUT = 5, 7, 10000
ANALOG = {1: "<i", 2: "<h", 3: "<f", 4: "<d"}
OUTPUT_GROUP = {12: 10, 41: 40}
EVENT_CLASSES = {2: 1, 3: 2, 4: 3}  # variations of group 60


def now_ms():
    return time.time_ns() // 1_000_000


# ---- reads and writes ----

def read(session, wanted, _):
    pieces = []
    for header in wanted:
        if header.group == 70:
            pieces.append(session.station.files.read(header.items[0][1]))
        elif header.group == 60 and header.variation in EVENT_CLASSES:
            wanted_class = EVENT_CLASSES[header.variation]
            pieces += take(session, header, lambda e, c=wanted_class: e.event_class == c)
        elif header.group in {*EVENT_GROUP.values(), 13}:
            pieces += take(session, header, lambda e, g=header.group: e.group == g,
                           header.variation)
        else:
            pieces += session.station.points.static(header)
    return pieces


def take(session, header, wanted, variation=0):
    """Events, at most as many as the header says."""
    if variation and header.group != 111 and (header.group, variation) not in FORMATS:
        raise Unknown
    row = [e for e in session.events if wanted(e)][:header.count]
    session.sent = session.sent + row
    return event_pieces(row, variation)


def write(session, wanted, request):
    pieces = []
    for header in wanted:
        if header.group == 80:
            write_indications(session, header)
        elif header.group == 50:
            session.station.iin &= ~dnp3.NEED_TIME
        elif header.group == 34:
            session.station.points.groups[34].update(
                (index, int.from_bytes(data, "little")) for index, data in header.items)
        elif header.group == 110:
            session.station.points.groups[110].update(header.items)
        elif header.group == 0 and header.variation == 245:
            session.station.points.attributes[245] = header.items[0][1][2:].decode()
        elif header.group == 70:
            pieces.append(session.station.files.write(header.items[0][1]))
        else:
            raise Unknown
    return pieces


def write_indications(session, header):
    """Only the restart bit may be written, and only to 0."""
    if header.items != [(7, 0)]:
        raise Short
    session.station.iin &= ~dnp3.RESTART


# ---- controls ----

def select(session, wanted, request):
    pieces, good = echo(wanted, lambda *which: judge(session, *which))
    session.selected = (request.sequence, request.body, time.monotonic()) if good else None
    return pieces


def operate(session, wanted, request):
    selected, session.selected = session.selected, None
    status = None
    if not selected or selected[1] != request.body or (
            selected[0] + 1 & 15 != request.sequence):
        status = NO_SELECT
    elif time.monotonic() - selected[2] > SELECT_S:
        status = TIMEOUT
    return direct_operate(session, wanted, request, status)


def direct_operate(session, wanted, _, status=None):
    pieces, _ = echo(wanted, lambda *which: judge(session, *which) if status is None else status)
    if status is None:
        for header in wanted:
            for index, data in header.items:
                act(session, header, index, data)
    return pieces


def echo(wanted, status_of):
    """The request's objects with their status, the last byte, filled in."""
    pieces, good = [], True
    for header in wanted:
        if header.group not in OUTPUT_GROUP:
            raise Unknown
        items = [(index, data[:-1] + bytes([status_of(header, index, data)]))
                 for index, data in header.items]
        good = good and not any(data[-1] for _, data in items)
        pieces.append(dnp3.indexed(header.group, header.variation, items))
    return pieces, good


def judge(session, header, index, data):
    if index == LOCAL_POINT:
        return LOCAL_MODE
    if index not in session.station.points.groups[OUTPUT_GROUP[header.group]]:
        return NOT_SUPPORTED
    if header.group == 12:
        return SUCCESS if 1 <= data[0] & 15 <= 4 else FORMAT_ERROR
    value, = struct.unpack_from(ANALOG[header.variation], data)
    return SUCCESS if abs(value) <= HIGHEST_OUTPUT else OUT_OF_RANGE


def act(session, header, index, data):
    if judge(session, header, index, data) != SUCCESS:
        return
    points, now = session.station.points, now_ms()
    if header.group == 41:
        value, = struct.unpack_from(ANALOG[header.variation], data)
        session.station.happened([points.change(40, index, value, now)])
        return
    is_on = int(data[0] & 15 in (1, 3) and data[0] & 0xc0 != 0x80)
    session.station.happened([points.change(10, index, is_on, now),
                              Event(1, 13, index, is_on, SUCCESS, now)])


# ---- the rest ----

def freeze(session, wanted, request):
    points = session.station.points.groups
    points[21] = dict(points[20])
    if request.function in (dnp3.FREEZE_CLEAR, dnp3.FREEZE_CLEAR_NO_ACK):
        points[20] = dict.fromkeys(points[20], 0)
    now = now_ms()
    session.station.happened([Event(3, 23, i, points[21][i], 1, now) for i in range(3)])
    return []


def restarted(session, _, request):
    if request.function == dnp3.WARM_RESTART:
        session.station.iin |= dnp3.RESTART
        return [dnp3.counted(52, 2, struct.pack("<H", 250))]
    return [dnp3.counted(52, 1, struct.pack("<H", 1))]


def enable(session, wanted, request):
    classes = {EVENT_CLASSES[h.variation] for h in wanted
               if h.group == 60 and h.variation in EVENT_CLASSES}
    if not classes:
        raise Unknown
    if request.function == dnp3.ENABLE_UNSOLICITED:
        session.enabled |= classes
    else:
        session.enabled -= classes
    return []


def accept(session, *_):
    return []


def delay(session, *_):
    return [dnp3.counted(52, 2, struct.pack("<H", 3))]


def authenticate(session, wanted, _):
    """Any name and password will do."""
    return [dnp3.sized(70, 2, struct.pack("<HHHHI", 12, 0, 12, 0, 0x5eed))]


def file(session, wanted, request):
    perform = getattr(session.station.files, FILE_ACTIONS[request.function])
    if wanted[0].group != 70 or not wanted[0].items:
        raise Unknown
    return [perform(wanted[0].items[0][1])]


FILE_ACTIONS = {dnp3.OPEN_FILE: "open", dnp3.CLOSE_FILE: "close", dnp3.DELETE_FILE: "delete",
                dnp3.GET_FILE_INFO: "info"}
ACTIONS = {
    dnp3.READ: read, dnp3.WRITE: write, dnp3.SELECT: select, dnp3.OPERATE: operate,
    dnp3.DIRECT_OPERATE: direct_operate, dnp3.DIRECT_OPERATE_NO_ACK: direct_operate,
    dnp3.FREEZE: freeze, dnp3.FREEZE_NO_ACK: freeze, dnp3.FREEZE_CLEAR: freeze,
    dnp3.FREEZE_CLEAR_NO_ACK: freeze, dnp3.FREEZE_AT_TIME: accept,
    dnp3.FREEZE_AT_TIME_NO_ACK: accept, dnp3.COLD_RESTART: restarted,
    dnp3.WARM_RESTART: restarted, dnp3.START_APPLICATION: accept,
    dnp3.STOP_APPLICATION: accept, dnp3.SAVE_CONFIGURATION: delay,
    dnp3.ENABLE_UNSOLICITED: enable, dnp3.DISABLE_UNSOLICITED: enable,
    dnp3.ASSIGN_CLASS: accept, dnp3.DELAY_MEASURE: delay, dnp3.RECORD_TIME: accept,
    dnp3.AUTHENTICATE_FILE: authenticate, dnp3.OPEN_FILE: file, dnp3.CLOSE_FILE: file,
    dnp3.DELETE_FILE: file, dnp3.GET_FILE_INFO: file,
}
