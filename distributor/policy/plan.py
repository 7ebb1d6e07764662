"""Which mailouts an approved release needs, and when each is due."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

from distributor.model.embargo import Wave
from distributor.model.release import Sending
from distributor.model.rules import Rules
from distributor.policy.clockface import about, moment, stretch
from distributor.policy.numbers import count

_SLIP = timedelta(hours=24)
_WORTH_A_WORD = timedelta(minutes=1)
ADVANCE, RELEASE = "advance", "release"


@dataclass(frozen=True, slots=True)
class Planned:
    """A mailout to be. `wave`: tier of an advance, else "". Times in UTC; lowest `priority` first."""

    kind: str
    wave: str
    due: datetime
    expires_at: datetime
    priority: int = 0

    @property
    def shown(self) -> str:
        """For the log: "advance wire due 2030-03-04T10:00:00+00:00"."""
        return " ".join(word for word in (self.kind, self.wave, "due", self.due.isoformat()) if word)


@dataclass(frozen=True, slots=True)
class Plan:
    """`mailouts` in order of their instants; `skipped` says in words which wave is left out and why.

    `passed`: the tiers whose time has passed by more than a minute, and when it was: their advance goes at
    approval. `timeless`: those for whom nobody can tell a time: theirs goes at approval too. `until_lifted`:
    there is no release mailout before an officer's lift.
    """

    mailouts: tuple[Planned, ...]
    skipped: tuple[str, ...] = ()
    passed: tuple[tuple[str, datetime], ...] = ()
    timeless: tuple[str, ...] = ()
    until_lifted: bool = False
    expected: datetime | None = None

    @property
    def tiers(self) -> tuple[str, ...]:
        return tuple(mailout.wave for mailout in self.mailouts if mailout.kind == ADVANCE)


def decide(sending: Sending, *, approved_at: datetime, rules: Rules) -> Plan:
    """The mailouts of a release approved at `approved_at`.

    An advance expires at the embargo: what could not be handed over by then gets the release copy. An
    advance whose time has passed goes at approval while `min_advance_lead` is left, else it is skipped.
    Until lifted: only the advances; what nobody can reckon a time for goes at approval.
    """
    waves = [_wave(wave, sending, approved_at=approved_at, rules=rules) for wave in sending.waves]
    advances = [wave for wave in waves if isinstance(wave, Planned)]
    skipped = tuple(wave for wave in waves if isinstance(wave, str))
    going = {advance.wave for advance in advances}
    due_at = [(wave.tier, wave.instant(sending.embargo)) for wave in sending.waves if wave.tier in going]
    passed = tuple((tier, at) for tier, at in due_at if at is not None and approved_at - at > _WORTH_A_WORD)
    timeless = tuple(tier for tier, at in due_at if at is None)
    advances = sorted(advances, key=lambda wave: (wave.due, wave.wave))
    if sending.embargo.until_lifted:
        expected = sending.embargo.expected
        return Plan(tuple(advances), skipped, passed, timeless, until_lifted=True, expected=expected)
    due = sending.embargo.instant or sending.send_at or approved_at + rules.undo
    release = Planned(RELEASE, "", due, due + rules.expire_release)
    return Plan((*advances, release), skipped, passed)


def warnings(plan: Plan, *, sizes: Mapping[str, int], known: Collection[str], rules: Rules) -> Iterator[str]:
    """What an officer must see before she approves.

    `sizes`: how many recipients have each tier; `known`: the tiers that lists and contacts have.
    """
    for tier, at in plan.passed:
        when = moment(at, rules.timezone)
        yield f"the advance copy for {tier} was due {when}, which has passed: it goes as soon as approved"
    for tier in plan.timeless:
        yield f"the advance copy for {tier} has no time to be reckoned from: it goes as soon as approved"
    yield from (_nobody(tier, known) for tier in plan.tiers if not sizes.get(tier))
    if plan.until_lifted:
        when = f", expected {moment(plan.expected, rules.timezone)}" if plan.expected else ""
        yield f"until lifted{when}: everybody else gets it when an officer says “release lift”, not before"


def _nobody(tier: str, known: Collection[str]) -> str:
    nothing = "that advance copy goes to nobody"
    if tier in known:
        return f"no recipient has embargo access as {tier}: {nothing}"
    near = get_close_matches(tier, known, n=1)
    others = " and ".join(sorted(known)) or "no tier yet"
    meant = f"did you mean “{near[0]}”?" if near else f"there is {others}."
    return f"no list and no contact has the tier “{tier}”: {meant} As it stands {nothing}"


def slips(plan: Plan, *, approved_at: datetime) -> tuple[str, ...]:
    """The tiers whose time passed so long ago that it looks like a slip of the pen ("-240h")."""
    return tuple(tier for tier, at in plan.passed if approved_at - at > _SLIP)


def _wave(wave: Wave, sending: Sending, *, approved_at: datetime, rules: Rules) -> Planned | str:
    at, lift = wave.instant(sending.embargo), sending.embargo.instant
    if sending.embargo.until_lifted:
        return _open_end(wave.tier, at, sending.embargo.expected, approved_at=approved_at, rules=rules)
    if at is None or lift is None:
        return f"{wave.tier}: there is no embargo to go before"
    if at >= lift:
        return f"{wave.tier}: its time is not before the embargo"
    if at <= approved_at:
        if lift - approved_at < rules.min_advance_lead:
            return f"{wave.tier}: its time has passed and less than {_lead(rules)} are left"
        at = approved_at
    return Planned(ADVANCE, wave.tier, at, lift)


def _open_end(
    tier: str, at: datetime | None, expected: datetime | None, *, approved_at: datetime, rules: Rules
) -> Planned | str:
    """An advance of what is embargoed until lifted: nobody knows for sure how long it may be tried."""
    if at is not None and at > approved_at:
        return Planned(ADVANCE, tier, at, at + rules.expire_release)
    if expected is not None and timedelta(0) < expected - approved_at < rules.min_advance_lead:
        return f"{tier}: less than {_lead(rules)} are left until it is expected to be lifted"
    return Planned(ADVANCE, tier, approved_at, approved_at + rules.expire_release)


def _lead(rules: Rules) -> str:
    return stretch(rules.min_advance_lead)


def late(*, due: datetime, now: datetime, embargoed: bool, accepted: bool, rules: Rules) -> str | None:
    """Why a mailout may not open by itself any more, or None (law 8)."""
    limit = _limit(embargoed, rules)
    if accepted or now - due <= limit:
        return None
    return f"late: due {about(now - due)} ago, the limit is {stretch(limit)}"


def tried_for(kind: str, *, rules: Rules) -> timedelta | None:
    """How long a mailout of this kind is tried; None: as long as its embargo lasts."""
    if kind == ADVANCE:
        return None
    return rules.expire_release if kind == RELEASE else rules.expire_notice


def left_alone(alone: timedelta, *, embargoed: bool, rules: Rules) -> str | None:
    """Why the rest of a mailout that nobody sent for so long may not go by itself, or None (law 8)."""
    limit = _limit(embargoed, rules)
    if alone <= limit:
        return None
    return f"late: nobody sent for {about(alone)}, the limit is {stretch(limit)}"


def _limit(embargoed: bool, rules: Rules) -> timedelta:
    return rules.late_limit_embargoed if embargoed else rules.late_limit


def outside_tolerance(*, expected: int | None, actual: int, rules: Rules) -> str | None:
    """Why an audience must be looked at before it is mailed, or None (law 8)."""
    if expected is None or (expected and not actual):
        return None if expected is None else f"audience: nobody is left of {expected}"
    if rules.tolerance.allows(expected=expected, actual=actual):
        return None
    return f"audience: {count(actual, 'recipient')}, {expected} when it was approved"
