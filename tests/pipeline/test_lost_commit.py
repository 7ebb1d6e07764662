"""The connection breaks when a group is committed and its sender has not heard so: it finds out, and goes on.

The line to a real PostgreSQL is cut exactly there. Planted by hand and caught: a ledger that writes such a
group again (the run ends); one that only believes that it was written (a lease is lost, and its batch waits
for ever; a group that was not written is taken for done).
"""

import asyncio

import pytest

from distributor.worker import send_due
from tests.brokenline import line
from tests.house import House, mailouts, people, states
from tests.proof import findings
from tests.sink import sink

PEOPLE = people(24)
EACH = {
    "the first, which only leases": lambda n: n == 1,
    "every second one": lambda n: n % 2 == 0,
    "three in a row": lambda n: n in (3, 4, 5),
}


@pytest.mark.parametrize("cut", EACH.values(), ids=EACH.keys())
def test_nobody_is_lost_and_nobody_twice(tmp_path, postgres_url, cut):
    with sink(tmp_path / "sink.log") as relay, line(postgres_url, cut=cut) as broken:
        house = House(tmp_path, broken.url)
        house.configure(port=relay.port)
        house.furnish(trade=PEOPLE)
        with house.system() as built:
            house.release(built)
            tally = asyncio.run(send_due(built))
            assert broken.lost > 0
            assert sorted(event["recipient"] for event in relay.accepted) == sorted(PEOPLE)
            assert states(built) == dict.fromkeys(PEOPLE, "sent")
            assert mailouts(built) == {"release": "finished"}
            assert tally["accept"] == len(PEOPLE)
            assert findings(built.store, pseudonym=built.tokens.pseudonym) == []
