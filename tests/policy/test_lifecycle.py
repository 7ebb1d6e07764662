"""The state machines are the ones of the design, and random events never leave them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.errors import Refused
from distributor.policy.lifecycle import (
    DELIVERY,
    DONE,
    MAILOUT,
    RELEASE,
    REVISION,
    SERVICE_MAIL,
    DeliveryState,
    Machine,
)

MACHINES = [REVISION, RELEASE, MAILOUT, DELIVERY, SERVICE_MAIL]

# Written out by hand from the design: one "source → target" a line, so that a slip in the tables shows.
ARROWS = {
    "revision": "draft→approved draft→superseded approved→superseded",
    "release": "open→published open→withdrawn published→withdrawn",
    "mailout": "planned→prepared prepared→sending sending→finished "
    "planned→cancelled prepared→cancelled sending→cancelled",
    "delivery": "queued→sending deferred→sending sending→sent sending→deferred sending→rejected "
    "sending→expired sending→suppressed sending→doubtful sending→queued "
    "queued→suppressed queued→cancelled queued→expired "
    "deferred→suppressed deferred→cancelled deferred→expired "
    "doubtful→queued doubtful→sent doubtful→cancelled sent→bounced doubtful→bounced",
    "service mail": "queued→sent queued→failed",
}


def arrows(machine: Machine) -> set[str]:
    return {f"{source}→{t.target}" for t in machine.events.values() for source in t.sources}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_machine_has_exactly_the_arrows_of_the_design(machine):
    assert arrows(machine) == set(ARROWS[machine.name].split())


@given(st.sampled_from(MACHINES), st.data())
def test_random_events_follow_arrows_or_are_refused(machine, data):
    """Planted bug: `after` without its check of the sources lets a finished mailout be sent again."""
    state = machine.start
    for event in data.draw(st.lists(st.sampled_from(sorted(machine.events)), max_size=30)):
        if state in machine.sources(event):
            following = machine.after(state, event)
            assert f"{state}→{following}" in ARROWS[machine.name].split()
            state = following
        else:
            with pytest.raises(Refused, match=str(state)):
                machine.after(state, event)


@pytest.mark.parametrize(
    ("machine", "final"),
    [
        (REVISION, {"superseded"}),
        (RELEASE, {"withdrawn"}),
        (MAILOUT, {"finished", "cancelled"}),
        # sent is final for sending; only later knowledge (a bounce) leaves it
        (DELIVERY, {"rejected", "expired", "suppressed", "cancelled", "bounced"}),
        (SERVICE_MAIL, {"sent", "failed"}),
    ],
)
def test_final_states(machine, final):
    assert machine.final == {machine.states(state) for state in final}


def test_every_state_is_reached_from_the_start():
    for machine in MACHINES:
        reached = {machine.start}
        for _ in machine.states:
            reached |= {t.target for t in machine.events.values() if t.sources & reached}
        assert reached == set(machine.states), machine.name


def test_done_deliveries_are_never_handed_over_again():
    assert not DELIVERY.sources("intend") & DONE
    assert DeliveryState.DOUBTFUL not in DONE
