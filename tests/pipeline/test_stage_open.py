"""Opening: at the instant and not before, once, with everything that belongs to it in one transaction."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.office import stop
from distributor.store import releases, rows
from tests.house import NOW, REFERENCE, mailouts, people, states
from tests.proof import dump, meanwhile

LIFT = NOW + timedelta(hours=2)


@pytest.fixture
def embargoed(house, office):
    """Approved, planned and prepared ahead of an embargo at LIFT with an advance wave now."""
    house.add(office, embargo="2030-03-04T12:00+01:00", advance=("agencies=-2h",))
    house.approve(office)
    office.plan()
    house.clock.now = LIFT - timedelta(minutes=5)
    office.prepare()
    return office


def _release(office):
    r = rows.release.c
    with office.store.read() as connection:
        return connection.execute(select(r.state, r.published_at)).one()


def test_a_microsecond_early_is_early(house, embargoed):
    """Law 1. Planted bug: `to_open` and `opened` without `due <= now`."""
    house.clock.now = LIFT - timedelta(microseconds=1)
    embargoed.open_due()
    assert mailouts(embargoed)["release"] == "prepared"
    assert _release(embargoed).state == "open"
    house.clock.now = LIFT
    embargoed.open_due()
    assert mailouts(embargoed)["release"] == "sending"
    assert tuple(_release(embargoed)) == ("published", LIFT)


def test_run_twice_it_changes_nothing(house, embargoed):
    house.clock.now = LIFT
    assert embargoed.open_due() == 1
    before = dump(embargoed.store)
    assert embargoed.open_due() == 0
    assert dump(embargoed.store) == before


def test_a_rehearsal_opens_nothing(house, embargoed):
    """Planted bug: rehearsed with the mailout itself."""
    embargoed.open_due()  # the wave, by now too late
    before = dump(embargoed.store)
    embargoed.rehearse()
    assert dump(embargoed.store) == before
    house.clock.now = LIFT
    assert embargoed.open_due() == 1


def _set(office, table, **values):
    with office.store.write() as connection:
        connection.execute(update(table).values(**values))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (rows.mailout, {"held_at": NOW}),
        (rows.release, {"held_at": NOW}),
        (rows.release, {"state": "withdrawn"}),
        (rows.mailout, {"state": "cancelled"}),
    ],
    ids=["mailout held", "release held", "withdrawn", "cancelled"],
)
def test_what_may_not_go_does_not_open(house, embargoed, table, values):
    _set(embargoed, table, **values)
    house.clock.now = LIFT
    before = mailouts(embargoed)
    assert embargoed.open_due() == 0
    assert mailouts(embargoed) == before


def test_held_between_the_look_and_the_opening(house, embargoed):
    """Planted bug: `opened` without its own look at the holds."""
    house.clock.now = LIFT

    def hold():
        place = {"publisher_id": "press", "reference": REFERENCE}
        stop.hold(embargoed.store, actor="officer", now=LIFT, reason="the vote is late", **place)

    meanwhile(embargoed.store, after="FROM mailout", do=hold)
    assert embargoed.open_due() == 0
    assert mailouts(embargoed)["release"] == "prepared"
    with embargoed.store.read() as connection:
        release = releases.get(connection, publisher_id="press", reference=REFERENCE)
    assert release.held.reason == "the vote is late"


def test_at_the_instant_what_is_left_of_the_advance_is_cancelled(house, embargoed):
    house.clock.now = LIFT - timedelta(minutes=1)
    _set(embargoed, rows.mailout, late_accepted=True)
    embargoed.open_due()
    assert mailouts(embargoed)["advance"] == "sending"
    house.clock.now = LIFT
    embargoed.open_due()
    assert states(embargoed, kind="advance") == {"wire@example.eu": "cancelled"}
    assert states(embargoed)["wire@example.eu"] == "queued"  # nobody goes without


def test_who_had_the_advance_copy_gets_no_second_one(house, embargoed):
    _set(embargoed, rows.mailout, late_accepted=True)
    embargoed.open_due()
    _had_the_advance(embargoed)
    house.clock.now = LIFT
    embargoed.open_due()
    assert states(embargoed) == {"wire@example.eu": "cancelled"} | dict.fromkeys(people(5), "queued")


def _had_the_advance(office):
    d, m = rows.delivery.c, rows.mailout.c
    advance = select(m.id).where(m.kind == "advance").scalar_subquery()
    with office.store.write() as connection:
        changed = update(rows.delivery).where(d.mailout_id == advance)
        connection.execute(changed.values(state="sent", batch_id=None))


def test_an_advance_whose_embargo_is_over_does_not_open(house, embargoed):
    house.clock.now = LIFT + timedelta(seconds=1)
    embargoed.open_due()
    assert mailouts(embargoed) == {"advance": "cancelled", "release": "sending"}
