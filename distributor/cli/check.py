"""`check`: is everything there that sending needs? One line each: ok, warn or fail, and the cure.

What is looked at is in `checks`; here it is run, shown, and turned into an exit code.
"""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from distributor.cli.checks import ALL, Finding, Status, refusal
from distributor.cli.terminal import Terminal
from distributor.errors import DistributorError

_STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}


def command(
    context: typer.Context,
    confirm_copy: Annotated[
        bool, typer.Option("--confirm-copy", help="This copy of a database is the one that sends now.")
    ] = False,
) -> None:
    """Check config, database, topics, lists, templates, relay, unsubscribe, sender, clock.

    Example: distributor check
    """
    terminal: Terminal = context.obj
    if confirm_copy:
        _confirm_copy(terminal)
    with terminal.progress("Checking"):
        findings = list(_findings(terminal))
    terminal.show([finding.document() for finding in findings], lambda out: _print(out, findings))
    if any(finding.status is Status.FAIL for finding in findings):
        raise typer.Exit(1)


def _confirm_copy(terminal: Terminal) -> None:
    from distributor.store import installation

    was_copy = installation.confirm(terminal.system.store)
    terminal.note("This database sends from now on." if was_copy else "This database was no copy.")


def _findings(terminal: Terminal) -> Iterator[Finding]:
    """A check that is refused is a finding; only a wrong config ends it all."""
    for name, look in ALL.items():
        try:
            yield from look(terminal)
        except DistributorError as error:
            yield refusal(name, error)
            if name == "config":
                return


def _print(out: Console, findings: list[Finding]) -> None:
    for finding in findings:
        line = Text(f"{finding.status:5}", style=_STYLES[finding.status])
        line.append(f"{finding.name}: {finding.detail}", style="default")
        out.print(line, soft_wrap=True)
        if finding.cure:
            out.print(Text(f"      {finding.cure}", style="dim"), soft_wrap=True)
