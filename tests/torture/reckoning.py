"""What is counted after a death: the program's books beside those of the relay."""

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.torture.office import OVER, Release, Start


@dataclass(frozen=True)
class Count:
    """`problems`: each broken promise in words; none: all were kept.

    `lost` addresses, `unlisted` second copies that were not named before, how many were `doubtful` (of at
    most `window` for each death), `repeated` addresses, `first` seconds from the start to the first new
    hand-over.
    """

    case: str
    died: bool
    lost: int
    unlisted: int
    doubtful: int
    window: int
    repeated: int
    first: float | None
    work: float | None
    valid: bool
    problems: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        return asdict(self)


def reckon(
    release: Release, *, case: str, listed: Counter[str], first: Start | None, died: bool, deaths: int = 1,
    cancelled: bool = False, silenced: Collection[str] = (),
) -> Count:  # fmt: skip
    """Count a release that is over. `listed`: the open doubt before it was finished.

    `silenced` addresses left meanwhile: they have it, or not.
    """
    taken = release.taken()
    copies = Counter(event["recipient"] for event in taken)
    doubted = release.doubted("--all")
    lost = (
        set(release.office.addresses) - {*copies, *silenced} if not cancelled else _forgotten(release, copies)
    )
    unlisted = [address for address, number in copies.items() if number > 1 + doubted[address]]
    if deaths == 1:
        unlisted += [address for address, number in copies.items() if number > 1 and address not in listed]
    window = release.office.window
    verdict = release.verdict()
    checks = {
        f"lost: {sorted(lost)[:3]}": lost,
        f"mailed twice and not named before: {sorted(set(unlisted))[:3]}": unlisted,
        f"{sum(doubted.values())} in doubt": sum(doubted.values()) > window * deaths,
        f"the log is broken: {verdict['findings'][:3]}": not verdict["valid"],
        "copies differ": len({(e["recipient"], e["message_id"], e["sha256"]) for e in taken}) > len(copies),
        **_ends(release, copies, cancelled=cancelled, silenced=silenced),
    }
    return Count(
        case=case,
        died=died,
        lost=len(lost),
        unlisted=len(set(unlisted)),
        doubtful=sum(doubted.values()),
        window=window * deaths,
        repeated=sum(number > 1 for number in copies.values()),
        first=first.seconds if first else None,
        work=first.work if first else None,
        valid=verdict["valid"],
        problems=[words for words, broken in checks.items() if broken],
    )


def _forgotten(release: Release, copies: Counter[str]) -> set[str]:
    """Of a cancelled release: who got nothing, and is not cancelled."""
    ends = _states(release)
    return {
        address
        for address in release.office.addresses
        if address not in copies and ends.get(address) != "cancelled"
    }


def _ends(
    release: Release, copies: Counter[str], *, cancelled: bool, silenced: Collection[str]
) -> dict[str, bool]:
    """Each address has one delivery, which has reached its end; the mailout is over."""
    ends, state = _states(release), release.mailout
    wanted = {"sent", *(["cancelled"] if cancelled else []), *(["suppressed"] if silenced else [])}
    claimed = {address for address, end in ends.items() if end == "sent"}
    return {
        f"deliveries end as {Counter(ends.values())}": not set(ends.values()) <= wanted
        or (not cancelled and len(ends) != len(release.office.addresses)),
        f"called sent, and the relay never had it: {sorted(claimed - set(copies))[:3]}": bool(
            claimed - set(copies)
        ),
        f"the mailout is {state}": state not in OVER,
    }


def _states(release: Release) -> dict[str, str]:
    deliveries = release.deliveries()
    ends = dict(deliveries)
    assert len(ends) == len(deliveries), "an address has two deliveries"
    return ends


def failed(case: str, why: str) -> Count:
    """A case that could not be counted."""
    return Count(
        case=case, died=False, lost=0, unlisted=0, doubtful=0, window=0, repeated=0, first=None, work=None,
        valid=False, problems=[why],
    )  # fmt: skip
