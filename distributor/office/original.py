"""Verb: this database, which was a copy, is the one that sends from now on (law 8).

Whether another one sends too, no program can see: whoever says it answers for that.
"""

from datetime import datetime

from distributor.store import installation, log
from distributor.store.database import Store


def confirm(store: Store, *, actor: str, now: datetime, mark: str) -> bool:
    """Send from this copy, with the secret of this mark; False when it was none."""
    seen = installation.fingerprint(store)
    with store.write() as connection:
        why = installation.copied(connection) or "another secret"
        changed = installation.confirmed(connection, seen=seen, mark=mark)
        if changed:
            log.record(connection, log.Event("copy_confirmed", now, actor, detail=why))
    return changed
