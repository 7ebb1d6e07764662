"""Embargo access on both databases: what the guard and the matching ask, and what a sync may not touch.

Planted bugs that these tests caught: the guard without `access.suspended` (a suspended person); without
`access.holds` (one whose grant has ended); the matching alone looked at; `listaccess.compare` that gives
again what an officer took back; a suspension of one outlet that stops every contact without an outlet.
"""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from distributor.errors import NotFound, Refused
from distributor.model.address import Address
from distributor.model.contact import ContactRow, ListFile
from distributor.model.topic import TopicTree
from distributor.office import access as office
from distributor.office.access import Case
from distributor.office.sync import compare, sync
from distributor.store import access, contacts, guard, log, rows
from distributor.store.database import Store
from distributor.store.views import access as view
from distributor.store.views import contacts as contact_view
from distributor.store.views.audience import candidates
from tests.world import NOW, PUBLISHER, World, recipient

DAY = timedelta(days=1)
PEOPLE = {  # address: outlet
    "ada@example.org": "The Quay",
    "bea@example.org": "the  QUAY",
    "cid@example.org": "Harbour Wire",
    "dot@example.org": "",
}


def row(address: str) -> ContactRow:
    return ContactRow(Address.parse(address), line=2, outlet=PEOPLE[address], embargo_access="wire")


def listed(*addresses: str) -> list[ListFile]:
    return [ListFile("desk", "Desk", ("*",), "en", None, tuple(row(one) for one in addresses), ())]


def synced(store: Store, *addresses: str, now: datetime = NOW) -> None:
    asked = {"publisher_id": PUBLISHER, "files": listed(*addresses), "tree": TopicTree({})}
    sync(store, actor="lia", now=now, shown=compare(store, **asked), allow_gone=9, **asked)


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    synced(store, *PEOPLE)
    return made


def case(who: str = "", *, now: datetime = NOW) -> Case:
    named = {"address": who} if "@" in who else {"outlet": who}
    return Case("ada", now, PUBLISHER, lambda key: f"nym:{key}", **named)


def granted(store: Store, who: str, **said) -> None:
    office.grant(
        store,
        case(who),
        **{
            "tier": "wire",
            "criterion": "press card",
            "terms": "1",
            "accepted": date(2026, 3, 1),
            "until": None,
        }
        | said,
    )


def suspended(store: Store, who: str, *, until: datetime = NOW + DAY, **said) -> int:
    return office.suspend(store, case(who), until=until, reason="broke it", **said)


def matched(store: Store, *, now: datetime = NOW) -> list[str]:
    """Who would get an advance copy, by first name."""
    with store.read() as connection:
        found = list(candidates(connection, publisher_id=PUBLISHER, now=now))
    return [one.address[:3] for one in found if one.tier == "wire"]


def passed(world: World, *, now: datetime = NOW) -> list[str]:
    """Who passes the guard of an advance mailout that was prepared for all of them."""
    release = world.release(reference=f"2026-{len(world.log_kinds())}", embargo=NOW + 9 * DAY)
    mailout = world.mailout(release, kind="advance", wave="wire", lasts=9 * DAY)
    with world.store.read() as connection:
        ids = contacts.ids(connection, publisher_id=PUBLISHER)
    world.deliver(mailout, [recipient(one, contact_id=ids[one]) for one in PEOPLE])
    run = world.run()
    assert world.lease(run) is not None
    order = dict(zip(world.ids(mailout), PEOPLE, strict=True))
    may = world.intend(run, list(order), now=now)
    with world.store.write() as connection:
        left = guard.refuse(connection, ids=[id for id in order if id not in may], now=now)
    assert set(left["cancel"]) == set(order) - may
    return [order[id][:3] for id in sorted(may)]


def revoke(store: Store) -> None:
    office.revoke(store, case("ada@example.org"), reason="left")


