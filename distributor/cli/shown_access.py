"""How embargo access is printed: its history for one contact, and criteria with counts for everybody."""

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from distributor.cli import tables
from distributor.cli.moments import count
from distributor.policy.access import day

_COLUMNS = ("tier", "criterion", "terms", "contacts", "outlets", "suspended")


def line(event: Mapping[str, Any], *, zone: str) -> str:
    """ "2030-03-04 suspended until 2030-06-01 by ada, all of The Quay: broke it"."""
    parts = [day(event["at"], zone), event["what"]]
    parts += [event["tier"]] if event.get("tier") else []
    parts += [f"against {event['reference']}"] if event.get("reference") else []
    parts += [f"until {day(event['until'], zone)}"] if event.get("until") else []
    parts += [f"by {event['by']}"] if event["by"] else []
    also = f", all of {event['outlet']}" if event["outlet"] else ""
    also += f", terms {event['terms']}" if event.get("terms") else ""
    also += f" accepted {event['accepted']}" if event.get("accepted") else ""
    return f"{' '.join(parts)}{also}" + (f": {event['reason']}" if event["reason"] else "")


def criteria(out: Console, document: Mapping[str, Any]) -> None:
    """Who has embargo access, by criterion, in numbers."""
    tables.heading(out, f"Embargo access on {document['at']:%Y-%m-%d}")
    if not document["access"]:
        tables.hint(out, "Nobody has embargo access.")
        return
    columns = [f">{name}" if name in ("contacts", "outlets", "suspended") else name for name in _COLUMNS]
    tables.table(out, columns, [_row(group) for group in document["access"]])
    suspended, strikes = document["suspended"], document["strikes"]
    out.print(
        f"Suspended: {count(suspended['contacts'], 'person', 'persons')}, "
        f"{count(suspended['outlets'], 'whole outlet')}. "
        f"{count(strikes['counting'], 'strike')} counting, {strikes['answered']} with a reply."
    )


def _row(group: Mapping[str, Any]) -> list[Any]:
    return [group[name] if group[name] != "" else "none on record" for name in _COLUMNS]


def to_csv(document: Mapping[str, Any], *, to: Path) -> None:
    """One row a criterion. "-" is stdout; a file begins with a byte order mark, for Excel."""
    if str(to) == "-":
        _write(sys.stdout, document)
        return
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        _write(file, document)


def _write(file: TextIO, document: Mapping[str, Any]) -> None:
    from distributor.documents.csvcell import guarded

    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for group in document["access"]:
        writer.writerow([guarded(str(group[name])) for name in _COLUMNS])
