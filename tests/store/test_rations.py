"""What of a relay's limits is used is counted in one place: several senders keep to it together.

Planted bug, caught here on PostgreSQL: reading what is used without keeping others waiting.
"""

import threading
from datetime import timedelta

from distributor.model.pacing import Limits, Spent
from distributor.store import rations
from tests.world import NOW

DAY = Limits("m365", daily=100)
RATE = Limits("m365", rate=0.5)


def take(store, limits, wanted, *, now=NOW):
    with store.write() as connection:
        return rations.take(connection, limits=limits, wanted=wanted, now=now)


def test_what_one_sender_took_the_next_does_not_get(store):
    assert take(store, DAY, 60).number == 60
    assert take(store, DAY, 60).number == 40
    last = take(store, DAY, 60)
    assert (last.number, last.used_up) == (0, True)
    assert take(store, DAY, 60, now=last.again).number == 60


def test_relays_are_counted_each_for_itself(store):
    take(store, DAY, 100)
    assert take(store, Limits("other", daily=5), 9).number == 5


def test_a_rate_goes_on_with_time(store):
    assert [take(store, RATE, 9, now=NOW + timedelta(seconds=s)).number for s in (0, 1, 2, 3, 4)] == [
        1,
        0,
        1,
        0,
        1,
    ]


def test_what_is_given_back_is_there_again(store):
    take(store, DAY, 100)
    with store.write() as connection:
        rations.give_back(connection, relay="m365", number=30)
    assert take(store, DAY, 60).number == 30


def test_what_is_used_can_be_seen(store):
    take(store, DAY, 7)
    with store.read() as connection:
        (_, used), (_, other) = rations.spent(connection, relays=[DAY, Limits("other", daily=5)])
    assert sum(number for _, number in used.taken) == 7
    assert other == Spent()


def test_many_at_once_get_no_more_than_there_is(store):
    got, together = [], threading.Barrier(6)

    def ask():
        together.wait()
        got.extend(take(store, DAY, 3).number for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == 100
