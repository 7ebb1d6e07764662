"""`release embargo`, `release lift`: another time for what is under embargo."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli import release_told
from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.model.embargo import Embargo
    from distributor.office.embargo import Changed


def embargo(
    context: typer.Context,
    reference: options.Reference,
    when: Annotated[
        str, typer.Argument(metavar="WHEN", help="“2030-03-02 12:00 Brussels time”, or “until lifted”.")
    ],
    note: options.Note = "",
) -> None:
    """Move the embargo, earlier or later. Whoever holds the text is told the new time and the old one.

    Example: distributor release embargo 2030-0001 "2030-03-02 12:00 Brussels time"
    """
    from distributor.office import embargo as verbs
    from distributor.policy.embargo import parse

    terminal: Terminal = context.obj
    system = terminal.system
    rules, now = system.rules, system.now()
    reading = parse(when, now=now, timezone=rules.timezone, cet_is_brussels=rules.cet_is_brussels)
    changed = verbs.move(
        system.store,
        actor=terminal.actor,
        now=now,
        reference=reference,
        embargo=reading.embargo,
        house=terminal.system.house,
        note=release_told.noted(note),
    )
    _show(terminal, changed, warnings=(*reading.remarks, *changed.warnings))


def lift(
    context: typer.Context, reference: options.Reference, note: options.Note = "", yes: options.Yes = False
) -> None:
    """Lift the embargo: the release goes to everybody now, and whoever holds the text is told.

    Example: distributor release lift 2030-0001 --yes
    """
    from distributor.office import embargo as verbs

    terminal: Terminal = context.obj
    system = terminal.system
    system.require_secret()
    if not terminal.ask(f"Lift the embargo of {reference} now, for everybody?", yes=yes):
        raise Refused("not lifted", where=reference)
    changed = verbs.lift(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        reference=reference,
        house=terminal.system.house,
        note=release_told.noted(note),
    )
    if changed.complete:
        system.prepare()
        system.open_due()
    _show(terminal, changed, warnings=changed.warnings)


def _show(terminal: Terminal, changed: "Changed", *, warnings: Sequence[str]) -> None:
    from distributor.cli import release_print, release_views, tables
    from distributor.office.embargo import told_as

    plan = release_views.plan_of(terminal, changed.reference)
    zone = terminal.system.rules.timezone

    def human(out: Console) -> None:
        if not changed.complete:
            release_told.say_waits(out, changed.by, "the same")
            return
        out.print(f"The embargo of {changed.reference} was: {told_as(changed.before, zone)}")
        out.print(f"It is: {told_as(changed.after, zone)}")
        release_told.say_told(out, changed.told)
        release_print.plan(out, plan)
        tables.warnings(out, (f"skipped: {reason}" for reason in changed.skipped))
        tables.warnings(out, warnings)

    document = {
        "reference": changed.reference,
        **_written(changed.after),
        "was": _written(changed.before),
        "hash": changed.hash,
        "complete": changed.complete,
        "by": list(changed.by),
        "under_way": changed.under_way,
        "skipped": list(changed.skipped),
        "warnings": list(warnings),
        "plan": plan,
    }
    terminal.show(document | release_told.told_document(changed.told), human)


def _written(embargo: "Embargo") -> dict[str, Any]:
    from distributor.store.views.releases import written

    return {"embargo": written(embargo), "expected": embargo.expected}
