"""Bringing a release to rest before it is changed: stop it, and wait until nothing is under way.

What is still under way after that has its dot written, or its sender stands still: it counts as "may have
it", and is planned for, too. The stop is a hold: who dies meanwhile leaves the release held, and `todo` says
so.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import sleep

from distributor.errors import Refused
from distributor.model.release import Held, Release
from distributor.office.settling import Pause, settled
from distributor.store import releases, underway
from distributor.store.database import Connection, Store


@dataclass(frozen=True, slots=True)
class Rest:
    """A release at rest. `ours`: it is held for this change only. `under_way`: past their dot, unanswered."""

    release: Release
    ours: bool
    under_way: int

    def lock(self, connection: Connection) -> None:
        """Begin the change. Raises Refused when somebody else changed the release meanwhile."""
        releases.lock(connection, release_id=self.release.id)
        if releases.by_id(connection, id=self.release.id) != self.release:
            raise Refused(
                "somebody changed it this very moment",
                where=self.release.reference,
                cure="Look, then say it again.",
            )

    def go_on(self, connection: Connection) -> None:
        """What is left of it may go again, unless it was held before."""
        if self.ours:
            releases.resume(connection, release_id=self.release.id)


@contextmanager
def at_rest(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    change: str,
    check: Callable[[Release], object],
    pause: Pause = sleep,
) -> Iterator[Rest]:
    """The release at rest for the length of the block, which does the `change` (in a word or two).

    `check` raises what forbids it. When the block fails, the release goes on as before.
    """
    release, ours = _stop(
        store,
        held=Held(f"{change} under way", actor, now),
        publisher_id=publisher_id,
        reference=reference,
        check=check,
    )
    rest = Rest(release, ours, drained(store, release, pause=pause))
    try:
        yield rest
    except BaseException:
        with store.write() as connection:
            releases.lock(connection, release_id=release.id)
            if releases.by_id(connection, id=release.id).held == release.held:
                rest.go_on(connection)
        raise


def _stop(
    store: Store, *, held: Held, publisher_id: str, reference: str, check: Callable[[Release], object]
) -> tuple[Release, bool]:
    with store.write() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        releases.lock(connection, release_id=release.id)
        release = releases.by_id(connection, id=release.id)
        check(release)
        if release.held:
            return release, False
        releases.hold(connection, release_id=release.id, held=held)
        return releases.by_id(connection, id=release.id), True


def drained(store: Store, release: Release, *, pause: Pause = sleep) -> int:
    """Wait until nothing of it is under way, or only what is past its dot: how many."""
    return settled(
        store, lambda connection: underway.handing_over(connection, release_id=release.id), pause=pause
    )
