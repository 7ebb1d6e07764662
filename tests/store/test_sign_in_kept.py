"""What the store keeps of signing in, on both databases: one-time links, sessions, counted attempts.

Planted once by hand and caught: a link that is not deleted when it is used.
"""

from datetime import timedelta

from distributor.model.officer import Role
from distributor.policy.signin import FORGOTTEN
from distributor.store import credentials, invitations, knocks, officers, rows, sessions
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
    id, here = ada(store), {"publishers": [PUBLISHER], "now": NOW}
    with store.write() as connection:
        for token in ("one", "two"):
            sessions.begin(connection, officer_id=id, token_hash=token, now=NOW, ends_at=LATER)
            sessions.know_device(connection, officer_id=id, token_hash=token, now=NOW, ends_at=LATER)
        sessions.end(connection, token_hash="one")
        assert sessions.find(connection, token_hash="one", **here) is None
        found = sessions.find(connection, token_hash="two", **here)
        assert (found and (found.officer.name, found.publisher_id)) == ("ada", PUBLISHER)
        assert sessions.knows_device(connection, officer_id=id, token_hash="one", now=NOW)
        sessions.end_all(connection, officer_id=id)
        assert sessions.find(connection, token_hash="two", **here) is None
        assert not sessions.knows_device(connection, officer_id=id, token_hash="one", now=NOW)


def test_a_person_has_one_password_at_all_her_publishers(store: Store) -> None:
    """It stays with the row that got it; removed there she signs in as before, and sees that one no more."""
    id = ada(store)
    said = {"display": "", "address": "", "now": NOW, "actor": "test"}
    with store.write() as connection:
        connection.execute(rows.publisher.insert().values(id="other", name="Other"))
        officers.add(connection, publisher_id="other", name="ada", roles=[Role.READER], **said)
        officers.add(connection, publisher_id="other", name="bea", roles=[Role.READER], **said)
        credentials.set_password(connection, officer_id=id, password="x", now=NOW, drops_code=False)
        sessions.begin(connection, officer_id=id, token_hash="one", now=NOW, ends_at=LATER)
        both = [PUBLISHER, "other"]

        def read(publisher: str, name: str = "ada") -> tuple[int | None, str | None]:
            found = credentials.read(connection, publisher_id=publisher, name=name)
            return found.officer_id, found.password

        def at() -> tuple[str, tuple[str, ...]] | None:
            found = sessions.find(connection, publishers=both, token_hash="one", now=NOW)
            return (found.publisher_id, found.publishers) if found else None

        assert [read(one) for one in (*both, "none")] == [(id, "x"), (id, "x"), (None, None)]
        assert read(PUBLISHER, "bea") == (None, None)
        assert read("other", "bea")[1] is None
        assert at() == (PUBLISHER, (PUBLISHER, "other"))
        sessions.work_for(connection, token_hash="one", publisher_id="other")
        assert at() == ("other", (PUBLISHER, "other"))
        officers.remove(connection, publisher_id=PUBLISHER, name="ada", now=NOW, actor="test")
        assert [read(one) for one in both] == [(None, None), (id, "x")]
        assert at() == ("other", ("other",))
        officers.remove(connection, publisher_id="other", name="ada", now=NOW, actor="test")
        assert at() is None
