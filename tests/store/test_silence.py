"""Suppress, unsuppress, unsubscribe: what each leaves, on both databases.

Planted bugs that these tests caught: unsuppress that re-subscribes; a second click that is an event; a
suppression that forgets a pause.
"""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text, update

from distributor.errors import AddressError, NotFound, Refused
from distributor.model.address import Address
from distributor.model.contact import Standing
from distributor.model.listdiff import Person
from distributor.office import silence
from distributor.store import blobs, contacts, rows, suppressions
from distributor.store.database import Store, open_store
from distributor.store.publishers import ensure
from tests.waiting import until

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
ANNA = Address("anna@example.org", "anna@example.org")
STRANGER = Address("x@example.org", "x@example.org")


@pytest.fixture
def office(store: Store) -> Store:
    ensure(store, id="press", name="Press Office")
    with store.write() as connection:
        contacts.add(connection, publisher_id="press", people=[(ANNA, Person(ANNA.text))], now=NOW)
    return store


def call(verb, store: Store, address: Address = ANNA, *, now: datetime = NOW, **asked):
    common = {"publisher_id": "press", "now": now, "pseudonym": lambda key: f"nym:{key}"}
    if verb is silence.unsubscribe:
        return verb(store, address=address, reason="the link", **common, **asked)
    return verb(store, actor="cli:mira", address=address.text, **common, **({"reason": "why"} | asked))


def standing(store: Store) -> Standing:
    with store.read() as connection:
        return contacts.find(connection, publisher_id="press", address_key=ANNA.key).standing


def suppressed(store: Store, address: Address) -> suppressions.Suppression | None:
    with store.read() as connection:
        return suppressions.find(connection, publisher_id="press", address_key=address.key)


def set_to(store: Store, to: Standing) -> None:
    with store.write() as connection:
        connection.execute(update(rows.contact).values(standing=to.value, standing_at=NOW))


def log_of(store: Store) -> list[tuple[str, str, str, str]]:
    with store.read() as connection:
        found = connection.execute(select(rows.log).order_by(rows.log.c.id))
        return [(row.kind, row.actor, row.subject, row.address) for row in found]


@pytest.mark.parametrize(
    ("before", "while_suppressed", "after"),
    [
        (Standing.ACTIVE, Standing.SUPPRESSED, Standing.ACTIVE),
        (Standing.PAUSED, Standing.PAUSED, Standing.PAUSED),  # her pause outlives the suppression
        (Standing.UNSUBSCRIBED, Standing.UNSUBSCRIBED, Standing.UNSUBSCRIBED),  # nobody re-subscribes her
        (Standing.ERASED, Standing.ERASED, Standing.ERASED),
    ],
)
def test_a_suppression_and_its_end(office, before, while_suppressed, after):
    set_to(office, before)
    assert call(silence.suppress, office) is True
    assert standing(office) is while_suppressed
    assert suppressed(office, ANNA).by == "cli:mira"
    assert call(silence.unsuppress, office) is after
    assert standing(office) is after
    assert suppressed(office, ANNA) is None
    assert log_of(office) == [
        ("suppressed", "cli:mira", "nym:anna@example.org", "anna@example.org"),
        ("unsuppressed", "cli:mira", "nym:anna@example.org", "anna@example.org"),
    ]


def test_a_second_suppression_changes_nothing_and_is_no_event(office):
    call(silence.suppress, office)
    assert call(silence.suppress, office, now=LATER, reason="other") is False
    assert (suppressed(office, ANNA).at, suppressed(office, ANNA).reason) == (NOW, "why")
    assert len(log_of(office)) == 1


def test_two_at_once_keep_one(postgres_url):
    """The second waits for the first and finds it done. Planted bug: look first, then a plain INSERT."""

    def second() -> None:
        with office.write() as connection:
            added.append(_suppress(connection))
            blobs.keep(connection, b"a template")

    added: list[bool] = []
    with closing(open_store(postgres_url)) as office:
        ensure(office, id="press", name="Press Office")
        other = threading.Thread(target=second)
        with office.write() as connection:
            added.append(_suppress(connection))
            blobs.keep(connection, b"a template")
            other.start()
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            until(lambda: not other.is_alive() or connection.scalar(waiting))
        other.join()
    assert added == [True, False]


def _suppress(connection: Connection) -> bool:
    return suppressions.add(
        connection, publisher_id="press", address=STRANGER, reason="why", now=NOW, by="cli:mira"
    )


@pytest.mark.parametrize("before", [Standing.ACTIVE, Standing.PAUSED, Standing.SUPPRESSED])
def test_unsubscribing_once_and_again(office, before):
    set_to(office, before)
    assert call(silence.unsubscribe, office) is True
    assert call(silence.unsubscribe, office, now=LATER) is False
    assert standing(office) is Standing.UNSUBSCRIBED
    with office.read() as connection:
        at = connection.scalar(select(rows.contact.c.standing_at))
    assert at == NOW
    assert log_of(office) == [("unsubscribed", "contact", "nym:anna@example.org", "anna@example.org")]


def test_an_officer_cannot_take_back_that_she_left(office):
    call(silence.unsubscribe, office)
    with pytest.raises(Refused, match="unsubscribed herself"):
        call(silence.unsuppress, office)
    assert standing(office) is Standing.UNSUBSCRIBED


def test_she_leaves_while_suppressed(office):
    call(silence.suppress, office)
    call(silence.unsubscribe, office)
    assert call(silence.unsuppress, office) is Standing.UNSUBSCRIBED


def test_somebody_who_is_no_contact(office):
    """She had a copy because a release named her: leaving has to be remembered by address."""
    assert call(silence.unsubscribe, office, STRANGER) is True
    assert call(silence.unsubscribe, office, STRANGER) is False
    assert suppressed(office, STRANGER).by == "contact"
    with pytest.raises(Refused, match="unsubscribed herself"):
        call(silence.unsuppress, office, STRANGER)


def test_what_is_not_suppressed_cannot_be_unsuppressed(office):
    with pytest.raises(NotFound, match=r"anna@example.org: is not suppressed"):
        call(silence.unsuppress, office)
    with pytest.raises(NotFound, match="is not suppressed"):
        call(silence.unsuppress, office, STRANGER)


def test_bad_input(office):
    with pytest.raises(AddressError, match="is not an e-mail address"):
        call(silence.suppress, office, Address("no address", "no address"))
    with pytest.raises(Refused, match=r"holds a line break|a reason is needed"):
        call(silence.suppress, office, reason=" \n ")
    assert log_of(office) == []
