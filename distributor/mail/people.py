"""Press contacts: their lines verbatim, with the telephone number and the address to click on."""

import re

from distributor.mail.marked import Passage, Writer
from distributor.model.draft import Mark, PressContact


def contact(person: PressContact, *, writer: Writer) -> Passage:
    """The contact's lines; what the office's own line does not say is added below it."""
    lines = [person.text] if person.text else []
    known = filter(None, (person.name, person.role, person.phone, person.email))
    lines += [detail for detail in known if detail not in person.text]
    text = "\n".join(lines)
    number = _first_number(person.phone or "")
    marks = [
        _mark(text, number, f"tel:{_dialled(number)}"),
        _mark(text, person.email or "", f"mailto:{person.email}"),
    ]
    return writer.passage(text, [mark for mark in marks if mark])


def _first_number(phone: str) -> str:
    """The first of several numbers, without an extension: "02/555 01 17 / 18" has "02/555 01 17"."""
    first = re.split(r"\s/\s|[,;]|(?<=\d)\s*[A-Za-z]", phone)[0].strip()
    return first if any(character.isdigit() for character in first) else ""


def _mark(text: str, part: str, url: str) -> Mark | None:
    if not part:
        return None
    start = text.index(part)
    return Mark(start=start, end=start + len(part), kind="link", url=url)


def _dialled(phone: str) -> str:
    """A number as tel: wants it (RFC 3966): without "(0)", blanks and brackets."""
    return re.sub(r"[^\d+]", "", phone.replace("(0)", ""))
