"""Both sides of the audience: who gets it and why, who does not and why.

Planted bugs that these tests caught: silence not asked for `also`; an excluded list that wins over `also`;
row topics ignored; a contact on two matching lists taken twice.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.model.address import Address
from distributor.model.audience import Audience, Reason
from distributor.model.candidate import Candidate, ListFacts, Membership
from distributor.model.contact import Standing
from distributor.model.release import Choice
from distributor.model.topic import Topic
from distributor.policy.audience import LEFT_OUT, decide
from distributor.policy.topics import build

TREE = build(
    [Topic("trade"), Topic("trade/export-control", parent="trade"), Topic("energy"), Topic("health")],
    where="topics.toml",
)
TRADE = ListFacts("trade", "Trade correspondents", ("trade",), "fr")
ENERGY = ListFacts("energy", "", ("energy",))
AGENCIES = ListFacts("agencies", "News agencies", ("*",))
MAY = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def candidate(name: str, *lists: ListFacts | Membership, **facts) -> Candidate:
    memberships = tuple(one if isinstance(one, Membership) else Membership(one) for one in lists)
    address = f"{name}@example.org"
    return Candidate(address, address, contact_id=1, memberships=memberships, **facts)


def audience(*candidates: Candidate, topics=("trade/export-control",), also=(), **wishes) -> Audience:
    asked = {"lists": (), "exclude": (), "languages": ("en", "fr"), "publisher_language": "en"} | wishes
    named = [Address.parse(text) for text in also]
    return decide(candidates, topics=topics, also=named, tree=TREE, **asked)


def chosen(name: str, *, gets: bool) -> Choice:
    return Choice(f"{name}@example.org", "ada", gets)


def test_an_officers_word_on_one_person() -> None:
    """It wins over lists, exclusions and `also`, never over silence; it gives nobody embargo access."""
    left, added = [chosen("A", gets=False)], [chosen("A", gets=True)]
    one = candidate("a", TRADE)
    assert reason_against(one, people=left, also=["a@example.org"]) == f"{LEFT_OUT} ada"
    (person,) = audience(candidate("a"), people=added, exclude=["trade"], topics=[]).recipients
    assert (person.reasons, person.tier) == ((Reason(by="ada"),), None)
    (stranger,) = audience(people=added, topics=[]).recipients
    assert (stranger.contact_id, stranger.reasons) == (None, (Reason(by="ada"),))
    assert reason_against(candidate("a", standing=Standing.PAUSED), people=added) == "paused"


def reason_against(one: Candidate, **wishes) -> str:
    found = audience(one, **wishes)
    assert not found.recipients
    return found.excluded[0].reason


@pytest.mark.parametrize(
    ("one", "wishes", "reason"),
    [
        # her own choices and the office's, in words
        (
            candidate("a", TRADE, standing=Standing.UNSUBSCRIBED, standing_at=MAY),
            {},
            "unsubscribed 2026-05-01",
        ),
        (candidate("a", TRADE, standing=Standing.PAUSED, standing_at=MAY), {}, "paused"),
        (candidate("a", TRADE, suppression="asked by phone"), {}, "suppressed: asked by phone"),
        (
            candidate("a", TRADE, standing=Standing.SUPPRESSED, standing_reason="bounced"),
            {},
            "suppressed: bounced",
        ),
        (candidate("a", TRADE, standing=Standing.ERASED, standing_at=MAY), {}, "erased 2026-05-01"),
        # both: her own word counts
        (candidate("a", TRADE, standing=Standing.UNSUBSCRIBED, suppression="x"), {}, "unsubscribed"),
        # lists
        (candidate("a", TRADE, AGENCIES), {"exclude": ["agencies"]}, "on excluded list News agencies"),
        (candidate("a"), {}, "on no list"),
        (candidate("a", ENERGY), {}, "no list covers trade/export-control"),
        (candidate("a", ENERGY), {"topics": ["trade", "health"]}, "no list covers trade or health"),
        (candidate("a", ENERGY), {"topics": [], "lists": ["trade"]}, "not on list trade"),
        (
            candidate("a", ENERGY),
            {"lists": ["trade"]},
            "no list covers trade/export-control, not on list trade",
        ),
        (
            candidate("a", Membership(TRADE, ("energy",))),
            {},
            "list Trade correspondents covers it, but this contact follows only energy",
        ),
    ],
)
def test_everyone_else_with_the_reason(one, wishes, reason):
    assert reason_against(one, **wishes) == reason


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.ACTIVE])
def test_silence_wins_over_an_address_that_the_release_names(standing):
    assert reason_against(candidate("a", standing=standing), also=["a@example.org"])


def test_a_suppressed_address_that_is_no_contact_stays_silent_too():
    stranger = Candidate("x@example.org", "x@example.org", suppression="never again")
    assert reason_against(stranger, also=["x@example.org"]) == "suppressed: never again"


def test_one_recipient_with_every_reason_in_a_stable_order():
    one = candidate("a", AGENCIES, TRADE)
    found = audience(one, topics=["trade/export-control", "energy"], lists=["trade"], also=["A@example.org"])
    (recipient,) = found.recipients
    assert recipient.reasons == (
        Reason("agencies", "*", "trade/export-control"),
        Reason("agencies", "*", "energy"),
        Reason("trade"),
        Reason("trade", "trade", "trade/export-control"),
        Reason(),
    )
    assert not found.excluded


def test_an_address_that_the_release_names_needs_no_list_and_beats_an_excluded_one():
    found = audience(
        candidate("a", TRADE), also=["a@example.org", "new@example.org"], exclude=["trade"], topics=[]
    )
    assert [(r.address, r.reasons, r.contact_id) for r in found.recipients] == [
        ("a@example.org", (Reason(),), 1),
        ("new@example.org", (Reason(),), None),
    ]


@pytest.mark.parametrize(
    ("one", "available", "language"),
    [
        (candidate("a", TRADE, languages=("el", "en")), ("en", "fr"), "en"),  # hers
        (candidate("a", TRADE, languages=("el",)), ("en", "fr"), "fr"),  # the list's
        (candidate("a", TRADE, languages=("el",)), ("de", "en"), "de"),  # the original
        (candidate("a", AGENCIES, TRADE), ("en", "fr"), "fr"),  # the first list that has one
        (candidate("a", ENERGY, TRADE, languages=()), ("en", "fr"), "fr"),  # of those that give it
    ],
)
def test_language(one, available, language):
    assert audience(one, languages=available).recipients[0].language == language


def test_a_stranger_gets_the_publishers_language():
    (recipient,) = audience(also=["x@example.org"], publisher_language="fr").recipients
    assert recipient.language == "fr"


def test_the_tier_is_her_access():
    assert audience(candidate("a", TRADE, tier="agencies")).recipients[0].tier == "agencies"


# whatever the world looks like

LISTS = [TRADE, ENERGY, AGENCIES, ListFacts("none", "", ())]
TOPICS = st.lists(st.sampled_from(sorted(TREE.topics)), unique=True)
NAMES = st.lists(st.sampled_from([facts.name for facts in LISTS]), unique=True)
MEMBERSHIPS = st.lists(
    st.builds(Membership, st.sampled_from(LISTS), TOPICS.map(tuple)),
    max_size=3,
    unique_by=lambda m: m.list.name,
).map(lambda found: tuple(sorted(found, key=lambda m: m.list.name)))
PEOPLE = st.lists(
    st.builds(
        Candidate,
        address=st.sampled_from([f"p{n}@example.org" for n in range(12)]),
        address_key=st.just(""),
        contact_id=st.integers(1, 99),
        standing=st.sampled_from(Standing),
        suppression=st.one_of(st.none(), st.just("x")),
        memberships=MEMBERSHIPS,
        languages=st.lists(st.sampled_from(["en", "fr", "el"]), unique=True).map(tuple),
    ),
    max_size=12,
    unique_by=lambda c: c.address,
).map(
    lambda found: [
        Candidate(**{**{n: getattr(c, n) for n in c._fields}, "address_key": c.address}) for c in found
    ]
)
ALSO = st.lists(st.sampled_from([f"p{n}@example.org" for n in range(14)]), unique=True)


@settings(max_examples=100, deadline=None)
@given(PEOPLE, TOPICS, NAMES, NAMES, ALSO)
def test_everybody_is_on_exactly_one_side(people, topics, lists, exclude, also):
    found = audience(*people, topics=topics, lists=lists, exclude=exclude, also=also)
    sides = [r.address for r in found.recipients] + [e.address for e in found.excluded]
    assert sorted(sides) == sorted({c.address for c in people} | set(also))
    silent = {c.address for c in people if c.standing is not Standing.ACTIVE or c.suppression is not None}
    assert not silent & {r.address for r in found.recipients}
    assert all(r.reasons and len(set(r.reasons)) == len(r.reasons) for r in found.recipients)
    assert all(e.reason for e in found.excluded)
    barred = {c.address for c in people for m in c.memberships if m.list.name in exclude}
    assert barred & {r.address for r in found.recipients} <= set(also)


@settings(deadline=None)
@given(PEOPLE, TOPICS, NAMES, ALSO, st.randoms())
def test_the_order_of_reading_does_not_matter(people, topics, lists, also, random):
    found = audience(*people, topics=topics, lists=lists, also=also)
    random.shuffle(people)
    assert audience(*people, topics=topics, lists=lists, also=also[::-1]) == found


@settings(deadline=None)
@given(PEOPLE, TOPICS, NAMES, st.sampled_from([facts.name for facts in LISTS]))
def test_naming_one_more_list_loses_nobody(people, topics, lists, more):
    before = {r.address for r in audience(*people, topics=topics, lists=lists).recipients}
    after = {r.address for r in audience(*people, topics=topics, lists=[*lists, more]).recipients}
    assert before <= after
