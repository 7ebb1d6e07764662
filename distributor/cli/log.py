"""`log`: what went to whom and when; as tables, JSON or CSV. `log verify` is in `log_verify`."""

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
        str | None, typer.Argument(metavar="REF|verify", help="One release, else the latest; or the proof.")
    ] = None,
    contact: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only to this address.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Since 24h, 2d, 2030-03-04 or 2030-03-04T11:00+01:00.")
    ] = None,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="Only deliveries in this state.")] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE|-", help="Every attempt as a row of a CSV file.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Watch the release go until it is over, then the log.")
    ] = False,
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="With verify: a head that was kept elsewhere.")
    ] = None,
) -> None:
    """Mailouts, deliveries, attempts: what the relay said, when, to which bytes.

    “log verify” proves that the log is as it was written and that each delivery's state follows from it.

    Example: distributor log 2030-0001 --state rejected
    """
    from distributor.cli import log_print, log_verify
    from distributor.cli.messages import message_id
    from distributor.cli.moments import count
    from distributor.store.views import log

    terminal: Terminal = context.obj
    if reference == log_verify.NAME:
        if follow or any(narrowing is not None for narrowing in (contact, since, state, csv)):
            raise Refused("it proves the whole log", where="log verify", cure="Leave the other flags out.")
        log_verify.verify(terminal, head=head)
        return
    if head is not None:
        raise Refused("--head belongs to “log verify”", cure="distributor log verify --head HASH")
    system = terminal.system
    asked = _asked(terminal, reference, contact, since, state)
    if follow:
        _follow(terminal, asked)
    with system.store.read() as connection:
        if csv is not None:
            if terminal.json:
                raise Refused("--csv and --json at once", cure="Choose one of them.")
            lines = log.deliveries(connection, asked, message_id=message_id(system))
            with terminal.progress("deliveries") as bar:
                rows = log_print.to_csv(lines, to=csv, bar=bar)
            terminal.note(count(rows, "row") + ("" if str(csv) == "-" else f" in {csv}"))
            return
        document = log.document(connection, reference=reference, asked=asked, message_id=message_id(system))
    narrowed = bool(contact or state)
    terminal.show(
        document, lambda out: log_print.tables(out, document, zone=system.rules.timezone, narrowed=narrowed)
    )


def _follow(terminal: Terminal, asked: "Filter") -> None:
    from distributor.cli import live

    if asked.release_id is None:
        raise Refused("one release can be followed", where="--follow", cure="distributor log REF --follow")
    live.follow(terminal, asked)


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
