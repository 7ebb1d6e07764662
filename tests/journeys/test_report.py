"""The page for whoever answers for a release, and who had it at an instant: real mail, the real program.

Planted by hand and caught: the headline on the page before the lift; a person counted once for each of her
copies; an answer after the instant that counts; a page that keeps the mode of the file that was there; names
that are not escaped.
"""

import csv
import stat
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from distributor.store import holders, releases, rows
from tests.house import HEADLINE, REFERENCE, House, people, real
from tests.sink import sink

LIFT = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=2)
GONE = "gone@example.com"
TRADE = f"""email,outlet,medium,country
t0@example.org,<b>The Quay</b>,print,BE
t1@example.org,the quay & co,radio,be
t2@example.org,,,
{GONE},The Lagoon,print,FR
"""
AGENCIES = "email,outlet,medium,country\na0@example.org,Wire,agency,DE\na1@example.org,Wire,agency,DE\n"


@pytest.fixture
def relay(tmp_path):
    refusal = f"rcpt:{GONE}=550 5.1.1 no such user"
    with sink(tmp_path / "sink.log", "--answer", refusal) as heard:
        yield heard


@pytest.fixture
def house(tmp_path, relay, database_url):
    made = House(tmp_path, database_url)
    made.configure(port=relay.port)
    made.furnish()
    (tmp_path / "lists" / "trade.csv").write_text(TRADE)
    (tmp_path / "lists" / "agencies.csv").write_text(AGENCIES)
    made.synced()
    yield made
    made.close()


def _advance(house):
    house.run("release", "add", "release.md", "--embargo", LIFT.isoformat(), "--advance", "agencies=-9999h")
    house.run("release", "approve", REFERENCE)
    house.run("send-due")


def _lines(report, name):
    return {one["name"]: (one["reached"], one["people"]) for one in report["by"][name]}


def _page(house):
    return (house.folder / f"{REFERENCE}.report.html").read_text()


def test_from_the_advance_copies_to_the_withdrawal(house):
    page = house.folder / f"{REFERENCE}.report.html"
    page.touch(0o644)
    _advance(house)
    before = house.json("release", "report", REFERENCE)
    assert (before["headline"], before["published"]) == (None, None)
    assert (before["people"], before["groups"]["accepted"]) == (2, 2)
    assert HEADLINE not in _page(house)
    assert HEADLINE not in house.run("release", "report", REFERENCE).stdout
    assert stat.S_IMODE(page.stat().st_mode) == 0o600

    house.run("release", "lift", REFERENCE, "--yes")
    house.run("send-due")
    after = house.json("release", "report", REFERENCE)
    assert after["headline"] == HEADLINE
    assert after["people"] == 6
    told = {name: number for name, number in after["groups"].items() if number}
    assert told == {"accepted": 5, "not_sent": 1}
    assert after["not_sent"] == [{"why": "there is no such address", "people": 1, "codes": ["550 5.1.1"]}]
    assert _lines(after, "country") == {"BE": (2, 2), "DE": (2, 2), "FR": (0, 1), None: (1, 1)}
    assert _lines(after, "medium") == {"agency": (2, 2), "print": (1, 2), "radio": (1, 1), None: (1, 1)}
    assert _lines(after, "outlet")["Wire"] == (2, 2)
    assert _lines(after, "language") == {"en": (5, 6)}
    waves = {one["kind"]: (one["people"], one["had_it_before"], one["state"]) for one in after["waves"]}
    assert waves == {"advance": (2, 0, "finished"), "release": (4, 2, "finished")}
    spread = after["waves"][-1]["spread"]
    assert (spread["accepted"], spread["curve"][-1]) == (3, [spread["last_ms"], 3])
    assert spread["first_ms"] <= spread["median_ms"] <= spread["p90_ms"] <= spread["last_ms"]
    [lifted] = after["notices"]
    assert (lifted["kind"], lifted["people"], lifted["groups"]["accepted"]) == ("embargo_lifted", 2, 2)
    said = _page(house)
    assert HEADLINE in said
    assert "&lt;b&gt;The Quay&lt;/b&gt;" in said
    assert "<b>The Quay" not in said
    assert not [one for one in (GONE, "a0@example.org", "<script", "http://", "https://") if one in said]

    house.run("contacts", "suppress", "t2@example.org", "--reason", "asked")
    house.run("release", "withdraw", REFERENCE, "--yes")
    house.run("send-due")
    end = house.json("release", "report", REFERENCE)
    assert (end["state"], end["headline"]) == ("withdrawn", HEADLINE)
    killed = end["notices"][-1]
    assert (killed["kind"], killed["groups"]["accepted"], killed["groups"]["to_phone"]) == (
        "withdrawal",
        4,
        1,
    )
    assert end["people"] == 6

    then = house.json("release", "report", REFERENCE, "--at", before["made"])
    assert {one["address"] for one in then["had"]} == {"a0@example.org", "a1@example.org"}
    assert {one["kind"] for one in then["had"]} == {"advance"}
    assert then["may_have_it"] == []
    _proven(house, then)
    now = house.json("release", "report", REFERENCE, "--at", end["made"], "--out", "who.csv")
    assert len({one["address"] for one in now["had"]}) == 5
    with (house.folder / "who.csv").open(encoding="utf-8-sig") as file:
        kept = list(csv.DictReader(file))
    assert [row["hash"] for row in kept] == [one["proof"]["hash"] for one in now["had"]]
    assert stat.S_IMODE((house.folder / "who.csv").stat().st_mode) == 0o600


