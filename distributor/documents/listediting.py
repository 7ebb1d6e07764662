"""A NAME.csv with some of its rows changed, taken away or added; every other line stays as it stood.

Also rows that are refused stay: they are the office's to mend. What is written is UTF-8 with BOM, and no cell
of it is a formula.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence

from distributor.documents.csvcell import guarded
from distributor.documents.listtable import COLUMNS, Record, Table, lines_of, read
from distributor.errors import AddressError
from distributor.model.address import Address

#: By address key, the cells to be set; a person who has no row yet gets one, with her address as “email”.
Put = Mapping[str, Mapping[str, str]]


def edited(data: bytes | None, *, where: str, put: Put, drop: Collection[str] = ()) -> bytes:
    """The file with these cells set, and without the rows of the addresses `drop`; None: there is none yet.

    Raises DocumentError when it cannot be read as a list.
    """
    data = data if data and data.strip() else ",".join(COLUMNS).encode()
    table, lines = read(data, where=where), lines_of(data, where=where)
    editor = _Editor(table, put, drop)
    at = table.header + 1
    out = [*lines[: table.header], editor.header(lines[table.header])]
    for record in table.records:
        out += lines[at : record.line - 1]
        out += editor.record(record)
        at = record.line + record.raw.count("\n")
    out += [*lines[at:], *editor.added()]
    return "".join(f"{line}\r\n" for line in out).encode("utf-8-sig")


class _Editor:
    def __init__(self, table: Table, put: Put, drop: Collection[str]) -> None:
        self.delimiter, self.put, self.drop = table.delimiter, put, drop
        said = dict.fromkeys(name for cells in put.values() for name, cell in cells.items() if cell)
        self.more = [name for name in said if name not in table.columns]
        self.columns = (*table.columns, *self.more)
        self.email, self.width = table.columns.index("email"), len(table.columns)
        self._met: set[str] = set()

    def header(self, line: str) -> str:
        return line + self._more(self.more)

    def record(self, record: Record) -> Iterator[str]:
        """Its lines now."""
        cells = record.cells
        key = _key(cells[self.email]) if cells and len(cells) == self.width else None
        if cells is None or len(cells) != self.width:
            yield from record.raw.split("\n")
        elif key is not None and key in self.put and key not in self._met:
            self._met.add(key)
            known = dict(zip(self.columns, cells, strict=False))
            yield from self._line(known | {**self.put[key], "email": known["email"]})
        elif key not in self.drop:
            yield from (record.raw + self._more([""] * len(self.more))).split("\n")

    def added(self) -> Iterator[str]:
        """Rows of people who had none."""
        for key, cells in self.put.items():
            if key not in self._met:
                yield from self._line(cells)

    def _more(self, cells: Sequence[str]) -> str:
        return "".join(f"{self.delimiter}{self._written([cell])}" for cell in cells)

    def _line(self, cells: Mapping[str, str]) -> list[str]:
        return self._written([cells.get(name, "") for name in self.columns]).split("\n")

    def _written(self, cells: Sequence[str]) -> str:
        text = io.StringIO()  # an ending of lines, so that line breaks within a cell are quoted
        csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n").writerow(map(guarded, cells))
        return "" if cells == [""] else text.getvalue().removesuffix("\r\n")


def _key(text: str) -> str | None:
    try:
        return Address.parse(text).key
    except AddressError:
        return None
