"""`release unreached`: who must be phoned, and who was."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal
from distributor.errors import Refused

_COLUMNS = ("address", "name", "outlet", "phone", "what", "why")


def unreached(
    context: typer.Context,
    reference: options.Reference,
    told: Annotated[
        list[str] | None,
        typer.Option(
            "--told", metavar="ADDRESS", help="You have phoned this one. Several by commas or by repetition."
        ),
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="With --told, for the log: whom you spoke to.")
    ] = "",
) -> None:
    """Who was to have the text or a notice, and cannot be reached by mail: with phone numbers.

    With --told they are ticked off, and `todo` asks for them no more.

    Example: distributor release unreached 2030-0001 --told jo@example.org --note "spoke to her desk"
    """
    terminal: Terminal = context.obj
    ticked = _tick(terminal, reference, told, note=note) if told is not None else 0
    if told is None and note:
        raise Refused(
            "says nothing without --told", where="--note", cure="Name who was told: --told ADDRESS."
        )
    found = _found(terminal, reference)

    def human(out: Console) -> None:
        _show(out, found, ticked=ticked, zone=terminal.system.rules.timezone)

    terminal.show({"reference": reference, "unreached": found, "ticked": ticked}, human)


def _tick(terminal: Terminal, reference: str, told: Sequence[str], *, note: str) -> int:
    from distributor.office import phone

    terminal.allow("release unreached told")
    system = terminal.system
    return phone.told(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        reference=reference,
        addresses=[part.strip() for text in told for part in text.split(",") if part.strip()],
        pseudonym=system.tokens.pseudonym,
        note=note,
    )


def _found(terminal: Terminal, reference: str) -> list[dict[str, Any]]:
    from distributor.store import releases
    from distributor.store.views import unreached as view

    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        return view.of_release(connection, release_id=release.id)


def _show(out: Console, found: Sequence[Mapping[str, Any]], *, ticked: int, zone: str) -> None:
    from distributor.cli import tables
    from distributor.cli.moments import count

    left = [one for one in found if one["told"] is None]
    if ticked:
        out.print(f"{count(ticked, 'person', 'people')} told by phone, {len(left)} left.")
    if not found:
        tables.hint(out, "Everybody was reached, as far as we know.")
    if left:
        tables.table(out, _COLUMNS, [[one[key] for key in _COLUMNS] for one in left])
    if len(left) < len(found):
        done = [_done(one, zone=zone) for one in found if one["told"] is not None]
        tables.table(out, ["told by phone", "name", "what", "by", "at", "note"], done)


def _done(one: Mapping[str, Any], *, zone: str) -> tuple[object, ...]:
    from distributor.cli.moments import moment

    told = one["told"]
    return one["address"], one["name"], one["what"], told["by"], moment(told["at"], zone), told["note"]
