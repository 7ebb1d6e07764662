"""Embargo access by the command line: granted, suspended with a strike, answered, taken back, published.

One journey, as an office would live it. Planted bugs that it caught: `contacts show` that forgets a
suspension; a grant that lifts one; an export that names an outlet.
"""

import csv
import io

import pytest

from tests.journeys.office import EMBARGO, Office, press_office

WHO = "bo@example.org"
GRANT = ("--tier", "accredited", "--criterion", "press card", "--terms", "2030-1")


@pytest.fixture
def office(tmp_path, monkeypatch, capsys, sqlite_url) -> Office:
    return press_office(tmp_path, monkeypatch, capsys, database=sqlite_url)


def test_access_from_grant_to_publication(office: Office) -> None:
    office.write("lists/trade.csv", f"email,name,outlet\nada@example.org,Ada,The Quay\n{WHO},Bo,The Quay\n")
    office.done("lists", "sync", "--yes", "--allow-gone", "9")
    wished = ("--embargo", EMBARGO, "--advance", "accredited=-1h")
    reference = office.json("release", "add", "harbour.en.md", *wished)["reference"]
    assert office.json("contacts", "show", WHO)["embargo_access"] is None
    said = office.done("contacts", "grant", WHO, *GRANT, "--accepted", "2026-01-31", "--until", "2040-12-31")
    assert "has embargo access as accredited" in said.out
    had = office.json("contacts", "show", WHO)["embargo_access"]
    assert (had["terms"], had["accepted"], had["criterion"]) == ("2030-1", "2026-01-31", "press card")
    assert had["granted_by"].startswith("cli:")
    assert wave(office, reference) == [WHO]

    whole = office.json(
        *("contacts", "suspend", "--outlet", "the QUAY", "--until", "2040-01-31"),
        *("--reason", "it was up at nine", "--strike", reference),
    )
    assert (whole["outlet"], whole["contacts"]) == ("the QUAY", 2)
    assert wave(office, reference) == []
    assert (
        "suspended until 2040-01-31: it was up at nine" in office.done("contacts", "why", WHO, reference).out
    )
    again = office.done("contacts", "grant", WHO, *GRANT)
    assert "It is suspended until 2040-01-31" in again.err
    shown = office.done("contacts", "show", WHO).out
    assert "embargo access of The Quay suspended until 2040-01-31" in shown
    assert f"not heard yet   on the strike against {reference}" in shown
    office.done("contacts", "strike", reference, "--outlet", "The Quay", "--reply", "it came from the wire")
    shown = office.done("contacts", "show", WHO).out
    assert "it came from the wire" in shown
    assert "not heard yet" not in shown

    published = office.json("contacts", "export", "--access")
    assert published["suspended"] == {"contacts": 0, "outlets": 1}
    assert published["strikes"] == {"counting": 1, "answered": 1}
    (group,) = csv.DictReader(io.StringIO(office.done("contacts", "export", "--access", "--out", "-").out))
    assert (group["criterion"], group["contacts"], group["suspended"]) == ("press card", "1", "1")
    assert "Quay" not in office.done("contacts", "export", "--access").out

    office.done("contacts", "reinstate", "--outlet", "The Quay", "--reason", "they were right")
    assert wave(office, reference) == [WHO]
    office.done("contacts", "revoke", WHO, "--reason", "has left")
    assert office.json("contacts", "show", WHO)["embargo_access"] is None
    what = [one["what"] for one in office.json("contacts", "show", WHO)["access_history"]]
    assert what == ["granted", "suspended", "strike", "ended", "granted", "reply", "reinstated", "ended"]
    office.done("log", "verify")


def wave(office: Office, reference: str) -> list[str]:
    audience = office.json("release", "audience", reference)
    return [one["address"] for one in audience["recipients"] if one["wave"] == "accredited"]


def test_what_is_not_said_is_asked_for(office: Office) -> None:
    assert "Say --access" in office.refused("contacts", "export")
    assert "nothing is said" in office.refused("contacts", "strike", "2030-1", WHO)
    soon = ("contacts", "suspend", WHO, "--until", "soon", "--reason", "x")
    assert "or a time with its zone." in office.refused(*soon)
    both = ("contacts", "suspend", WHO, "--outlet", "The Quay", "--until", "3d", "--reason", "x")
    assert "Name an address, or --outlet NAME" in office.refused(*both)
    assert "--expires belongs to --strike" in office.refused(
        "contacts", "suspend", WHO, "--until", "3d", "--reason", "x", "--expires", "9d"
    )
    slip = ("--tier", "acredited", "--criterion", "x", "--terms", "1")
    assert "Did you mean “accredited”?" in office.done("contacts", "grant", WHO, *slip).err
