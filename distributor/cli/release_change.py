"""`release embargo lift correct withdraw`: changes of what is under way, and who is told of them."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.model.draft import Draft
    from distributor.model.embargo import Embargo
    from distributor.model.release import Release
    from distributor.office.embargo import Changed
    from distributor.office.notices import House, Told


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
        house=house(terminal),
        note=noted(note),
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
        house=house(terminal),
        note=noted(note),
    )
    if changed.complete:
        system.prepare()
        system.open_due()
    _show(terminal, changed, warnings=changed.warnings)


def correct(
    context: typer.Context,
    reference: options.Reference,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE", readable=False, help="The corrected documents; none: the draft that waits."
        ),
    ] = None,
    minor: Annotated[
        bool,
        typer.Option("--minor", help="Do not tell those who have the text: nothing of weight is changed."),
    ] = False,
    note: options.Note = "",
    yes: options.Yes = False,
) -> None:
    """Correct a text that has begun to go out: whoever holds it gets the new one, whoever waits that alone.

    Topics, lists, waves and embargo stay as they are. Example: distributor release correct 2030-0001 new.md
    """
    from distributor.cli import tables
    from distributor.office import correct as verbs

    terminal: Terminal = context.obj
    system = terminal.system
    system.require_secret()
    drafts, release = _proposed(terminal, reference, files or ())
    _ask_with_diff(terminal, release, minor=minor, yes=yes)
    if drafts:
        _take_in(terminal, release, drafts, tell=not minor)
    done = verbs.correct(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        reference=reference,
        house=house(terminal),
        tell=not minor,
        note=noted(note),
    )

    def human(out: Console) -> None:
        if not done.complete:
            _say_waits(out, done.by, f"release correct {reference}{' --minor' if minor else ''}")
            return
        out.print(f"Corrected: {reference}, revision {done.revision}, {done.hash[:12]}")
        if done.held:
            tables.warnings(out, [f"it is held, and goes after: distributor release resume {reference}"])
        say_told(out, done.told)
        tables.warnings(out, done.warnings)

    document = {
        "reference": reference,
        "revision": done.revision,
        "hash": done.hash,
        "complete": done.complete,
        "by": list(done.by),
        "held": done.held,
        "under_way": done.under_way,
        "warnings": list(done.warnings),
    }
    terminal.show(document | told_document(done.told), human)


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
        house=house(terminal),
        note=noted(note),
    )

    def human(out: Console) -> None:
        out.print(f"Withdrawn: nothing more of {reference} goes out.")
        say_told(out, done.told)
        tables.warnings(out, done.warnings)

    document = {"reference": reference, "under_way": done.under_way, "warnings": list(done.warnings)}
    terminal.show(document | told_document(done.told), human)


def house(terminal: Terminal) -> "House":
    """Whose notices they are."""
    return terminal.system.house


def noted(note: str) -> str:
    """What is said to journalists, on one line. Raises HeaderError."""
    from distributor.model.headertext import one_line

    return one_line(note, where="--note") if note.strip() else ""


def told_document(told: "Told") -> dict[str, Any]:
    return {
        "notice": told.kind or None,
        "told": told.told,
        "unreached": [asdict(one) for one in told.unreached],
    }


def say_told(out: Console, told: "Told") -> None:
    """How many are told, and who must be phoned."""
    from distributor.cli import tables
    from distributor.cli.moments import count

    if not told.kind:
        tables.hint(out, "Nobody is told of it.")
        return
    out.print(f"{count(told.told, 'holder')} of the text: the notice goes before all other mail.")
    if told.unreached:
        tables.warnings(out, ["these hold the text and get no mail from us: phone them"])
        lines = [
            (one.phone or "no number", one.name or one.address, one.outlet, one.reason)
            for one in told.unreached
        ]
        tables.table(out, ["phone", "who", "outlet", "why"], lines)


def _show(terminal: Terminal, changed: "Changed", *, warnings: Sequence[str]) -> None:
    from distributor.cli import release_print, release_views, tables
    from distributor.office.embargo import told_as

    plan = release_views.plan_of(terminal, changed.reference)
    zone = terminal.system.rules.timezone

    def human(out: Console) -> None:
        if not changed.complete:
            _say_waits(out, changed.by, "the same")
            return
        out.print(f"The embargo of {changed.reference} was: {told_as(changed.before, zone)}")
        out.print(f"It is: {told_as(changed.after, zone)}")
        say_told(out, changed.told)
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
    terminal.show(document | told_document(changed.told), human)


def _say_waits(out: Console, by: Sequence[str], again: str) -> None:
    from distributor.cli import tables

    out.print(f"{by[0]} agreed; nothing is changed yet.")
    tables.hint(out, f"It waits for a second pair of eyes: {again} --as OFFICER")


def _written(embargo: "Embargo") -> dict[str, Any]:
    from distributor.store.views.releases import written

    return {"embargo": written(embargo), "expected": embargo.expected}


def _proposed(terminal: Terminal, reference: str, files: Sequence[Path]) -> "tuple[list[Draft], Release]":
    """The documents to take in, and the release with the draft that they would be: nothing is stored yet."""
    from distributor import documents
    from distributor.pipeline import correction

    system = terminal.system
    drafts = [documents.read(file) for file in files]
    found = correction.look(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        rules=system.rules,
        publisher=system.publisher,
        reference=reference,
        drafts=drafts,
    )
    return drafts if found.new else [], found.release


def _take_in(terminal: Terminal, release: "Release", drafts: "Sequence[Draft]", *, tell: bool) -> None:
    """Store the draft. What could not be corrected with it is refused before: then it is not kept."""
    from distributor.office import correct as verbs
    from distributor.pipeline import correction, intake

    system, actor, now = terminal.system, terminal.actor, terminal.system.now()
    verbs.look(system.store, actor=actor, now=now, release=release, house=house(terminal), tell=tell)
    intake.add(
        system.store,
        actor=actor,
        now=now,
        drafts=drafts,
        wishes=correction.wishes(release.reference),
        rules=system.rules,
        publisher=system.publisher,
    )


def _ask_with_diff(terminal: Terminal, release: "Release", *, minor: bool, yes: bool) -> None:
    from distributor.cli.moments import clean
    from distributor.store.views.releases import changes

    if release.waiting and not yes:
        for line in changes(release, zone=terminal.system.rules.timezone):
            terminal.note(f"  {clean(line)}")
    telling = "without telling those who have it" if minor else "and tell those who have it"
    if not terminal.ask(f"Correct {release.reference} {telling}?", yes=yes):
        raise Refused("not corrected", where=release.reference)
