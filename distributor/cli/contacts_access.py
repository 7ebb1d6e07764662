"""`contacts grant revoke suspend reinstate strike export`: who may have text under embargo."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from distributor.cli.terminal import Terminal
from distributor.errors import NotFound, Refused

if TYPE_CHECKING:
    from distributor.office.access import Case

Who = Annotated[str, typer.Argument(metavar="ADDRESS", help="Her e-mail address.")]
Whom = Annotated[str | None, typer.Argument(metavar="ADDRESS", help="Her e-mail address.")]
Outlet = Annotated[str, typer.Option("--outlet", metavar="NAME", help="All who work for this outlet.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; people will ask.")]
Expires = Annotated[
    str | None, typer.Option("--expires", metavar="WHEN", help="Until when a strike counts; else a year.")
]


def grant(
    context: typer.Context,
    address: Who,
    tier: Annotated[str, typer.Option(metavar="TIER", help="Which advance copies she gets.")],
    criterion: Annotated[str, typer.Option(metavar="TEXT", help="By which criterion, in words to publish.")],
    terms: Annotated[str, typer.Option(metavar="VERSION", help="Which version of the terms she accepted.")],
    accepted: Annotated[str | None, typer.Option(metavar="DATE", help="When she did; else today.")] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="Its last day; else it has none.")] = None,
) -> None:
    """Let her have releases before their embargo ends. It stays whatever the list files say.

    Example: distributor contacts grant ada@example.org --tier agency --criterion "press card" --terms 2030-1
    """
    from distributor.office import access

    terminal: Terminal = context.obj
    case = _case(terminal, address=address)
    _remark(terminal, tier)
    granted = access.grant(
        terminal.system.store,
        case,
        tier=tier,
        criterion=criterion,
        terms=terms,
        accepted=_day(accepted) if accepted else _today(terminal, case.now),
        until=_end(terminal, until, now=case.now, where="--until") if until else None,
    )
    _say(terminal, address, f"{address} has embargo access as {granted.tier}.")


def revoke(context: typer.Context, address: Who, reason: Reason) -> None:
    """Take her embargo access back; no list file gives it again. The releases still reach her.

    Example: distributor contacts revoke ada@example.org --reason "has left the paper"
    """
    from distributor.office import access

    terminal: Terminal = context.obj
    access.revoke(terminal.system.store, _case(terminal, address=address), reason=reason)
    _say(terminal, address, f"{address} has no embargo access any more.")


def suspend(
    context: typer.Context,
    until: Annotated[str, typer.Option(metavar="WHEN", help="Its last day: 2030-06-30, or 90d.")],
    reason: Reason,
    address: Whom = None,
    outlet: Outlet = "",
    strike: Annotated[
        str | None, typer.Option("--strike", metavar="REF", help="The release whose embargo was broken.")
    ] = None,
    expires: Expires = None,
) -> None:
    """No advance copies for her, or for a whole outlet, until then. The releases still reach them.

    Example: distributor contacts suspend --outlet "The Quay" --until 30d --reason "broke it"
    """
    from distributor.office import access

    terminal: Terminal = context.obj
    case = _case(terminal, address=address, outlet=outlet)
    if expires and not strike:
        raise Refused("--expires belongs to --strike", cure="Name the release with --strike REF.")
    last = _end(terminal, until, now=case.now, where="--until")
    concerned = access.suspend(
        terminal.system.store,
        case,
        until=last,
        reason=reason,
        strike_of=strike,
        expires_at=_end(terminal, expires, now=case.now, where="--expires") if expires else None,
    )
    _suspended(terminal, case, until=last, concerned=concerned)


def reinstate(context: typer.Context, reason: Reason, address: Whom = None, outlet: Outlet = "") -> None:
    """End a suspension before its time.

    Example: distributor contacts reinstate ada@example.org --reason "it was the agency's fault"
    """
    from distributor.cli.moments import count
    from distributor.office import access

    terminal: Terminal = context.obj
    case = _case(terminal, address=address, outlet=outlet)
    ended = access.reinstate(terminal.system.store, case, reason=reason)
    document = {"address": address, "outlet": outlet or None, "ended": ended}
    terminal.show(
        document, lambda out: out.print(f"{count(ended, 'suspension')} of {address or outlet} ended.")
    )


def strike(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The release whose embargo was broken.")],
    address: Whom = None,
    outlet: Outlet = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What happened.")] = "",
    expires: Expires = None,
    reply: Annotated[str, typer.Option("--reply", metavar="TEXT", help="What they say to it.")] = "",
) -> None:
    """Record that an embargo was broken (--reason), or what she says to it (--reply).

    Example: distributor contacts strike 2030-0001 ada@example.org --reply "the copy came from elsewhere"
    """
    from distributor.office import access

    terminal: Terminal = context.obj
    case = _case(terminal, address=address, outlet=outlet)
    if not (reason or reply):
        raise Refused("nothing is said", where="contacts strike", cure="Say --reason, or --reply.")
    if reason:
        end = _end(terminal, expires, now=case.now, where="--expires") if expires else None
        access.strike(terminal.system.store, case, reference=reference, reason=reason, expires_at=end)
    if reply:
        access.reply(terminal.system.store, case, reference=reference, text=reply)
    document = {"address": address, "outlet": outlet or None, "reference": reference}
    said = "A strike is recorded" if reason else "What they say is noted"
    terminal.show(document, lambda out: out.print(f"{said}: {address or outlet}, {reference}."))


def export(
    context: typer.Context,
    access: Annotated[
        bool, typer.Option("--access", help="Criteria, terms and counts of embargo access; no names.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE|-", help="As a CSV file.")] = None,
) -> None:
    """By which criteria embargo access is given, and to how many: without names, to be published.

    Example: distributor contacts export --access --out access.csv
    """
    from distributor.cli import shown_access
    from distributor.store.views import access as view

    terminal: Terminal = context.obj
    if not access:
        raise Refused("what to export is not said", where="contacts export", cure="Say --access.")
    system = terminal.system
    with system.store.read() as connection:
        found = view.criteria(connection, publisher_id=system.publisher.id, now=system.now())
    if out is not None:
        shown_access.to_csv(found, to=out)
        return
    terminal.show(found, lambda console: shown_access.criteria(console, found))


def _case(terminal: Terminal, *, address: str | None, outlet: str = "") -> "Case":
    from distributor.office.access import Case

    system = terminal.system
    return Case(
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        pseudonym=system.tokens.pseudonym,
        address=address or "",
        outlet=outlet,
    )


def _end(terminal: Terminal, text: str, *, now: datetime, where: str) -> datetime:
    from distributor.policy import access

    return access.end(text, now=now, timezone=terminal.system.rules.timezone, where=where)


def _today(terminal: Terminal, now: datetime) -> date:
    from zoneinfo import ZoneInfo

    return now.astimezone(ZoneInfo(terminal.system.rules.timezone)).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            f"“{text[:40]}” is no day", where="--accepted", cure="Write it as 2030-03-04."
        ) from None


def _remark(terminal: Terminal, tier: str) -> None:
    """A tier that nobody has yet may be a slip."""
    import difflib

    from distributor.store.views import access

    with terminal.system.store.read() as connection:
        known = access.tiers(connection, publisher_id=terminal.system.publisher.id)
    if tier.strip().lower() not in known:
        close = difflib.get_close_matches(tier.strip().lower(), known, n=1)
        terminal.note(f"New tier “{tier[:40]}”." + (f" Did you mean “{close[0]}”?" if close else ""))


def _say(terminal: Terminal, address: str, text: str) -> None:
    """How she stands now; a suspension is not forgotten."""
    from distributor.cli import shown_contacts
    from distributor.model.address import Address
    from distributor.policy.access import day
    from distributor.store.views import contacts

    system = terminal.system
    wanted = Address.parse(address)
    with system.store.read() as connection:
        card = contacts.card(connection, publisher_id=system.publisher.id, address=wanted)
    if card is None:
        raise NotFound(f"nothing is known of {wanted.text}")
    document: dict[str, Any] = shown_contacts.card_json(card, now=system.now())
    terminal.show(document, lambda out: out.print(text))
    stops = (document["embargo_access"] or {}).get("suspended_until")
    if stops and not terminal.json:
        terminal.note(
            f"It is suspended until {day(stops, system.rules.timezone)}: distributor contacts show {address}"
        )


def _suspended(terminal: Terminal, case: "Case", *, until: datetime, concerned: int) -> None:
    from distributor.cli.moments import count, moment

    when = moment(until, terminal.system.rules.timezone)
    whom = f"{case.outlet} ({count(concerned, 'contact')})" if case.outlet else case.address
    document = {"address": case.address or None, "outlet": case.outlet or None, "until": until}
    terminal.show(
        document | {"contacts": concerned}, lambda out: out.print(f"{whom}: no advance copies until {when}.")
    )
