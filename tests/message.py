"""A Modbus message as every decoder should see it, and how two decoders' lists differ."""
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Message:
    frame: int  # that completed it, 0 if the decoder does not tell
    src: str
    sport: int
    dst: str
    dport: int
    transaction: int
    unit: int
    function: int  # without the exception bit
    kind: str      # request, response, exception, unknown
    fields: dict = field(default_factory=dict)
    malformed: bool = False

    def key(self):
        """The same message seen by another decoder has the same key."""
        return (self.src, self.sport, self.dst, self.dport, self.transaction, self.unit,
                self.function, "answer" if self.kind != "request" else self.kind)

    def __str__(self):
        return "frame %d %s:%d>%s:%d tid %d unit %s function %d %s" % (
            self.frame, self.src, self.sport, self.dst, self.dport, self.transaction,
            self.unit, self.function, self.kind)


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
    return out + [Difference(want, name, value, got.fields.get(name))
                  for name, value in want.fields.items() if got.fields.get(name) != value]


def _pair(wanted, found):
    """Equal ones first, the rest in order: a wrong field is no missing message."""
    left = list(found)
    open_ = []
    for want in wanted:
        equal = next((got for got in left if not _field_differences(want, got)), None)
        if equal is not None:
            left.remove(equal)
        else:
            open_.append(want)
    out = []
    for want in open_:
        if left:
            out += _field_differences(want, left.pop(0))
        else:
            out.append(Difference(want, "missing", None, None))
    return out + [Difference(got, "extra", None, None) for got in left]


def differences(wanted, found):
    buckets = defaultdict(lambda: ([], []))
    for side, messages in enumerate((wanted, found)):
        for message in messages:
            buckets[message.key()][side].append(message)
    return [d for bucket in buckets.values() for d in _pair(*bucket)]
