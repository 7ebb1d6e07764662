"""Law 5 for one reader: when her access is suspended, no advance copy to her is running or can start.

Alone, or with all of her outlet, while a batch with hers in it is leased and under way. A relay stands still
at a gate meanwhile. Planted by hand and caught: `suspend` that does not wait (`_let_go`); a guard without
`_without_access`.
"""

import time
from datetime import timedelta

import pytest

from distributor.office import access
from tests.house import real, states
from tests.proof import findings

WIRE = {f"w{n}@example.eu": "News Wire" for n in range(4)}
POST = {f"p{n}@example.eu": "Harbour Post" for n in range(4)}


@pytest.fixture
def office(connected):
    """An advance wave to eight of two outlets is open; its senders are programs of their own."""
    connected.furnish(trade=["later@example.org"], agencies=[])
    listed = "".join(f"{address},{outlet}\n" for address, outlet in (WIRE | POST).items())
    (connected.folder / "lists" / "agencies.csv").write_text(f"email,outlet\n{listed}")
    with connected.system(now=real) as built:
        lift = (built.now() + timedelta(days=2)).isoformat()
        connected.release(built, embargo=lift, advance=("agencies=-9999h",))
        yield built


def _suspend(built, **whom):
    """How many copies were past their dot when it returned is known to the relay alone."""
    paused = []

    def pause(seconds):
        paused.append(seconds)
        time.sleep(seconds)

    case = access.Case("officer", built.now(), "press", built.tokens.pseudonym, **whom)
    until = built.now() + timedelta(days=9)
    access.suspend(built.store, case, until=until, reason="broke another one", pause=pause)
    assert sum(paused) <= 1


def _begun(relay, concerned):
    return {event["recipient"] for event in relay.of("content")} & set(concerned)


@pytest.mark.parametrize(
    ("database_url", "gate", "all_of_it"),
    [("sqlite", "data", True), ("postgres", "data", False), ("postgres", "dot", True)],
    indirect=["database_url"],
)
def test_after_it_returned_no_copy_to_her_begins(connected, relay, office, gate, all_of_it):
    relay.gate(f"close {gate}")
    sender = connected.start("send-due")
    relay.until(lambda sink: len(sink.of(gate)) == 4)
    first = relay.of(gate)[0]["recipient"]
    outlet = (WIRE | POST)[first]
    if all_of_it:
        concerned = [address for address, theirs in (WIRE | POST).items() if theirs == outlet]
        _suspend(office, outlet=outlet.upper())
    else:
        concerned = [first]
        _suspend(office, address=first)
    past = _begun(relay, concerned) if gate == "dot" else set()
    assert bool(past) is (gate == "dot")
    relay.gate(f"open {gate}")
    assert sender.wait() == 0
    assert _begun(relay, concerned) == past
    ends = states(office, kind="advance")
    assert {ends[address] for address in concerned} == ({"sent", "cancelled"} if past else {"cancelled"})
    assert {ends[address] for address in ends if address not in concerned} == {"sent"}
    assert findings(office.store, pseudonym=office.tokens.pseudonym) == []
