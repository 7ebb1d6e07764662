"""The log: rows follow from the rows before, a change shows, a failed transaction leaves no gap.

Planted bugs: `chained` that leaves one column out of its payload fails the row of that column below;
`insert_rows` with NULLs where its first row has them fails the test of rows that lack something;
`Ledger.commit` without restoring the chain's end fails the test after a failed transaction (law 3).
"""

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from distributor.errors import Refused
from distributor.store import insertonly, log, rows
from tests.proof import broken_chains, unguard
from tests.world import NOW, World


@pytest.fixture
def world(store):
    return World(store)


def _events(number):
    return [
        log.Event(
            "answer",
            NOW + timedelta(milliseconds=n, microseconds=7),
            "run:1",
            release_id=1,
            mailout_id=2,
            delivery_id=n,
            subject="s" * 16,
            attempt=1,
            relay="relay.example.org",
            code=250,
            enhanced="2.0.0",
            bytes_sha256="b" * 64,
            detail="accept",
            address="Zoë@example.org",
            text="2.0.0 Ok: queued",
        )
        for n in range(number)
    ]


def _write(store, *, chain="run:1", number=3):
    with store.write() as connection:
        log.append(connection, chain=log.last(connection, name=chain), events=_events(number))


def test_chains_hold_across_transactions_and_beside_each_other(world):
    for _ in range(3):
        _write(world.store)
        _write(world.store, chain="run:2", number=1)
        with world.store.write() as connection:
            log.record(connection, *_events(2))
    assert broken_chains(world.store) == []
    with world.store.read() as connection:
        ends = {name: log.last(connection, name=name).seq for name in ("run:1", "run:2", log.OFFICE)}
    assert ends == {"run:1": 9, "run:2": 3, log.OFFICE: 6}


#: What a row may lack; SQLite's rows that lack the same are written together.
SAID = dict.fromkeys(("relay", "code", "enhanced", "text"))
LACKING = [{}, {"text": None}, SAID, {"attempt": None}]


