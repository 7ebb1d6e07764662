"""An embargo's day, told by what one of twelve agencies has in her Maildir at its end.

The same commands as in docs/embargo-day.md. With EMBARGO_DAY=FOLDER in the environment the
transcript and the mails are kept there: that is how the page was made.
"""

import os
import shutil
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.house import DOCUMENT, HEADLINE, REFERENCE, House, people
from tests.journeys.maildirs import Maildirs, shown
from tests.papers import ROOT

AGENCIES, TRADE = people(12, prefix="wire"), people(5, prefix="t")
ONE = AGENCIES[0]
BRUSSELS = ZoneInfo("Europe/Brussels")
SUBJECTS = (
    "EMBARGOED until ",
    "EMBARGO MOVED to ",
    f"EMBARGO LIFTED: {HEADLINE}",
    f"CORRECTION: {HEADLINE}",
    f"WITHDRAWN, do not use (KILL): {HEADLINE}",
)


@pytest.fixture
def server(tmp_path):
    with Maildirs(tmp_path / "mail") as listening:
        yield listening


@pytest.fixture
def house(tmp_path, server, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    made = House(tmp_path / "office")
    made.folder.mkdir()
    made.configure(port=server.port)
    made.furnish(trade=TRADE, agencies=AGENCIES)
    made.document(DOCUMENT.replace("eleven years", "twelve years"), name="corrected.md")
    made.run("lists", "sync", "--yes")
    yield made
    made.close()


def _day(house):
    """What is typed, and what was printed: an advance copy, moved, lifted, corrected, withdrawn."""
    lift = (datetime.now(BRUSSELS) + timedelta(days=1)).replace(hour=11, minute=0)
    later = lift.replace(hour=12)
    when, moved = (f"{at:%Y-%m-%d %H:%M} Brussels time" for at in (lift, later))
    commands = (
        ("release", "add", "release.md", "--embargo", when, "--advance", "agencies=-48h"),
        ("release", "approve", REFERENCE),
        ("send-due",),
        ("release", "embargo", REFERENCE, moved, "--note", "The press conference begins at noon."),
        ("send-due",),
        ("release", "lift", REFERENCE, "--yes"),
        ("send-due",),
        ("release", "correct", REFERENCE, "corrected.md", "--yes", "--note", "Twelve years, not eleven."),
        ("send-due",),
        ("release", "withdraw", REFERENCE, "--yes", "--note", "The harbour stays closed."),
        ("send-due",),
    )
    return [(argv, house.run(*argv).stdout) for argv in commands]


def _subject(mail):
    return " ".join(str(make_header(decode_header(mail["Subject"]))).split())


def _transcript(said, mails):
    typed = "\n".join(f"$ distributor {_words(argv)}\n{out.rstrip()}\n" for argv, out in said)
    heads = "\n\n".join(shown(mail) for mail in mails)
    return f"{typed}\n{'-' * 20}\n{heads}\n"


def _words(argv):
    return " ".join(f'"{word}"' if " " in word else word for word in argv)


def test_the_five_mails_of_one_reader(house, server):
    said = _day(house)
    mails = server.of(ONE)
    _keep(said, mails, server)
    subjects = [_subject(mail) for mail in mails]
    assert [one[: len(words)] for one, words in zip(subjects, SUBJECTS, strict=True)] == list(SUBJECTS)
    first = mails[0]["Message-ID"]
    assert [mail["In-Reply-To"] for mail in mails] == [None, *[first] * 4]
    assert [mail["References"] for mail in mails] == [None, *[first] * 4]
    assert len({mail["Message-ID"] for mail in mails}) == 5
    before, after = mails[0]["X-Embargo-Until"], mails[1]["X-Embargo-Until"]
    assert datetime.fromisoformat(after) - datetime.fromisoformat(before) == timedelta(hours=1)
    assert [mail["X-Embargo-Until"] for mail in mails[2:]] == [None] * 3
    kinds = ["embargo_moved", "embargo_lifted", "correction", "withdrawal"]
    assert [mail["X-Release-Notice"] for mail in mails] == [None, *kinds]
    assert [len(server.of(address)) for address in AGENCIES] == [5] * 12
    assert [len(server.of(address)) for address in TRADE] == [3] * 5  # the release, and two notices


def test_the_page_shows_the_same_five():
    """docs/embargo-day.md is a transcript; what it shows is what a run shows today."""
    text = (ROOT / "docs" / "embargo-day.md").read_text("utf-8")
    for words in SUBJECTS:
        assert text.count(f"Subject: {words}") == 1
    for verb in ("release add", "release approve", "release embargo", "release lift", "release correct"):
        assert f"$ distributor {verb}" in text


def _keep(said, mails, server):
    place = os.environ.get("EMBARGO_DAY")
    if not place:
        return
    folder = Path(place)
    (folder / "transcript.txt").write_text(_transcript(said, mails))
    shutil.copytree(server._folder / ONE, folder / "Maildir", dirs_exist_ok=True)
    for number, mail in enumerate(mails, 1):
        html = mail.get_payload()[1].get_payload(decode=True)
        (folder / f"{number}.html").write_bytes(html)
