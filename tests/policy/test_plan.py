"""Which mailouts a release gets, and when one may no longer open by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Sending
from distributor.model.rules import Rules, Tolerance
from distributor.policy import plan

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIFT = NOW + timedelta(hours=30)
RULES = Rules()
KNOWN = ("accredited", "agencies")


def waves(sending: Sending, *, approved_at: datetime = NOW) -> list[tuple[str, str, datetime]]:
    decided = plan.decide(sending, approved_at=approved_at, rules=RULES)
    return [(planned.kind, planned.wave, planned.due) for planned in decided.mailouts]


def test_immediate_release_leaves_time_to_undo():
    assert waves(Sending()) == [("release", "", NOW + RULES.undo)]


def test_release_goes_at_its_embargo_or_its_time():
    assert waves(Sending(embargo=Embargo(LIFT))) == [("release", "", LIFT)]
    assert waves(Sending(send_at=LIFT)) == [("release", "", LIFT)]


def test_one_wave_per_tier_then_the_release():
    sending = Sending(
        embargo=Embargo(LIFT),
        waves=(
            Wave("agencies", before=timedelta(minutes=30)),
            Wave("accredited", before=timedelta(hours=24)),
        ),
    )
    assert waves(sending) == [
        ("advance", "accredited", LIFT - timedelta(hours=24)),
        ("advance", "agencies", LIFT - timedelta(minutes=30)),
        ("release", "", LIFT),
    ]


@pytest.mark.parametrize(
    ("left", "goes"),
    [
        (timedelta(hours=2), True),  # its time has passed, but enough is left: at once
        (timedelta(minutes=30), True),  # exactly the least lead
        (timedelta(minutes=29), False),  # too late to be of use: skipped, and said
    ],
)
def test_advance_whose_time_has_passed(left, goes):
    sending = Sending(embargo=Embargo(LIFT), waves=(Wave("accredited", before=timedelta(hours=24)),))
    decided = plan.decide(sending, approved_at=LIFT - left, rules=RULES)
    assert [p.due for p in decided.mailouts if p.kind == "advance"] == ([LIFT - left] if goes else [])
    assert len(decided.skipped) == (0 if goes else 1)
    assert decided.passed == ((("accredited", LIFT - timedelta(hours=24)),) if goes else ())


@pytest.mark.parametrize(
    ("before", "slip", "told"),
    [
        (timedelta(hours=24), False, ""),  # still to come
        (
            timedelta(hours=40),
            False,
            "was due Mon 2 Mar 2026 ",
        ),  # ten hours ago: it goes late, and that is said
        (timedelta(hours=30, seconds=50), False, ""),  # a moment ago: it goes when it was meant to
        (timedelta(hours=240), True, "was due Sat 21 Feb 2026 "),  # a nought too many
    ],
)
def test_an_advance_far_in_the_past_is_a_slip(before, slip, told):
    sending = Sending(embargo=Embargo(LIFT), waves=(Wave("agencies", before=before),))
    decided = plan.decide(sending, approved_at=NOW, rules=RULES)
    assert plan.slips(decided, approved_at=NOW) == (("agencies",) if slip else ())
    warned = list(plan.warnings(decided, sizes={"agencies": 3}, known=KNOWN, rules=RULES))
    assert len(warned) == bool(told)
    assert told in " ".join(warned)


def test_a_wave_for_a_tier_that_nobody_has():
    sending = Sending(embargo=Embargo(LIFT), waves=(Wave("agencies", before=timedelta(hours=1)),))
    decided = plan.decide(sending, approved_at=NOW, rules=RULES)
    (warning,) = plan.warnings(decided, sizes={"accredited": 3}, known=KNOWN, rules=RULES)
    assert "no recipient has embargo access as agencies" in warning


@pytest.mark.parametrize(
    ("tier", "known", "told"),
    [
        (
            "acredited",
            ("accredited", "agencies"),
            "“acredited”: did you mean “accredited”? As it stands that",
        ),
        ("xyz", KNOWN, "“xyz”: there is accredited and agencies. As"),
        ("xyz", (), "“xyz”: there is no tier yet. As"),
    ],
)
def test_a_tier_that_no_list_and_no_contact_knows(tier, known, told):
    sending = Sending(embargo=Embargo(LIFT), waves=(Wave(tier, before=timedelta(hours=1)),))
    decided = plan.decide(sending, approved_at=NOW, rules=RULES)
    (warning,) = plan.warnings(decided, sizes={}, known=known, rules=RULES)
    assert told in warning


@given(
    lead=st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
    before=st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_no_advance_at_or_after_the_embargo_and_all_expire_by_then(lead, before):
    """Planted bug: `at > lift` instead of `at >= lift` makes an advance at the instant itself."""
    sending = Sending(embargo=Embargo(LIFT), waves=(Wave("t", before=before),))
    decided = plan.decide(sending, approved_at=LIFT - lead, rules=RULES)
    advances = [p for p in decided.mailouts if p.kind == "advance"]
    assert len(advances) + len(decided.skipped) == 1
    assert all(LIFT - lead <= p.due < LIFT and p.expires_at == LIFT for p in advances)


@pytest.mark.parametrize(
    ("minutes", "embargoed", "accepted", "held"),
    [
        (15, True, False, False),  # within the limit of embargoed ones
        (16, True, False, True),  # beyond it
        (16, False, False, False),  # the limit of others is an hour
        (61, False, False, True),
        (600, True, True, False),  # an officer said go
    ],
)
def test_late_mailouts_ask(minutes, embargoed, accepted, held):
    reason = plan.late(
        due=NOW,
        now=NOW + timedelta(minutes=minutes),
        embargoed=embargoed,
        accepted=accepted,
        rules=RULES,
    )
    assert (reason is not None) is held


@pytest.mark.parametrize(
    ("expected", "actual", "held"),
    [
        (100, 120, False),  # 20 more
        (100, 121, True),
        (1000, 1050, False),  # 5 %
        (1000, 1051, True),
        (1000, 10, False),  # people only drop out: never a reason to ask
        (None, 5000, False),  # an advance has no expectation of its own
    ],
)
def test_audience_outside_its_tolerance_asks(expected, actual, held):
    rules = Rules(tolerance=Tolerance(percent=5, count=20))
    assert (plan.outside_tolerance(expected=expected, actual=actual, rules=rules) is not None) is held


@pytest.mark.parametrize(
    ("wave", "expected", "due"),
    [
        (Wave("accredited", at=NOW + timedelta(hours=1)), None, NOW + timedelta(hours=1)),
        # reckoned from the time at which it is expected to be lifted
        (Wave("accredited", before=timedelta(hours=2)), LIFT, LIFT - timedelta(hours=2)),
        (Wave("accredited", before=timedelta(hours=2)), None, NOW),  # from nothing: at once
        (Wave("accredited", before=timedelta(hours=48)), LIFT, NOW),  # passed: at once
        (Wave("accredited", before=timedelta(hours=2)), NOW + timedelta(minutes=20), None),  # too late
        (Wave("accredited", before=timedelta(hours=2)), NOW - timedelta(hours=1), NOW),  # nobody knows
    ],
)
def test_until_lifted_only_advance_copies_are_planned(wave, expected, due):
    sending = Sending(embargo=Embargo(until_lifted=True, expected=expected), waves=(wave,))
    decided = plan.decide(sending, approved_at=NOW, rules=RULES)
    assert [(one.kind, one.due) for one in decided.mailouts] == ([("advance", due)] if due else [])
    assert len(decided.skipped) == (0 if due else 1)
    [*_, last] = plan.warnings(decided, sizes={"accredited": 1}, known=KNOWN, rules=RULES)
    assert "release lift" in last
