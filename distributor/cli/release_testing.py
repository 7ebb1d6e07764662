"""`release test`: a real mail, marked TEST, to a few named addresses."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.model.release import Release
    from distributor.office.test_copy import Copy


def send_test(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="REF|FILE", help="A release, or a document.")],
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS", help="Who gets the test copy.")],
    language: options.Language = None,
) -> None:
    """Send a copy marked TEST. Before publication only to test_addresses and contacts with embargo access.

    Example: distributor release test 2030-0001 press@example.org
    """
    from distributor.cli.tables import hint, table
    from distributor.model.address import Address
    from distributor.office import test_copy

    terminal: Terminal = context.obj
    system = terminal.system
    release = _release(terminal, what)
    people = {address.key: address for address in (Address.parse(text) for text in addresses)}
    copies = test_copy.send(
        system.store,
        actor=terminal.actor,
        now=system.now,
        release=release,
        revision=release.waiting or release.in_force or release.latest,
        addresses=list(people.values()),
        language=language.lower() if language else None,
        house=system.test_house,
        mailer=system.mailer(),
    )

    def human(out: Console) -> None:
        table(out, ["address", "lang", "", "relay", "said"], [_line(copy) for copy in copies])
        if not system.config.relays:
            hint(out, f"No relay is configured: it lies in {system.config.path(system.config.paths.outbox)}")

    terminal.show({"reference": release.reference, "copies": [_document(copy) for copy in copies]}, human)
    refused = [copy.address for copy in copies if not copy.accepted]
    if refused:
        raise Refused(f"not accepted for {', '.join(refused)}", where=release.reference)


def _release(terminal: Terminal, what: str) -> "Release":
    from distributor.store import releases

    system = terminal.system
    with system.store.read() as connection:
        release = releases.find(connection, publisher_id=system.publisher.id, reference=what)
        if release is None and not (Path(what).exists() or Path(what).suffix or "/" in what):
            return releases.get(connection, publisher_id=system.publisher.id, reference=what)
    return release or _of_document(terminal, Path(what))


def _of_document(terminal: Terminal, file: Path) -> "Release":
    """The release that `release add` would make of it; nothing is stored."""
    from distributor import documents
    from distributor.model.release import Release
    from distributor.pipeline.proposal import Wishes, propose

    system, now = terminal.system, terminal.system.now()
    draft = documents.read(file)
    with system.store.read() as connection:
        proposal = propose(
            connection, [draft], Wishes(), now=now, rules=system.rules, publisher=system.publisher
        )
    return Release(
        id=0,
        publisher_id=system.publisher.id,
        reference=proposal.reference or "TEST",
        type=proposal.type,
        state="open",
        embargo=proposal.sending.embargo,
        created_at=now,
        revisions=(proposal.draft(number=1, at=now, by=terminal.actor),),
    )


def _line(copy: "Copy") -> tuple[str, ...]:
    said = f"{copy.reply.code or ''} {copy.reply.text}".strip()
    return copy.address, copy.language, "sent" if copy.accepted else "not sent", copy.reply.relay, said


def _document(copy: "Copy") -> dict[str, Any]:
    reply = copy.reply
    facts = {"relay": reply.relay, "code": reply.code, "enhanced": reply.enhanced, "text": reply.text}
    return {"address": copy.address, "language": copy.language, "sent": copy.accepted, **facts}
