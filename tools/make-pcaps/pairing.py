"""Which answer belongs to which request, where transaction ids do not tell alone."""
from modbus import HMI, PLC, PLC2, counted, exception, mbap, pdu, read_pair, words, write_pair
from wire import Tape, Tcp


def stuck_at_zero():
    """Every message has transaction 0; some answers are lost."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    for round_number in range(6):
        plc.talk(*read_pair(0, address=10 * round_number, count=round_number + 1))
        plc.talk(*write_pair(0, 50, round_number))
    plc.ask(mbap(0, pdu(3, 0, 2)))          # no answer to this
    tape.wait(3000)
    plc.talk(mbap(0, pdu(4, 0, 1)), mbap(0, counted(4, words(77))))
    plc.talk(mbap(0, pdu(3, 0, 2)), mbap(0, exception(3, 2)))
    plc.close()
    return tape.packets


def reused():
    """A transaction id again while the first is under way: sense tells, then age."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    plc.ask(mbap(5, pdu(3, 0, 2)))
    plc.ask(mbap(5, pdu(1, 0, 16)))
    plc.ask(mbap(5, pdu(6, 9, 99)))
    plc.answer(mbap(5, pdu(6, 9, 99)))
    plc.answer(mbap(5, counted(3, words(1, 2))))
    plc.answer(mbap(5, counted(1, b"\xff\x01")))
    plc.ask(mbap(6, pdu(3, 100, 1)))
    plc.ask(mbap(6, pdu(3, 200, 1)))
    plc.answer(mbap(6, counted(3, words(100))))
    plc.answer(mbap(6, counted(3, words(200))))
    for transaction in (65534, 65535, 0, 1):
        plc.talk(*read_pair(transaction))
    plc.close()
    return tape.packets


def pipelined():
    """Sixteen under way, answered in order, backwards, and with exceptions among them."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    for first, order in ((100, range(16)), (200, range(15, -1, -1)), (300, (3, 1, 2, 0))):
        count = len(order)
        for i in range(count):
            plc.ask(mbap(first + i, pdu(3, 10 * i, i + 1)))
        for i in order:
            body = exception(3, 4) if i % 5 == 4 else counted(3, words(*range(i + 1)))
            plc.answer(mbap(first + i, body))
    plc.close()
    return tape.packets


def unanswered():
    """Silence, an answer after three seconds, a connection closed with a request open."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    plc.ask(mbap(1, pdu(6, 4, 1)))
    plc.send(1, flags=16)
    tape.wait(1500)
    plc.talk(*read_pair(2))
    plc.ask(mbap(3, pdu(3, 0, 2)))
    tape.wait(3000)
    plc.answer(mbap(3, counted(3, words(5, 6))))
    plc.talk(*read_pair(4))
    plc.ask(mbap(5, pdu(5, 4, 0xff00)))
    plc.close()
    return tape.packets


def stations():
    """Two clients and two controllers with the same transaction ids at the same time."""
    tape = Tape()
    lines = [Tcp(tape, client, plc, 43000 + n).open() for n, (client, plc) in enumerate(
        ((HMI, PLC), (HMI, PLC2), ("10.20.5.11", PLC), ("10.20.5.11", PLC2)))]
    for transaction in range(5):
        pairs = [read_pair(transaction, address=100 * n, unit=n) for n in range(4)]
        for line, (request, _) in zip(lines, pairs):
            line.ask(request)
        for line, (_, response) in reversed(list(zip(lines, pairs))):
            line.answer(response)
    return tape.packets


def gateway():
    """One connection, many units behind it, each answering in its own time."""
    tape = Tape()
    plc = Tcp(tape, HMI, PLC).open()
    for unit in range(1, 8):
        plc.ask(mbap(9, pdu(3, unit, 1), unit=unit))
    for unit in (3, 1, 2, 7, 6, 4):
        plc.answer(mbap(9, counted(3, words(unit)), unit=unit))
    plc.answer(mbap(9, exception(3, 11), unit=5))
    return tape.packets
