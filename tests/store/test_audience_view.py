"""The audience read from both databases: the same contacts, the same answer, in any order of entry."""

from datetime import UTC, datetime

import pytest

from distributor.errors import AddressError, NotFound
from distributor.model.address import Address
from distributor.model.audience import Audience, Excluded, Reason
from distributor.model.contact import ContactRow, ListFile
from distributor.model.publisher import Publisher
from distributor.model.topic import Topic
from distributor.office import silence
from distributor.office.sync import compare, sync
from distributor.policy.topics import build
from distributor.store.database import Store
from distributor.store.publishers import ensure
from distributor.store.views import audience as view
from distributor.store.views import contacts as contact_view
from tests.world import NOW as RELEASED
from tests.world import World, recipient

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PRESS = Publisher("press", "Press Office", "press@example.org", language="fr")
TREE = build(
    [Topic("trade"), Topic("trade/export", parent="trade", aliases=("dual-use",)), Topic("energy")], where=""
)


def row(who: str, **facts) -> ContactRow:
    return ContactRow(Address.parse(f"{who}@example.org"), line=2, **facts)


ANNA = row("anna", name="Anna", languages=("en",))
LISTS = [
    ListFile(
        name="trade",
        title="Trade correspondents",
        topics=("trade",),
        language="fr",
        embargo_access="early",
        rows=(ANNA, row("bo", topics=("energy",)), row("cy")),
        refused=(),
    ),
    ListFile("world", "", ("*",), None, None, (ANNA, row("di", embargo_access="late", outlet="Quay")), ()),
    ListFile("energy", "", ("energy",), None, None, (row("ed"),), ()),
]


@pytest.fixture
def office(store: Store) -> Store:
    ensure(store, id="press", name="Press Office")
    fill(store)
    return store


def fill(store: Store, lists: list[ListFile] = LISTS) -> None:
    common = {"publisher_id": "press", "files": lists, "tree": TREE}
    sync(store, actor="a", now=NOW, shown=compare(store, **common), **common)


def suppress(store: Store, address: str) -> None:
    common = {"publisher_id": "press", "now": NOW, "reason": "asked", "pseudonym": str}
    silence.suppress(store, actor="a", address=address, **common)


def audience(store: Store, **wishes) -> Audience:
    asked = {
        "topics": ["dual-use"],
        "lists": [],
        "exclude": [],
        "also": [],
        "languages": ["en", "fr"],
        "now": NOW,
    } | wishes
    with store.read() as connection:
        return view.audience(connection, publisher=PRESS, **asked)


def test_the_audience(office):
    found = audience(office, also=["new@example.org"])
    assert [(r.address, r.language, r.tier, r.reasons) for r in found.recipients] == [
        (
            "anna@example.org",
            "en",
            "early",
            (Reason("trade", "trade", "trade/export"), Reason("world", "*", "trade/export")),
        ),
        ("cy@example.org", "fr", "early", (Reason("trade", "trade", "trade/export"),)),
        ("di@example.org", "en", "late", (Reason("world", "*", "trade/export"),)),
        ("new@example.org", "fr", None, (Reason(),)),
    ]
    assert found.excluded == (
        Excluded(
            "bo@example.org", "list Trade correspondents covers it, but this contact follows only energy"
        ),
        Excluded("ed@example.org", "no list covers trade/export"),
    )
    assert [(r.name, r.outlet) for r in found.recipients[:3]] == [("Anna", ""), ("", ""), ("", "Quay")]


def test_silence_reaches_contacts_and_strangers(office):
    for address in ("anna@example.org", "stranger@example.org"):
        suppress(office, address)
    found = audience(office, also=["anna@example.org", "Stranger@example.org", "other@example.org"])
    assert [e for e in found.excluded if e.reason == "suppressed: asked"] == [
        Excluded("anna@example.org", "suppressed: asked"),
        Excluded("Stranger@example.org", "suppressed: asked"),
    ]
    assert "other@example.org" in [r.address for r in found.recipients]


