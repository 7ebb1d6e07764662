"""`log verify`: whatever is changed in the log or in a delivery's state by hand is found and named.

Each case below is a change planted by SQL, by somebody with every right on the database. Bugs planted in
the proof itself, each caught: a column left out of `log.HASHED`; a chain walked without comparing numbers;
seals read but not compared; the last deliveries of the merge forgotten.
"""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from distributor.errors import Refused
from distributor.mail.tokens import Tokens
from distributor.store import log, rows, seals
from distributor.store.views.verify import verify
from tests.proof import findings, tampering
from tests.world import NOW, World, recipient

PSEUDONYM = Tokens(b"a secret of the tests").pseudonym

d, e = rows.delivery.c, rows.log.c

# Deliveries by their place, and what became of each.
SENT, REJECTED, SETTLED, QUEUED, CANCELLED, SENDING = range(6)
STATES = ["sent", "rejected", "sent", "queued", "cancelled", "sending"]


class Chronicle(World):
    """A mailout with six ends, written as the program writes it; the last row comes after the last seal."""

    def __post_init__(self):
        super().__post_init__()
        mailout = self.mailout(self.release())
        self.deliver(mailout, [recipient(f"r{n}@example.org") for n in range(6)])
        self.people = self.ids(mailout)
        self.run_id = self.run().id
        self.chain = f"run:{self.run_id}"
        with self.store.read() as connection:
            found = connection.execute(select(rows.delivery).order_by(d.position))
            self._of = dict(enumerate(found.all()))
        self._write()
        with self.store.write() as connection:
            for id, state in zip(self.people, STATES, strict=True):
                connection.execute(update(rows.delivery).where(d.id == id).values(state=state))

    def _write(self):
        run, office = self._run, self._office
        run(("intent", SENT, ""), ("intent", REJECTED, ""), ("intent", SETTLED, ""))
        run(("answer", SENT, "accept"), ("answer", REJECTED, "defer"), ("intent", REJECTED, ""))
        run(("answer", REJECTED, "reject"))
        office(("doubted", SETTLED, "run 1 died"), ("settled", SETTLED, "sent"), ("cancelled", CANCELLED, ""))
        run(("answer", SETTLED, "late: accept"))
        self.seal()
        office(("finished", None, "6 ends"))
        run(("intent", SENDING, ""))

    def seal(self):
        with self.store.write() as connection:
            ends = seals.unsealed(connection)
            log.record(connection, *seals.seal(connection, ends=ends, now=NOW))

    def _run(self, *events):
        with self.store.write() as connection:
            chain = log.last(connection, name=self.chain)
            log.append(connection, chain=chain, events=[self._event(*one) for one in events])

    def _office(self, *events):
        with self.store.write() as connection:
            log.record(connection, *[self._event(*one) for one in events])

    def _event(self, kind, whose, detail):
        if whose is None:
            return log.Event(kind, NOW, "clockwork", mailout_id=1, detail=detail)
        delivery = self._of[whose]
        return log.Event(
            kind,
            NOW + timedelta(microseconds=7),
            self.chain,
            mailout_id=delivery.mailout_id,
            delivery_id=delivery.id,
            subject=PSEUDONYM(delivery.address_key),
            attempt=1,
            relay="relay.example.org",
            code=250 if kind == "answer" else None,
            enhanced="2.0.0" if kind == "answer" else None,
            bytes_sha256="b" * 64,
            detail=detail,
            address=delivery.address,
            text="2.0.0 Größe ok" if kind == "answer" else None,
        )

    def found(self, *, head=None):
        return findings(self.store, pseudonym=PSEUDONYM, head=head)

    def head(self):
        with self.store.read() as connection:
            return log.last(connection, name=log.OFFICE).hash


@pytest.fixture
def chronicle(store):
    return Chronicle(store)


def test_what_nobody_touched_is_valid(chronicle):
    with chronicle.store.read() as connection:
        verdict = verify(connection, head=None, pseudonym=PSEUDONYM, done=lambda _: None)
    assert verdict.findings == ()
    assert (verdict.rows, verdict.chains, verdict.deliveries, verdict.unsealed) == (14, 2, 6, 1)
    assert verdict.head == chronicle.head()


