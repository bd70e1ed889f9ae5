"""What happens to a TCP stream on its way to a sensor. Each conversation is a poll of reads
whose values count up, so that anything lost, invented or doubled shows."""
from modbus import HMI, PLC, counted, mbap, pdu, read_pair, words
from wire import ACK, Tape, Tcp


def poll(plc, first, count=3):
    for transaction in range(first, first + count):
        plc.talk(*read_pair(transaction, address=transaction))


def lines(*stories, **options):
    """Each story on a connection of its own."""
    def make():
        tape = Tape()
        for number, story in enumerate(stories):
            story(tape, Tcp(tape, HMI, PLC, 44000 + number, **options))
        return tape.packets
    return make


# ---- order ----

def swapped(tape, plc):
    """Two segments the wrong way round, in each direction."""
    plc.open()
    poll(plc, 1)
    for end in (0, 1):
        first, second = (read_pair(t)[end] for t in (4, 5))
        packets = [plc.packet(end, first)]
        plc.skip(end, len(first))
        packets.append(plc.packet(end, second))
        plc.skip(end, len(second))
        for packet in reversed(packets):
            plc.emit(end, packet)
    poll(plc, 6)
    plc.close()


def backwards(tape, plc):
    """Forty bytes, one a segment, last byte first."""
    plc.open()
    body = b"".join(read_pair(t)[0] for t in (1, 2, 3))
    packets = []
    for byte in body:
        packets.append(plc.packet(0, bytes([byte])))
        plc.skip(0, 1)
    for packet in reversed(packets):
        plc.emit(0, packet)
    for t in (1, 2, 3):
        plc.answer(read_pair(t)[1])
    plc.close()


def resent(tape, plc):
    """Retransmissions: the whole segment, a longer one, one that overlaps its neighbour."""
    plc.open()
    one, two, three = (read_pair(t)[0] for t in (1, 2, 3))
    start = plc.seq[0]
    plc.ask(one)
    plc.send(0, one, seq=start)
    plc.send(0, one + two, seq=start)
    plc.skip(0, len(two))
    plc.send(0, two[6:] + three, seq=start + len(one) + 6)
    plc.skip(0, len(three))
    for t in (1, 2, 3):
        plc.answer(read_pair(t)[1])
    poll(plc, 4)
    plc.close()


def conflicting(tape, plc):
    """The same bytes again with another value: the first copy counts."""
    plc.open()
    poll(plc, 1)
    start = plc.seq[0]
    plc.ask(mbap(4, pdu(6, 7, 1111)))
    plc.send(0, mbap(4, pdu(6, 7, 2222)), seq=start)
    plc.answer(mbap(4, pdu(6, 7, 1111)))
    late = mbap(5, pdu(6, 8, 3333))
    plc.send(0, late[6:], seq=plc.seq[0] + 6)
    plc.send(0, mbap(5, pdu(6, 8, 4444))[6:], seq=plc.seq[0] + 6)
    plc.send(0, late[:6], seq=plc.seq[0])
    plc.skip(0, len(late))
    plc.answer(mbap(5, pdu(6, 8, 3333)))
    poll(plc, 6)
    plc.close()


# ---- pieces ----

def bytewise(tape, plc):
    plc.open()
    for t in (1, 2):
        for end, message in enumerate(read_pair(t)):
            for byte in message:
                plc.send(end, bytes([byte]))
    plc.close()


def every_split(tape, plc):
    """A message in two segments, cut at each place in turn."""
    plc.open()
    transaction = 0
    for end in (0, 1):
        for cut in range(1, len(read_pair(0)[end])):
            transaction += 1
            pair = read_pair(transaction)
            if end == 1:
                plc.ask(pair[0])
            plc.send(end, pair[end][:cut])
            plc.send(end, pair[end][cut:])
            if end == 0:
                plc.answer(pair[1])
    plc.close()


def packed(tape, plc):
    """Many messages in one segment, and segments that end inside messages."""
    plc.open()
    pairs = [read_pair(t, count=2 + t % 7) for t in range(1, 31)]
    for end in (0, 1):
        body = b"".join(pair[end] for pair in pairs)
        for at in range(0, len(body), 97):
            plc.send(end, body[at:at + 97])
    plc.close()


def pipeline(tape, plc):
    """Two thousand requests at once, answers likewise, in full segments."""
    plc.open()
    pairs = [(mbap(t, pdu(3, t, 1)), mbap(t, counted(3, words(t)))) for t in range(2000)]
    for at in range(0, len(pairs), 100):
        for end in (0, 1):
            plc.send(end, b"".join(pair[end] for pair in pairs[at:at + 100]))
    plc.close()


# ---- loss ----

def lost(plc, end, body):
    plc.skip(end, len(body))


def lost_whole(tape, plc):
    """A request lost, then an answer, then both."""
    plc.open()
    poll(plc, 1)
    for t, gone in ((4, (0,)), (5, (1,)), (6, (0, 1))):
        for end, message in enumerate(read_pair(t)):
            (lost if end in gone else Tcp.send)(plc, end, message)
        poll(plc, 10 * t)
    plc.close()


def lost_half(tape, plc):
    """The second half of a message is lost, later the first half of one."""
    plc.open()
    poll(plc, 1)
    for t, half in ((4, slice(0, 10)), (5, slice(10, None))):
        plc.ask(read_pair(t)[0])
        answer = read_pair(t)[1]
        at = half.start or 0
        plc.send(1, answer[half], seq=plc.seq[1] + at)
        lost(plc, 1, answer)
        poll(plc, 10 * t)
    plc.close()


def lost_inside_many(tape, plc):
    """A segment out of the middle of a long row of answers."""
    plc.open()
    pairs = [read_pair(t, count=20) for t in range(1, 41)]
    body = b"".join(pair[1] for pair in pairs)
    plc.send(0, b"".join(pair[0] for pair in pairs))
    for at in range(0, len(body), 500):
        piece = body[at:at + 500]
        (lost if at == 500 else Tcp.send)(plc, 1, piece)
    plc.send(0, flags=ACK)
    poll(plc, 50)
    plc.close()
