"""`lists sync`, `export`, `show`, `check`: list files and the database.

Files are read and compared before anything is asked, and nothing is written before that is answered.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from distributor.cli import shown_lists as shown
from distributor.cli.terminal import Terminal
from distributor.errors import NotFound, Refused

if TYPE_CHECKING:
    from distributor.documents.listfiles import Folder
    from distributor.model.contact import ListFile
    from distributor.model.listdiff import ListDiff
    from distributor.model.topic import TopicTree

app = typer.Typer(help="Lists of contacts: sync with files, show, export, check.", no_args_is_help=True)

Dir = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Folder of the list files.")]


@app.command()
def sync(
    context: typer.Context,
    folder: Dir = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree without being asked.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the diff, change nothing.")] = False,
    allow_gone: Annotated[
        int, typer.Option(min=0, metavar="N", help="Off a terminal: let up to N memberships go.")
    ] = 0,
) -> None:
    """Bring the list files into the database: shows what would change, asks, changes it all at once.

    Who unsubscribed, paused or was suppressed stays silent. When more than a fifth of the memberships would
    go it asks even with --yes. Rows that are refused are left out, and named at the end.

    Example: distributor lists sync --dir lists --yes
    """
    from distributor.office import sync as verb

    terminal: Terminal = context.obj
    store, publisher = terminal.system.store, terminal.system.publisher.id
    found = _read(terminal, folder)
    diff = verb.compare(store, publisher_id=publisher, files=found.lists, tree=found.topics)
    if dry_run or diff.empty or not terminal.json:
        terminal.show(shown.diff_json(diff), lambda out: shown.diff(out, diff, notes=found.notes))
    if dry_run or diff.empty:
        _end(terminal, diff)
        return
    allowed = _agree(terminal, diff, yes=yes, allow_gone=allow_gone)
    with terminal.progress("Writing contacts", total=verb.size(diff)) as bar:
        done = verb.sync(
            store,
            actor=terminal.actor,
            now=terminal.system.now(),
            publisher_id=publisher,
            files=found.lists,
            tree=found.topics,
            shown=diff,
            allow_gone=allowed,
            done=bar.advance,
        )
    if terminal.json:
        terminal.show(shown.diff_json(done), lambda _: None)
    _end(terminal, done, "Done")


def _end(terminal: Terminal, diff: "ListDiff", *said: str) -> None:
    """The last word: what was left out, which the document has by itself."""
    last = ", but ".join([*said, *([shown.left_out(diff)] if diff.refused else [])])
    if last and not terminal.json:
        terminal.note(f"{last}.")


def _agree(terminal: Terminal, diff: "ListDiff", *, yes: bool, allow_gone: int) -> int:
    """How many memberships may go. Raises Refused when the answer is no."""
    if diff.many_gone and diff.counts.gone > allow_gone and sys.stdin.isatty():
        question = f"{diff.counts.gone} of {diff.before} memberships would go. Is that meant?"
        agreed = terminal.ask(question)
        allow_gone = diff.counts.gone
    else:
        agreed = terminal.ask("Change the database accordingly?", yes=yes)
    if not agreed:
        raise Refused("nothing was changed", where="lists sync")
    return allow_gone


@app.command()
def check(context: typer.Context, folder: Dir = None) -> None:
    """Read the files alone, without the database; fails when a row is refused.

    Example: distributor lists check --dir lists
    """
    terminal: Terminal = context.obj
    found = _read_alone(terminal, folder)
    terminal.show(shown.check_json(found), lambda out: shown.check(out, found))
    refused = sum(len(one.refused) for one in found.lists)
    if refused:
        raise Refused(
            f"{refused} {'row is' if refused == 1 else 'rows are'} refused",
            where=str(found.path),
            cure="Mend them; “lists sync” goes on without them.",
        )


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One list, with its members.")] = None,
) -> None:
    """All lists with their sizes, or one list with its members.

    Example: distributor lists show trade
    """
    from distributor.store.views import lists

    terminal: Terminal = context.obj
    publisher = terminal.system.publisher.id
    with terminal.system.store.read() as connection:
        if name is None:
            sizes = lists.sizes(connection, publisher_id=publisher)
            terminal.show([shown.size_json(size) for size in sizes], lambda out: shown.sizes(out, sizes))
            return
        size, people = lists.members(connection, publisher_id=publisher, name=name)
    document = shown.size_json(size) | {"contacts": [shown.listed_json(person) for person in people]}
    terminal.show(document, lambda out: shown.members(out, size, people))


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Folder to write into.")],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this list.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace files that are there.")] = False,
) -> None:
    """Write lists as NAME.toml and NAME.csv (and all of them with topics.toml): a sync changes nothing.

    Example: distributor lists export --dir copy-of-lists
    """
    from distributor.documents import listwriting
    from distributor.store import publishers, topics
    from distributor.store.views import lists

    terminal: Terminal = context.obj
    with terminal.system.store.read() as connection:
        found = lists.files(connection, publisher_id=terminal.system.publisher.id)
        whole = name is None and publishers.is_first(connection, id=terminal.system.publisher.id)
        tree = topics.tree(connection) if whole else None
    chosen = found if name is None else [_named(name, found)]
    there = [file.name for file in listwriting.files(chosen, tree=tree, folder=folder) if file.exists()]
    if there and not terminal.ask(f"Replace {', '.join(there)} in {folder}?", yes=yes):
        raise Refused("nothing was written", where=str(folder))
    written = listwriting.write(chosen, tree=tree, folder=folder)
    terminal.show([str(file) for file in written], lambda out: shown.written(out, written))


def _named(name: str, found: "list[ListFile]") -> "ListFile":
    for one in found:
        if one.name.casefold() == name.strip().casefold():
            return one
    raise NotFound(f"there is no list “{name}”", cure="“distributor lists show” names them all.")


def _read(terminal: Terminal, folder: Path | None) -> "Folder":
    """The folder's lists; where it has no topics.toml the database's topics count."""
    from distributor.documents.listfiles import read_folder
    from distributor.store import topics

    with terminal.system.store.read() as connection:
        known = topics.tree(connection)
    return read_folder(folder_of(terminal, folder), known=known)


def _read_alone(terminal: Terminal, folder: Path | None) -> "Folder":
    from distributor.documents.listfiles import read_folder

    return read_folder(folder_of(terminal, folder), known=_topics_of_all(terminal))


def _topics_of_all(terminal: Terminal) -> "TopicTree | None":
    """For a further publisher the first one's topics, as its file says."""
    from distributor.documents import topicsfile

    first = terminal.config.lists_of(terminal.config.publisher.id)
    file = first / topicsfile.NAME
    return topicsfile.read(file) if terminal.lists != first and file.is_file() else None


def folder_of(terminal: Terminal, folder: Path | None) -> Path:
    """The folder named on the command line, else the configured one."""
    return folder or terminal.lists
