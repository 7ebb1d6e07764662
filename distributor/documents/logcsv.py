"""The log for spreadsheets: one row an attempt, one for a delivery without any."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from distributor.documents.csvcell import guarded

_OF_DELIVERY = ("reference", "mailout", "kind", "wave", "address", "language", "state", "message_id")
_OF_ATTEMPT = ("bytes_sha256", "attempt", "started", "finished", "relay", "code", "enhanced", "text")
COLUMNS = (*_OF_DELIVERY, *_OF_ATTEMPT)


def cells(line: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The rows of one delivery, as `COLUMNS`."""
    for attempt in line["attempts"] or [{}]:
        row = {**line, **attempt, "attempt": attempt.get("number")}
        yield [_cell(row.get(column)) for column in COLUMNS]


def text(rows: Iterable[list[Any]]) -> str:
    """These rows as CSV."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    """A spreadsheet must not take a relay's words for a formula."""
    if isinstance(value, datetime):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else value
