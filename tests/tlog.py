"""The trail, once more and apart from the program: canonical JSON, the chain of hashes, the tree of
RFC 6962, notes of C2SP signed-note, and the verification of Ed25519 (RFC 8032, section 5.1.7)."""
import base64
import hashlib
import json

# ---- entries ----


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry(seq, prev, log="audit-plant-01", action="incident.note", **more):
    value = {"schema": "ironspan.audit/1", "log": log, "seq": seq,
             "at": f"2026-11-20T03:{seq // 60 % 60:02}:{seq % 60:02}.000000Z",
             "actor": {"id": "P-0042", "auth": "local", "from": "控制室"}, "action": action,
             "object": {"incident": "INC-plant-01-20261120-0001", **more}, "prev": prev}
    value["hash"] = hashlib.sha256(canonical(value)).hexdigest()
    return value


def chain(count, **more):
    entries = []
    for seq in range(1, count + 1):
        entries.append(entry(seq, entries[-1]["hash"] if entries else None, **more))
    return entries


def lines(entries):
    return [canonical(e) + b"\n" for e in entries]


# ---- the tree ----


def root(leaves):
    """Of the lines without their ends; RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


# ---- Ed25519 ----

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def add(a, b):
    """Points as (x, y), on -x² + y² = 1 + d x² y²."""
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def times(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point = add(point, point)
        n >>= 1
    return result


def point_of(data):
    y = int.from_bytes(data, "little") & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if x * x % P != x2:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 != data[31] >> 7 else x, y)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % ORDER
    s = int.from_bytes(signature[32:], "little")
    return times(s, BASE) == add(point_of(signature[:32]), times(k, point_of(public)))


# ---- notes ----


def public_key(line):
    """name and 32 bytes of "name+id+base64(type, key)"."""
    name, _, data = line.strip().split("+", 2)
    return name, base64.b64decode(data)[1:]


def note_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def signatures(note):
    """{name: (id, signature)} and the text of a note."""
    text, _, rest = note.rpartition("\n\n")
    found = {}
    for line in rest.splitlines():
        dash, name, data = line.split(" ")
        assert dash == "—"
        data = base64.b64decode(data)
        found[name] = (data[:4], data[4:])
    return found, text + "\n"
