"""`release copy`: the real thing to a few more, after its audience was taken."""

from typing import Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal
from distributor.errors import Refused


def copy(
    context: typer.Context,
    reference: options.Reference,
    addresses: Annotated[list[str] | None, typer.Argument(metavar="ADDRESS", help="Who gets it too.")] = None,
    added: Annotated[
        bool, typer.Option("--added", help="Everybody who was added since its audience was taken.")
    ] = False,
    yes: options.Yes = False,
) -> None:
    """Send the real thing to more people. Before the embargo only to contacts with embargo access.

    Example: distributor release copy 2030-0001 late@example.org
    """
    from distributor.cli import tables
    from distributor.cli.moments import count
    from distributor.model.address import Address
    from distributor.office import copies

    terminal: Terminal = context.obj
    system = terminal.system
    system.require_secret()
    if bool(addresses) == added:
        raise Refused("it goes to addresses, or with --added to all who came since", where="release copy")
    place: dict[str, Any] = {"reference": reference, "house": system.house}
    if added:
        people = copies.added(system.store, now=system.now(), **place)
        if people and not terminal.ask(
            f"Send {reference} to {count(len(people), 'person', 'people')} added since?", yes=yes
        ):
            raise Refused("not sent", where=reference)
        done = copies.send_added(system.store, actor=terminal.actor, now=system.now(), **place)
    else:
        named = {one.key: one for one in map(Address.parse, addresses or [])}
        done = copies.send(
            system.store, actor=terminal.actor, now=system.now(), addresses=list(named.values()), **place
        )

    def human(out: Console) -> None:
        out.print(f"{reference} goes to {count(len(done.addresses), 'more address', 'more addresses')}.")
        tables.hint(out, f"Follow it: distributor log {reference}")

    terminal.show({"reference": reference, "addresses": list(done.addresses)}, human)
