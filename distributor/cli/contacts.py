"""`contacts show`, `why`, `suppress`, `unsuppress`: one person, by her address."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from distributor.cli.terminal import Terminal
from distributor.errors import NotFound

if TYPE_CHECKING:
    from rich.console import Console

    from distributor.store.views.contacts import Card, Mailing, Why

app = typer.Typer(help="One person: show, why, suppress.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="ADDRESS", help="Her e-mail address.")]
Reason = Annotated[str, typer.Option(help="Why; people will ask.")]


@app.command()
def show(context: typer.Context, address: Who) -> None:
    """Who she is, her lists, her standing.

    Example: distributor contacts show anna@example.org
    """
    from distributor.model.address import Address
    from distributor.store.views import contacts

    terminal: Terminal = context.obj
    wanted = Address.parse(address)
    with terminal.system.store.read() as connection:
        card = contacts.card(connection, publisher_id=terminal.system.publisher.id, address=wanted)
    if card is None:
        raise NotFound(
            f"nothing is known of {wanted.text}", cure="“distributor lists show NAME” lists members."
        )
    terminal.show(_card_json(card), lambda out: _card(out, card))


def _card_json(card: "Card") -> dict[str, Any]:
    contact, silent = card.contact, card.suppression
    person = contact.person if contact else None
    access = contact.access if contact else None
    names = "name first_name last_name outlet medium role country phone source note".split()  # noqa: SIM905
    return {
        "address": card.address,
        **{name: getattr(person, name) if person else "" for name in names},
        "languages": list(person.languages) if person else [],
        "extra": dict(person.extra) if person else {},
        "standing": contact.standing.value if contact else None,
        "standing_at": card.standing_at,
        "standing_reason": card.standing_reason,
        "embargo_access": access
        and {"tier": access.tier, "granted_by": access.granted_by, "criterion": access.criterion},
        "suppression": silent and {"reason": silent.reason, "at": silent.at, "by": silent.by},
        "lists": [
            {"name": m.list.name, "title": m.list.title, "topics": list(m.topics)} for m in card.memberships
        ],
    }


def _card(out: "Console", card: "Card") -> None:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, value in _card_lines(card):
        if value:
            table.add_row(name, value)
    out.print(table)


def _card_lines(card: "Card") -> list[tuple[str, str]]:
    contact, silent = card.contact, card.suppression
    lines = [("address", card.address)]
    if contact:
        person = contact.person
        lines += [
            ("name", person.name),
            ("outlet", " · ".join(text for text in (person.outlet, person.role, person.country) if text)),
            ("languages", " ".join(person.languages)),
            ("phone", person.phone),
            ("note", person.note),
            ("standing", _standing(card)),
        ]
        if contact.access:
            lines.append(("embargo access", f"{contact.access.tier} ({contact.access.criterion})"))
    if silent:
        lines.append(("suppressed", f"{silent.at:%Y-%m-%d} by {silent.by}: {silent.reason}"))
    for membership in card.memberships:
        only = f", follows only {', '.join(membership.topics)}" if membership.topics else ""
        lines.append(("list", f"{membership.list.shown}{only}"))
    return lines


def _standing(card: "Card") -> str:
    standing = card.contact.standing.value if card.contact else ""
    since = f" since {card.standing_at:%Y-%m-%d}" if card.standing_at else ""
    return f"{standing}{since}{': ' if card.standing_reason else ''}{card.standing_reason}"


@app.command()
def why(
    context: typer.Context,
    address: Who,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The release's reference.")],
) -> None:
    """Whether a release goes to her, and why, or why not.

    Example: distributor contacts why anna@example.org 2026-0042
    """
    from distributor.model.address import Address
    from distributor.store.views import contacts

    terminal: Terminal = context.obj
    with terminal.system.store.read() as connection:
        found = contacts.why(
            connection,
            publisher=terminal.system.publisher,
            address=Address.parse(address),
            reference=reference,
        )
    terminal.show(_why_json(found), lambda out: _why(out, found))


def _why_json(found: "Why") -> dict[str, Any]:
    from distributor.model.audience import Recipient

    verdict = found.verdict
    document: dict[str, Any] = {
        "reference": found.reference,
        "revision": found.revision,
        "address": verdict.address,
        "receives": isinstance(verdict, Recipient),
        "mailouts": [_mailing_json(mailing) for mailing in found.mailings],
    }
    if not isinstance(verdict, Recipient):
        return document | {"reason": verdict.reason}
    reasons = [{"list": r.list, "topic": r.topic, "covers": r.covers} for r in verdict.reasons]
    return document | {"language": verdict.language, "tier": verdict.tier, "reasons": reasons}


def _mailing_json(mailing: "Mailing") -> dict[str, Any]:
    return {"mailout": mailing.kind, "wave": mailing.wave, "due": mailing.due, "state": mailing.state}


def _why(out: "Console", found: "Why") -> None:
    from distributor.model.audience import Recipient

    verdict = found.verdict
    if isinstance(verdict, Recipient):
        out.print(f"{verdict.address} gets {found.reference} in “{verdict.language}”:", soft_wrap=True)
        for reason in verdict.reasons:
            out.print(f"  {_in_words(reason.list, reason.topic, reason.covers)}", soft_wrap=True)
    else:
        out.print(f"{verdict.address} does not get {found.reference}: {verdict.reason}.", soft_wrap=True)
    for mailing in found.mailings:
        wave = f" to {mailing.wave}" if mailing.wave else ""
        due = f", {mailing.due:%Y-%m-%d %H:%M:%S} UTC" if mailing.due else ""
        out.print(f"  {mailing.kind}{wave}{due}: {mailing.state or 'not yet prepared'}", soft_wrap=True)


def _in_words(name: str | None, topic: str | None, covers: str | None) -> str:
    if name is None:
        return "the release names her address"
    if topic is None:
        return f"the release names the list {name}, and she is on it"
    return f"list {name} follows {topic}, which covers {covers}"


@app.command()
def suppress(context: typer.Context, address: Who, reason: Reason) -> None:
    """Never mail this address, be it a contact or not; no list file brings it back.

    Example: distributor contacts suppress anna@example.org --reason "asked by phone"
    """
    from distributor.office import silence

    terminal: Terminal = context.obj
    new = silence.suppress(
        terminal.system.store,
        actor=terminal.actor,
        now=terminal.system.now(),
        publisher_id=terminal.system.publisher.id,
        address=address,
        reason=reason,
        pseudonym=terminal.system.tokens.pseudonym,
    )
    said = "is suppressed" if new else "was suppressed already"
    terminal.show(
        {"address": address, "suppressed": True, "changed": new}, lambda out: out.print(f"{address} {said}.")
    )


@app.command()
def unsuppress(context: typer.Context, address: Who, reason: Reason) -> None:
    """Let this address be mailed again; who unsubscribed or paused herself stays so.

    Example: distributor contacts unsuppress anna@example.org --reason "address works again"
    """
    from distributor.office import silence

    terminal: Terminal = context.obj
    standing = silence.unsuppress(
        terminal.system.store,
        actor=terminal.actor,
        now=terminal.system.now(),
        publisher_id=terminal.system.publisher.id,
        address=address,
        reason=reason,
        pseudonym=terminal.system.tokens.pseudonym,
    )
    document = {"address": address, "suppressed": False, "standing": standing.value if standing else None}
    said = f"; her standing is {standing.value}" if standing else ""
    terminal.show(document, lambda out: out.print(f"{address} is not suppressed any more{said}."))
