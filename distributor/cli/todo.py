"""`todo`: what needs a person, each with the command that answers it."""

from typing import Any

import typer
from rich.console import Console

from distributor.cli.terminal import Terminal


def command(context: typer.Context) -> None:
    """What needs a person: approvals, held with reason, doubt, late ones.

    Example: distributor todo
    """
    from distributor.cli import tables
    from distributor.store.views import todo

    terminal: Terminal = context.obj
    system = terminal.system
    system.watch_clock()
    system.find_doubt()
    with system.store.read() as connection:
        asked: dict[str, Any] = {"rules": system.rules, "now": system.now()}
        found = todo.document(connection, publisher_id=system.publisher.id, **asked)
        known = todo.by_itself(connection, publisher_id=system.publisher.id, **asked)

    def human(out: Console) -> None:
        if not found:
            tables.hint(out, "Nothing needs you. A new release begins with: distributor release add FILE")
        if found and system.whole:
            tables.hint(out, f"These commands are for --publisher {system.publisher.id}.")
        _say(out, found, zone=system.rules.timezone)
        if known:
            tables.hint(out, "\nFor your information; nobody is asked:")
            _say(out, known, zone=system.rules.timezone)

    terminal.show(found, human)


def _say(out: Console, entries: list[dict[str, Any]], *, zone: str) -> None:
    from distributor.cli import tables
    from distributor.cli.moments import moment

    for one in entries:
        reference = f"{one['reference']} " if one["reference"] else ""
        tables.heading(out, f"{reference}{one['what']}")
        tables.hint(out, f"  since {moment(one['since'], zone)}\n  {one['answer']}")
