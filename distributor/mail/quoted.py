"""Quoted-printable bodies that go over the wire as they are (RFC 2045 §6.7).

CRLF only, 7-bit, no line over 76, none that starts with a dot (so SMTP needs no stuffing) or with
"From " (so mailboxes do not change it). Every piece is encoded as if it began a line.
"""

_LIMIT = 73  # leaves room for the soft break and for "=46rom "
_UNITS = tuple(
    chr(byte) if (33 <= byte <= 126 and byte != 61) or byte == 32 else f"={byte:02X}" for byte in range(256)
)


def encode(text: str) -> bytes:
    """Text with line ends of any kind, encoded; its line ends become CRLF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\r\n".join(_line(line) for line in lines).encode("ascii")


def value(text: str) -> bytes:
    """One line of text, to be followed by a soft break. Quick for what most values are."""
    plain = len(text) <= _LIMIT and text.isascii() and text.isprintable() and "=" not in text
    if plain and not text.startswith((".", "From ")):
        return text.encode("ascii")
    return encode(text)


def _line(line: str) -> str:
    units = [_UNITS[byte] for byte in line.encode()]
    if units and units[-1] == " ":
        units[-1] = "=20"
    rows, row = [], ""
    for unit in units:
        if len(row) + len(unit) > _LIMIT:
            rows.append(row)
            row = ""
        row += "=2E" if unit == "." and not row else unit
    return "=\r\n".join(_guarded(row) for row in [*rows, row])


def _guarded(row: str) -> str:
    return f"=46{row[1:]}" if row.startswith("From ") else row
