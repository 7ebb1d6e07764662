"""`demo`: the whole pipeline in a fresh folder, against a mail catcher on this machine.

Real parts throughout: the folder it leaves is an installation like any other, with its log. It exits 0
only when every delivery arrived (or was cancelled, because that address had its advance copy) and nothing
came early.
"""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from distributor.cli.terminal import Terminal
from distributor.errors import Refused
from distributor.resources import copy_lists, shipped

if TYPE_CHECKING:
    from distributor.wire.catcher import Catcher

OFFICER = "demo-officer"

_CONFIG = """\
# Written by “distributor demo”. Its relay is a catcher that lives as long as the demo.
[publisher]
id = "demo"
name = "Northbridge Office"
address = "press@example.org"
unsubscribe_mailbox = "unsubscribe@example.org"
postal_address = "1 Quay Street, 1000 Brussels"

[schedule]
min_advance_lead = "0s"

[relays.catcher]
host = "127.0.0.1"
port = {port}
tls = "none"
connections = 4
"""


@dataclass(frozen=True)
class Scene:
    """Where the demo plays: its folder, a terminal on that folder's installation, the catcher."""

    folder: Path
    terminal: Terminal
    catcher: "Catcher"


def command(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A new folder; default distributor-demo.")
    ] = None,
    lift_in: Annotated[
        int,
        typer.Option("--lift-in", min=1, max=3600, metavar="SECONDS", help="How far ahead the embargo is."),
    ] = 10,
) -> None:
    """Run the whole pipeline in a fresh folder, with a built-in mail catcher.

    Example: distributor demo
    """
    from distributor.cli import demo_show
    from distributor.wire.catcher import Catcher

    outer: Terminal = context.obj
    home = _fresh(folder)
    with Catcher(home / "inboxes") as catcher:
        _furnish(home, port=catcher.port)
        terminal = Terminal(config_file=home / "config.toml", as_json=outer.json, officer=OFFICER)
        scene = Scene(home, terminal, catcher)
        try:
            document = _play(scene, lift_in=timedelta(seconds=lift_in))
        finally:
            terminal.close()
    outer.show(document, lambda out: demo_show.summary(out, document))
    if not _good(document, received=len(catcher.messages)):
        raise typer.Exit(1)


def _fresh(folder: Path | None) -> Path:
    if folder is None:
        names = ["distributor-demo", *(f"distributor-demo-{n}" for n in range(2, 1000))]
        folder = next(Path(name) for name in names if not Path(name).exists())
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("the folder is not empty", where=str(folder), cure="Name a new one.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # inboxes hold addresses, and text under embargo
    return folder.resolve()


def _furnish(home: Path, *, port: int) -> None:
    (home / "config.toml").write_text(_CONFIG.format(port=port), "utf-8")
    copy_lists(home / "lists")
    shutil.copytree(shipped("samples"), home / "samples")


def _play(scene: Scene, *, lift_in: timedelta) -> dict[str, Any]:
    from distributor.cli import demo_show, preview_files, release_views
    from distributor.office.preview import preview

    terminal = scene.terminal
    demo_show.lists(terminal, _sync(terminal))
    terminal.system.renderer.check()  # and with that it is warm: on a slow machine the waves need their time
    lift = datetime.now(UTC) + lift_in
    reference = _add(terminal, scene.folder, lift=lift, ahead=lift_in)
    shown = release_views.shown(terminal, reference).document
    audience = release_views.audience_of(terminal, reference)
    demo_show.release(terminal, shown, audience)
    system = terminal.system
    pulled = preview(
        system.store,
        now=system.now(),
        reference=reference,
        rules=system.rules,
        publisher=system.publisher,
        renderer=system.renderer,
    )
    preview_files.write(pulled, folder=scene.folder / "preview")
    _approve(terminal, reference, seen=pulled.hash)
    asyncio.run(_send(scene, reference, lift=lift))
    log = demo_show.log_of(terminal, reference)
    return {
        "release": release_views.shown(terminal, reference).document,
        "audience": audience,
        "log": log,
        "early": _early(scene.catcher, log, lift=lift),
        "folder": str(scene.folder),
    }


def _sync(terminal: Terminal) -> dict[str, Any]:
    from distributor.cli import shown_lists
    from distributor.documents import listfiles
    from distributor.office import sync

    system = terminal.system
    found = listfiles.read_folder(terminal.config.path(terminal.config.paths.lists))
    publisher_id, files, tree = system.publisher.id, found.lists, found.topics
    diff = sync.compare(system.store, publisher_id=publisher_id, files=files, tree=tree)
    sync.sync(
        system.store,
        actor=OFFICER,
        now=system.now(),
        publisher_id=publisher_id,
        files=files,
        tree=tree,
        shown=diff,
    )
    return shown_lists.diff_json(diff) | {"lists": len(found.lists)}


def _add(terminal: Terminal, folder: Path, *, lift: datetime, ahead: timedelta) -> str:
    from distributor import documents
    from distributor.pipeline import intake
    from distributor.pipeline.proposal import Wishes

    system = terminal.system
    files = sorted((folder / "samples").glob("*.md"))
    advance = tuple(f"{tier}=-{ahead.total_seconds():.0f}s" for tier in ("accredited", "agencies"))
    wishes = Wishes(embargo=lift.isoformat(), advance=advance)
    added = intake.add(
        system.store,
        actor=OFFICER,
        now=system.now(),
        rules=system.rules,
        publisher=system.publisher,
        drafts=[documents.read(file) for file in files],
        wishes=wishes,
    )
    return added.reference


def _approve(terminal: Terminal, reference: str, *, seen: str) -> None:
    from distributor.cli import demo_show, release_decide

    approval, plan = release_decide.approved(terminal, reference, seen=seen)
    demo_show.approved(terminal, approval, plan)


async def _send(scene: Scene, reference: str, *, lift: datetime) -> None:
    """Advance copies at once, the rest at the instant; a live table meanwhile."""
    from distributor import clockwork, worker
    from distributor.cli import demo_show

    system = scene.terminal.system
    with clockwork.ticking(system), demo_show.Countdown(scene.terminal, reference, lift=lift) as live:
        await worker.serve_until(system, done=live.finished)


def _early(catcher: "Catcher", log: dict[str, Any], *, lift: datetime) -> int:
    """Messages that came before the instant and were no approved advance copy, or a second one."""
    waves = {mailout["id"] for mailout in log["mailouts"] if mailout["kind"] == "advance"}
    allowed = {one["message_id"] for one in log["deliveries"] if one["mailout"] in waves}
    return sum(
        message.received_at < lift and message.message_id not in allowed for message in catcher.messages
    )


def _good(document: dict[str, Any], *, received: int) -> bool:
    """Everything arrived once, or was covered by its advance copy, and nothing came early."""
    deliveries = document["log"]["deliveries"]
    sent = [one for one in deliveries if one["state"] == "sent"]
    had_hers = {one["address"] for one in sent if one["kind"] == "advance"}
    others = [one for one in deliveries if one["state"] != "sent"]
    covered = all(one["state"] == "cancelled" and one["address"] in had_hers for one in others)
    return bool(sent) and covered and document["early"] == 0 and received == len(sent)
