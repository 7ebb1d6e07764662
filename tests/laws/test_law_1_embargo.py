"""Law 1. Before its embargo no byte of a release reaches anyone but officers and contacts with access.

Planted bugs, each caught here: `intend` without `m.due <= now` (the guard test); `open` without the due
(the whole way); `of_mailout` that gives an advance wave to everybody (the whole way); a stage that logs
the headline (the log); a status page that names the release (the web); `test_copy` without its look at
embargo access (the test copy); `intend` without `_without_access`, or without its look at suspensions, or
at the end of a grant (the whole way with access that ends); a sync that gives back what an officer took
(the same); approval that does not ask what became of the embargo that its documents
speak of (the words that no line says clearly).
"""

import logging
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from distributor.errors import Refused
from distributor.office import access
from distributor.store import rows
from distributor.web.app import build
from tests.house import DOCUMENT, HEADLINE, NOW, REFERENCE, mailouts, people, states
from tests.world import World, leased

LIFT = NOW + timedelta(hours=2)
WAVE = LIFT - timedelta(hours=1)
HERS = "wire@example.eu"
MICROSECOND = timedelta(microseconds=1)
WORDS = (HEADLINE, "Quillhaven,", "eleven years", REFERENCE)


def _approved(house, built):
    house.sync(built)
    house.add(built, embargo="2030-03-04T12:00+01:00", advance=("agencies=-60m",))
    house.approve(built)


def test_the_guard_refuses_a_microsecond_before_the_instant(store):
    world = World(store)
    run, _, ids = leased(world, embargo=LIFT, due=LIFT)
    assert world.intend(run, ids, now=LIFT - MICROSECOND) == set()
    assert world.intend(run, ids, now=LIFT) == set(ids)


