"""Brings list files into the database: `compare` shows what would change, `sync` does it.

Everything changes in one transaction, or nothing. A sync never mails anybody, and raises nobody's standing.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from distributor.errors import Refused
from distributor.model.contact import ListFile
from distributor.model.listdiff import ListDiff
from distributor.model.topic import TopicTree
from distributor.policy import listdiff
from distributor.store import contacts, lists, topics
from distributor.store.database import Store
from distributor.store.views.lists import present

Said = Callable[[int, int], None]


def compare(store: Store, *, publisher_id: str, files: list[ListFile], tree: TopicTree | None) -> ListDiff:
    """What a sync would change now; `tree` None leaves the topics as they are."""
    with store.read() as connection:
        return _compare(connection, publisher_id=publisher_id, files=files, tree=tree)