def test_lists_by_name_in_any_case(office):
    named = audience(office, topics=[], lists=["ENERGY"])
    assert [r.address for r in named.recipients] == ["ed@example.org"]
    without = audience(office, exclude=["World"])
    assert Excluded("anna@example.org", "on excluded list world") in without.excluded


@pytest.mark.parametrize(
    ("wishes", "error", "message"),
    [
        ({"topics": ["trad"]}, NotFound, "topics: there is no topic “trad”. Did you mean “trade”"),
        ({"lists": ["trad"]}, NotFound, "lists: there is no list “trad”. Did you mean “trade”"),
        ({"exclude": ["wordl"]}, NotFound, "exclude: there is no list “wordl”. Did you mean “world”"),
        ({"also": ["nobody"]}, AddressError, "also: “nobody” is not an e-mail address"),
    ],
)
def test_what_a_release_names_must_be_there(office, wishes, error, message):
    with pytest.raises(error, match=message):
        audience(office, **wishes)


def test_more_contacts_than_one_chunk(office, monkeypatch):
    """Planted: the memberships of a chunk's last contact read with the next chunk."""
    monkeypatch.setattr(view, "_CHUNK", 3)
    everybody = [
        *LISTS,
        ListFile("many", "", ("trade",), None, None, tuple(row(f"p{n}") for n in range(10)), ()),
    ]
    fill(office, everybody)
    found = audience(office)
    assert len(found.recipients) == 13
    assert all(r.reasons for r in found.recipients)
    keys = [r.address_key for r in found.recipients]
    assert keys == sorted(keys)


def test_another_publishers_contacts_are_nobodys_business(office):
    ensure(office, id="other", name="Other")
    files = [ListFile("trade", "", ("*",), None, None, (row("zoe"),), ())]
    common = {"publisher_id": "other", "files": files, "tree": None}
    sync(office, actor="a", now=NOW, shown=compare(office, **common), **common)
    found = audience(office)
    assert "zoe@example.org" not in [x.address for x in (*found.recipients, *found.excluded)]


@pytest.mark.parametrize("who", ["anna", "bo", "ed", "new", "silent"])
def test_one_contacts_reason_is_her_side_of_the_audience(office, who):
    suppress(office, "silent@example.org")
    wishes = {"also": ["new@example.org", "silent@example.org"], "exclude": ["energy"]}
    found = audience(office, **wishes)
    (side,) = [x for x in (*found.recipients, *found.excluded) if x.address == f"{who}@example.org"]
    asked = {"topics": ["dual-use"], "lists": [], "languages": ["en", "fr"], "now": NOW} | wishes
    with office.read() as connection:
        own = view.contact_reason(
            connection, publisher=PRESS, address=Address.parse(f"{who}@example.org"), **asked
        )
    assert own == side


def test_why_with_and_without_deliveries(store):
    """Before `prepare` the mailouts that the revision foresees, after it those that were made."""
    world = World(store)
    fill(store)
    release = world.release(embargo=RELEASED)
    anna = Address.parse("anna@example.org")
    asked = {"publisher": PRESS, "address": anna, "reference": "2026-0001", "now": NOW, "zone": "UTC"}
    with store.read() as connection:
        foreseen = contact_view.why(connection, **asked)
    assert [(m.kind, m.due, m.state) for m in foreseen.mailings] == [("release", RELEASED, None)]
    assert foreseen.verdict.reasons == (Reason("trade", "trade", "trade"), Reason("world", "*", "trade"))
    world.deliver(world.mailout(release), [recipient("anna@example.org")])
    with store.read() as connection:
        made = contact_view.why(connection, **asked)
        unknown = contact_view.why(connection, **asked | {"address": Address.parse("q@example.org")})
        with pytest.raises(NotFound, match="no release has the reference"):
            contact_view.why(connection, **asked | {"reference": "none"})
    assert [(m.kind, m.state) for m in made.mailings] == [("release", "queued")]
    assert unknown.verdict == Excluded("q@example.org", "not a contact")