def test_a_kept_head_is_found_again_when_the_log_has_grown(chronicle):
    head = chronicle.head()
    chronicle._office(("noted", None, ""))
    assert chronicle.found(head=head) == []


def test_erasure_may_blank_what_is_not_hashed(chronicle):
    with tampering(chronicle.store) as connection:
        connection.execute(update(rows.log).values(address=None, text=None))
    assert chronicle.found() == []


# What somebody might do. Each takes the connection and the chronicle.


def _set(where, **values):
    def change(connection, chronicle):
        connection.execute(update(rows.log).where(*where(chronicle)).values(**values))

    return change


def _row(seq, office=False):
    return lambda chronicle: (e.chain == (log.OFFICE if office else chronicle.chain), e.seq == seq)


def _remove(*where):
    def change(connection, chronicle):
        connection.execute(delete(rows.log).where(*where[0](chronicle)))

    return change


def _shift(connection, chronicle, *, after, by):
    later = (e.chain == chronicle.chain, e.seq > after)
    connection.execute(update(rows.log).where(*later).values(seq=e.seq + 1000))
    later = (e.chain == chronicle.chain, e.seq > 1000)
    connection.execute(update(rows.log).where(*later).values(seq=e.seq - 1000 + by))


def _copied(connection, chronicle, seq):
    row = connection.execute(select(rows.log).where(*_row(seq)(chronicle))).one()._asdict()
    del row["id"]
    return row


def _insert(connection, chronicle):
    row = _copied(connection, chronicle, 3)
    _shift(connection, chronicle, after=3, by=1)
    connection.execute(insert(rows.log).values(row | {"seq": 4}))


def _remove_and_close_the_gap(connection, chronicle):
    _remove(_row(3))(connection, chronicle)
    _shift(connection, chronicle, after=3, by=-1)


def _swap(connection, chronicle):
    for old, new in ((3, 1003), (4, 3), (1003, 4)):
        connection.execute(update(rows.log).where(*_row(old)(chronicle)).values(seq=new))


def _swap_places(connection, chronicle):
    first, second = (_id(connection, chronicle, seq) for seq in (3, 4))
    for old, new in ((first, 9000), (second, first), (9000, second)):
        connection.execute(update(rows.log).where(e.id == old).values(id=new))


def _id(connection, chronicle, seq):
    return connection.scalar(select(e.id).where(*_row(seq)(chronicle)))


def _forge(connection, chronicle):
    """Alter a row of the worker's chain, and make all that follow fit it."""
    connection.execute(update(rows.log).where(*_row(4)(chronicle)).values(code=251))
    _rechain(connection, chronicle.chain)


def _rechain(connection, chain):
    before = ""
    for row in connection.execute(select(rows.log).where(e.chain == chain).order_by(e.seq)).all():
        before = log.chained(before, row._asdict())
        connection.execute(update(rows.log).where(e.id == row.id).values(hash=before))


def _chain_of_nobody(connection, chronicle):
    row = _copied(connection, chronicle, 1) | {"chain": "run:77", "seq": 1}
    connection.execute(insert(rows.log).values(row | {"hash": log.chained("", row)}))
    connection.execute(insert(rows.log).values(_intent(chronicle, row)))


def _intent(chronicle, row):
    """…whose row makes no delivery's state wrong."""
    after = row | {"seq": 2, "kind": "noted"}
    return after | {"hash": log.chained(log.chained("", row), after)}


def _state(place, state):
    def change(connection, chronicle):
        one = d.id == chronicle.people[place]
        connection.execute(update(rows.delivery).where(one).values(state=state))

    return change


def _delivery(place, **values):
    def change(connection, chronicle):
        one = d.id == chronicle.people[place]
        connection.execute(update(rows.delivery).where(one).values(**values))

    return change


def _no_delivery(place):
    def change(connection, chronicle):
        connection.execute(delete(rows.delivery).where(d.id == chronicle.people[place]))

    return change


def _tail_of_the_run(connection, chronicle):
    connection.execute(delete(rows.log).where(e.chain == chronicle.chain, e.seq > 7))
    _state(SENDING, "queued")(connection, chronicle)