def test_the_whole_way_before_the_instant_only_advance_copies_to_contacts_with_access(connected, relay, work):
    """Through real SMTP, at each moment at which something may go wrong."""
    gone = {}
    with connected.system() as built:
        _approved(connected, built)
        for at in (NOW, WAVE - MICROSECOND, WAVE, LIFT - timedelta(minutes=1), LIFT - MICROSECOND, LIFT):
            connected.clock.now = at
            work(built)
            gone[at] = [event["recipient"] for event in relay.accepted]
        assert mailouts(built) == {"advance": "finished", "release": "finished"}
    assert gone[WAVE - MICROSECOND] == []
    assert gone[WAVE] == gone[LIFT - MICROSECOND] == ["wire@example.eu"]
    assert sorted(gone[LIFT]) == sorted([*people(8), "wire@example.eu"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_preparing_and_rendering_ahead_send_nothing(connected, relay, work):
    with connected.system() as built:
        _approved(connected, built)
        connected.clock.now = WAVE - MICROSECOND
        tally = work(built)
        assert (tally.total(), relay.of("mail")) == (0, [])
        assert states(built, kind="advance") == {"wire@example.eu": "queued"}
        with built.store.read() as connection:
            assert connection.execute(select(func.count()).select_from(rows.rendering)).scalar_one() == 2


def _case(built, who, **named):
    return access.Case("officer", built.now(), "press", built.tokens.pseudonym, **({"address": who} | named))


def _suspend(built):
    access.suspend(built.store, _case(built, HERS), until=LIFT, reason="broke another one")


def _suspend_her_outlet(built):
    case = _case(built, "", outlet="NEWS  wire")
    access.suspend(built.store, case, until=LIFT, reason="broke another one")


def _revoke(built):
    access.revoke(built.store, _case(built, HERS), reason="left the agency")


def _let_it_end(built):
    terms = {"criterion": "agency", "terms": "1", "accepted": built.now().date()}
    access.grant(built.store, _case(built, HERS), tier="agencies", until=WAVE, **terms)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("ended", [_suspend, _suspend_her_outlet, _revoke, _let_it_end])
def test_whose_access_ends_before_the_wave_gets_the_release_copy_alone(
    connected, relay, work, ended, prepared
):
    """Before the audience is taken, and after it; a sync of the same files does not give it back."""
    row = f"email,outlet\n{HERS},News Wire\nother@example.eu,Harbour Post\n"
    (connected.folder / "lists" / "agencies.csv").write_text(row)
    with connected.system() as built:
        _approved(connected, built)
        for step in (1, 2) if prepared else (2, 1):
            if step == 1:
                connected.clock.now = WAVE - timedelta(minutes=5)
                work(built)
            else:
                ended(built)
                connected.sync(built)
        assert states(built, kind="advance").get(HERS) == ("queued" if prepared else None)
        connected.clock.now = WAVE
        work(built)
        assert [event["recipient"] for event in relay.accepted] == ["other@example.eu"]
        connected.clock.now = LIFT
        work(built)
        assert states(built)[HERS] == "sent"
        gone = [event["recipient"] for event in relay.accepted]
        assert sorted(gone) == sorted([*people(8), HERS, "other@example.eu"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_advance_that_is_late_goes_with_the_release_and_not_between(connected, relay, work):
    """The machine slept over the wave: it is held, and at the instant the release copy takes its place."""
    with connected.system() as built:
        _approved(connected, built)
        connected.clock.now = LIFT - timedelta(minutes=10)
        work(built)
        assert relay.accepted == []
        connected.clock.now = LIFT
        work(built)
        assert states(built)["wire@example.eu"] == "sent"
        assert len(relay.accepted) == 9


@pytest.fixture
def waiting(house, work):
    """The advance copies are out (to the outbox folder); the release waits for its instant."""
    with house.system() as built:
        _approved(house, built)
        house.clock.now = WAVE
        work(built)
        house.clock.now = LIFT - timedelta(minutes=1)
        work(built)
        assert mailouts(built)["release"] == "prepared"
        yield built


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_web_says_nothing_and_an_address_to_come_answers_like_one_that_is_none(waiting):
    client = TestClient(build(waiting))
    for path in ("/", "/healthz", "/releases", "/feed.atom", "/office", "/docs", "/openapi.json"):
        answer = client.get(path)
        said = answer.text + str(answer.headers)
        assert not [word for word in WORDS if word in said], path
    slugs = (REFERENCE, "harbour-of-quillhaven-opens-to-every-vessel", "2030-9999")
    answers = [client.get(f"/releases/{slug}") for slug in slugs]
    assert {(a.status_code, a.text, str(sorted(a.headers.items()))) for a in answers} == {
        (answers[-1].status_code, answers[-1].text, str(sorted(answers[-1].headers.items())))
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_log_at_info_level_says_nothing(house, work, caplog):
    caplog.set_level(logging.INFO)
    with house.system() as built:
        _approved(house, built)
        for at in (WAVE, LIFT - timedelta(minutes=1), LIFT):
            house.clock.now = at
            work(built)
    secrets = [*WORDS[:-1], *people(8), "wire@example.eu"]
    assert not [word for word in secrets if word in caplog.text]


SPEAKS_OF_ONE = "This text is under embargo until Tuesday noon."
TWO_THINGS = "FOR IMMEDIATE RELEASE\n\nOur embargo is in place until noon."


@pytest.mark.parametrize(
    "said",
    [
        SPEAKS_OF_ONE,  # a sentence in the text
        "Please treat this as embargoed material.",  # without a time
        "Не се публикува преди 12 часа.",  # in another language than the rest
        "Please do not quote any of this before the vote.",  # without the word
        TWO_THINGS,  # two things at once
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_speaks_of_an_embargo_without_one_is_not_approved(house, work, said):
    house.document(f"{DOCUMENT}\n{said}\n")
    with house.system() as built:
        house.sync(built)
        house.add(built)
        with pytest.raises(Refused, match=r"release\.md, line 1[0-9] .* speaks of one"):
            house.approve(built)
        work(built)
        assert mailouts(built) == {}


@pytest.mark.parametrize("said", [SPEAKS_OF_ONE, TWO_THINGS])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_speaks_of_an_embargo_without_one_goes_only_when_somebody_says_so(house, said):
    """Also without any question asked: `send --yes`, and where no approval is required."""
    house.document(f"{DOCUMENT}\n{said}\n")
    with house.system() as built:
        house.sync(built)
    refused = house.run("release", "send", "release.md", "--reference", "r-2", "--yes", expect=1)
    assert "--embargo none" in refused.stderr
    assert "r-2 is kept as a draft" in refused.stderr
    house.configure(extra="[approval]\nrequired = false\n")
    assert "Kept as a draft" in house.run("release", "add", "release.md", "--reference", "r-3").stderr
    told = house.run("release", "send", "release.md", "--embargo", "none", "--reference", "r-2", "--yes")
    assert "goes without an embargo, as --embargo says" in told.stdout
    with house.system() as built:
        assert mailouts(built) == {"release": "planned"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_test_copy_goes_to_contacts_with_access_and_to_no_stranger(connected, relay):
    connected.run("lists", "sync", "--yes")
    connected.run("release", "add", "release.md", "--embargo", "2040-03-05 12:00 UTC")
    for stranger in (people(1)[0], "stranger@example.com"):  # on a list without access; nobody we know
        refused = connected.run("release", "test", REFERENCE, stranger, "wire@example.eu", expect=1)
        assert stranger in refused.stderr
    assert relay.of("content") == []
    connected.run("release", "test", REFERENCE, "wire@example.eu")
    relay.until(lambda sink: sink.accepted)
    assert [event["recipient"] for event in relay.accepted] == ["wire@example.eu"]
