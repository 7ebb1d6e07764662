"""The documents that several verbs show: a release as it stands, its plan, its audience."""

from dataclasses import dataclass
from typing import Any

from distributor.cli.terminal import Terminal
from distributor.errors import DistributorError, NotFound
from distributor.model.release import Release
from distributor.office import proof
from distributor.policy.plan import decide
from distributor.policy.plan import slips as find_slips
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
        return Look(
            release, view.shown(connection, release, zone=system.rules.timezone, hash=hash, warnings=warnings)
        )


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


def slips(terminal: Terminal, reference: str) -> tuple[str, ...]:
    """The tiers whose advance copy would go at approval because its time lies days back."""
    system, now = terminal.system, terminal.system.now()
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    decided = decide(release.latest.sending, approved_at=now, rules=system.rules)
    return find_slips(decided, approved_at=now)


def require_version(terminal: Terminal, reference: str, language: str) -> None:
    """Raises NotFound when it has no version in this language."""
    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    revision = release.waiting or release.in_force or release.latest
    if language not in revision.languages:
        cure = f"There is {', '.join(revision.languages)}."
        raise NotFound(f"{reference} has no version in “{language[:40]}”", where="--language", cure=cure)


def audience_of(terminal: Terminal, reference: str) -> dict[str, Any]:
    """Who gets it and who does not, when the last one does. Raises NotFound."""
    system = terminal.system
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        house: dict[str, Any] = {
            "publisher": system.publisher,
            "rules": system.rules,
            "now": system.now(),
        }
        house["audience"] = recipients.today(connection, release, **house)
        planned = plan.document(connection, release, **house)
        times = [mailout["last_at"] for mailout in planned["mailouts"] if mailout["last_at"]]
        when = {"last_at": max(times, default=None), "warnings": planned["warnings"]}
        return recipients.document(connection, release, **house) | when
