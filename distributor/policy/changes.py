"""Which changes of a release that is under way are refused, and why; which of them let text out earlier."""

from collections.abc import Mapping, Set
from datetime import datetime

from distributor.errors import Refused
from distributor.model import notice as kinds
from distributor.model.embargo import Embargo
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.policy.clockface import moment
from distributor.policy.plan import Planned

_FIRST = -100  # before every other mail

#: Which notices not yet out are overtaken by a new one of this kind: their news is old.
OVERTAKES: Mapping[str, tuple[str, ...]] = {
    kinds.MOVED: (kinds.MOVED,),
    kinds.LIFTED: (kinds.MOVED,),
    kinds.HOLD: (kinds.RESUME,),
    kinds.RESUME: (kinds.HOLD,),
    kinds.CORRECTION: (kinds.CORRECTION,),
    kinds.WITHDRAWAL: kinds.NOTICES,
}


def notice(kind: str, *, now: datetime, rules: Rules) -> Planned:
    """The mailout of a notice: due now, before all other mail, tried for `expire_notice`."""
    return Planned(kind, "", now, now + rules.expire_notice, _FIRST)


def earlier(before: Embargo, after: Embargo) -> bool:
    """True when `after` may open before `before` would: it takes an approver."""
    if after.until_lifted:
        return False
    return before.until_lifted or _instant(after) < _instant(before)


def approved(release: Release) -> Revision:
    """The revision in force of a release that can still be changed. Raises Refused."""
    _refuse_withdrawn(release)
    if release.in_force is None:
        raise Refused(
            "it is not approved yet", where=release.reference, cure="Add it again, as it is to be sent."
        )
    return release.in_force


def check_movable(release: Release, *, now: datetime, rules: Rules) -> None:
    """Raises Refused when there is no embargo to move, wherever it is to go."""
    approved(release)
    if not release.embargo:
        raise _no_embargo(release)
    _refuse_open(release, now=now, rules=rules)


def check_move(release: Release, after: Embargo, *, now: datetime, rules: Rules) -> None:
    """Raises Refused when the embargo cannot become `after`."""
    check_movable(release, now=now, rules=rules)
    where = release.reference
    if not after:
        raise Refused(
            "an embargo is not moved to nothing",
            where=where,
            cure=f"“distributor release lift {where}” ends it.",
        )
    if after == release.embargo:
        raise Refused("that is its embargo already", where=where)


def check_lift(release: Release, *, now: datetime, rules: Rules) -> None:
    """Raises Refused when there is no embargo to lift."""
    approved(release)
    where = release.reference
    if not release.embargo:
        raise Refused("it has no embargo that could be lifted", where=where)
    if release.held:
        raise Refused(
            f"it is held by {release.held.by}: {release.held.reason}",
            where=where,
            cure=f"First: distributor release resume {where}",
        )
    if release.state == "published" or not release.embargo.in_force(now):
        raise Refused(f"its embargo ended {_when(release.embargo, rules)}", where=where)


def over(release: Release, *, cancelled: bool) -> str:
    """Why nothing of its text goes out any more, in words."""
    before = cancelled and release.published_at is None
    return "it was cancelled" if before else "it has gone out already"


def check_hold(release: Release, *, cancelled: bool, held: bool, quiet: bool) -> None:
    """Of a release of which nothing can go out any more. Raises Refused when nobody is told either.

    `held`: somebody holds the text.
    """
    if quiet or not held:
        see = f"“distributor release show {release.reference}” tells where it stands."
        raise Refused(
            f"{over(release, cancelled=cancelled)}, so there is nothing to hold",
            where=release.reference,
            cure="Without --quiet those who have it are told to hold it." if held else see,
        )


def check_cancelled(release: Release, *, held: bool) -> None:
    """Of a release that was cancelled. Raises Refused when a change would concern nobody."""
    if not held and release.published_at is None:
        raise Refused(
            "it was cancelled, and nobody has it",
            where=release.reference,
            cure="To send it after all, add its documents again: distributor release add FILE",
        )


def check_withdraw(release: Release) -> None:
    """Raises Refused when it was withdrawn before."""
    _refuse_withdrawn(release)


def check_correct(release: Release, *, told: bool, languages: Set[str], going: bool) -> Revision:
    """The draft that corrects what is in force; `languages` are those that holders have.

    `going`: the correction before has not reached all of them yet. Raises Refused: none waits, it says the
    same, some who are to be told could not read it, or some who are not would get the old words after it.
    """
    approved(release)
    where, waiting = release.reference, release.waiting
    if waiting is None:
        raise Refused(
            "no correction of it waits", where=where, cure="Name the documents: release correct REF FILE"
        )
    if going and not told:
        raise Refused(
            "the correction before is still on its way: some would get its words after these",
            where=where,
            cure="Tell them (without --minor), or wait until it has gone out.",
        )
    missing = sorted(languages - set(waiting.languages)) if told else []
    if missing:
        raise Refused(
            f"the correction has no version in {', '.join(missing)}, which some who hold the text have",
            where=where,
            cure="Give all versions at once: release correct REF FILE FILE …",
        )
    return waiting


def _no_embargo(release: Release) -> Refused:
    cure = "Cancel it, and add it again with --embargo and its time."
    if release.published_at is not None:
        cure = "It is out: “release hold” or “release withdraw” tells those who have it."
    return Refused("it has no embargo", where=release.reference, cure=cure)


def _refuse_withdrawn(release: Release) -> None:
    if release.state == "withdrawn":
        raise Refused("it was withdrawn", where=release.reference)


def _refuse_open(release: Release, *, now: datetime, rules: Rules) -> None:
    """What has opened cannot be closed again; who holds a text on hold was told to wait."""
    over = not release.embargo.in_force(now)
    if release.state == "published" or (over and not release.held):
        raise Refused(
            f"its embargo ended {_when(release.embargo, rules)}: whoever has the text may use it since then",
            where=release.reference,
            cure="“release hold” or “release withdraw” stops the rest, and tells those who have it.",
        )


def _when(embargo: Embargo, rules: Rules) -> str:
    return moment(_instant(embargo), rules.timezone)


def _instant(embargo: Embargo) -> datetime:
    if embargo.instant is None:
        raise ValueError("an embargo until lifted has no instant")
    return embargo.instant