BROKEN = "does not follow from the row before"
PLANTED = {
    "altered": (_set(_row(4), code=550), "{run} row 4", BROKEN),
    "emptied": (_set(_row(4), subject=None), "{run} row 4", BROKEN),
    "filled": (_set(_row(1), code=250), "{run} row 1", BROKEN),
    "the first row": (_set(_row(1, office=True), actor="ada"), "office row 1", BROKEN),
    "the last row": (_set(_row(9), at=NOW), "{run} row 9", BROKEN),
    "its hash": (_set(_row(4), hash="0" * 64), "{run} row 4", BROKEN),
    "the relay's words": (_set(_row(4), text="550 no"), "{run} row 4", "relay's words were altered"),
    "another address": (_set(_row(4), address="x@example.org"), "delivery 1", "name another address"),
    "removed": (_remove(_row(3)), "{run} row 4", "row 3 before it is missing"),
    "removed, and the gap closed": (_remove_and_close_the_gap, "{run} row 3", BROKEN),
    "the first row removed": (_remove(_row(1)), "{run} row 2", "row 1 before it is missing"),
    "inserted": (_insert, "{run} row 4", BROKEN),
    "reordered": (_swap, "{run} row 3", BROKEN),
    "moved in the table": (_swap_places, "{run} row 4", "stands before the row that it follows"),
    "forged to the end of its chain": (_forge, "office row 4", "sealed another row 8"),
    "cut behind the seal": (_tail_of_the_run, "office row 4", "sealed row 8 of {run}, which is gone"),
    "a whole chain removed": (
        lambda connection, chronicle: connection.execute(delete(rows.log).where(e.chain == chronicle.chain)),
        "office row 4",
        "is gone",
    ),
    "a chain of no run": (_chain_of_nobody, "run:77", "the chain of no worker run"),
    "sent, says the state": (_state(REJECTED, "sent"), "delivery 2", "its rows lead to “rejected”"),
    "sent, and no row": (_state(QUEUED, "sent"), "delivery 4", "is “sent”, but the log has no row"),
    "the last delivery": (_state(SENDING, "sent"), "delivery 6", "its rows lead to “sending”"),
    "no such delivery": (_no_delivery(SENT), "delivery 1", "does not exist, but 2 rows"),
    "no such delivery at the end": (_no_delivery(SENDING), "delivery 6", "does not exist, but 1 rows"),
    "whose delivery it was": (
        _delivery(CANCELLED, address_key="x@example.org"),
        "delivery 5",
        "not the one that the log's pseudonym stands for",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_it_is_found_and_named(chronicle, planted):
    change, where, what = PLANTED[planted]
    with tampering(chronicle.store) as connection:
        change(connection, chronicle)
    found = chronicle.found()
    named = [(w, t) for w, t in found if w == where.format(run=chronicle.chain)]
    assert any(what.format(run=chronicle.chain) in text for _, text in named), found


def test_a_mailout_that_is_another_shows(chronicle):
    other = chronicle.mailout(chronicle.release(reference="2026-0002"))
    with tampering(chronicle.store) as connection:
        _delivery(SENT, mailout_id=other)(connection, chronicle)
    assert ("delivery 1", "the log's rows name another mailout") in chronicle.found()


# With a head that was kept elsewhere.


def test_a_cut_tail_of_the_office_needs_a_head(chronicle):
    head = chronicle.head()
    with tampering(chronicle.store) as connection:
        connection.execute(delete(rows.log).where(e.chain == log.OFFICE, e.kind == "finished"))
    assert chronicle.found() == []
    [(where, what)] = chronicle.found(head=head)
    assert where == "head"
    assert "does not hold it" in what


def test_a_log_rewritten_from_end_to_end_needs_a_head(chronicle):
    head = chronicle.head()
    with tampering(chronicle.store) as connection:
        _forge(connection, chronicle)
        last = connection.execute(select(rows.log).where(*_row(8)(chronicle))).one()
        seal = (e.chain == log.OFFICE, e.kind == "sealed")
        detail = f"{chronicle.chain} 8 {last.hash}"
        connection.execute(update(rows.log).where(*seal).values(detail=detail))
        _rechain(connection, log.OFFICE)
    assert chronicle.found() == []
    assert len(chronicle.found(head=head)) == 1


def test_a_hundred_findings_are_shown_and_all_are_counted(chronicle):
    with chronicle.store.write() as connection:
        log.record(connection, *[log.Event("noted", NOW, "ada", detail=str(n)) for n in range(150)])
    with tampering(chronicle.store) as connection:
        connection.execute(update(rows.log).where(e.kind == "noted").values(actor="eve"))
    with chronicle.store.read() as connection:
        verdict = verify(connection, head=None, pseudonym=PSEUDONYM, done=lambda _: None)
    assert (len(verdict.findings), verdict.number, verdict.document()["more"]) == (100, 150, 50)


def test_it_sees_one_moment_while_others_write(chronicle):
    """Planted bug: each page in a transaction of its own."""
    written = []

    def write(_):
        if not written:
            written.append(True)
            chronicle._run(("answer", SENDING, "accept"))
            with chronicle.store.write() as connection:
                _state(SENDING, "sent")(connection, chronicle)

    with chronicle.store.read() as connection:
        verdict = verify(connection, head=None, pseudonym=PSEUDONYM, done=write)
    assert (verdict.number, verdict.rows) == (0, 14)
    assert chronicle.found() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_byte_of_any_hashed_column_counts(chronicle):
    """One byte of the stored value is replaced: of text its UTF-8 (which may be none then), of a number
    its 64 bits."""
    with chronicle.store.read() as connection:
        before = [row._asdict() for row in connection.execute(select(rows.log).order_by(e.id))]
        raw = [dict(r) for r in connection.exec_driver_sql("SELECT * FROM log ORDER BY id").mappings()]
    columns = [*log.HASHED, "hash"]

    @settings(max_examples=120, deadline=None)
    @given(st.data())
    def altered(data):
        row = raw[data.draw(st.integers(0, len(raw) - 1), label="row")]
        column = data.draw(st.sampled_from([name for name in columns if row[name] not in (None, "")]))
        value = row[column]
        stored = value.to_bytes(8, "big", signed=True) if isinstance(value, int) else value.encode()
        place = data.draw(st.integers(0, len(stored) - 1), label="byte")
        byte = data.draw(st.integers(0, 255).filter(lambda b: b != stored[place]), label="becomes")
        changed = stored[:place] + bytes([byte]) + stored[place + 1 :]
        new = int.from_bytes(changed, "big", signed=True) if isinstance(value, int) else changed
        try:
            _plant(chronicle, row["id"], column, new)
        except Refused:
            return  # the database itself did not take it: the place is taken
        assert chronicle.found() != []
        _plant(chronicle, row["id"], column, value if isinstance(value, int) else value.encode())

    altered()
    with chronicle.store.read() as connection:
        assert [row._asdict() for row in connection.execute(select(rows.log).order_by(e.id))] == before
    assert chronicle.found() == []


def _plant(chronicle, id, column, value):
    given = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
    with tampering(chronicle.store) as connection:
        connection.exec_driver_sql(f"UPDATE log SET {column} = {given} WHERE id = ?", (value, id))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "'soon'"), ("code", "1e999"), ("detail", "x'00ff'"), ("seq", "'two'"), ("text", "x'ff'")],
)
def test_a_value_that_is_none_of_its_column_is_a_finding_like_any_other(chronicle, column, value):
    """Planted bug: reading through the column types: a traceback instead of a finding."""
    with tampering(chronicle.store) as connection:
        connection.exec_driver_sql(f"UPDATE log SET {column} = {value} WHERE chain <> 'office' AND seq = 4")
    assert chronicle.found()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("value", ["infinity", "294276-12-31 23:59:59+00", "0044-03-15 00:00:00+00 BC"])
def test_a_time_that_python_does_not_know_is_a_finding_too(chronicle, value):
    with tampering(chronicle.store) as connection:
        connection.exec_driver_sql(f"UPDATE log SET at = '{value}' WHERE chain <> 'office' AND seq = 4")
    assert (f"{chronicle.chain} row 4", BROKEN + ": altered, inserted or moved") in chronicle.found()
