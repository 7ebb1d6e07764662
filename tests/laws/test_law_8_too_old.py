"""Law 8 for what grows too old: a clock, an absence or a hold of more than a day lets nothing expire unasked.

Planted by hand and caught, each by the rows that it concerns: `clockwatch` without what is too old; `gather`
that expires what is held; a worker's guard that expires by its own clock; `resume` without its whole time; an
absence that is looked for only when a worker begins.
"""

import asyncio
from datetime import timedelta

import pytest

from distributor.office import stop
from distributor.store import runs
from distributor.store.views import todo
from tests.house import NOW, REFERENCE, Desk, mailouts, people, states
from tests.sink import sink

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIFT = NOW + timedelta(hours=2)
LATER, *AT_ONCE = people(8)
EVERYBODY = dict.fromkeys([LATER, *AT_ONCE, "wire@example.eu"], "sent")
AFTER = f"distributor release resume {REFERENCE}"


@pytest.fixture
def desk():
    return Desk()


def _asked(built):
    with built.store.read() as connection:
        found = todo.document(connection, publisher_id="press", rules=built.rules, now=built.now())
    return {one["what"]: one["answer"] for one in found if one["kind"] in ("held", "late")}


def _about(built):
    return {"actor": "officer", "now": built.now(), "publisher_id": "press", "reference": REFERENCE}


def _hold(built, desk):
    stop.hold(built.store, reason="a doubt", **_about(built))
    desk.passes(hours=25)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (lambda _, desk: desk.set(hours=25), "clock: it went ahead by 25 hours, over the time in which"),
        (lambda _, desk: desk.passes(hours=25), "late: nobody sent for 25 hours"),
        (_hold, "held by officer: a doubt"),
    ],
)
def test_whoever_still_waits_is_asked_for_and_gets_it(house, work, desk, tmp_path, happens, why):
    with sink(tmp_path / "first.log", f"--answer=rcpt:{LATER}=450 4.2.1 later") as relay:
        house.configure(port=relay.port)
        with house.system(desk=desk) as built:
            house.release(built, embargo=LIFT.isoformat())
            desk.passes(hours=2)
            work(built)
            assert states(built) == EVERYBODY | {LATER: "deferred"}
            happens(built, desk)
            work(built)
            work(built)
            assert states(built) == EVERYBODY | {LATER: "deferred"}
            assert [(why in what, answer) for what, answer in _asked(built).items()] == [(True, AFTER)]
    with sink(tmp_path / "second.log") as relay:
        house.configure(port=relay.port)
        with house.system(desk=desk) as built:
            stop.resume(built.store, **_about(built))
            desk.passes(minutes=2)
            work(built)
            assert (states(built), mailouts(built)) == (EVERYBODY, {"release": "finished"})
        assert [event["recipient"] for event in relay.accepted] == [LATER]


@pytest.mark.parametrize("wishes", [{"embargo": LIFT.isoformat()}, {"send_at": LIFT.isoformat()}])
@pytest.mark.parametrize("answer", ["resume", "cancel"])
def test_what_had_not_begun_asks_and_goes_whole(connected, work, desk, wishes, answer):
    """The clock is set thirty hours ahead: its instant and the time in which it is tried are both past."""
    with connected.system(desk=desk) as built:
        connected.release(built, **wishes)
        desk.set(hours=30)
        work(built)
        work(built)
        assert list(_asked(built).values()) == [AFTER]
        assert mailouts(built)["release"] in ("planned", "prepared")
        if answer == "resume":
            stop.resume(built.store, **_about(built))
        else:
            stop.cancel(built.store, pseudonym=built.tokens.pseudonym, **_about(built))
        work(built)
        work(built)
        assert _asked(built) == {}
        ends = ({"sent"}, "finished") if answer == "resume" else (set(), "cancelled")
        assert (set(states(built).values()) - {"cancelled"}, mailouts(built)["release"]) == ends


def test_a_worker_in_the_midst_of_it_expires_nobody(house, work, desk, tmp_path):
    """It reads the new time before anybody has judged it: what it may not hand over it gives back."""
    house.configure(port=1)
    with house.system(desk=desk) as built:
        house.release(built, embargo=LIFT.isoformat())
        desk.passes(hours=2)
        work(built)
        assert mailouts(built)["release"] == "sending"
    with sink(tmp_path / "sink.log") as relay:
        house.configure(port=relay.port)
        with house.system(desk=desk) as built:
            desk.set(hours=25)
            _send_alone(built)
            assert set(states(built).values()) == {"queued"}
            work(built)
            assert list(_asked(built).values()) == [AFTER]
            stop.resume(built.store, **_about(built))
            work(built)
            assert states(built) == EVERYBODY


def _send_alone(built):
    """No stage runs beside it."""

    async def drain():
        mailer = built.mailer()
        with runs.started(built.store, now=built.now()) as run:
            await built.sender(run=run, mailer=mailer).drain()
        await mailer.close()

    asyncio.run(drain())
