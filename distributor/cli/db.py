"""`db upgrade`, `db backup`."""

from pathlib import Path
from typing import Annotated

import typer

from distributor.cli.terminal import Terminal

app = typer.Typer(help="Upgrade or back up the database.", no_args_is_help=True)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to the schema of this program.

    Example: distributor db upgrade
    """
    from distributor.store import schema
    from distributor.store.database import open_any

    terminal: Terminal = context.obj
    store = open_any(terminal.installation.database_url)
    try:
        before, after = schema.upgrade(store)
    finally:
        store.close()
    said = "is up to date" if before == after else f"went from {before or 'nothing'} to {after}"
    terminal.show({"before": before, "after": after}, lambda out: out.print(f"The schema {said}."))


@app.command()
def backup(
    context: typer.Context, to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]
) -> None:
    """Copy the database while it is in use; the copy is marked and sends nothing until confirmed.

    Example: distributor db backup distributor-2030-03-04.db
    """
    from distributor.store import installation
    from distributor.store.database import open_existing

    terminal: Terminal = context.obj
    store = open_existing(terminal.installation.database_url)  # also one that is to be upgraded
    try:
        installation.backup(store, to=to)
    finally:
        store.close()
    terminal.show(
        {"file": str(to)},
        lambda out: out.print(
            f"Kept in {to}. Keep the secret file, config.toml, lists and templates with it."
        ),
    )
