"""`release add`, `release send`: from documents to a draft, and the short way to a planned release."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal
from distributor.errors import DistributorError, Refused

if TYPE_CHECKING:
    from distributor.office.approve import Approval
    from distributor.pipeline.intake import Added
    from distributor.pipeline.proposal import Wishes


def add(
    context: typer.Context,
    files: options.Files,
    topics: options.Topics = None,
    lists: options.Lists = None,
    exclude: options.Exclude = None,
    embargo: options.Embargo = None,
    advance: options.Advance = None,
    at: options.At = None,
    language: options.Language = None,
    reference: options.Named = None,
    type: options.Type = None,
) -> None:
    """Take documents in as a draft. The same reference or bytes again: a new revision, with what changed.

    Example: distributor release add vote.en.md vote.fr.md --topics trade --embargo "2030-03-04 11:00 CET"
    """
    from distributor.cli import release_print, release_views, tables

    terminal: Terminal = context.obj
    added = _take_in(
        terminal,
        files,
        options.wishes(
            topics=topics,
            lists=lists,
            exclude=exclude,
            embargo=embargo,
            advance=advance,
            at=at,
            language=language,
            reference=reference,
            type=type,
        ),
    )
    approved = _approve_at_once(terminal, added.reference)
    look = release_views.shown(terminal, added.reference)
    look.document["warnings"] += _of_the_plan(terminal, added.reference)

    def human(out: Console) -> None:
        release_print.release(out, look.document, zone=terminal.system.rules.timezone)
        if not added.created:
            out.print("Nothing new: these documents were taken in before.")
        _changes(out, added.diff)
        tables.hint(out, _next(look.document, approved=approved is not None))

    terminal.show(look.document | {"created": added.created, "plan": approved}, human)


def send(
    context: typer.Context,
    files: options.Files,
    topics: options.Topics = None,
    lists: options.Lists = None,
    exclude: options.Exclude = None,
    embargo: options.Embargo = None,
    advance: options.Advance = None,
    at: options.At = None,
    language: options.Language = None,
    reference: options.Named = None,
    type: options.Type = None,
    yes: options.Yes = False,
) -> None:
    """The short way: add, look, one question, approve, plan.

    Example: distributor release send statement.md --topics trade --at "2030-03-04 11:00 Brussels time"
    """
    terminal: Terminal = context.obj
    added = _take_in(
        terminal,
        files,
        options.wishes(
            topics=topics,
            lists=lists,
            exclude=exclude,
            embargo=embargo,
            advance=advance,
            at=at,
            language=language,
            reference=reference,
            type=type,
        ),
    )
    _send(terminal, added, yes=yes)


def _take_in(terminal: Terminal, files: Sequence[Path], wishes: "Wishes") -> "Added":
    from distributor import documents
    from distributor.pipeline import intake

    system = terminal.system
    return intake.add(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        rules=system.rules,
        publisher=system.publisher,
        drafts=[documents.read(file) for file in files],
        wishes=wishes,
    )


def _approve_at_once(terminal: Terminal, reference: str) -> dict[str, Any] | None:
    """Where no approval is required, a draft that can go is approved and planned; else it says why not."""
    from distributor.cli import release_decide

    if terminal.system.rules.approval_required or not release_decide.waits(terminal, reference):
        return None
    try:
        release_decide.refuse_slips(terminal, reference)
        _, plan = release_decide.approved(terminal, reference, seen=None)
    except Refused as refusal:
        terminal.note(f"Kept as a draft. {refusal}")
        return None
    return plan


def _send(terminal: Terminal, added: "Added", *, yes: bool) -> None:
    from distributor.cli import release_decide, release_print, release_views, tables
    from distributor.cli.moments import count

    zone = terminal.system.rules.timezone
    seen = _looked(terminal, added.reference, yes=yes)
    look = release_views.shown(terminal, added.reference)
    plan = release_views.plan_of(terminal, added.reference)
    audience = release_views.audience_of(terminal, added.reference)
    numbers = {name: len(audience[name]) for name in ("recipients", "excluded")}
    if not terminal.json:
        release_print.release(terminal.out, look.document, zone=zone)
        _changes(terminal.out, added.diff)
        terminal.out.print()
        release_print.plan(terminal.out, plan)
        tables.hint(
            terminal.out,
            f"{count(numbers['recipients'], 'recipient')}, {numbers['excluded']} do not get it:"
            f" distributor release audience {added.reference}",
        )
    if not _agreed(terminal, added.reference, numbers["recipients"], yes=yes):
        raise Refused(
            "not sent; it is kept as a draft",
            where=added.reference,
            cure=f"“distributor release approve {added.reference}” sends it later.",
        )
    approval, plan = release_decide.approved(terminal, added.reference, seen=seen.hash)
    look = release_views.shown(terminal, added.reference)
    terminal.show(
        look.document | {"audience": numbers, "plan": plan},
        lambda out: release_decide.say_approved(out, approval, plan),
    )


def _of_the_plan(terminal: Terminal, reference: str) -> list[str]:
    """What is wrong with the waves of a draft."""
    from distributor.cli import release_decide, release_views

    if not release_decide.waits(terminal, reference):
        return []
    plan = release_views.plan_of(terminal, reference)
    return [*plan["warnings"], *(f"skipped: {reason}" for reason in plan["skipped"])]


def _looked(terminal: Terminal, reference: str, *, yes: bool) -> "Approval":
    """What approval would bind. What cannot go is kept as a draft, and that is said."""
    from distributor.cli import release_decide

    try:
        if yes:
            release_decide.refuse_slips(terminal, reference)
        return release_decide.looked(terminal, reference)
    except DistributorError as error:
        if not release_decide.waits(terminal, reference):
            raise
        raise _kept(error, reference) from None


def _agreed(terminal: Terminal, reference: str, recipients: int, *, yes: bool) -> bool:
    from distributor.cli.moments import count

    try:
        return terminal.ask(f"Approve {reference} for {count(recipients, 'recipient')}?", yes=yes)
    except Refused as error:
        raise _kept(error, reference) from None


def _kept(error: DistributorError, reference: str) -> DistributorError:
    """The same refusal; it says that the draft is there."""
    cure = f"{error.cure} {reference} is kept as a draft.".lstrip()
    return type(error)(error.what, where=error.where, cure=cure)


def _changes(out: Console, lines: Sequence[str]) -> None:
    from rich.text import Text

    from distributor.cli.moments import clean

    if lines:
        out.print("Against the revision before:")
    for line in lines:
        out.print(Text(clean(line), style="red" if line.startswith("-") else "green"))


def _next(document: dict[str, Any], *, approved: bool) -> str:
    reference = document["reference"]
    if approved:
        undo = f"Undo: distributor release cancel {reference}"
        return f"Approved and planned, as no approval is required here. {undo}"
    if document["state"] != "draft":
        return f"Look: distributor release show {reference}"
    return f"Next: distributor release preview {reference}, then distributor release approve {reference}"
