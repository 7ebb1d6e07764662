"""`release correct`: another text in the place of one that has begun to go out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli import release_told
from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.model.draft import Draft
    from distributor.model.release import Release


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
        house=terminal.system.house,
        tell=not minor,
        note=release_told.noted(note),
    )

    def human(out: Console) -> None:
        if not done.complete:
            release_told.say_waits(out, done.by, f"release correct {reference}{' --minor' if minor else ''}")
            return
        out.print(f"Corrected: {reference}, revision {done.revision}, {done.hash[:12]}")
        if done.held:
            tables.warnings(out, [f"it is held, and goes after: distributor release resume {reference}"])
        release_told.say_told(out, done.told)
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
    terminal.show(document | release_told.told_document(done.told), human)


def _proposed(terminal: Terminal, reference: str, files: Sequence[Path]) -> "tuple[list[Draft], Release]":
    """The documents to take in, and the release with the draft that they would be: nothing is stored yet."""
    from distributor import documents
    from distributor.office import correct as verbs
    from distributor.pipeline import correction

    system = terminal.system
    verbs.require_somebody(system.store, publisher_id=system.publisher.id, reference=reference)
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
    verbs.look(system.store, actor=actor, now=now, release=release, house=terminal.system.house, tell=tell)
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
