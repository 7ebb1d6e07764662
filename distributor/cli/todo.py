"""`todo`: what needs a person, each with the command that answers it."""

import typer
from rich.console import Console

from distributor.cli.terminal import Terminal


def command(context: typer.Context) -> None:
    """What needs a person: approvals, held with reason, doubt, late ones.

    Example: distributor todo
    """
    from distributor.cli import tables
    from distributor.cli.moments import moment
    from distributor.store.views import todo

    terminal: Terminal = context.obj
    system = terminal.system
    system.watch_clock()
    system.find_doubt()
    with system.store.read() as connection:
        found = todo.document(
            connection, publisher_id=system.publisher.id, rules=system.rules, now=system.now()
        )

    def human(out: Console) -> None:
        if not found:
            tables.hint(out, "Nothing needs you. A new release begins with: distributor release add FILE")
        for one in found:
            reference = f"{one['reference']} " if one["reference"] else ""
            tables.heading(out, f"{reference}{one['what']}")
            since = moment(one["since"], system.rules.timezone)
            tables.hint(out, f"  since {since}\n  {one['answer']}")

    terminal.show(found, human)
