"""Verbs: propose, look, apply, undo. Changes of list files from a page: first shown, then made.

A change writes list files and syncs them, both or neither: files and database stay one truth. What is shown
is the diff of `lists sync` with the new files in the old ones' places; it is made only while it is that very
diff and the files are as they were.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256

from distributor.documents.listdrawer import Change, Drawer, Files
from distributor.documents.listfiles import Folder, read_folder
from distributor.errors import NotFound, Refused
from distributor.model.contact import BadRow
from distributor.model.listdiff import ListDiff
from distributor.office import sync
from distributor.store import topics
from distributor.store.database import Store

_UNDO = "undo: "


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whose lists, and where their files and the changes lie."""

    store: Store
    publisher_id: str
    drawer: Drawer


@dataclass(frozen=True, slots=True)
class Shown:
    """A change with its diff. `seen` is what a yes carries; `needs_leave`: many go, so it is asked for."""

    change: Change
    diff: ListDiff
    notes: tuple[str, ...]

    @property
    def seen(self) -> str:
        told = asdict(replace(self.diff, stamp=""))
        return sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()

    @property
    def needs_leave(self) -> bool:
        return self.diff.many_gone or bool(self.diff.lists_gone)


def folder(keeper: Keeper, *, instead: Files | None = None) -> Folder:
    """The folder of list files, with these in place of those. Raises DocumentError."""
    with keeper.store.read() as connection:
        known = topics.tree(connection)
    return read_folder(keeper.drawer.lists, known=known, instead=instead or {})


def propose(
    keeper: Keeper,
    *,
    actor: str,
    now: datetime,
    what: str,
    after: Files,
    refused: Sequence[BadRow] = (),
) -> str:
    """Keep a change of these files until somebody says yes; returns its name.

    Raises DocumentError when the files would be no lists.
    """
    folder(keeper, instead=after)
    before = keeper.drawer.now(after)
    at = now.isoformat()
    return keeper.drawer.put(Change(what, actor, at, before, dict(after), tuple(refused)))


def look(keeper: Keeper, id: str) -> Shown:
    """The change and what it would do now. Raises NotFound, Refused when a file has changed since."""
    change = keeper.drawer.get(id)
    if change is None:
        raise NotFound("this change is over, or was made", cure="Begin again.")
    if keeper.drawer.now(change.before) != dict(change.before):
        raise Refused("a list file has changed since this was proposed", cure="Begin again.")
    found = folder(keeper, instead=change.after)
    diff = sync.compare(keeper.store, publisher_id=keeper.publisher_id, files=found.lists, tree=found.topics)
    return Shown(change, diff, found.notes)


def apply(keeper: Keeper, id: str, *, actor: str, now: datetime, seen: str, leave: bool) -> Shown | None:
    """Make the change that was `seen`; None when it is made, else what it would do by now.

    `leave`: as many may go as were shown. Raises NotFound, Refused, DocumentError; then nothing is changed.
    """
    with keeper.drawer.locked():
        shown = look(keeper, id)
        if shown.seen != seen:
            return shown
        if shown.needs_leave and not leave:
            raise Refused("more goes than usual", cure="Tick that it is meant, and say yes again.")
        _make(keeper, shown, actor=actor, now=now)
        keeper.drawer.made(replace(shown.change, by=actor, at=now.isoformat()))
    return None


def _make(keeper: Keeper, shown: Shown, *, actor: str, now: datetime) -> None:
    """Files and database, both or neither; what a crash leaves is a file that waits to be synced."""
    change, drawer = shown.change, keeper.drawer
    found = folder(keeper, instead=change.after)
    placed = []

    def place() -> None:
        placed.append(change)
        drawer.place(change.after)

    try:
        if shown.diff.empty:
            place()
            return
        sync.sync(
            keeper.store,
            actor=actor,
            now=now,
            publisher_id=keeper.publisher_id,
            files=found.lists,
            tree=found.topics,
            shown=shown.diff,
            allow_gone=shown.diff.counts.gone,
            why=change.what,
            within=place,
        )
    except BaseException:
        for one in placed:
            drawer.place(one.before)
        raise


def undo(keeper: Keeper, *, actor: str, now: datetime) -> str:
    """Propose that the files be again as before the last change; returns the name of that change.

    Whoever left or was suppressed since stays silent. Raises Refused when a file has changed since.
    """
    last = keeper.drawer.last()
    if last is None or not last.after:
        raise Refused("there is no change to undo")
    if keeper.drawer.now(last.after) != dict(last.after):
        raise Refused("a list file has changed since then", cure="Mend the lists as they are now.")
    again = last.what.startswith(_UNDO)
    what = last.what.removeprefix(_UNDO) if again else f"{_UNDO}{last.what}"
    return propose(keeper, actor=actor, now=now, what=what, after=last.before)
