"""The log for people and for spreadsheets."""

import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from distributor.cli.moments import city, moment, second
from distributor.cli.tables import heading, hint, table
from distributor.cli.terminal import Bar
from distributor.documents.logcsv import COLUMNS, cells

_SHOWN = 50
_QUIET = ("sent", "cancelled", "queued")


def tables(out: Console, document: Mapping[str, Any], *, zone: str, narrowed: bool = False) -> None:
    """Mailouts, then deliveries (troubled ones first), then events. `narrowed`: to a contact or a state."""
    if not document["mailouts"] and not document["events"]:
        hint(out, "Nothing was planned or sent yet. Begin with: distributor release add FILE")
        return
    if document["mailouts"]:
        one_release = document["reference"] is not None
        columns = ["mailout", f"due ({city(zone)})", "state", "deliveries", "first, last"]
        lines = [_mailout(mailout, zone=zone) for mailout in document["mailouts"]]
        names = [[] if one_release else [mailout["reference"]] for mailout in document["mailouts"]]
        columns = columns if one_release else ["reference", *columns]
        table(out, columns, [[*name, *line] for name, line in zip(names, lines, strict=True)])
    _deliveries(out, document["deliveries"])
    if narrowed and not document["deliveries"]:
        out.print("\nNo delivery fits what was asked for.")
    _events(out, document["events"], zone=zone)


def _mailout(mailout: Mapping[str, Any], *, zone: str) -> tuple[str, ...]:
    held = mailout["held"]
    counts = ", ".join(f"{number} {state}" for state, number in mailout["counts"].items())
    times = f"{mailout['first_ms']}–{mailout['last_ms']} ms" if mailout["first_ms"] is not None else ""
    state = f"{mailout['state']}, held: {held['reason']}" if held else mailout["state"]
    return f"{mailout['kind']} {mailout['wave']}".strip(), second(mailout["due"], zone), state, counts, times


def _deliveries(out: Console, found: list[dict[str, Any]]) -> None:
    if not found:
        return
    out.print()
    troubled = sorted(found, key=lambda one: one["state"] in _QUIET)
    table(
        out,
        ["address", "mailout", "state", ">tries", "last answer"],
        [_delivery(one) for one in troubled[:_SHOWN]],
    )
    if len(found) > _SHOWN:
        hint(
            out,
            f"{_SHOWN} of {len(found)} deliveries: --state, --contact, --csv or --json show the others",
        )


def _delivery(one: Mapping[str, Any]) -> tuple[object, ...]:
    last = one["attempts"][-1] if one["attempts"] else {}
    answer = f"{last.get('code') or ''} {last.get('text') or ''}".strip()
    return one["address"], f"{one['kind']} {one['wave']}".strip(), one["state"], tries(one), answer


def tries(delivery: Mapping[str, Any]) -> int:
    """How often it was tried: not what was handed back before anything was sent."""
    return sum(attempt["end"] != "handed_back" for attempt in delivery["attempts"])


def _events(out: Console, events: list[dict[str, Any]], *, zone: str) -> None:
    if not events:
        return
    out.print()
    heading(out, "Events")
    for event in events:
        words = f"{event['reference']} {event['kind']} by {event['actor']}"
        detail = f": {event['detail']}" if event["detail"] else ""
        detail += f" · {event['hash'][:12]}" if event["hash"] else ""
        hint(out, f"  {moment(event['at'], zone)}  {words}{detail}")


def to_csv(lines: Iterable[Mapping[str, Any]], *, to: Path, bar: Bar) -> int:
    """One row an attempt (one for a delivery without any); returns how many. "-" is stdout.

    A file begins with a byte order mark, so that Excel reads it as UTF-8.
    """
    if str(to) == "-":
        return _write(sys.stdout, lines, bar)
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        return _write(file, lines, bar)


def _write(file: TextIO, lines: Iterable[Mapping[str, Any]], bar: Bar) -> int:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    written = 0
    for line in lines:
        for row in cells(line):
            writer.writerow(row)
            written += 1
        bar.advance()
    return written
