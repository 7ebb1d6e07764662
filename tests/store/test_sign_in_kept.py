"""What the store keeps of signing in, on both databases: one-time links, sessions, counted attempts.

Planted once by hand and caught: a link that is not deleted when it is used.
"""

from datetime import timedelta

from distributor.model.officer import Role
from distributor.policy.signin import FORGOTTEN
from distributor.store import credentials, invitations, knocks, officers, sessions
from distributor.store.database import Store
from tests.world import NOW, PUBLISHER, World

LATER = NOW + timedelta(hours=1)


def ada(store: Store) -> int:
    World(store)
    said = {"display": "", "address": "", "roles": [Role.AUTHOR], "now": NOW, "actor": "test"}
    with store.write() as connection:
        officers.add(connection, publisher_id=PUBLISHER, name="ada", **said)
        found = credentials.read(connection, publisher_id=PUBLISHER, name="ada")
    assert found.officer_id is not None
    return found.officer_id


def test_a_link_is_used_once_and_the_newest_counts(store: Store) -> None:
    said = {"publisher_id": PUBLISHER, "officer_id": ada(store), "drops_code": False}
    with store.write() as connection:
        for token in ("old", "new"):
            invitations.add(connection, token_hash=token, now=NOW, ends_at=LATER, actor="test", **said)
    with store.write() as connection:
        assert invitations.use(connection, token_hash="old", now=NOW) is None
        assert invitations.find(connection, token_hash="new", now=LATER) is None
        used = invitations.use(connection, token_hash="new", now=NOW)
        assert (used and used.name) == "ada"
        assert invitations.use(connection, token_hash="new", now=NOW) is None


def test_attempts_are_counted_and_forgotten(store: Store) -> None:
    with store.write() as connection:
        for _ in range(3):
            knocks.count(connection, keys=["a", "b"], now=NOW)
        knocks.forget(connection, keys=["b"])
    with store.write() as connection:
        found = knocks.so_far(connection, keys=["a", "b"], now=NOW)
        assert {key: one.failures for key, one in found.items()} == {"a": 3}
        assert knocks.so_far(connection, keys=["a"], now=NOW + FORGOTTEN) == {}
        knocks.count(connection, keys=["a"], now=NOW + FORGOTTEN)
        assert knocks.so_far(connection, keys=["a"], now=NOW + FORGOTTEN)["a"].failures == 1


def test_a_code_counts_once_and_none_before_it(store: Store) -> None:
    id = ada(store)
    with store.write() as connection:
        credentials.set_password(connection, officer_id=id, password="x", now=NOW, drops_code=False)
        credentials.confirm_code(connection, officer_id=id, sealed="box", step=7)
        assert [credentials.use_code(connection, officer_id=id, step=n) for n in (7, 6, 8, 8)] == [
            False, False, True, False,
        ]  # fmt: skip


def test_sessions_end(store: Store) -> None:
    id, here = ada(store), {"publisher_id": PUBLISHER, "now": NOW}
    with store.write() as connection:
        for token in ("one", "two"):
            sessions.begin(connection, officer_id=id, token_hash=token, now=NOW, ends_at=LATER)
            sessions.know_device(connection, officer_id=id, token_hash=token, now=NOW, ends_at=LATER)
        sessions.end(connection, token_hash="one")
        assert sessions.officer(connection, token_hash="one", **here) is None
        found = sessions.officer(connection, token_hash="two", **here)
        assert (found and found.name) == "ada"
        assert sessions.knows_device(connection, officer_id=id, token_hash="one", now=NOW)
        sessions.end_all(connection, officer_id=id)
        assert sessions.officer(connection, token_hash="two", **here) is None
        assert not sessions.knows_device(connection, officer_id=id, token_hash="one", now=NOW)
