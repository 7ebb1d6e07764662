"""Which changes are refused, with the reason; which of them let a text out earlier."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from distributor.errors import Refused
from distributor.model.draft import Version
from distributor.model.embargo import Embargo
from distributor.model.notice import NOTICES, SHORT, TEXTS
from distributor.model.release import Held, Release, Revision, Sending
from distributor.model.rules import Rules
from distributor.policy import changes

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON, LATE = Embargo(NOW + timedelta(hours=1)), Embargo(NOW + timedelta(hours=2))
LIFTED = Embargo(until_lifted=True)
RULES = Rules()


def release(embargo=SOON, *, state="open", revision="approved", held=False, waiting=()):
    def made(number, state, languages):
        versions = tuple(Version(language=language, headline="Harbour") for language in languages)
        return Revision(number, number, state, "release", Sending(), versions, "0" * 64, NOW, "officer")

    revisions = (made(1, revision, ("en", "fr")), *(made(2, "draft", waiting) for _ in waiting[:1]))
    fact = Held("a doubt", "officer", NOW) if held else None
    return Release(1, "press", "2026-0001", "release", state, embargo, NOW, held=fact, revisions=revisions)


@pytest.mark.parametrize(
    ("before", "after", "earlier"),
    [
        (SOON, LATE, False),
        (LATE, SOON, True),
        (SOON, LIFTED, False),  # nobody but an officer opens it then
        (LIFTED, LATE, True),  # it opens by itself then
        (LIFTED, replace(LIFTED, expected=NOW), False),
    ],
)
def test_what_lets_text_out_earlier_takes_an_approver(before, after, earlier):
    assert changes.earlier(before, after) is earlier


@pytest.mark.parametrize(
    ("one", "after", "why"),
    [
        (release(state="withdrawn"), LATE, "withdrawn"),
        (release(revision="draft"), LATE, "not approved"),
        (release(Embargo()), LATE, "has no embargo"),
        (release(), Embargo(), "to nothing"),
        (release(), SOON, "already"),
        (release(Embargo(NOW), state="published"), LATE, "its embargo ended Mon 2 Mar 2026 10:00 Brussels"),
        # not opened because nothing ran: whoever has it may use it since then
        (release(Embargo(NOW)), LATE, "may use it since then"),
    ],
)
def test_a_move_is_refused_with_the_reason(one, after, why):
    with pytest.raises(Refused, match=why):
        changes.check_move(one, after, now=NOW, rules=RULES)


@pytest.mark.parametrize(
    ("one", "after"),
    [
        (release(), LATE),
        (release(LATE), SOON),
        (release(), LIFTED),
        (release(LIFTED), LATE),
        (release(Embargo(NOW), held=True), LATE),  # on hold, so nobody was told that she may use it
    ],
)
def test_what_is_not_open_can_be_moved(one, after):
    changes.check_move(one, after, now=NOW, rules=RULES)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (release(Embargo()), "has no embargo"),
        (release(state="published"), "ended"),
        (release(Embargo(NOW)), "ended"),
        (release(held=True), "is held by officer: a doubt"),
        (release(state="withdrawn"), "withdrawn"),
    ],
)
def test_a_lift_is_refused_with_the_reason(one, why):
    with pytest.raises(Refused, match=why):
        changes.check_lift(one, now=NOW, rules=RULES)


def test_a_correction_needs_a_draft_that_all_holders_can_read():
    with pytest.raises(Refused, match="no correction of it waits"):
        changes.check_correct(release(), told=True, languages={"en"}, going=False)
    one = release(waiting=("en",))
    with pytest.raises(Refused, match="no version in fr"):
        changes.check_correct(one, told=True, languages={"en", "fr"}, going=False)
    assert changes.check_correct(one, told=False, languages={"en", "fr"}, going=False).number == 2


@pytest.mark.parametrize(
    ("one", "cancelled", "held", "quiet", "why"),
    [
        (release(), True, False, False, "it was cancelled, so there is nothing to hold"),
        (release(), True, True, True, "Without --quiet those who have it are told"),
        (replace(release(), published_at=NOW), False, True, True, "it has gone out already, so"),
        (release(), True, True, False, None),  # who has the text is told to hold it
    ],
)
def test_a_hold_of_what_is_over_says_so_or_tells_those_who_have_it(one, cancelled, held, quiet, why):
    def check():
        changes.check_hold(one, cancelled=cancelled, held=held, quiet=quiet)

    if why is None:
        check()
    else:
        with pytest.raises(Refused, match=why):
            check()


def test_a_change_of_what_was_cancelled_needs_somebody_whom_it_concerns():
    with pytest.raises(Refused, match="it was cancelled, and nobody has it"):
        changes.check_cancelled(release(), held=False)
    changes.check_cancelled(release(), held=True)


def test_every_notice_goes_first_lasts_and_overtakes_what_it_makes_old():
    assert set(SHORT) | {"correction"} == set(NOTICES)
    assert set(TEXTS) & set(SHORT) == set()
    for kind in NOTICES:
        planned = changes.notice(kind, now=NOW, rules=RULES)
        assert planned.priority < 0
        assert planned.expires_at - planned.due == RULES.expire_notice
        assert kind not in ("hold", "resume") or kind not in changes.OVERTAKES[kind]
    assert set(changes.OVERTAKES["withdrawal"]) == set(NOTICES)
