"""One record of a NAME.csv to a ContactRow, or to a BadRow that says what is wrong with it.

Does not know the other rows but for their addresses, and not the database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from distributor.documents.listtable import COLUMNS, Record, Table
from distributor.errors import AddressError
from distributor.model.address import Address
from distributor.model.contact import BadRow, ContactRow
from distributor.model.headertext import trouble_of_name, visible
from distributor.model.topic import TopicTree
from distributor.policy import languages, topics

#: Only these may run over several lines: they stay in the office.
_LONG = frozenset({"note"})
_TEXTS = tuple(set(COLUMNS) - {"email", "language", "topics", "embargo_access"})
TIER = re.compile(r"[^\W_][\w-]{0,62}")


class _Wrong(Exception):
    """A row is refused: what stood there, why."""

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(value, reason)
        self.value, self.reason = value, reason


def read(table: Table, *, file: str, tree: TopicTree) -> tuple[tuple[ContactRow, ...], tuple[BadRow, ...]]:
    """The good rows and the refused ones, in file order. Of two rows with one address the first counts."""
    reader = _Reader(columns=table.columns, tree=tree, known=topics.names(tree))
    good: dict[str, ContactRow] = {}
    refused: list[BadRow] = []
    for record in table.records:
        try:
            row = reader.row(record)
            if row.address.key in good:
                earlier = good[row.address.key].line
                raise _Wrong(row.address.text, f"this address stands in line {earlier} already")
            good[row.address.key] = row
        except _Wrong as wrong:
            refused.append(BadRow(file, record.line, visible(wrong.value), wrong.reason, record.raw))
    return tuple(good.values()), tuple(refused)


def refused(cells: Mapping[str, str], *, file: str, tree: TopicTree) -> tuple[BadRow, ...]:
    """What is wrong with one row, by columns."""
    record = Record(1, tuple(cells.values()), "")
    return read(Table(columns=tuple(cells), records=(record,)), file=file, tree=tree)[1]


@dataclass(frozen=True)
class _Reader:
    columns: tuple[str, ...]
    tree: TopicTree
    known: Mapping[str, str]

    def row(self, record: Record) -> ContactRow:
        values = _values(record, self.columns)
        address = _address(values.pop("email"))
        codes = _languages(values.pop("language", ""))
        follows = self.topics(values.pop("topics", ""))
        access = _tier(values.pop("embargo_access", ""))
        texts = {name: values.pop(name, "") for name in _TEXTS}
        texts["name"] = texts["name"] or f"{texts['first_name']} {texts['last_name']}".strip()
        return ContactRow(
            address=address,
            line=record.line,
            languages=codes,
            topics=follows,
            embargo_access=access,
            extra={name: value for name, value in values.items() if value},
            **texts,
        )

    def topics(self, text: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for words in _words(text, r"[;,|]+"):
            for word in [words] if words.casefold() in self.known else words.split():
                found[self.topic(word)] = None
        return tuple(found)

    def topic(self, word: str) -> str:
        if word == topics.ALL:
            return word
        if word.casefold() not in self.known:
            raise _Wrong(word, f"is no topic. {topics.near(word, self.tree)}".rstrip(". "))
        return self.known[word.casefold()]


def _values(record: Record, columns: tuple[str, ...]) -> dict[str, str]:
    if record.cells is None:
        raise _Wrong(record.raw, "its quotation marks or line breaks do not fit")
    if len(record.cells) != len(columns):
        raise _Wrong(record.raw, _uneven(len(record.cells), len(columns)))
    values = dict(zip(columns, record.cells, strict=True))
    for column, value in zip(columns, record.cells, strict=True):
        wrong = trouble_of_name(value, lines=column in _LONG)
        if wrong:
            raise _Wrong(value, f"{column or 'a column without a name'} holds {wrong}")
        if value and not column:
            raise _Wrong(value, "stands in a column without a name")
    values.pop("", None)
    return values


def _uneven(cells: int, wanted: int) -> str:
    return f"has {cells} column{'' if cells == 1 else 's'}, the first line {wanted}"


def _address(text: str) -> Address:
    if not text:
        raise _Wrong("", "no address")
    try:
        return Address.parse(text)
    except AddressError as error:
        raise _Wrong(text, error.what.partition("” ")[2]) from None


def _languages(text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in _words(text, r"[;,|/\s]+"):
        code = languages.code(word)
        if code is None:
            raise _Wrong(word, "is no language code (ISO 639-1: en, fr, de, el …)")
        found[code] = None
    return tuple(found)


def _words(text: str, between: str) -> list[str]:
    return [word.strip() for word in re.split(between, text) if word.strip()]


def _tier(text: str) -> str | None:
    """A tier's name in lower case; None for ""."""
    if not text:
        return None
    if not TIER.fullmatch(text):
        raise _Wrong(text, "is no name of a tier (letters, digits and “-”)")
    return text.lower()