def _proven(house, evidence):
    """The rows that it names stand in the log, with the bytes and the relay's word; and the log is proven."""
    e = rows.log.c
    with house.system(now=real) as built, built.store.read() as connection:
        for one in evidence["had"]:
            proof = one["proof"]
            found = select(rows.log).where(e.chain == proof["chain"], e.seq == proof["seq"])
            row = connection.execute(found).one()
            assert (row.hash, row.kind, row.code) == (proof["hash"], "answer", 250)
            assert row.at == datetime.fromisoformat(one["since"])
    house.run("log", "verify", "--head", evidence["head"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sender_that_died_leaves_people_who_may_have_it(house, relay):
    """Exactly whoever must hear of a change (law 5): those past the dot, and those just before it."""
    house.furnish(trade=people(20))
    house.run("lists", "sync", "--yes", "--allow-gone", "99")
    house.run("release", "add", "release.md")
    house.run("release", "approve", REFERENCE)
    relay.gate("close dot")
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.of("dot")) == 4)
    house.json("release", "report", REFERENCE)
    sender.kill()
    house.run("doubt", "list")
    report = house.json("release", "report", REFERENCE)
    then = house.json("release", "report", REFERENCE, "--at", report["made"])
    may = {one["address"] for one in then["may_have_it"]}
    assert (then["had"], report["groups"]["may_have_it"]) == ([], len(may))
    assert may >= {event["recipient"] for event in relay.of("dot")}
    assert {one["proof"]["event"] for one in then["may_have_it"]} == {"intent"}
    with house.system(now=real) as built, built.store.read() as connection:
        release = releases.get(connection, publisher_id="press", reference=REFERENCE)
        assert may == holders.keys(connection, release_id=release.id)
    relay.gate("open dot")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_release_of_which_nothing_has_gone(house):
    house.run("release", "add", "release.md", "--embargo", LIFT.isoformat())
    draft = house.json("release", "report", REFERENCE, "--out", "draft.html")
    assert (draft["people"], draft["waves"], draft["notices"]) == (0, [], [])
    house.run("release", "approve", REFERENCE)
    planned = house.run("release", "report", REFERENCE).stdout
    assert "It is planned for 6." in planned
    assert "planned for 6 people" in _page(house)
    house.run("release", "withdraw", REFERENCE, "--yes")
    gone = house.json("release", "report", REFERENCE)
    assert (gone["state"], gone["headline"], gone["people"]) == ("withdrawn", None, 0)
    assert HEADLINE not in _page(house)  # its text was never public
    assert "it is never public" in _page(house)
    assert "Under embargo" not in _page(house)
    nobody = house.json("release", "report", REFERENCE, "--at", gone["made"])
    assert (nobody["had"], nobody["may_have_it"]) == ([], [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_told_is_refused_in_one_line(house):
    house.run("release", "add", "release.md", "--embargo", LIFT.isoformat())
    for argv, words in (
        (["--at", LIFT.isoformat()], "is still to come"),
        (["--at", "2026-03-02 at some time"], "names no time of day"),
        (["--at", "2026-03-02 00:00"], "midnight may be where"),
        (["--out", "no/such/folder/page.html"], "cannot be written"),
    ):
        refused = house.run("release", "report", REFERENCE, *argv, expect=1)
        assert words in refused.stderr
        assert refused.stderr.count("\n") == 1
    own = house.folder / "templates" / "web"
    own.mkdir(parents=True)
    (own / "report.html.j2").write_text("{{ reach }}")
    refused = house.run("release", "report", REFERENCE, expect=1)
    assert "report.html.j2" in refused.stderr
    assert not (house.folder / f"{REFERENCE}.report.html").exists()
