"""`release withdraw`: it must not be used any more."""

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli import release_told
from distributor.cli.terminal import Terminal
from distributor.errors import Refused


def withdraw(
    context: typer.Context, reference: options.Reference, note: options.Note = "", yes: options.Yes = False
) -> None:
    """Withdraw it for good: nothing more of it goes out, and whoever holds the text is told not to use it.

    Example: distributor release withdraw 2030-0001 --note "It was sent by mistake." --yes
    """
    from distributor.cli import tables
    from distributor.office import withdraw as verbs

    terminal: Terminal = context.obj
    system = terminal.system
    if not terminal.ask(f"Withdraw {reference} for good?", yes=yes):
        raise Refused("not withdrawn", where=reference)
    done = verbs.withdraw(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        reference=reference,
        house=terminal.system.house,
        note=release_told.noted(note),
    )

    def human(out: Console) -> None:
        out.print(f"Withdrawn: nothing more of {reference} goes out.")
        release_told.say_told(out, done.told)
        tables.warnings(out, done.warnings)

    document = {"reference": reference, "under_way": done.under_way, "warnings": list(done.warnings)}
    terminal.show(document | release_told.told_document(done.told), human)