@pytest.mark.parametrize(
    ("do", "now", "may"),
    [
        (lambda _: None, NOW, "ada bea cid dot"),
        # one person; until it is over
        (lambda store: suspended(store, "ada@example.org"), NOW, "bea cid dot"),
        (lambda store: suspended(store, "ada@example.org"), NOW + DAY, "ada bea cid dot"),
        # a whole outlet, however it is written; those without one are no outlet
        (lambda store: suspended(store, "THE QUAY"), NOW, "cid dot"),
        # a grant that ends: up to that instant
        (lambda store: granted(store, "cid@example.org", until=NOW + DAY), NOW, "ada bea cid dot"),
        (lambda store: granted(store, "cid@example.org", until=NOW + DAY), NOW + DAY, "ada bea dot"),
        # another tier is not this wave's
        (lambda store: granted(store, "dot@example.org", tier="accredited"), NOW, "ada bea cid"),
        (revoke, NOW, "bea cid dot"),
    ],
)
def test_matching_and_guard_agree(world: World, do, now: datetime, may: str) -> None:
    do(world.store)
    assert matched(world.store, now=now) == may.split()
    assert passed(world, now=now) == may.split()


def test_what_an_officer_ended_no_sync_gives_again(world: World) -> None:
    """Not with the same row, not from another list, not after the row was away."""
    store = world.store
    revoke(store)
    suspended(store, "bea@example.org")
    granted(store, "cid@example.org", until=NOW + DAY)
    others = [one for one in PEOPLE if one not in ("ada@example.org", "bea@example.org", "cid@example.org")]
    for people in (PEOPLE, others, PEOPLE):
        synced(store, *people)
        assert matched(store, now=NOW + timedelta(hours=1))[:1] != ["ada"]
        assert "bea" not in matched(store, now=NOW + timedelta(hours=1))
    assert matched(store) == ["cid", "dot"]
    assert matched(store, now=NOW + DAY) == ["bea", "dot"]  # hers is over, cid's grant has ended
    granted(store, "ada@example.org")
    assert matched(store) == ["ada", "cid", "dot"]


def test_reinstating_ends_her_own_suspension_alone(world: World) -> None:
    store = world.store
    suspended(store, "The Quay")
    with pytest.raises(Refused, match="whole outlet") as caught:
        office.reinstate(store, case("bea@example.org"), reason="heard her")
    assert "--outlet “The Quay”" in caught.value.cure
    suspended(store, "bea@example.org", until=NOW + 2 * DAY)
    assert office.reinstate(store, case("bea@example.org"), reason="heard her") == 1
    assert matched(store) == ["cid", "dot"]
    assert office.reinstate(store, case("the quay"), reason="heard them") == 1
    assert matched(store) == ["ada", "bea", "cid", "dot"]
    with pytest.raises(Refused, match="is not suspended"):
        office.reinstate(store, case("The Quay"), reason="again")


def test_history_tells_it_all_in_order(world: World) -> None:
    store = world.store
    world.release(reference="2026-7")
    granted(store, "bea@example.org", until=NOW + 90 * DAY)
    assert suspended(store, "the quay", strike_of="2026-7") == 2
    with pytest.raises(NotFound, match=r"is her outlet's\. Note what they say with --outlet “The Quay”"):
        office.reply(store, case("bea@example.org"), reference="2026-7", text="it was the agency")
    office.reply(store, case("The Quay", now=NOW + DAY), reference="2026-7", text="it was the agency")
    office.strike(
        store, case("bea@example.org", now=NOW + 2 * DAY), reference="2026-7", reason="early", expires_at=None
    )
    office.revoke(store, case("bea@example.org", now=NOW + 3 * DAY), reason="left")
    with store.read() as connection:
        contact = contacts.find(connection, publisher_id=PUBLISHER, address_key="bea@example.org")
        record = contact_view.record_of(connection, contact, publisher_id=PUBLISHER)
    told = [(one["what"], _about(one), one["reason"]) for one in view.history(record)]
    assert told == [
        ("granted", "wire", "list desk"),
        ("ended", "wire", "granted anew"),
        ("granted", "wire", "press card"),
        ("suspended", "The Quay", "broke it"),
        ("strike", "2026-7", "broke it"),
        ("reply", "2026-7", "it was the agency"),
        ("strike", "2026-7", "early"),
        ("ended", "wire", "left"),
    ]
    assert record.strikes[1].expires_at == NOW + 2 * DAY + timedelta(days=365)
    assert world.log_kinds()[-5:] == [
        "access_granted",
        "access_suspended",
        "access_reply",
        "access_strike",
        "access_revoked",
    ]


