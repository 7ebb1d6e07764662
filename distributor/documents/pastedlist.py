"""Contacts as somebody pastes or uploads them: a table that names its columns, or addresses as in a mail.

“Ada Example <ada@example.org>; bea@example.com” has no column names: there only names and addresses are read.
"""

import re
from collections.abc import Iterator

from distributor.documents import listrows, listtable
from distributor.documents.listtable import Record, Table
from distributor.model.contact import BadRow, ContactRow
from distributor.model.topic import TopicTree

NAME = "what was pasted"
_FIELD = re.compile(r"^\s*(?:to|cc|bcc|an|à|cci)\s*:", re.IGNORECASE)
_BETWEEN = " \t,;\"'"


def read(data: bytes, *, tree: TopicTree) -> tuple[tuple[ContactRow, ...], tuple[BadRow, ...]]:
    """The good rows and the refused ones, with their lines. Raises DocumentError when it is no list."""
    lines = listtable.lines_of(data, where=NAME)
    if _is_table(lines):
        table = listtable.read(data, where=NAME)
    else:
        found = [one for number, line in enumerate(lines, start=1) for one in _people(line, number)]
        table = Table(columns=("email", "name"), records=tuple(found))
    return listrows.read(table, file=NAME, tree=tree)


def _is_table(lines: list[str]) -> bool:
    """No address stands in its first line."""
    first = next((line for line in lines if line.strip()), "")
    return "@" not in first


def _people(line: str, number: int) -> Iterator[Record]:
    """Everybody in one line; words without an address are one, and refused."""
    rest = _FIELD.sub("", line)
    if "@" not in rest and rest.strip(_BETWEEN):
        yield Record(number, (rest.strip(), ""), line)
        return
    before = 0
    for bracketed in re.finditer(r"<([^<>]*)>", rest):
        bare, name = _split(rest[before : bracketed.start()])
        yield from (Record(number, (address, ""), address) for address in bare)
        yield Record(number, (bracketed[1].strip(), name), bracketed[0])
        before = bracketed.end()
    bare, _ = _split(rest[before:])
    yield from (Record(number, (address, ""), address) for address in bare)


def _split(words: str) -> tuple[list[str], str]:
    """Addresses without brackets, and the name that comes after the last of them."""
    addresses = list(re.finditer(r"[^\s,;\"<>]*@[^\s,;\"<>]*", words))
    name = words[addresses[-1].end() :] if addresses else words
    return [found[0] for found in addresses], name.strip(_BETWEEN)
