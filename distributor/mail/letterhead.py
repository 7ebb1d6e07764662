"""The headers of a mail: which there are, in which order, with holes for what differs by recipient.

Every value from a release, a contact or the configuration passes `headers`. There is no Precedence and
no Auto-Submitted: "has left the paper" is worth knowing (design §9).
"""

from datetime import UTC
from urllib.parse import quote

from distributor.errors import Refused
from distributor.mail import headers, noticebanner, times
from distributor.mail.catalogue import catalogue
from distributor.mail.merge import Hole
from distributor.model.letter import Letter
from distributor.model.publisher import Publisher


def subject(letter: Letter) -> str:
    """The headline, after the wire's word for an embargo, a notice or a test; in the version's language."""
    words = catalogue(letter.version.language)
    text = letter.version.headline
    if letter.notice is not None:
        text = noticebanner.subject(letter, letter.notice)
    elif letter.form == "advance":
        text = _embargoed(letter, headline=text)
    return words.fill("TEST: {subject}", subject=text) if letter.test else text


def parts(letter: Letter, *, boundary: str) -> list[bytes | Hole]:
    """The header block with the empty line that ends it. Raises HeaderError."""
    publisher = letter.publisher
    return [
        b"From: " + headers.mailbox(publisher.name, publisher.address, name="From") + b"\r\n",
        *_hole("To", "to"),
        headers.line("Subject", subject(letter)),
        *_hole("Date", "date"),
        *_hole("Message-ID", "message_id"),
        Hole("threading", "header"),
        _reply_to(letter),
        headers.line("List-Id", f"<{publisher.id}.{publisher.domain}>"),
        *_list_unsubscribe(publisher),
        *_release(letter),
        headers.line("Content-Language", letter.version.language),
        b"MIME-Version: 1.0\r\n",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii"),
    ]


def embargoed(letter: Letter) -> bool:
    """True for an advance copy, and for a notice while there is an embargo."""
    return letter.form == "advance" or (letter.form == "notice" and bool(letter.embargo))


def unsubscribe_link(publisher: Publisher) -> str:
    """What the unsubscribe token is appended to: a web address, else a mailto, else ""."""
    if publisher.base_url:
        return f"{publisher.base_url}/u/"
    return _mailto(publisher)


def _embargoed(letter: Letter, *, headline: str) -> str:
    words = catalogue(letter.version.language)
    if letter.embargo.until_lifted:
        return words.fill("EMBARGOED until lifted: {headline}", headline=headline)
    if letter.embargo.instant is None:
        raise Refused("an advance copy needs an embargo", where=letter.reference, cure="Give it one.")
    zone = letter.zones[0] if letter.zones else "UTC"
    moment = times.subject_moment(letter.embargo.instant, zone=zone, language=letter.version.language)
    return words.fill("EMBARGOED until {moment}: {headline}", moment=moment, headline=headline)


def _hole(name: str, field: str) -> tuple[bytes | Hole, ...]:
    return f"{name}: ".encode("ascii"), Hole(field, "header"), b"\r\n"


def _reply_to(letter: Letter) -> bytes:
    candidates = [contact.email for contact in letter.version.contacts if contact.email]
    address = candidates[0] if candidates else letter.publisher.reply_to
    return b"Reply-To: " + headers.mailbox("", address, name="Reply-To") + b"\r\n" if address else b""


def _list_unsubscribe(publisher: Publisher) -> list[bytes | Hole]:
    """List-Unsubscribe (RFC 2369), and List-Unsubscribe-Post where there is a web address (RFC 8058)."""
    web = f"{publisher.base_url}/u/" if publisher.base_url else ""
    links = [headers.checked_url(link, name="List-Unsubscribe") for link in (web, _mailto(publisher)) if link]
    lines: list[bytes | Hole] = []
    for position, link in enumerate(links):
        start = ",\r\n <" if position else "List-Unsubscribe: <"
        lines += [f"{start}{link}".encode("ascii"), Hole("token", "header"), b">"]
    if links:
        lines.append(b"\r\n")
    if web:
        lines.append(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    return lines


def _mailto(publisher: Publisher) -> str:
    box = quote(publisher.unsubscribe_mailbox, safe="@+")
    return f"mailto:{box}?subject=unsubscribe%20" if box else ""


def _release(letter: Letter) -> list[bytes]:
    lines = [
        headers.line("X-Release-Reference", letter.reference),
        headers.line("X-Release-Type", letter.type),
    ]
    if letter.topics:
        lines.append(headers.line("X-Release-Topics", ", ".join(topic for topic, _ in letter.topics)))
    if letter.notice is not None:
        lines.append(headers.line("X-Release-Notice", letter.notice.kind))
    if embargoed(letter):
        lines.append(headers.line("X-Embargo-Until", _until(letter)))
    return lines


def _until(letter: Letter) -> str:
    instant = letter.embargo.instant
    if letter.embargo.until_lifted or instant is None:
        return "until lifted"
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
