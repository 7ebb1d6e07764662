"""Which embargo access the list files give and take.

Access that a person granted stays; access from files comes and goes with the rows that give it. What an
officer took back stays so, whatever the files say; suspensions are not their business at all.
"""

from collections.abc import Collection, Mapping

from distributor.model.listdiff import GRANTED_BY_SYNC, Grant, Present
from distributor.policy.listmerge import PersonRows, by_name

Granted = tuple[tuple[str, Grant], ...]
Withdrawn = tuple[str, ...]


def compare(
    rows_by_person: Mapping[str, PersonRows],
    *,
    silent: Collection[str],
    kept: Mapping[str, Collection[str]],
    present: Present,
) -> tuple[Granted, Withdrawn]:
    """(address key, grant) to be made or changed, and the keys whose access from files ends.

    `kept` names, by address key, the lists where she stays although her row is refused. The `silent` in the
    files are left as they are.
    """
    granted: list[tuple[str, Grant]] = []
    withdrawn: list[str] = []
    held = {key: contact.access for key, contact in present.contacts.items() if contact.access}
    for key in {**rows_by_person, **held}:
        now = held.get(key)
        if key in silent or (now and (now.ended or now.granted_by != GRANTED_BY_SYNC)):
            continue
        wanted = _wanted(rows_by_person.get(key), now=now, kept=kept.get(key, ()))
        if wanted is None and now is not None:
            withdrawn.append(key)
        elif wanted is not None and wanted != now:
            granted.append((key, wanted))
    return tuple(granted), tuple(withdrawn)


def _wanted(hers: PersonRows | None, *, now: Grant | None, kept: Collection[str]) -> Grant | None:
    offers = hers.offers() if hers else []
    offers += [(name, now.tier) for name in kept if now and now.criterion == criterion(name)]
    if not offers:
        return None
    name, tier = min(offers, key=lambda offer: by_name(offer[0]))
    return Grant(tier, GRANTED_BY_SYNC, criterion(name))


def criterion(name: str) -> str:
    """The criterion of access that list `name` gives."""
    return f"list {name}"
