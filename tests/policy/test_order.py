"""The order is fair: nobody's domain or outlet is last as a whole, and the seed alone decides."""

from collections import Counter
from collections.abc import Iterable, Iterator

from hypothesis import given
from hypothesis import strategies as st

from distributor.model.audience import Recipient
from distributor.policy import order


def person(name: str, domain: str, outlet: str = "") -> Recipient:
    address = f"{name}@{domain}"
    return Recipient(address, address, None, name, outlet, "en", None, ())


def fair(recipients: Iterable[Recipient], *, seed: int) -> list[Recipient]:
    return list(order.fair(recipients, seed=seed, in_order=_in_order))


def _in_order(people: Iterable[tuple[order.Place, Recipient]]) -> Iterator[Recipient]:
    return (person for _, person in sorted(people, key=lambda pair: pair[0]))


people = st.lists(
    st.builds(
        person,
        st.text("abcdef", min_size=1, max_size=5),
        st.sampled_from(["example.org", "example.com", "example.eu"]),
        st.sampled_from(["", "Daily", "Weekly"]),
    ),
    unique_by=lambda one: one.address_key,
    max_size=60,
)


@given(people, st.integers(0, 2**48))
def test_same_people_same_seed_same_order(recipients, seed):
    ordered = fair(recipients, seed=seed)
    assert sorted(p.address for p in ordered) == sorted(p.address for p in recipients)
    assert fair(list(reversed(recipients)), seed=seed) == ordered


@given(people, st.integers(0, 2**48))
def test_domains_take_turns(recipients, seed):
    """Planted bug: a plain shuffle fails at once. The n-th of a domain comes before the n+1-th of any."""
    seen: Counter[str] = Counter()
    turns = []
    for one in fair(recipients, seed=seed):
        domain = one.address.partition("@")[2]
        turns.append(seen[domain])
        seen[domain] += 1
    assert turns == sorted(turns)


def test_seeds_differ():
    recipients = [person(f"n{i}", "example.org") for i in range(50)]
    assert fair(recipients, seed=1) != fair(recipients, seed=2)
