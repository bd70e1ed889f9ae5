"""DNP3 as no stack sends it by itself: which file holds which story."""
import dnp3
import dnp3_controls as controls
import dnp3_link as link
import dnp3_objects as objects
from dnp3 import CON, FIN, FIR, UNS, request, response
from dnp3_talk import CLASS_1, RTU, analogs, asks, lines, pair, poll, says
from modbus import HMI, PLC
from wire import Tape, Tcp, Udp


def scan():
    """101 link status requests in one segment; some answer. Then one by one, with data."""
    tape = Tape()
    line = Tcp(tape, "10.20.9.77", PLC, 48000, dnp3.PORT).open()
    line.ask(b"".join(dnp3.frame(0xc9, to, 0) for to in range(101)))
    line.answer(b"".join(dnp3.frame(dnp3.LINK_STATUS, 0, who) for who in (4, RTU, 11)))
    for to in range(20, 26):
        line.ask(asks(request(dnp3.READ, to & 15, CLASS_1), to=to, source=0))
        tape.wait(500)
    line.close()
    return tape.packets


def any_port():
    """Content tells: ports of others, high ports, UDP, joined in the middle, master listens."""
    tape = Tape()
    for number, port in enumerate((502, 102, 443, 34567, 1)):
        line = Tcp(tape, HMI, PLC, 48000 + number, port).open()
        poll(line, 1, 4)
        line.close()
    for number, port in enumerate((20000, 40404)):
        line = Udp(tape, HMI, PLC, 48010 + number, port)
        poll(line, 1, 4)
        line.answer(says(response(5, 0, analogs(120))))
    middle = Tcp(tape, HMI, PLC, 48020, 34567)
    middle.answer(pair(1)[1][30:])
    poll(middle, 2, 4)
    listening = Tcp(tape, PLC, HMI, 48030, 34568).open()  # the outstation connects
    listening.ask(says(response(0, 0x80, b"", FIR | FIN | CON | UNS, dnp3.UNSOLICITED)))
    listening.answer(asks(request(dnp3.CONFIRM, 0, control=FIR | FIN | UNS)))
    for sequence in range(1, 4):
        listening.answer(pair(sequence)[0])
        listening.ask(pair(sequence)[1])
    listening.close()
    return tape.packets


PACKETS = {
    "dnp3-frames": lines(link.bad_header, link.bad_data, link.junk_between, link.false_start,
                         link.cut_frame, link.link_services, link.in_pieces, link.lost_pieces),
    "dnp3-transport": lines(link.link_between, link.gap, link.doubled, link.without_first,
                            link.begun_again, link.wrapped, link.two_at_once, link.endless,
                            link.many_fragments),
    "dnp3-lost": lines(*(link.lost_segment(number) for number in range(3)), link.lost_between),
    "dnp3-objects": lines(*objects.STORIES),
    "dnp3-controls": lines(controls.operate_alone, controls.operate_other,
                           controls.operate_late, controls.operate_good, controls.refused,
                           controls.unanswered, controls.broadcast, controls.from_nowhere,
                           controls.wrong_roles, controls.reports),
    "dnp3-secure": lines(objects.secured),
    "dnp3-scan": scan,
    "dnp3-any-port": any_port,
}
