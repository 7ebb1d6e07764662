"""Changes under four eyes, with broken templates, and twice: what a change waits for, and what it never does.

Planted by hand and caught: the notice queued with the first yes; a lift done by one; a template of the office
that stops a withdrawal; an embargo changed although what names its time does not render.
"""

from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from tests.journeys.office import EMBARGO, ENGLISH, FRENCH, press_office

EARLIER, LATER = "2031-03-04 10:00 Brussels time", "2031-03-04 12:00 Brussels time"
ADA, OTHERS = "ada@example.org", {"bo@example.org", "chi@example.org"}


@pytest.fixture
def office(tmp_path, monkeypatch, capsys, sqlite_url):
    return press_office(tmp_path, monkeypatch, capsys, database=sqlite_url)


@pytest.fixture
def advanced(office):
    """Ada has her advance copy; bo and chi wait for the instant. Two officers."""
    for name in ("amy", "bea"):
        office.done("officers", "add", name, "--role", "author,approver")
    office.done("release", "add", "harbour.en.md", "--embargo", EMBARGO, "--advance", "accredited=-99999h",
                "--reference", "r-1")  # fmt: skip
    office.done("release", "approve", "r-1")
    office.done("send-due")
    assert _new(office, set()) == {(ADA, "EMBARGOED")}
    return office


def _new(office, seen):
    """(recipient, first word of the subject in capitals) of each mail that is not in `seen`."""
    return {_told(office.folder / "outbox" / name) for name in set(office.mails()) - seen}


def _told(file):
    mail = message_from_bytes(file.read_bytes())
    subject = str(make_header(decode_header(mail["Subject"])))
    words = [word.strip(":,()") for word in subject.split()]
    return str(mail["To"]).strip("<>").partition("<")[2] or mail["To"], " ".join(
        word for word in words if word.isupper()
    )


def _say(office, *verb):
    """What a verb answers, and the mails that come of it."""
    seen = set(office.mails())
    said = office.json("release", *verb)
    office.done("send-due")
    return said, _new(office, seen)


def test_a_correction_that_is_refused_leaves_no_draft(advanced):
    """Planted: the documents are taken in first, and judged after."""
    office = advanced
    office.write("wrong.fr.md", FRENCH)
    office.write("right.en.md", ENGLISH.replace("north", "south"))
    before = office.everything()
    assert "no version in en" in office.refused("release", "correct", "r-1", "wrong.fr.md", "--yes")
    assert "--yes" in office.refused("release", "correct", "r-1", "right.en.md")
    office.configure("[schedule]", "[approval]\nfour_eyes = true\n[schedule]")
    assert "is no officer" in office.refused("release", "correct", "r-1", "right.en.md", "--yes")
    assert office.everything() == before


def test_under_four_eyes_the_first_yes_tells_nobody(advanced):
    office = advanced
    office.configure("[schedule]", "[approval]\nfour_eyes = true\n[schedule]")
    office.write("right.en.md", ENGLISH.replace("north", "south"))
    office.done("release", "add", "right.en.md", "--reference", "r-1", "--as", "amy")
    for verb, notice in (
        (("embargo", "r-1", EARLIER), {(ADA, "EMBARGO MOVED")}),
        (("correct", "r-1", "--yes"), {(ADA, "CORRECTION EMBARGOED")}),
        (("lift", "r-1", "--yes"), {(ADA, "EMBARGO LIFTED"), *((one, "") for one in OTHERS)}),
    ):
        before = office.json("release", "show", "r-1")
        first, mails = _say(office, *verb, "--as", "amy")
        assert (first["complete"], first["by"], first["told"], mails) == (False, ["amy"], 0, set()), verb
        assert office.json("release", "show", "r-1")["embargo"] == before["embargo"]
        again = office.refused("release", *verb, "--as", "amy")
        assert "amy has agreed to it already" in again
        second, mails = _say(office, *verb, "--as", "bea")
        assert (second["complete"], second["by"], second["told"]) == (True, ["amy", "bea"], 1), verb
        assert mails == notice, verb


def test_under_four_eyes_one_is_enough_to_move_it_later_to_hold_and_to_withdraw(advanced):
    office = advanced
    office.configure("[schedule]", "[approval]\nfour_eyes = true\n[schedule]")
    said, mails = _say(office, "embargo", "r-1", LATER, "--as", "amy")
    assert (said["complete"], mails) == (True, {(ADA, "EMBARGO MOVED")})
    assert _say(office, "hold", "r-1", "--reason", "a doubt", "--as", "amy")[1] == {(ADA, "HOLD")}
    refused = office.refused("release", "hold", "r-1", "--reason", "again", "--as", "bea")
    assert "r-1: it is held already by amy: a doubt" in refused
    assert "release resume r-1" in refused
    assert _say(office, "withdraw", "r-1", "--yes", "--as", "amy")[1] == {(ADA, "WITHDRAWN KILL")}


def test_an_embargo_whose_new_time_cannot_be_printed_stays_as_it_is(advanced):
    """What names the time is rendered before anything is stopped: one line, and nothing is changed."""
    office = advanced
    office.write("templates/email/release.html.j2", "{% if %}")
    before = office.json("release", "show", "r-1"), office.json("log", "r-1"), office.mails()
    assert "release.html.j2" in office.refused("release", "embargo", "r-1", LATER)
    office.done("send-due")
    assert (office.json("release", "show", "r-1"), office.json("log", "r-1"), office.mails()) == before


@pytest.mark.parametrize("template", ["release.html.j2", "notice.html.j2"])
def test_no_template_of_the_office_stops_a_withdrawal_or_a_lift(advanced, template):
    """Whoever has the text must hear of it: then with the shipped look, and that is said."""
    office = advanced
    office.write(f"templates/email/{template}", "{% if %}")
    said, mails = _say(office, "lift", "r-1", "--yes")
    assert mails == {(ADA, "EMBARGO LIFTED"), *((one, "") for one in OTHERS)}
    assert any("shipped look" in warning and template in warning for warning in said["warnings"])
    said, mails = _say(office, "withdraw", "r-1", "--yes")
    assert mails == {(one, "WITHDRAWN KILL") for one in {ADA, *OTHERS}}
    assert any("shipped look" in warning for warning in said["warnings"])
