"""Reading the fields that tshark writes as PDML."""


def show(element, name):
    """The first field of that name, as tshark shows it; None if it is not there."""
    found = element.find(".//field[@name='%s']" % name)
    return found.get("show") if found is not None else None


def number(text):
    return int(text, 16) if text.startswith("0x") else int(text)


READERS = {
    "numbers": lambda field: number(field.get("show")),
    "texts": lambda field: field.get("show"),
    "padded": lambda field: field.get("show").rstrip("\0 "),
    "octets": lambda field: field.get("value") or "",
}


def table(**kinds):
    """numbers={tshark's name: ours}, texts=…, padded=… (texts), octets=… (in hex)."""
    return {theirs: (ours, READERS[kind])
            for kind, names in kinds.items() for theirs, ours in names.items()}


def fields(element, wanted):
    """{our name: all its values in the order of bytes}, in one walk."""
    out = {}
    for field in element.iter("field"):
        row = wanted.get(field.get("name"))
        if row and field.get("show"):
            ours, read = row
            value = read(field)
            if value != "":
                out.setdefault(ours, []).append(value)
    return out


def only(element, wanted):
    """{our name: its first value}."""
    return {name: values[0] for name, values in fields(element, wanted).items()}
