"""Law 4. Who left, paused or is suppressed gets nothing: looked at when matching and with every intent.

Planted bugs, each caught here: `intend` without `~_silent()` (who left between preparing and sending);
`lists sync` that writes the standing, or makes a contact anew (the sync); GET that unsubscribes (the
link); unsubscribing that only silences the list of that mail (the next release), or that does not wait for
what is under way (after the answer).
"""

import re

import pytest
from fastapi.testclient import TestClient

from distributor.office import silence
from distributor.web.app import build
from tests.house import REFERENCE, people, real, states, tick
from tests.laws.changing import unsubscribe
from tests.sink import sink

HERS = people(8)[3]


def _suppress(built, address):
    silence.suppress(
        built.store,
        actor="officer",
        now=built.now(),
        publisher_id="press",
        address=address,
        reason="she phoned",
        pseudonym=built.tokens.pseudonym,
    )


@pytest.mark.parametrize("silenced", [unsubscribe, _suppress])
def test_silenced_between_preparing_and_sending(connected, relay, work, silenced):
    with connected.system() as built:
        connected.release(built)
        assert states(built)[HERS] == "queued"
        silenced(built, HERS.upper())
        work(built)
        assert states(built)[HERS] == "suppressed"
        assert HERS not in [event["recipient"] for event in relay.accepted]
        assert len(relay.accepted) == 8


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("silenced", [unsubscribe, _suppress])
def test_after_the_answer_no_hand_over_to_her_begins(connected, relay, silenced):
    """Her message waits for the relay's 354 meanwhile: it is not written any more."""
    with connected.system(now=real) as built:
        connected.release(built)
        relay.gate("close data")
        sender = connected.start("send-due")
        relay.until(lambda sink: sink.of("data"))
        hers = relay.of("data")[0]["recipient"]
        silenced(built, hers)
        relay.gate("open data")
        assert sender.wait() == 0
        assert hers not in [event["recipient"] for event in relay.of("content")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("silenced", [unsubscribe, _suppress])
def test_a_sync_brings_nobody_back(connected, relay, work, silenced):
    """Not with her row as it was, not on another list, not after she was taken out, not with a new name."""
    with connected.system() as built:
        connected.sync(built)
        silenced(built, HERS)
        for trade, agencies in (
            (people(8), []),
            ([address for address in people(8) if address != HERS], []),
            ([address.upper() for address in people(8)], [HERS]),
        ):
            connected.furnish(trade=trade, agencies=agencies)
            connected.sync(built)
        renamed = f"email,name\n{people(8)[0]},Ada\n{HERS},Bea\n"
        (connected.folder / "lists" / "trade.csv").write_text(renamed)
        connected.sync(built)
        connected.release(built)
        work(built)
        assert HERS not in {address.casefold() for address in states(built)}
        assert [event["recipient"] for event in relay.accepted] == [people(8)[0]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_suppressed_address_that_is_no_contact_yet(connected, relay, work):
    with connected.system() as built:
        _suppress(built, "new@example.org")
        connected.furnish(trade=[*people(2), "new@example.org"])
        connected.release(built)
        work(built)
        assert sorted(event["recipient"] for event in relay.accepted) == sorted(people(2))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_link_in_her_mail_stops_what_is_queued_for_her(house, tmp_path, work):
    """She clicks in an earlier mail while the next release is ready to go. GET changes nothing."""
    with sink(tmp_path / "sink.log", "--keep", str(tmp_path)) as relay:
        house.configure(port=relay.port, extra='[web]\nbase_url = "https://press.example.org"\n')
        with house.system() as built:
            house.release(built)
            work(built)
            token = _token(tmp_path, relay)
            house.document((house.folder / "release.md").read_text().replace(REFERENCE, "2030-0043"))
            house.add(built)
            house.approve(built, "2030-0043")
            tick(built)
            client = TestClient(build(built))
            assert client.get(f"/u/{token}").status_code == 200
            assert client.get(f"/u/{token}x").status_code == 404
            assert client.post(f"/u/{token}", content="List-Unsubscribe=One-Click").status_code == 200
            work(built)
        assert [event["recipient"] for event in relay.accepted].count(HERS) == 1
        assert len(relay.accepted) == 9 + 8


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_looking_at_the_link_changes_nothing(house, tmp_path, work):
    with sink(tmp_path / "sink.log", "--keep", str(tmp_path)) as relay:
        house.configure(port=relay.port, extra='[web]\nbase_url = "https://press.example.org"\n')
        with house.system() as built:
            house.release(built)
            work(built)
            client = TestClient(build(built))
            for _ in range(3):  # scanners open every link of a mail
                assert client.get(f"/u/{_token(tmp_path, relay)}").status_code == 200
            house.document((house.folder / "release.md").read_text().replace(REFERENCE, "2030-0043"))
            house.add(built)
            house.approve(built, "2030-0043")
            tick(built)
            work(built)
        assert [event["recipient"] for event in relay.accepted].count(HERS) == 2


def _token(folder, relay):
    """From the header of the mail that she got (folded lines joined)."""
    digest = next(event["sha256"] for event in relay.accepted if event["recipient"] == HERS)
    header = re.sub(r"\r\n[ \t]", " ", (folder / f"{digest}.eml").read_bytes().decode())
    return re.search(r"^List-Unsubscribe: .*?/u/([a-z0-9.]+)>", header, re.MULTILINE)[1]
