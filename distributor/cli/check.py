"""`check`: is everything there that sending needs? One line each: ok, warn or fail, and the cure.

What is looked at is in `checks`; here it is run, shown, and turned into an exit code.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from distributor.cli.terminal import Terminal
from distributor.errors import DistributorError, Refused

if TYPE_CHECKING:
    from distributor.cli.findings import Finding
    from distributor.config import Config

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def command(
    context: typer.Context,
    confirm_copy: Annotated[
        bool,
        typer.Option(
            "--confirm-copy", help="This copy of a database, with the secret here, is the one that sends now."
        ),
    ] = False,
    confirm_clock: Annotated[
        bool,
        typer.Option("--confirm-clock", help="The clock jumped ahead, and is right as it goes now."),
    ] = False,
) -> None:
    """Check config, database, topics, lists, templates, relay, unsubscribe, sender, dkim, alerts, clock.

    Example: distributor check
    """
    terminal: Terminal = context.obj
    if confirm_copy:
        _confirm_copy(terminal)
    if confirm_clock:
        _confirm_clock(terminal)
    with terminal.progress("Checking"):
        findings = list(_findings(terminal.installation))
    terminal.show([finding.document() for finding in findings], lambda out: _print(out, findings))
    failed = list(dict.fromkeys(finding.name for finding in findings if finding.status == "fail"))
    if failed:
        raise Refused(f"{', '.join(failed)} failed", where="check", cure="The cure stands beside it.")


def _confirm_copy(terminal: Terminal) -> None:
    from distributor.office.original import confirm

    system = terminal.system
    changed = confirm(system.store, actor=terminal.actor, now=system.now(), mark=system.tokens.mark)
    terminal.note("This database sends from now on." if changed else "This database was no copy.")


def _confirm_clock(terminal: Terminal) -> None:
    from distributor.office.clock import confirm

    system = terminal.system
    changed = confirm(system.store, actor=terminal.actor, now=system.now())
    terminal.note("The clock is believed from now on." if changed else "Nobody doubts the clock.")


def _findings(config: "Config") -> Iterator["Finding"]:
    """All findings; a check that is refused is one."""
    from distributor.cli.checks import ALL, NEED_DATABASE
    from distributor.cli.findings import Subject, refusal

    subject = Subject(config)
    without: tuple[str, ...] = ()
    with closing(subject):
        for name, look in ALL.items():
            if name in without:
                continue
            try:
                yield from look(subject)
            except (DistributorError, OSError) as error:
                yield refusal(name, error)
                without = NEED_DATABASE if name == "database" else without


def _print(out: Console, findings: "list[Finding]") -> None:
    for finding in findings:
        line = Text(f"{finding.status:5}", style=_STYLES[finding.status])
        line.append(f"{finding.name}: {finding.detail}", style="default")
        out.print(line, soft_wrap=True)
        if finding.cure:
            out.print(Text(f"      {finding.cure}", style="dim"), soft_wrap=True)
