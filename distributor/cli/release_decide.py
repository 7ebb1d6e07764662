"""`release approve hold resume cancel`: what officers decide."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.office.approve import Approval
    from distributor.office.stop import Resumed, Stopped


def approve(
    context: typer.Context,
    reference: options.Reference,
    seen: Annotated[
        str | None, typer.Option(metavar="HASH", help="Only what was shown with this hash (8 characters do).")
    ] = None,
) -> None:
    """Approve and plan what waits. An immediate release goes after a short time to undo.

    Example: distributor release approve 2030-0001 --seen 4f0c21aa
    """
    terminal: Terminal = context.obj
    approval, plan = approved(terminal, reference, seen=seen)
    terminal.show(
        {
            "reference": approval.reference,
            "revision": approval.revision,
            "hash": approval.hash,
            "recipients": approval.audience_size,
            "warnings": list(approval.warnings),
            "complete": approval.complete,
            "by": list(approval.by),
            "plan": plan,
        },
        lambda out: say_approved(out, approval, plan),
    )


def approved(terminal: Terminal, reference: str, *, seen: str | None) -> "tuple[Approval, dict[str, Any]]":
    """Approve and plan; returns the approval and the plan's document."""
    from distributor.cli import release_views
    from distributor.office.approve import approve as verb

    system = terminal.system
    system.require_secret()
    approval = verb(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        reference=reference,
        rules=system.rules,
        publisher=system.publisher,
        renderer=system.renderer,
        seen=seen,
    )
    system.plan()
    return approval, release_views.plan_of(terminal, reference)


def looked(terminal: Terminal, reference: str) -> "Approval":
    """What approval would bind now. Raises what it would raise."""
    from distributor.office.approve import look

    system = terminal.system
    return look(
        system.store,
        now=system.now(),
        reference=reference,
        rules=system.rules,
        publisher=system.publisher,
        renderer=system.renderer,
    )


def refuse_slips(terminal: Terminal, reference: str) -> None:
    """Without a person who looks, no advance copy goes at once because its time lies days back.

    Raises Refused; `release approve` is a person's word and does not ask this.
    """
    from distributor.cli import release_views

    slips = release_views.slips(terminal, reference)
    if slips:
        tier = slips[0]
        raise Refused(
            f"the time of the advance copy for {tier} passed more than a day ago, so it would go at once",
            where=reference,
            cure=f"Add it again with --advance {tier}=-24h or as you mean it, or approve it as it is.",
        )


def waits(terminal: Terminal, reference: str) -> bool:
    """True when a draft of it waits for approval."""
    from distributor.store import releases

    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    return release.waiting is not None and release.state == "open"


def say_approved(out: Console, approval: "Approval", plan: dict[str, Any]) -> None:
    """The waves and how to undo; or that a second officer has to look."""
    from distributor.cli import release_print, tables

    tables.warnings(out, (f"void: {name} had agreed to something else" for name in approval.void))
    if not approval.complete:
        out.print(f"{approval.by[0]} agreed: {approval.reference}, revision {approval.revision}.")
        again = f"release approve {approval.reference} --seen {approval.hash[:12]}"
        tables.hint(out, f"It waits for a second pair of eyes: distributor {again} --as OFFICER")
        return
    out.print(f"Approved: {approval.reference}, revision {approval.revision}, {approval.hash[:12]}")
    tables.warnings(out, approval.warnings)
    release_print.plan(out, plan)
    tables.hint(out, f"{_goes(plan)} Undo: distributor release cancel {approval.reference}")


def _goes(plan: dict[str, Any]) -> str:
    """What it takes until it goes."""
    if plan["copied"]:
        return "It goes after: distributor check --confirm-copy."
    if plan["held"]:
        return f"It is held, and goes after: distributor release resume {plan['reference']}."
    goes = "while “distributor run” runs"
    if all(mailout["kind"] == "advance" for mailout in plan["mailouts"]):
        copies = f"Advance copies go {goes}. " if plan["mailouts"] else ""
        return f"{copies}To everybody else it goes after: distributor release lift {plan['reference']}."
    return f"It goes {goes}."


