"""DNP3 controls out of order, broadcasts, answers that nobody asked for, reports."""
import dnp3
from dnp3 import CON, FIN, FIR, UNS, counted, indexed, request, response
from dnp3_talk import (BREAKER, CLASS_1, CLOSE, MASTER, RTU, TO_MASTER, asks, binaries, control,
                       pair, says, status)

OTHER = indexed(12, 1, [(3, CLOSE)])


def operate_alone(line):
    line.talk(control(5, dnp3.OPERATE, BREAKER), status(5, 2))


def operate_other(line):
    """Selected one, operated another; selected one, another select, operated the first."""
    line.talk(control(5, dnp3.SELECT, BREAKER), status(5, 0))
    line.talk(control(6, dnp3.OPERATE, OTHER), status(6, 2, OTHER))
    line.talk(control(7, dnp3.SELECT, BREAKER), status(7, 0))
    line.talk(control(8, dnp3.SELECT, OTHER), status(8, 0, OTHER))
    line.talk(control(9, dnp3.OPERATE, BREAKER), status(9, 2))


def operate_late(line):
    line.talk(control(5, dnp3.SELECT, BREAKER), status(5, 0))
    line.tape.wait(30_000)
    line.talk(control(6, dnp3.OPERATE, BREAKER), status(6, 1))


def operate_good(line):
    """As it should be, and repeated with the same sequence because an answer was slow."""
    line.talk(control(5, dnp3.SELECT, BREAKER), status(5, 0))
    line.ask(control(6, dnp3.OPERATE, BREAKER))
    line.tape.wait(1500)
    line.ask(control(6, dnp3.OPERATE, BREAKER))
    line.answer(status(6, 0))


def refused(line):
    """Every status a control can have."""
    for sequence, code in enumerate((*range(1, 21), 126, 127)):
        line.talk(control(sequence & 15, dnp3.DIRECT_OPERATE, BREAKER),
                  status(sequence & 15, code))


def unanswered(line):
    line.ask(control(5, dnp3.DIRECT_OPERATE_NO_ACK, BREAKER))
    line.ask(control(6, dnp3.DIRECT_OPERATE, BREAKER))
    line.tape.wait(10_000)


def broadcast(line):
    """Writes, a control and a restart to everybody: nobody answers, the next answer tells."""
    writes = [(dnp3.WRITE, counted(50, 1, dnp3.time48(1767225600000))),
              (dnp3.DIRECT_OPERATE_NO_ACK, BREAKER), (dnp3.WARM_RESTART, b"")]
    for sequence, (to, (function, body)) in enumerate(zip((0xffff, 0xfffd, 0xfffe), writes), 5):
        line.ask(asks(request(function, sequence, body), to=to))
        ask, _ = pair(sequence)
        line.talk(ask, says(response(sequence, dnp3.BROADCAST, binaries(0, 1, 1, 0))))
    line.ask(asks(request(dnp3.WRITE, 9, writes[0][1]), to=0xfffc))  # self address
    line.answer(says(response(9, 0)))


def from_nowhere(line):
    """Answers that nobody asked for; two different answers to one request."""
    line.answer(says(response(9, 0, binaries(1, 1, 1, 1))))
    line.ask(pair(5)[0])
    line.answer(says(response(7, 0, binaries(0, 0, 0, 0))))
    line.answer(pair(5)[1])
    line.answer(pair(5, value=9000)[1])
    line.ask(asks(request(dnp3.CONFIRM, 3)))


def wrong_roles(line):
    """A request from the outstation's side, an answer from the master's."""
    line.answer(dnp3.frame(TO_MASTER, MASTER, RTU, b"\xc0" + request(dnp3.COLD_RESTART, 5)))
    line.ask(asks(response(6, 0, binaries(1))))
    line.ask(asks(request(dnp3.READ, 7, CLASS_1, FIR | FIN | CON)))
    line.ask(asks(request(99, 8)))
    line.answer(says(response(8, dnp3.NO_FUNCTION)))
    line.ask(asks(b"\xc9"))  # no function code
    line.answer(says(b"\xc9\x81\x00"))  # half of the internal indications


def reports(line):
    """Unsolicited, repeated until it is confirmed, and one that asks for no confirm."""
    event = indexed(2, 2, [(4, b"\x81" + dnp3.time48(1767225600123))])
    report = response(3, 2, event, FIR | FIN | CON | UNS, dnp3.UNSOLICITED)
    for _ in range(3):
        line.answer(says(report))
        line.tape.wait(3000)
    line.ask(asks(request(dnp3.CONFIRM, 3, control=FIR | FIN | UNS)))
    line.answer(says(response(4, 2, event, FIR | FIN | UNS, dnp3.UNSOLICITED)))
