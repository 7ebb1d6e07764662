"""`release report`: one page for whoever answers for a release; or, with --at, who had it at an instant."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from distributor.store.database import Connection


def report(
    context: typer.Context,
    reference: options.Reference,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WHEN", help="Who had it then: “2030-03-02 14:02 Brussels time”."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The page, else REF.report.html; with --at a CSV file."),
    ] = None,
) -> None:
    """How it went, as one page: reached by country, outlet, medium; how fast; why not; the notices.

    Before the embargo ends the page does not name the headline. With --at: who had been handed a copy at
    that instant and who may have been, and who was told by phone, with the rows of the log that prove it.

    Example: distributor release report 2030-0001 --out report.html
    """
    if at is None:
        _page(context.obj, reference, out=out or Path(f"{reference}.report.html"))
    else:
        _evidence(context.obj, reference, at=at, out=out)


def _page(terminal: Terminal, reference: str, *, out: Path) -> None:
    from distributor.cli import private, report_page, report_print
    from distributor.cli.tables import hint
    from distributor.resources import shipped
    from distributor.store import releases
    from distributor.store.views import report as view
    from distributor.web.pages import Pages

    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        document = view.document(connection, release, now=system.now())
    own = system.config.path(system.config.paths.templates) / "web"
    html = report_page.page(document, system=system, pages=Pages([own, shipped("templates") / "web"]))
    private.keep(out, html.encode())

    def human(console: Console) -> None:
        report_print.summary(console, document, zone=system.rules.timezone)
        hint(console, f"\nThe page: {out.resolve()}")

    terminal.show(document | {"file": str(out.resolve())}, human)


def _evidence(terminal: Terminal, reference: str, *, at: str, out: Path | None) -> None:
    from distributor.cli import private, report_print
    from distributor.cli.moments import count

    system = terminal.system
    instant = _instant(terminal, at)
    with system.store.read() as connection:
        document = _document(connection, terminal, reference, instant)
    if out is not None:
        with private.text(out, encoding="utf-8-sig") as file:  # so that Excel reads it as UTF-8
            rows = report_print.to_csv(file, document)
        terminal.note(f"{count(rows, 'row')} in {out}")
    terminal.show(
        document, lambda console: report_print.evidence(console, document, zone=system.rules.timezone)
    )


def _instant(terminal: Terminal, text: str) -> "datetime":
    """Raises EmbargoError, Refused when it is still to come."""
    from distributor.policy.embargo import parse_moment

    rules, now = terminal.system.rules, terminal.system.now()
    found = parse_moment(text, now=now, timezone=rules.timezone, cet_is_brussels=rules.cet_is_brussels)
    if found > now:
        raise Refused(
            f"“{text[:60]}” is still to come", where="--at", cure="Name an instant that has passed."
        )
    return found


def _document(
    connection: "Connection", terminal: Terminal, reference: str, instant: "datetime"
) -> dict[str, Any]:
    from distributor.policy.possession import Grip
    from distributor.store import log, releases
    from distributor.store.views import possession, unreached

    publisher = terminal.system.publisher.id
    release = releases.get(connection, publisher_id=publisher, reference=reference)
    copies = possession.at(connection, release_id=release.id, instant=instant)
    return {
        "reference": release.reference,
        "at": instant,
        "made": terminal.system.now(),
        "published": release.published_at,
        "had": [copy.document() for copy in copies[Grip.HAD]],
        "may_have_it": [copy.document() for copy in copies[Grip.MAY]],
        "phoned": unreached.calls(connection, release_id=release.id, until=instant),
        "head": log.last(connection, name=log.OFFICE).hash or None,
    }
