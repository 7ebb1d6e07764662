"""`contacts show`, `why`, `suppress`, `unsuppress`: one person, by her address.

Embargo access has its verbs in `contacts_access`.
"""

from typing import Annotated

import typer

from distributor.cli import contacts_access as access
from distributor.cli import shown_contacts as shown
from distributor.cli.terminal import Terminal
from distributor.errors import NotFound

app = typer.Typer(help="One person: show, why, suppress; and embargo access.", no_args_is_help=True)
for verb in (access.grant, access.revoke, access.suspend, access.reinstate, access.strike, access.export):
    app.command()(verb)

Who = Annotated[str, typer.Argument(metavar="ADDRESS", help="Her e-mail address.")]
Reason = Annotated[str, typer.Option(help="Why; people will ask.")]


@app.command()
def show(context: typer.Context, address: Who) -> None:
    """Who a contact is: lists, standing, embargo access and its history.

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
    now, zone = terminal.system.now(), terminal.system.rules.timezone
    terminal.show(shown.card_json(card, now=now), lambda out: shown.card(out, card, now=now, zone=zone))


@app.command()
def why(
    context: typer.Context,
    address: Who,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The release's reference.")],
) -> None:
    """Whether a release goes to her, and why, or why not.

    Example: distributor contacts why anna@example.org 2030-0042
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
            now=terminal.system.now(),
            zone=terminal.system.rules.timezone,
        )
    terminal.show(shown.why_json(found), lambda out: shown.why(out, found))


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