def _about(event: dict) -> str:
    return event.get("tier") or event.get("reference") or event["outlet"]


def test_reasons_stand_beside_the_hash(world: World) -> None:
    """Erasure can blank them: the hashed detail neither names her nor says what she did."""
    suspended(world.store, "ada@example.org")
    with world.store.read() as connection:
        event = connection.execute(select(rows.log).order_by(rows.log.c.id.desc()).limit(1)).one()
    assert (event.kind, event.subject, event.address) == (
        "access_suspended",
        "nym:ada@example.org",
        "ada@example.org",
    )
    assert event.text == "broke it"
    assert event.text_sha256 == log.hashed("broke it")
    assert event.detail == "until 2026-03-03T10:00+00:00"


def test_the_export_counts_and_names_nobody(world: World) -> None:
    store = world.store
    granted(store, "ada@example.org")
    suspended(store, "ada@example.org")
    world.release(reference="2026-7")
    office.strike(store, case("Harbour Wire"), reference="2026-7", reason="early", expires_at=None)
    with store.read() as connection:
        found = view.criteria(connection, publisher_id=PUBLISHER, now=NOW)
    assert found["access"] == [
        {"tier": "wire", "criterion": "list desk", "terms": "", "contacts": 3, "outlets": 2, "suspended": 0},
        {
            "tier": "wire",
            "criterion": "press card",
            "terms": "1",
            "contacts": 1,
            "outlets": 1,
            "suspended": 1,
        },
    ]
    assert found["suspended"] == {"contacts": 1, "outlets": 0}
    assert found["strikes"] == {"counting": 1, "answered": 0}
    assert "@" not in str(found)
    assert "ada" not in str(found)


@pytest.mark.parametrize(
    ("do", "error", "words"),
    [
        (lambda s: suspended(s, "x@example.org"), NotFound, "x@example.org is no contact"),
        (lambda s: suspended(s, "The Quai"), NotFound, "no contact works for"),
        (lambda s: office.suspend(s, case(), until=NOW, reason="x"), Refused, "whom it concerns"),
        (lambda s: suspended(s, "ada@example.org", strike_of="2026-9"), NotFound, "no release"),
        (lambda s: granted(s, "ada@example.org", criterion=" "), Refused, "--criterion: it has to be said"),
        (lambda s: granted(s, "ada@example.org", terms=""), Refused, "--terms: it has to be said"),
        (lambda s: granted(s, "ada@example.org", tier="a b"), Refused, "is no name of a tier"),
        (lambda s: granted(s, "ada@example.org", accepted=date(2026, 3, 4)), Refused, "still to come"),
        (lambda s: (revoke(s), revoke(s)), Refused, "no embargo access to take back"),
        (lambda s: office.reply(s, case("The Quay"), reference="2026-9", text="x"), NotFound, "no release"),
    ],
)
def test_refused_and_nothing_written(world: World, do, error, words) -> None:
    with pytest.raises(error, match=words):
        do(world.store)
    with world.store.read() as connection:
        assert connection.execute(select(rows.suspension)).all() == []
        assert connection.execute(select(rows.strike)).all() == []


def test_a_grant_keeps_a_suspension_in_force(world: World) -> None:
    suspended(world.store, "ada@example.org")
    granted(world.store, "ada@example.org")
    assert "ada" not in matched(world.store)
    with world.store.read() as connection:
        ids = contacts.ids(connection, publisher_id=PUBLISHER)
        tiers = {key[:3]: access.tier_now(connection, contact_id=id, now=NOW) for key, id in ids.items()}
    assert tiers == {"ada": None, "bea": "wire", "cid": "wire", "dot": "wire"}
