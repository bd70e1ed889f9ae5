"""A message as every decoder should see it, and how two decoders' lists differ."""
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Message:
    frame: int  # that completed it, 0 if the decoder does not tell
    src: str
    sport: int
    dst: str
    dport: int
    protocol: str
    ident: tuple  # what tells it from the others of its flow: (name, value) pairs
    kind: str     # request, response …; unknown: the decoder cannot say
    fields: dict = field(default_factory=dict)
    malformed: bool = False
    is_part: bool = False  # the decoder gives up in it: its lists are beginnings

    def key(self):
        """The same message seen by another decoder has the same key."""
        return self.src, self.sport, self.dst, self.dport, self.protocol, self.ident

    def __str__(self):
        return "frame %d %s:%d>%s:%d %s %s %s" % (
            self.frame, self.src, self.sport, self.dst, self.dport, self.protocol,
            " ".join("%s %s" % pair for pair in self.ident), self.kind)


@dataclass
class Difference:
    message: Message
    field: str  # a field's name, "missing" or "extra"
    want: object
    got: object

    def __str__(self):
        if self.field in ("missing", "extra"):
            return "%s: %s" % (self.message, self.field)
        return "%s: %s is %s, want %s" % (self.message, self.field, self.got, self.want)


def _field_differences(want, got):
    """Fields that `want` has; what only `got` has is more than was asked."""
    out = []
    if want.frame and got.frame and want.frame != got.frame:
        out.append(Difference(want, "frame", want.frame, got.frame))
    if "unknown" not in (want.kind, got.kind) and want.kind != got.kind:
        out.append(Difference(want, "kind", want.kind, got.kind))
    for name, value in want.fields.items():
        seen = got.fields.get(name)
        if want.is_part and isinstance(value, list) and isinstance(seen, list):
            seen = seen[:len(value)]
        if seen != value:
            out.append(Difference(want, name, value, seen))
    return out


def _match(wanted, found, is_match):
    """Pairs of one frame that match, in order; they are taken off the lists."""
    by_frame, pairs, taken = defaultdict(list), [], set()
    for got in found:
        by_frame[got.frame].append(got)
    for want in wanted:
        near = by_frame.get(want.frame, ()) if want.frame else found
        got = next((g for g in near if id(g) not in taken and is_match(want, g)), None)
        if got is not None:
            pairs.append((want, got))
            taken |= {id(want), id(got)}
    for messages in (wanted, found):
        messages[:] = [m for m in messages if id(m) not in taken]
    return pairs


def _pair(wanted, found):
    """Equal ones first, then those of the same frame, the rest in order: a wrong field is no
    missing message."""
    open_, left = list(wanted), list(found)
    _match(open_, left, lambda want, got: not _field_differences(want, got))
    pairs = _match(open_, left, lambda want, got: True)
    pairs += zip(open_, left)
    both = min(len(open_), len(left))
    out = [d for want, got in pairs for d in _field_differences(want, got)]
    return (out + [Difference(want, "missing", None, None) for want in open_[both:]]
            + [Difference(got, "extra", None, None) for got in left[both:]])


def differences(wanted, found):
    buckets = defaultdict(lambda: ([], []))
    for side, messages in enumerate((wanted, found)):
        for message in messages:
            buckets[message.key()][side].append(message)
    return [d for bucket in buckets.values() for d in _pair(*bucket)]


def flat(half):
    """{place in the JSON, without numbers of elements: all values there, in order}."""
    out = {}
    _flatten(half, "", out)
    return out


def _flatten(value, place, out):
    if isinstance(value, dict):
        for name, below in value.items():
            _flatten(below, "%s.%s" % (place, name) if place else name, out)
    elif isinstance(value, list):
        for element in value:
            _flatten(element, place, out)
    else:
        out.setdefault(place, []).append(value)
