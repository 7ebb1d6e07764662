"""Law 1, and the copies that are sent to a few more: before the embargo only to who may have it by plan."""

from datetime import timedelta

import pytest

from distributor.errors import Refused
from distributor.model.address import Address
from distributor.office import copies
from tests.house import NOW, REFERENCE, people, states
from tests.laws.changing import house_of, lift

EMBARGO = NOW + timedelta(days=2)
WIRE, NEW = "wire@example.eu", "late@example.org"


def _copy(built, *addresses):
    return copies.send(built.store, **_place(built), addresses=[Address.parse(one) for one in addresses])


def _added(built):
    return copies.send_added(built.store, **_place(built))


def _place(built):
    return {"actor": "officer", "now": built.now(), "reference": REFERENCE, "house": house_of(built)}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_before_the_embargo_a_copy_goes_to_whoever_may_have_it_and_when_her_wave_has_begun(house, work):
    with house.system() as built:
        house.release(built, embargo=EMBARGO.isoformat(), advance=("agencies=-24h",))
        house.furnish(trade=people(8), agencies=[WIRE, NEW])
        house.sync(built)
        with pytest.raises(Refused, match="no advance copy for agencies has gone yet"):
            _copy(built, NEW)
        with pytest.raises(Refused, match="no advance copy of it has gone out yet"):
            _added(built)
        built.now.move(hours=24)
        work(built)
        house.furnish(trade=people(9), agencies=[WIRE, NEW, "third@example.eu"])
        house.sync(built)
        for stranger in (people(8)[0], "nobody@example.com"):
            with pytest.raises(Refused, match="may not have the text before the embargo"):
                _copy(built, stranger)
        with pytest.raises(Refused, match="has it already"):
            _copy(built, WIRE)
        assert _added(built).addresses == ("third@example.eu",)
        work(built)
        assert set(states(built, kind="advance")) == {WIRE, NEW, "third@example.eu"}
        assert set(states(built, kind="advance").values()) == {"sent"}
        assert states(built) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_afterwards_a_copy_goes_to_anybody_who_is_not_silent_and_makes_her_a_holder(house, work):
    with house.system() as built:
        house.release(built, embargo=EMBARGO.isoformat())
        with pytest.raises(Refused, match="may not have the text"):
            _copy(built, NEW)
        lift(built)
        work(built)
        assert _copy(built, NEW).addresses == (NEW,)
        work(built)
        assert states(built)[NEW] == "sent"
        with pytest.raises(Refused, match="has it already"):
            _copy(built, NEW)
        with pytest.raises(Refused, match="nobody was added since"):
            _added(built)
        house.furnish(trade=people(11), agencies=[WIRE])
        house.sync(built)
        assert sorted(_added(built).addresses) == sorted(people(11)[8:])
