"""Addresses as they stand in the line of a mail: To, Cc, Bcc (RFC 5322 §3.4), or as Outlook writes it.

Between them commas, semicolons or line breaks; names, quoted or not, groups, comments in brackets. “Doe, Jane
<jane@example.org>” is one. What is no address is told, not dropped. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from distributor.errors import AddressError
from distributor.model.address import Address

MOST = 1000
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)|<[^<>]*>|[,;\r\n\t]|[^",;<>()\r\n\t]+|.', re.DOTALL)
_FIELD = re.compile(r"^\s*(?:to|cc|bcc|an|à|cci|cco|ccn)\s*:", re.IGNORECASE | re.MULTILINE)
_GROUP = re.compile(r"^[^:@<>\"]*:(?!//)")


@dataclass(frozen=True, slots=True)
class Named:
    """One of them: `text` as it stands there; `address` None when it is none, and `wrong` says why."""

    text: str
    address: Address | None
    wrong: str = ""


def addresses(text: str) -> list[Named]:
    """All of them, in their order; MOST at most."""
    found = (_named(part) for part in _parts(_FIELD.sub("", text)))
    return [one for one in found if one.text][:MOST]


def _parts(text: str) -> Iterator[str]:
    """What stands between separators; a comma within an unquoted name before <…> is none."""
    waiting = ""
    for part, separator in _pieces(text):
        whole = f"{waiting}, {part.strip()}" if waiting else part
        waiting = ""
        if separator == "," and part.strip() and "@" not in part:
            waiting = whole.strip()  # perhaps “Doe, Jane <…>”
        elif whole is not part and "<" not in part:
            yield from (*whole[: -len(part.strip())].rstrip(", ").split(", "), part)
        else:
            yield whole
    if waiting:
        yield from waiting.split(", ")


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    piece = ""
    for token in _TOKENS.findall(text):
        if token in (",", ";", "\r", "\n", "\t"):
            yield piece, token
            piece = ""
        else:
            piece += token
    yield piece, ""


def _named(part: str) -> Named:
    said = " ".join(part.split())
    bracketed = re.findall(r"<([^<>]*)>", said)
    bare = bracketed[-1] if bracketed else _bare(said)
    try:
        return Named(said, Address.parse(bare.removeprefix("mailto:"))) if bare else Named("", None)
    except AddressError as error:
        return Named(said, None, error.what)


def _bare(said: str) -> str:
    """Without comments, the name of a group, and quotes around all of it."""
    plain = re.sub(r"\([^()]*\)", "", said)
    plain = plain if plain.startswith("mailto:") else _GROUP.sub("", plain)
    return plain.strip().strip("'\"").strip()


def twice(found: Sequence[Named]) -> tuple[list[Address], list[Address]]:
    """Each address once, in order; and those that stand there again."""
    once: dict[str, Address] = {}
    again: dict[str, Address] = {}
    for one in found:
        if one.address is not None:
            (again if one.address.key in once else once)[one.address.key] = one.address
    return list(once.values()), list(again.values())
