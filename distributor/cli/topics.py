"""`topics tree`, `topics check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from distributor.cli.lists import folder_of
from distributor.cli.terminal import Terminal
from distributor.errors import NotFound

if TYPE_CHECKING:
    from rich.console import Console

    from distributor.model.topic import TopicTree
    from distributor.store.views.topics import Branch

app = typer.Typer(help="The topic tree.", no_args_is_help=True)

Dir = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Folder of topics.toml.")]


@app.command()
def tree(context: typer.Context) -> None:
    """The topics that releases are matched with, and the lists that follow each.

    Example: distributor topics tree
    """
    from distributor.store.views import topics

    terminal: Terminal = context.obj
    with terminal.system.store.read() as connection:
        branches = topics.branches(connection, publisher_id=terminal.system.publisher.id)
    language = terminal.system.publisher.language
    document = [_json(branch, language) for branch in branches]
    terminal.show(document, lambda out: _tree(out, branches, language=language))


def _json(branch: "Branch", language: str) -> dict[str, Any]:
    topic = branch.topic
    return {
        "id": topic.id,
        "parent": topic.parent,
        "label": topic.label(language),
        "aliases": list(topic.aliases),
        "lists": list(branch.lists),
    }


def _tree(out: "Console", branches: "list[Branch]", *, language: str) -> None:
    if not branches:
        out.print("No topics yet: write lists/topics.toml and run “distributor lists sync”.")
    for branch in branches:
        topic = branch.topic
        names = f" = {', '.join(topic.aliases)}" if topic.aliases else ""
        lists = f"  → {', '.join(branch.lists)}" if branch.lists else ""
        out.print(f"{'  ' * branch.depth}{topic.id}{names}  {topic.label(language)}{lists}", soft_wrap=True)


@app.command()
def check(context: typer.Context, folder: Dir = None) -> None:
    """Read topics.toml alone, without the database.

    Example: distributor topics check --dir lists
    """
    from distributor.cli.moments import count
    from distributor.documents import topicsfile

    terminal: Terminal = context.obj
    file = folder_of(terminal, folder) / topicsfile.NAME
    if not file.exists():
        raise NotFound("there is no topics.toml", where=str(file.parent), cure="Name its folder with --dir.")
    found: TopicTree = topicsfile.read(file)
    languages = sorted({language for topic in found.topics.values() for language in topic.labels})
    document = {"topics": len(found.topics), "languages": languages}
    said = f"{file}: {count(len(found.topics), 'topic')}, labels in {', '.join(languages) or 'no language'}."
    terminal.show(document, lambda out: out.print(said, soft_wrap=True))
