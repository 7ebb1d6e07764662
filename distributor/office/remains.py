"""What of a release's text may still go out, and whether somebody cancelled it: so that verbs say what is so.

Reads only; what follows from it is decided by `policy.changes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from distributor.model.notice import TEXTS
from distributor.model.release import Release
from distributor.policy import changes
from distributor.policy.lifecycle import ReleaseState
from distributor.policy.plan import RELEASE
from distributor.store import holders, mailouts
from distributor.store.database import Connection
from distributor.store.mailouts import Mailout


@dataclass(frozen=True, slots=True)
class Remains:
    """`planned`: mailouts of the text that are not over. `unplanned`: approved, and nothing made of it yet.

    `draft`: one waits for approval. `cancelled`: the rest of what was approved is.
    """

    planned: tuple[int, ...] = ()
    unplanned: bool = False
    draft: bool = False
    cancelled: bool = False

    @property
    def going(self) -> bool:
        """Whether something of it goes out by itself, or by a lift."""
        return bool(self.planned) or self.unplanned


def of(connection: Connection, release: Release) -> Remains:
    """As it is within this transaction."""
    texts = [m for m in mailouts.of_release(connection, release_id=release.id) if m.kind in TEXTS]
    return Remains(
        planned=tuple(m.id for m in texts if not m.over),
        unplanned=_unplanned(release, texts),
        draft=release.waiting is not None,
        cancelled=mailouts.were_cancelled(texts),
    )


def require_somebody(connection: Connection, release: Release) -> None:
    """Raises Refused when a change would concern nobody: it was cancelled, and nobody has it."""
    left = of(connection, release)
    if left.cancelled and not left.going:
        changes.check_cancelled(release, held=holders.anybody(connection, release_id=release.id))


def _unplanned(release: Release, texts: Sequence[Mailout]) -> bool:
    """The stage has not planned it yet; or it is embargoed until lifted, and the lift will."""
    if release.in_force is None or release.state != ReleaseState.OPEN:
        return False
    if release.embargo.until_lifted:
        return not any(m.kind == RELEASE and not m.replaced for m in texts)
    return not any(m.revision_id == release.in_force.id for m in texts)
