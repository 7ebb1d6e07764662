"""Addresses as they stand in the line of a mail: To, Cc, Bcc (RFC 5322 §3.4), or as Outlook writes it.

Between them commas, semicolons or line breaks, or nothing behind a “>”; names, quoted or not, groups,
comments in brackets. “Doe, Jane <jane@example.org>” is one. What is no address is told, not dropped. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from distributor.errors import AddressError
from distributor.model.address import Address
from distributor.model.headertext import visible

_SEPARATORS = ",;\r\n\t"
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)|<[^<>]*>|[,;\r\n\t]|[^",;<>()\r\n\t]+|.', re.DOTALL)
_FIELD = re.compile(r"^\s*(?:to|cc|bcc|an|à|cci|cco|ccn)\s*:", re.IGNORECASE | re.MULTILINE)
_GROUP = re.compile(r"^[^:@<>\"]*:(?!//)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETED = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Named:
    """One of them: `text` as it stands there; `address` None when it is none, and `wrong` says why.

    `name` stands before <…>, without its quotation marks.
    """

    text: str
    address: Address | None
    name: str = ""
    wrong: str = ""


def addresses(text: str) -> list[Named]:
    """All of them, in their order."""
    found = (_named(part) for part in _parts(_FIELD.sub("", text)))
    return [one for one in found if one.text]


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
    """Each with the separator behind it; a second <…> in one piece is another's."""
    piece, end = "", 0  # of the <…> in it
    for token in _TOKENS.findall(text):
        if token in _SEPARATORS:
            yield piece, token
            piece, end = "", 0
            continue
        bracketed = bool(_BRACKETED.fullmatch(token))
        if bracketed and end:
            yield piece[:end], ";"
            piece = piece[end:]
        piece += token
        end = len(piece) if bracketed else end
    yield piece, ""


def _named(part: str) -> Named:
    said = " ".join(part.split())
    bracketed = [*_BRACKETED.finditer(said)][-1:]
    bare = bracketed[0][1] if bracketed else _bare(said)
    if not (bare or bracketed):
        return Named("", None)
    try:
        found = Address.parse(bare.removeprefix("mailto:"))
        for one in bracketed:
            _alone(said, found, beside=f"{said[: one.start()]} {said[one.end() :]}")
    except AddressError as error:
        return Named(said, None, wrong=error.what)
    return Named(said, found, name=_name(said[: bracketed[0].start()]) if bracketed else "")


def _alone(said: str, found: Address, *, beside: str) -> None:
    """Raises AddressError when beside <…> stands an address of somebody else."""
    words = (word.strip("'()") for word in _QUOTED.sub(" ", beside).split())
    if any("@" in word and word.casefold() != found.key for word in words):
        raise AddressError(f"“{visible(said)}” is more than one address, with nothing between them")


def _name(before: str) -> str:
    """Without quotation marks around it, and the name of a group; "" where an address takes its place."""
    name = _GROUP.sub("", before).strip()
    if _QUOTED.fullmatch(name):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    name = name.strip(" '\"")
    return "" if "@" in name and " " not in name else name


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
