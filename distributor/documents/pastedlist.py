"""Contacts as somebody pastes or uploads them: a table that names its columns, or addresses as in a mail.

“Ada Example <ada@example.org>; bea@example.com” has no column names: there only names and addresses are read.
"""

from collections.abc import Iterator

from distributor.documents import listrows, listtable
from distributor.documents.listtable import Record, Table
from distributor.model.contact import BadRow, ContactRow
from distributor.model.topic import TopicTree
from distributor.policy.addresslist import addresses

NAME = "what was pasted"


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
    """Everybody in one line; what is no address stands where one should, to be refused."""
    for one in addresses(line):
        address = one.address.text if one.address else one.text
        yield Record(number, (address, one.name), one.text)
