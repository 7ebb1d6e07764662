"""Law 2, for what was cancelled when a part of it had gone: approved again, it reaches nobody a second time.

Planted bugs, each caught here: prepare that forgets who had it (the same text); approval that asks only
whether a mailout is under way (another text: who had the first one never hears of it).
"""

import pytest
from sqlalchemy import func, select

from distributor.errors import Refused
from distributor.office import correct, stop
from distributor.store import rows
from tests.house import DOCUMENT, REFERENCE, people
from tests.sink import sink

HAD, LATE, TRADE = ["one@example.eu", "two@example.eu"], "late@example.eu", people(3)
TIMES = {"embargo": "2030-03-06T10:00+01:00", "advance": ("agencies=-24h",)}
OTHER = DOCUMENT.replace("every vessel from", "each vessel from")


@pytest.fixture
def relay(tmp_path):
    """One of the agencies is told to come again later, as often as her mail comes."""
    with sink(tmp_path / "sink.log", f"--answer=rcpt:{LATE}=450 4.2.0 later") as heard:
        yield heard


@pytest.fixture
def cancelled(connected, work):
    """The advance copies have gone to two agencies of three, then all of it was cancelled."""
    connected.furnish(trade=TRADE, agencies=[*HAD, LATE])
    with connected.system() as built:
        connected.sync(built)
        connected.add(built, **TIMES)
        connected.approve(built)
        work(built)
        connected.clock.move(days=1, seconds=1)
        work(built)
        place = {"publisher_id": "press", "reference": REFERENCE, "pseudonym": built.tokens.pseudonym}
        stop.cancel(built.store, actor="officer", now=built.now(), **place)
        yield built


def again(house, built, work, text):
    """Taken in and approved again, and sent to its end."""
    house.document(text)
    house.add(built, **TIMES)
    house.approve(built)
    work(built)
    house.clock.move(days=1, seconds=1)
    work(built)


def taken(relay, built):
    """Whom the relay took mail for, when all has been heard that the database calls sent."""
    d = rows.delivery.c
    with built.store.read() as connection:
        sent = connection.scalar(select(func.count()).where(d.state == "sent"))
    relay.until(lambda sink: len(sink.accepted) >= sent)
    return sorted(event["recipient"] for event in relay.accepted)


def test_the_same_text_goes_to_the_others_alone(connected, cancelled, relay, work):
    assert taken(relay, cancelled) == HAD
    again(connected, cancelled, work, DOCUMENT)
    assert taken(relay, cancelled) == sorted([*HAD, *TRADE])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_text_is_a_correction_for_who_had_the_first(connected, cancelled, relay, work):
    """It says so; and then the others may have it, too."""
    connected.document(OTHER)
    connected.add(cancelled, **TIMES)
    with pytest.raises(Refused, match="has begun to go out"):
        connected.approve(cancelled)
    place = {"reference": REFERENCE, "house": cancelled.house}
    done = correct.correct(cancelled.store, actor="officer", now=cancelled.now(), **place)
    work(cancelled)
    assert done.told.told == len(HAD)
    assert taken(relay, cancelled) == sorted([*HAD, *HAD])  # the second is marked as a correction
    again(connected, cancelled, work, OTHER)
    assert taken(relay, cancelled) == sorted([*HAD, *HAD, *TRADE])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_embargo_is_told_to_who_keeps_the_first(connected, cancelled):
    connected.add(cancelled, **TIMES | {"embargo": "2030-03-07T10:00+01:00"})
    with pytest.raises(Refused, match="release embargo 2030-0042 WHEN"):
        connected.approve(cancelled)