def test_rows_that_lack_something_are_written_in_their_order_beside_others(world):
    lacks = [LACKING[n % 4 if n % 3 else n // 40] for n in range(120)]
    events = [event._replace(**lack) for event, lack in zip(_events(120), lacks, strict=True)]
    with world.store.write() as connection:
        log.append(connection, chain=log.last(connection, name="run:1"), events=events)
    with world.store.read() as connection:
        written = connection.execute(select(*(rows.log.c[name] for name in log.Event._fields)).order_by("id"))
        assert [log.Event(*row) for row in written] == events
    assert broken_chains(world.store) == []


CHANGES = {
    "kind": "expired",
    "at": NOW,
    "actor": "somebody",
    "release_id": 9,
    "mailout_id": 9,
    "delivery_id": 9,
    "subject": "t" * 16,
    "attempt": 2,
    "relay": "other.example.org",
    "code": 550,
    "enhanced": "5.1.1",
    "text_sha256": "0" * 64,
    "bytes_sha256": "0" * 64,
    "detail": "reject",
    "hash": "0" * 64,
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_row_shows(world, column):
    _write(world.store)
    with world.store.write() as connection:
        unguard(connection)
        connection.execute(update(rows.log).where(rows.log.c.seq == 2).values({column: CHANGES[column]}))
    assert broken_chains(world.store)[0] == ("run:1", 2)


def test_a_changed_row_whose_hash_was_made_to_fit_shows_in_the_next(world):
    _write(world.store)
    changed = rows.log.c.seq == 2
    with world.store.write() as connection:
        unguard(connection)
        connection.execute(update(rows.log).where(changed).values(code=550))
        first = connection.execute(select(rows.log.c.hash).where(rows.log.c.seq == 1)).scalar_one()
        row = connection.execute(select(rows.log).where(changed)).one()._asdict()
        connection.execute(update(rows.log).where(changed).values(hash=log.chained(first, row)))
    assert broken_chains(world.store) == [("run:1", 3)]


def test_a_row_that_was_taken_out_shows(world):
    _write(world.store)
    with world.store.write() as connection:
        unguard(connection)
        connection.execute(rows.log.delete().where(rows.log.c.seq == 2))
    assert broken_chains(world.store) == [("run:1", 3)]


def test_erasure_may_blank_the_address_and_the_relays_words(world):
    _write(world.store)
    with world.store.write() as connection:
        connection.execute(update(rows.log).values(address=None, text=None))
    assert broken_chains(world.store) == []


def test_two_rows_cannot_have_the_same_place(world):
    _write(world.store)
    with world.store.read() as connection:
        row = connection.execute(select(rows.log).where(rows.log.c.seq == 2)).one()._asdict()
    with pytest.raises(Refused, match="changed at the same time"), world.store.write() as connection:
        connection.execute(insert(rows.log).values(row | {"id": 77}))


def test_two_writers_of_the_office_chain_wait_for_each_other(world):
    """Planted bug: `record` without the advisory lock: both take the same place (PostgreSQL)."""

    def write():
        for _ in range(20):
            with world.store.write() as connection:
                log.record(connection, *_events(2))

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert broken_chains(world.store) == []
    with world.store.read() as connection:
        assert log.last(connection, name=log.OFFICE).seq == 3 * 20 * 2


@pytest.mark.parametrize("column", [*CHANGES, "id"])
def test_the_database_refuses_to_change_a_hashed_column(world, column):
    _write(world.store)
    change = update(rows.log).where(rows.log.c.seq == 2).values({column: CHANGES.get(column, 99)})
    with pytest.raises(IntegrityError, match="insert-only"), world.store.write() as connection:
        connection.execute(change)
    assert broken_chains(world.store) == []


@pytest.mark.parametrize("column", ["address", "text"])
def test_what_may_be_blanked_may_not_be_rewritten(world, column):
    _write(world.store)
    with pytest.raises(IntegrityError, match="insert-only"), world.store.write() as connection:
        connection.execute(update(rows.log).values({column: "somebody@example.org"}))
    with world.store.write() as connection:
        connection.execute(update(rows.log).values({column: ""}))


def test_the_database_refuses_to_take_out_a_row(world):
    _write(world.store)
    with pytest.raises(IntegrityError, match="insert-only"), world.store.write() as connection:
        connection.execute(rows.log.delete().where(rows.log.c.seq == 2))
    assert broken_chains(world.store) == []


def test_every_column_of_the_log_is_hashed_or_may_be_blanked():
    guarded = {*insertonly._HASHED.split(), *insertonly._BLANKED, insertonly._LATER}
    assert guarded == {column.name for column in rows.log.c}


_VALUES = st.none() | st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False)
_NAMES = (*log.HASHED, log.LATER)
_ROWS = st.fixed_dictionaries(dict.fromkeys(_NAMES, _VALUES))


@given(_ROWS, st.sampled_from(_NAMES), _VALUES)
def test_two_rows_that_differ_in_anything_differ_in_their_hash(row, column, other):
    """Also in what no column should hold: a damaged database has strange values.

    Planted bug: columns joined by a line break, so that what one column holds can stand in two.
    """
    assert (log.chained("", row) == log.chained("", row | {column: other})) == (
        repr(row[column]) == repr(other)
    )


def test_the_row_that_is_written_has_the_hash_that_is_proved():
    event = log.Event("answer", NOW, "run:1", 1, 2, 3, "s", 1, "relay", 250, "2.0.0", "b", "accept", "a", "t")
    chain = log.Chain("run:1", 6, "before")
    row = dict(zip(log.COLUMNS, chain.link(event), strict=True))
    assert row["hash"] == log.chained("before", row) == log.chained("before", row | {"at": NOW})
    assert (row["seq"], chain.hash) == (7, row["hash"])


def test_a_row_of_nobody_in_particular_has_the_hash_of_before_there_were_publishers():
    event = log.Event("lists_synced", NOW, "ada")
    row = dict(zip(log.COLUMNS, log.Chain("office").link(event), strict=True))
    old = {name: row[name] for name in log.HASHED}
    assert row["hash"] == log.chained("", old)
    said = dict(zip(log.COLUMNS, log.Chain("office").link(event._replace(publisher_id="p")), strict=True))
    assert said["hash"] == log.chained("", said) != row["hash"]
