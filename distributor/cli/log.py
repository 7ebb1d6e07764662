"""`log`: what went to whom and when; as tables, JSON or CSV."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.store.views.log import Filter


def command(
    context: typer.Context,
    reference: Annotated[
        str | None, typer.Argument(metavar="REF", help="One release; else the latest.")
    ] = None,
    contact: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only to this address.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Since 24h, 2d, 2030-03-04 or 2030-03-04T11:00+01:00.")
    ] = None,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="Only deliveries in this state.")] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE|-", help="Every attempt as a row of a CSV file.")
    ] = None,
) -> None:
    """Mailouts, deliveries, attempts: what the relay said, when, to which bytes.

    Example: distributor log 2030-0001 --state rejected
    """
    from distributor.cli import log_print
    from distributor.cli.messages import message_id
    from distributor.store.views import log

    terminal: Terminal = context.obj
    system = terminal.system
    asked = _asked(terminal, reference, contact, since, state)
    with system.store.read() as connection:
        if csv is not None:
            if terminal.json:
                raise Refused("--csv and --json at once", cure="Choose one of them.")
            lines = log.deliveries(connection, asked, message_id=message_id(system))
            with terminal.progress("deliveries") as bar:
                rows = log_print.to_csv(lines, to=csv, bar=bar)
            terminal.note(f"{rows} rows" + ("" if str(csv) == "-" else f" in {csv}"))
            return
        document = log.document(connection, reference=reference, asked=asked, message_id=message_id(system))
    terminal.show(document, lambda out: log_print.tables(out, document, zone=system.rules.timezone))


def _asked(
    terminal: Terminal, reference: str | None, contact: str | None, since: str | None, state: str | None
) -> "Filter":
    from distributor.cli.since import instant
    from distributor.model.address import Address
    from distributor.store import releases
    from distributor.store.views.log import Filter

    system = terminal.system
    release = None
    if reference is not None:
        with system.store.read() as connection:
            release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    return Filter(
        publisher_id=system.publisher.id,
        release_id=release.id if release else None,
        address_key=Address.parse(contact, where="--contact").key if contact else None,
        state=_state(state) if state else None,
        since=instant(since, now=system.now(), zone=system.rules.timezone) if since else None,
    )


def _state(named: str) -> str:
    import difflib

    from distributor.policy.lifecycle import DeliveryState

    known = [state.value for state in DeliveryState]
    if named.lower() in known:
        return named.lower()
    close = difflib.get_close_matches(named.lower(), known, n=1)
    cure = f"Did you mean “{close[0]}”?" if close else f"States are {', '.join(known)}."
    raise Refused(f"there is no state “{named[:40]}”", where="--state", cure=cure)
