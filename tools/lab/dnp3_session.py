"""What the lab's outstation does for one master: answers, events and confirms."""
import struct
import time

import dnp3
from dnp3_actions import ACTIONS
from dnp3_points import event_pieces
from dnp3_request import Short, Unknown, headers

CONFIRM_S, RETRIES = 2, 1
NO_DATA = (dnp3.READ, dnp3.ASSIGN_CLASS, dnp3.FREEZE, dnp3.FREEZE_NO_ACK, dnp3.FREEZE_CLEAR,
           dnp3.FREEZE_CLEAR_NO_ACK, dnp3.ENABLE_UNSOLICITED, dnp3.DISABLE_UNSOLICITED)


class Session:
    """One master as this outstation knows it."""

    def __init__(self, station, sender):
        self.station, self.sender = station, sender
        self.reassembly = dnp3.Reassembly()
        self.events, self.sent, self.enabled = [], [], set()
        self.waiting, self.expects, self.expects_s, self.tries = [], None, 0, 0
        self.selected, self.unsolicited_sequence = None, 0
        self.last, self.last_answer, self.must_confirm = None, None, False
        self.error = 0

    # ---- what arrives ----

    def user_data(self, segment, destination):
        whole = self.reassembly.feed(segment)
        if whole is None:
            return
        request = dnp3.parse(whole)
        if request.function == dnp3.CONFIRM:
            self.confirmed(request)
        elif destination in dnp3.BROADCASTS:
            self.station.iin |= dnp3.BROADCAST
            self.must_confirm |= destination == 0xfffe
            self.perform(request)
        elif whole == self.last and request.function not in dnp3.NO_RESPONSE:
            self.sender.fragment(self.last_answer)  # a repeat: the same answer
        else:
            self.request(request, whole)

    def request(self, request, whole):
        if self.expects and not self.expects[0]:
            self.waiting, self.expects = [], None  # a new request ends the old answer
        pieces = self.perform(request)
        if request.function not in dnp3.NO_RESPONSE:
            self.answer(request.sequence, pieces, bool(self.sent))
            self.last = whole
        if request.function == dnp3.COLD_RESTART:
            self.station.restart(self)

    def perform(self, request):
        self.error = 0
        act = ACTIONS.get(request.function)
        if not act:
            self.error = dnp3.NO_FUNCTION
            return []
        try:
            wanted = headers(request.body, request.function not in NO_DATA)
            return act(self, wanted, request)
        except Unknown:
            self.error = dnp3.OBJECT_UNKNOWN
        except (Short, struct.error):
            self.error = dnp3.PARAMETER_ERROR
        return []

    # ---- answers ----

    @property
    def iin(self):
        have = sum(1 << event_class for event_class in (1, 2, 3)
                   if any(e.event_class == event_class for e in self.events))
        return self.station.iin | self.error | have

    def answer(self, sequence, pieces, has_events):
        """In as many fragments as it takes; all but a last one without events are confirmed."""
        bodies = [b""]
        for piece in pieces:
            if len(bodies[-1]) + len(piece) > self.station.fragment_max - 4 and bodies[-1]:
                bodies.append(b"")
            bodies[-1] += piece
        confirmed = has_events or self.must_confirm
        self.waiting = []
        for number, body in enumerate(bodies):
            is_last = number == len(bodies) - 1
            control = ((number == 0) * dnp3.FIR | is_last * dnp3.FIN
                       | (confirmed or not is_last) * dnp3.CON)
            self.waiting.append(dnp3.response(sequence + number, self.iin, body, control))
        self.station.iin &= ~dnp3.BROADCAST
        self.must_confirm = False
        self.last_answer = self.waiting[0]
        self.send_next()

    def send_next(self):
        fragment = self.waiting.pop(0)
        if fragment[0] & dnp3.CON:
            self.expects, self.expects_s = (0, fragment[0] & 15), time.monotonic()
        self.sender.fragment(fragment)

    def confirmed(self, confirm):
        said = confirm.control & dnp3.UNS, confirm.sequence
        if said != self.expects:
            return
        self.expects = None
        if self.waiting:
            self.send_next()
        else:
            self.events = [e for e in self.events if not any(e is s for s in self.sent)]
            self.sent = []

    # ---- unsolicited ----

    def unsolicited(self, events):
        self.sent, self.tries = events, RETRIES
        control = dnp3.FIR | dnp3.FIN | dnp3.CON | dnp3.UNS
        self.last_unsolicited = dnp3.response(self.unsolicited_sequence, self.iin,
                                              b"".join(event_pieces(events)), control,
                                              dnp3.UNSOLICITED)
        self.expects = dnp3.UNS, self.unsolicited_sequence
        self.expects_s = time.monotonic()
        self.unsolicited_sequence = self.unsolicited_sequence + 1 & 15
        self.sender.fragment(self.last_unsolicited)

    def tick(self):
        if self.expects:
            if time.monotonic() - self.expects_s > CONFIRM_S:
                self.give_up()
            return
        ready = [e for e in self.events if e.event_class in self.enabled][:20]
        if ready:
            self.unsolicited(ready)

    def give_up(self):
        """No confirm came: an unsolicited answer is said again, events stay."""
        if self.expects[0] and self.tries > 0:
            self.tries, self.expects_s = self.tries - 1, time.monotonic()
            self.sender.fragment(self.last_unsolicited)
        else:
            self.expects, self.waiting, self.sent = None, [], []