def hold(
    context: typer.Context,
    reference: options.Reference,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why: it stands in the log and in todo.")],
    note: options.Note = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not tell those who have the text.")] = False,
) -> None:
    """Stop at once: nothing more of it goes out until resume. Whoever has the text is told to hold it.

    Example: distributor release hold 2030-0001 --reason "the vote is postponed"
    """
    from distributor.cli import release_told
    from distributor.office import stop

    terminal: Terminal = context.obj
    if not reason.strip():
        raise Refused("a hold needs a reason", where="--reason", cure="Say in a few words why.")
    system = terminal.system
    stopped = stop.hold(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        reference=reference,
        reason=reason.strip(),
        house=None if quiet else system.house,
        note=release_told.noted(note),
    )

    def human(out: Console) -> None:
        from distributor.cli import tables

        nothing = f"{reference} is held, but there was nothing to stop: {stopped.over}."
        out.print(nothing if stopped.over else f"Held: nothing more of {reference} goes out.")
        _say_under_way(out, stopped)
        if not quiet:
            release_told.say_told(out, stopped.told)
        tables.hint(out, f"Go on: distributor release resume {reference}")

    document = {"reference": reference, "under_way": stopped.under_way}
    terminal.show(document | release_told.told_document(stopped.told), human)


def resume(context: typer.Context, reference: options.Reference, note: options.Note = "") -> None:
    """Let a held release go on; one that is late by now goes at once. Whoever was told to hold it is told.

    Example: distributor release resume 2030-0001
    """
    from distributor.cli import release_print, release_told, release_views
    from distributor.office import stop

    terminal: Terminal = context.obj
    system = terminal.system
    resumed = stop.resume(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        reference=reference,
        house=system.house,
        note=release_told.noted(note),
    )
    plan = release_views.plan_of(terminal, reference)

    def human(out: Console) -> None:
        out.print(_goes_on(reference, resumed))
        if resumed.told.kind:
            release_told.say_told(out, resumed.told)
        release_print.plan(out, plan)

    document = {"reference": reference, "resumed": resumed.holds, "plan": plan}
    terminal.show(document | release_told.told_document(resumed.told), human)


def _goes_on(reference: str, resumed: "Resumed") -> str:
    if resumed.asks:
        again = f"When it may go: distributor release resume {reference}"
        return f"{reference} is held no more by an officer. It still waits: {resumed.asks}. {again}"
    if resumed.left.going:
        return f"{reference} goes on."
    why = "it waits for approval" if resumed.left.draft else resumed.over
    return f"{reference} is held no more, but nothing of it goes: {why}."


def cancel(context: typer.Context, reference: options.Reference, yes: options.Yes = False) -> None:
    """Cancel what is not sent yet; what was sent stays sent.

    Example: distributor release cancel 2030-0001 --yes
    """
    from distributor.office import stop

    terminal: Terminal = context.obj
    system = terminal.system
    sent = _sent(terminal, reference)
    if not terminal.ask(f"Cancel {reference}{_told(sent)}?", yes=yes):
        raise Refused("not cancelled", where=reference)
    stopped = stop.cancel(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        reference=reference,
        pseudonym=system.tokens.pseudonym,
    )
    sent = _sent(terminal, reference)  # more have it than when we asked

    def human(out: Console) -> None:
        from distributor.cli import tables

        out.print(f"Cancelled: what was not sent of {reference} is not sent{_told(sent)}.")
        _say_under_way(out, stopped)
        tables.hint(out, "To send it after all, add its documents again: distributor release add FILE")

    terminal.show({"reference": reference, "sent": sent, "under_way": stopped.under_way}, human)


def _told(sent: int) -> str:
    from distributor.cli.moments import count

    return f"; {count(sent, 'person has', 'people have')} it already" if sent else ""


def _sent(terminal: Terminal, reference: str) -> int:
    from distributor.model.notice import TEXTS
    from distributor.store import deliveries, mailouts, releases

    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        planned = mailouts.of_release(connection, release_id=release.id)
        texts = [one for one in planned if one.kind in TEXTS]
        return sum(deliveries.counts(connection, mailout_id=one.id).get("sent", 0) for one in texts)


def _say_under_way(out: Console, stopped: "Stopped") -> None:
    from distributor.cli.moments import count

    if stopped.under_way:
        some = count(stopped.under_way, "mail was", "mails were")
        out.print(f"{some} handed over just before: “distributor log” tells how it ended.")
