"""The documents that several verbs show: a release as it stands, its plan, its audience."""

from dataclasses import dataclass
from typing import Any

from distributor.cli.terminal import Terminal
from distributor.errors import DistributorError
from distributor.model.release import Release
from distributor.office import proof
from distributor.store import releases, topics
from distributor.store.database import Connection
from distributor.store.views import plan, recipients
from distributor.store.views import releases as view


@dataclass(frozen=True)
class Look:
    """A release and its document (design §8.1, "release add/show")."""

    release: Release
    document: dict[str, Any]


def shown(terminal: Terminal, reference: str) -> Look:
    """The release as it stands. Raises NotFound."""
    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        hash, warnings = _proof(terminal, connection, release)
        return Look(release, view.shown(connection, release, hash=hash, warnings=warnings))


def _proof(
    terminal: Terminal, connection: Connection, release: Release
) -> tuple[str | None, tuple[str, ...]]:
    """What was approved, else what would be: its hash and the warnings of rendering it."""
    revision, system = release.latest, terminal.system
    if revision.approved is not None:
        return revision.approved.hash, ()
    try:
        pulled = proof.pull(
            release,
            revision,
            renderer=system.renderer,
            publisher=system.publisher,
            tree=topics.tree(connection),
            zones=system.rules.show_zones,
        )
    except DistributorError as error:
        return None, (f"cannot be rendered: {error}",)
    return pulled.hash, pulled.warnings


def plan_of(terminal: Terminal, reference: str) -> dict[str, Any]:
    """Its waves, planned or proposed. Raises NotFound."""
    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        return plan.document(
            connection, release, publisher=system.publisher, rules=system.rules, now=system.now()
        )


def audience_of(terminal: Terminal, reference: str) -> dict[str, Any]:
    """Who gets it and who does not. Raises NotFound."""
    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        return recipients.document(
            connection, release, publisher=system.publisher, rules=system.rules, now=system.now()
        )
