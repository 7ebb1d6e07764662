"""What several list files together say about one person.

Between files the first list by name wins, field by field; what a later one says otherwise is reported.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from distributor.model.address import Address
from distributor.model.contact import ContactRow, ListFile
from distributor.model.listdiff import Person

#: Where two files that disagree are worth a word; notes and sources are each list's own.
_COMPARED = ("name", "first_name", "last_name", "outlet", "medium", "role", "country", "languages", "phone")
_FIELDS = tuple(field.name for field in fields(Person) if field.name not in ("address", "extra"))


def by_name(name: str) -> tuple[str, str]:
    """The order of lists: the first one wins."""
    return name.casefold(), name


@dataclass(frozen=True, slots=True)
class PersonRows:
    """Her rows, each with its list, the first list first."""

    rows: tuple[tuple[ListFile, ContactRow], ...]

    @property
    def address(self) -> Address:
        return self.rows[0][1].address

    def person(self) -> Person:
        """For each field the first row that says something."""
        rows = [row for _, row in self.rows]
        said = {name: next((v for row in rows if (v := getattr(row, name))), None) for name in _FIELDS}
        extra: dict[str, str] = {}
        for row in rows:
            extra = {**row.extra, **extra}
        known = {name: value for name, value in said.items() if value is not None}
        return Person(address=self.address.text, extra=extra, **known)

    def offers(self) -> list[tuple[str, str]]:
        """(list, tier) where a list gives embargo access: the row's tier, else the list's."""
        said = [(file.name, row.embargo_access or file.embargo_access) for file, row in self.rows]
        return [(name, tier) for name, tier in said if tier]

    def differences(self) -> Iterator[str]:
        """One line for each field that a later list says otherwise."""
        if len(self.rows) > 1:
            for name in _COMPARED:
                said = [(file.name, _text(getattr(row, name))) for file, row in self.rows]
                yield from self._differing(name.replace("languages", "language"), said)
            yield from self._differing("embargo_access", self.offers())

    def _differing(self, field: str, said: Sequence[tuple[str, str]]) -> Iterator[str]:
        spoken = [(name, value) for name, value in said if value]
        for other, value in spoken[1:]:
            first, counts = spoken[0]
            if value != counts:
                yield f"{self.address.text}: {field} “{counts}” of {first} counts, not “{value}” of {other}"


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else " ".join(value)


def rows_by_person(files: Sequence[ListFile]) -> dict[str, PersonRows]:
    """By address key. `files` are in the order of `by_name`."""
    rows: dict[str, list[tuple[ListFile, ContactRow]]] = {}
    for file in files:
        for row in file.rows:
            rows.setdefault(row.address.key, []).append((file, row))
    return {key: PersonRows(tuple(found)) for key, found in rows.items()}
