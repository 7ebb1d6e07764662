"""A recipient domain with a pace gets its mails in steps; everybody else all at once.

Planted bugs, each caught here: steps of one mailout that ignore another's; gathered ones that go at once.
"""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.store import rows
from tests.house import DOCUMENT, NOW, REFERENCE, House, people, tick

PACED = '[pacing."example.org"]\nrate = "12/m"\n'  # two every ten seconds
SECOND = "2030-0043"


@pytest.fixture
def house(tmp_path, database_url):
    made = House(tmp_path, database_url)
    made.configure(extra=PACED)
    made.furnish(trade=people(15))  # five of them at each domain
    return made


def _plan(house, office, reference=REFERENCE):
    house.document(DOCUMENT.replace(REFERENCE, reference), name=f"{reference}.md")
    house.add(office, name=f"{reference}.md", embargo="2030-03-04T12:00+01:00")
    house.approve(office, reference)
    office.plan()


def _steps(office):
    """{domain: how many may go, by seconds from the instant}."""
    b, d = rows.batch.c, rows.delivery.c
    with office.store.read() as connection:
        found = connection.execute(
            select(b.not_before, d.address).join(rows.delivery, d.batch_id == b.id)
        ).all()
    at = NOW + timedelta(hours=2)
    steps = {}
    for row in found:
        domain = row.address.rpartition("@")[2]
        steps.setdefault(domain, Counter())[(row.not_before - at).total_seconds()] += 1
    return steps


def _prepare(house, office):
    house.clock.move(hours=2, minutes=-5)
    office.prepare()


def test_who_exceeds_the_pace_comes_later(house, office):
    _plan(house, office)
    _prepare(house, office)
    steps = _steps(office)
    assert steps["example.org"] == {0.0: 2, 10.0: 2, 20.0: 1}
    assert steps["example.com"] == steps["example.eu"] == {0.0: 5}


def test_the_fair_order_is_kept(house, office):
    _plan(house, office)
    _prepare(house, office)
    b, d = rows.batch.c, rows.delivery.c
    with office.store.read() as connection:
        positions = list(
            connection.scalars(
                select(d.position)
                .join(rows.batch, d.batch_id == b.id)
                .where(b.domain == "example.org")
                .order_by(b.not_before, d.position)
            )
        )
        everybody = set(connection.scalars(select(d.position)))
    assert positions == sorted(positions)
    assert everybody == set(range(15))


def test_two_mailouts_share_the_pace(house, office):
    _plan(house, office)
    _plan(house, office, SECOND)
    _prepare(house, office)
    steps = _steps(office)["example.org"]
    assert steps == {0.0: 2, 10.0: 2, 20.0: 1, 30.0: 2, 40.0: 2, 50.0: 1}


def test_run_again_after_a_crash_nobody_is_missing(house, office):
    _plan(house, office)
    _prepare(house, office)
    with office.store.write() as connection:  # as if two steps had not been written
        late = select(rows.batch.c.id).where(rows.batch.c.not_before > NOW + timedelta(hours=2))
        connection.execute(rows.delivery.delete().where(rows.delivery.c.batch_id.in_(late)))
        connection.execute(rows.batch.delete().where(rows.batch.c.not_before > NOW + timedelta(hours=2)))
        connection.execute(update(rows.mailout).values(state="planned"))
    assert office.prepare() == 1
    assert _steps(office)["example.org"].total() == 5
    assert max(_steps(office)["example.org"].values()) == 2


def test_what_is_gathered_waits_for_a_free_step(house, office):
    _plan(house, office)
    _prepare(house, office)
    house.clock.move(minutes=5)
    tick(office)
    with office.store.write() as connection:
        connection.execute(rows.batch.update().values(state="closed"))
        connection.execute(rows.delivery.update().values(batch_id=None))
    assert office.gather() == 15
    steps = _steps(office)
    assert steps["example.com"] == {0.0: 5}
    assert steps["example.org"] == {30.0: 2, 40.0: 2, 50.0: 1}  # three steps are taken
