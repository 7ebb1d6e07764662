"""`doubt list settle resend`: deliveries whose relay's answer is not known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal

if TYPE_CHECKING:
    from typing import Literal

app = typer.Typer(help="Deliveries whose relay's answer is not known.", no_args_is_help=True)

One = Annotated[str | None, typer.Argument(metavar="ADDRESS", help="Only this one; else all of the release.")]


@app.command("list")
def listing(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is settled: how, when, by whom.")
    ] = False,
) -> None:
    """What may have gone out unseen; dead senders are looked for first, so it is complete after a crash.

    Example: distributor doubt list --all
    """
    from distributor.cli import tables
    from distributor.cli.messages import message_id
    from distributor.store.views import doubt

    terminal: Terminal = context.obj
    system = terminal.system
    system.find_doubt()
    with system.store.read() as connection:
        found = doubt.listing(
            connection,
            publisher_id=system.publisher.id,
            message_id=message_id(system),
            settled=everything,
        )

    def human(out: Console) -> None:
        if not found:
            tables.hint(out, "No doubt." if everything else "No doubt. --all shows what was settled.")
            return
        columns = ["address", "reference", "mailout", "since", "settled"][: 5 if everything else 4]
        lines = [_line(one, zone=system.rules.timezone)[: len(columns)] for one in found]
        tables.table(out, columns, lines)
        if any(one["settled"] is None for one in found):
            tables.hint(
                out, "Answer: distributor doubt resend REF, or doubt settle REF --sent|--cancelled|--log FILE"
            )

    terminal.show(found, human)


def _line(one: dict[str, Any], *, zone: str) -> tuple[str, ...]:
    from distributor.cli.moments import moment

    settled = one["settled"]
    how = f"{settled['how']}, {settled['by']}, {moment(settled['at'], zone)}" if settled else "open"
    mailout = f"{one['kind']} {one['wave']}".strip()
    return one["address"], one["reference"], mailout, moment(one["since"], zone), how


@app.command()
def settle(
    context: typer.Context,
    reference: Annotated[
        str | None, typer.Argument(metavar="REF", help="The release's reference; with --log, else all.")
    ] = None,
    address: One = None,
    sent: Annotated[bool, typer.Option("--sent", help="It went out.")] = False,
    cancelled: Annotated[bool, typer.Option("--cancelled", help="It did not, and shall not.")] = False,
    log: Annotated[
        list[Path] | None,
        typer.Option(
            "--log", metavar="FILE|-", help="A log of the relay (Postfix), also .gz; repeat for several."
        ),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="With --log: the zone of times without one, else ours.")
    ] = None,
) -> None:
    """Say what became of them: --sent or --cancelled; or let the relay's log say it.

    What the log proves is marked; what it does not follows after_crash.

    Example: distributor doubt settle 2030-0001 --log /var/log/mail.log
    """
    if [sent, cancelled, bool(log)].count(True) != 1:
        raise typer.BadParameter("say one of --sent, --cancelled and --log FILE", ctx=context)
    if zone and not log:
        raise typer.BadParameter("--zone belongs to --log", ctx=context)
    if log:
        from distributor.cli import doubt_log

        doubt_log.settle(context.obj, files=log, zone=zone, reference=reference, address=address)
        return
    if reference is None:
        raise typer.BadParameter("name the release: REF", ctx=context)
    _settle(context.obj, reference, address, "sent" if sent else "cancelled")


@app.command()
def resend(context: typer.Context, reference: options.Reference, address: One = None) -> None:
    """Send them again, with the same Message-ID: somebody may get it twice, nobody goes without.

    Example: distributor doubt resend 2030-0001
    """
    _settle(context.obj, reference, address, "resend")


def _settle(
    terminal: Terminal, reference: str, address: str | None, outcome: "Literal['resend', 'sent', 'cancelled']"
) -> None:
    from distributor.cli.moments import count
    from distributor.office import doubt

    system = terminal.system
    system.find_doubt()
    settled = doubt.settle(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        reference=reference,
        address=address,
        outcome=outcome,
        pseudonym=system.tokens.pseudonym,
    )
    words = "sent again" if outcome == "resend" else f"settled as {outcome}"
    said = count(settled, f"delivery is {words}", f"deliveries are {words}")
    terminal.show(
        {"reference": reference, "settled": settled, "outcome": outcome},
        lambda out: out.print(f"{said}."),
    )
