"""`release list show preview audience plan`: looking, changing nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from distributor.cli import release_options as options
from distributor.cli.terminal import Terminal

_NEWEST = 30


def listing(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help=f"Not only the newest {_NEWEST}.")] = False,
) -> None:
    """The newest releases and where each stands.

    Example: distributor release list
    """
    from distributor.cli import release_print, tables
    from distributor.store.views import releases

    terminal: Terminal = context.obj
    system = terminal.system
    limit = None if everything else _NEWEST
    with system.store.read() as connection:
        found = releases.listing(connection, publisher_id=system.publisher.id, limit=limit)

    def human(out: Console) -> None:
        if not found:
            tables.hint(out, "No release yet. Begin with: distributor release add FILE")
            return
        zone = system.rules.timezone
        columns = ["reference", "headline", "lang", "state", "when"]
        tables.table(out, columns, [_line(one, zone=zone) for one in found])
        if len(found) == limit:
            tables.hint(out, "The newest only: --all shows the others.")

    def _line(one: dict[str, Any], *, zone: str) -> tuple[str, ...]:
        languages = " ".join(one["languages"])
        state = release_print.state(one, zone=zone)
        return one["reference"], one["headline"], languages, state, _when(one, zone=zone)

    terminal.show(found, human)


def _when(one: dict[str, Any], *, zone: str) -> str:
    from distributor.cli import release_print
    from distributor.cli.moments import moment

    due = [mailout["due"] for mailout in one["mailouts"] if mailout["kind"] == "release"]
    if due and one["state"] != "draft":
        return moment(due[-1], zone)
    if one["send_at"]:
        return moment(one["send_at"], zone)
    return release_print.embargo(one, zone=zone).removeprefix("until ") if one["embargo"] else "immediate"


def show(context: typer.Context, reference: options.Reference) -> None:
    """A release as it was read, how it is to be sent, and where it stands.

    Example: distributor release show 2030-0001
    """
    from distributor.cli import release_print, release_views, tables
    from distributor.cli.moments import clean

    terminal: Terminal = context.obj
    look = release_views.shown(terminal, reference)

    def human(out: Console) -> None:
        release_print.release(out, look.document, zone=terminal.system.rules.timezone)
        release_print.texts(out, look.document)
        if look.document["diff"]:
            out.print("\nAgainst the revision before:")
            for line in look.document["diff"]:
                out.print(f"  {clean(line)}")
        tables.hint(out, f"\nHash: {(look.document['hash'] or 'none')[:12]}")

    terminal.show(look.document, human)


def preview(
    context: typer.Context,
    reference: options.Reference,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")] = Path("preview"),
) -> None:
    """Write each mail as html, txt and eml: the proof, or what was approved. For your eyes until it is out.

    Example: distributor release preview 2030-0001 --out preview
    """
    from distributor.cli import preview_files
    from distributor.cli.moments import count
    from distributor.cli.tables import hint, warnings
    from distributor.office.preview import preview as verb

    terminal: Terminal = context.obj
    system = terminal.system
    pulled = verb(
        system.store,
        now=system.now(),
        reference=reference,
        rules=system.rules,
        publisher=system.publisher,
        renderer=system.renderer,
    )
    files = preview_files.write(pulled, folder=out)
    document = {
        "reference": pulled.reference,
        "revision": pulled.revision,
        "approved": pulled.approved,
        "hash": pulled.hash,
        "folder": str(out.resolve()),
        "files": [file.name for file in files],
        "warnings": list(pulled.warnings),
    }

    def human(console: Console) -> None:
        console.print(f"{count(len(files), 'file')} in {out.resolve()}")
        warnings(console, pulled.warnings)
        if pulled.approved:
            console.print(f"Approved: {pulled.hash}")
        else:
            hint(console, f"Approve this: distributor release approve {reference} --seen {pulled.hash[:12]}")

    terminal.show(document, human)


def audience(
    context: typer.Context,
    reference: options.Reference,
    on_list: Annotated[str | None, typer.Option("--list", metavar="NAME", help="Only by this list.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Only who gets this version.")] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="All recipients, however many; else the first.")
    ] = False,
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="ADDRESS", help="She gets it too; several by commas or by repetition."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="ADDRESS", help="She does not get it; several likewise."),
    ] = None,
) -> None:
    """Who gets it and why, who does not and why: counted, and the first of them by name.

    With --add and --exclude it is a new draft revision, to be approved.

    Example: distributor release audience 2030-0001 --list trade
    """
    from distributor.cli import release_print, release_views
    from distributor.store import lists

    terminal: Terminal = context.obj
    system = terminal.system
    if on_list is not None:
        with system.store.read() as connection:
            (on_list,) = lists.require(
                connection, publisher_id=system.publisher.id, names=[on_list], where="--list"
            )
    if add or exclude:
        _choose(terminal, reference, add or (), exclude or ())
    document = release_views.audience_of(terminal, reference)
    if language is not None:
        release_views.require_version(terminal, reference, language.lower())
    document["recipients"] = [
        person
        for person in document["recipients"]
        if (on_list is None or any(reason["list"] == on_list for reason in person["reasons"]))
        and (language is None or person["language"] == language.lower())
    ]

    def human(out: Console) -> None:
        release_print.audience(out, document, zone=system.rules.timezone, everybody=everybody)

    terminal.show(document, human)


def _choose(terminal: Terminal, reference: str, add: Sequence[str], exclude: Sequence[str]) -> None:
    from distributor.model.address import Address
    from distributor.office import people

    def named(texts: Sequence[str], option: str) -> list[Address]:
        parts = (part.strip() for text in texts for part in text.split(","))
        return [Address.parse(part, where=option) for part in parts if part]

    terminal.allow("release add")
    system = terminal.system
    chosen = people.choose(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher=system.publisher,
        reference=reference,
        add=named(add, "--add"),
        leave_out=named(exclude, "--exclude"),
    )
    terminal.note(f"Revision {chosen.revision} of {reference} says so; it waits for approval.")


def plan(context: typer.Context, reference: options.Reference) -> None:
    """Its waves: instants in the configured zones, sizes, states. Before approval, what would be planned.

    Example: distributor release plan 2030-0001
    """
    from distributor.cli import release_print, release_views, tables

    terminal: Terminal = context.obj
    document = release_views.plan_of(terminal, reference)

    def human(out: Console) -> None:
        release_print.plan(out, document)
        if not document["planned"]:
            tables.hint(out, f"Nothing is planned yet: distributor release approve {reference}")

    terminal.show(document, human)
