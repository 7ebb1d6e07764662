"""Who is told what, when, and in which words.

Planted by hand and caught here: everybody is told of every kind; an officer hears of her own hold; her
reason in a subject; a limit that forgets how often people were told.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from distributor.model.news import News, NewsKind
from distributor.model.officer import Officer, Role
from distributor.policy.alerts import Words, listeners, may_tell

NOW = datetime(2030, 1, 17, 10, 0, 0, tzinfo=UTC)
WORDS = Words("Europe/Brussels", "")
COUNTS = {"sent": 2981, "rejected": 12, "deferred": 7}
FINISHED = News(
    7,
    NewsKind.FINISHED,
    NOW,
    "clockwork",
    "2030-0042",
    "release",
    counts=COUNTS,
    opened=NOW,
    last=NOW + timedelta(seconds=41),
)
HELD = News(8, NewsKind.HELD, NOW, "ada", "2030-0042", detail="a figure is wrong\r\nBcc: x@example.org")
ASKED = News(
    9, NewsKind.APPROVAL, NOW, "ada", "2030/0043", detail="revision 1 waits for approval",
    answer="distributor release approve 2030/0043",
)  # fmt: skip
FAILS = News(
    10, NewsKind.RELAY_FAILS, NOW, "clockwork", relay="main", detail="main (h:25) at connect; no other"
)


def officer(name, *roles, address="{}@example.org"):
    return Officer(name, "", address.format(name), frozenset(roles), NOW, "cli:root")


OFFICERS = [
    officer("ada", Role.AUTHOR),
    officer("grace", Role.APPROVER),
    officer("hedy", Role.READER),
    officer("mute", Role.APPROVER, address=""),
]


def heard(one, people):
    return [person.name or person.address for person in people if person.hears(one)]


@pytest.mark.parametrize(
    ("one", "names"),
    [
        # everybody may see how it went
        (FINISHED, ["desk@example.org", "ada", "grace", "hedy"]),
        # who held it knows that
        (HELD, ["desk@example.org", "grace"]),
        # approvers, and who is named in the configuration
        (ASKED, ["desk@example.org", "grace"]),
        # who can do something about it
        (FAILS, ["desk@example.org", "ada", "grace"]),
        # four eyes: not the one who has agreed
        (replace(ASKED, actor="grace"), ["desk@example.org"]),
    ],
)
def test_officers_are_told_what_their_roles_allow(one, names):
    assert heard(one, listeners(["desk@example.org"], OFFICERS, allowed=())) == names


def test_each_address_is_told_once_and_the_silent_and_those_not_allowed_never():
    to = ["Ada@example.org", "desk@example.com", "gone@example.org"]
    found = listeners(to, OFFICERS, allowed=["example.org"], silent={"gone@example.org"})
    assert [person.address for person in found] == [
        "Ada@example.org",
        "grace@example.org",
        "hedy@example.org",
    ]


def test_words_have_counts_times_and_zone():
    assert WORDS.line(FINISHED) == (
        "2030-0042: release is finished: 2,981 accepted, 7 waiting, 12 refused, "
        "Thu 17 Jan 2030 11:00:00–11:00:41 Brussels"
    )
    went = replace(FINISHED, kind=NewsKind.WENT, last=NOW + timedelta(hours=14))
    assert WORDS.line(went).startswith("2030-0042: release went out, some are tried again: 2,981 accepted")
    assert "Thu 17 Jan 2030 11:00 Brussels – Fri 18 Jan 2030 01:00 Brussels" in WORDS.line(went)
    assert WORDS.line(replace(FINISHED, counts={}, opened=None)) == "2030-0042: release is finished: nobody"
    assert WORDS.line(replace(FINISHED, last=FINISHED.opened)).endswith("Thu 17 Jan 2030 11:00:00 Brussels")


def test_a_subject_says_what_it_is_and_nothing_that_others_wrote():
    assert WORDS.subject([HELD]) == "2030-0042: held"
    assert WORDS.subject([FAILS]) == "relay main fails"
    assert WORDS.subject([HELD, FINISHED, HELD]) == "3 alerts: 2 held, 1 finished"
    assert WORDS.subject([replace(HELD, reference="=?utf-8?q?=0D=0ABcc?=")]) == "An alert"


def test_links_lead_to_the_console_where_there_is_one():
    linked = Words("UTC", "https://press.example.org")
    assert "https://press.example.org/office/releases/2030%2F0043/approve" in linked.text(
        [ASKED], publisher="P"
    )
    assert "https://press.example.org/office/releases/2030-0042\n" in linked.text([HELD], publisher="P")
    assert "distributor release approve 2030/0043" in WORDS.text([ASKED], publisher="P")


def test_a_storm_is_one_mail_and_one_document():
    storm = [replace(HELD, seq=n, reference=f"2030-{n:04d}") for n in range(500)]
    text = WORDS.text(storm, publisher="P")
    assert text.count("held by ada") == 50
    assert "And 450 more alerts: distributor todo" in text
    document = WORDS.document(storm, publisher="press")
    assert len(document["events"]) == 500
    assert document["text"].endswith("and 450 more")
    assert "\r" not in document["text"]


@pytest.mark.parametrize(
    ("minutes_ago", "may"),
    [
        # the first one
        ([], True),
        # nine within the hour, the last just now
        (range(9), True),
        # ten: the rest is gathered
        (range(10), False),
        # for five minutes
        (range(5, 15), True),
        # what is longer ago than an hour does not count
        (range(55, 70), True),
    ],
)
def test_after_ten_mails_in_an_hour_the_rest_is_gathered(minutes_ago, may):
    rounds = sorted(NOW - timedelta(minutes=ago) for ago in minutes_ago)
    assert may_tell(rounds, now=NOW) is may
