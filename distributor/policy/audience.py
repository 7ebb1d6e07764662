"""Who receives a release and why, who does not and why: everybody is on exactly one side.

Silence wins over everything, then an officer's word on one person; `also` wins over excluded lists; a list
that the release excludes wins over every list that matches. Does not ask the database (store.views.audience),
and knows no mailouts: tiers become waves when a release is planned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from distributor.model.address import Address
from distributor.model.audience import Audience, Excluded, Reason, Recipient
from distributor.model.candidate import Candidate, ListFacts, Membership
from distributor.model.contact import Standing
from distributor.model.release import Choice
from distributor.model.topic import TopicTree
from distributor.policy import languages as speech
from distributor.policy import matching

LEFT_OUT = "left out of this release by"

Side = TypeVar("Side", Recipient, Excluded)


@dataclass(frozen=True)
class Asking:
    """What a release asks for: ids of topics, names of lists, addresses, its versions (original first)."""

    topics: Sequence[str]
    lists: Sequence[str]
    exclude: Sequence[str]
    also: Sequence[Address]
    languages: Sequence[str]
    publisher_language: str
    tree: TopicTree
    people: Sequence[Choice] = ()
    _known: dict[tuple[str, tuple[str, ...]], tuple[Reason, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def named(self) -> frozenset[str]:
        """The keys of the addresses that the release names, or an officer added."""
        return frozenset(address.key for address in self.strangers)

    @cached_property
    def strangers(self) -> tuple[Address, ...]:
        """All addresses that are named: there may be no contact of theirs."""
        return (*self.also, *(Address.parse(one.address) for one in self.people if one.gets))

    @cached_property
    def chosen(self) -> Mapping[str, Choice]:
        """An officer's word, by address key."""
        return {Address.parse(one.address).key: one for one in self.people}

    def asks_for(self, candidate: Candidate) -> bool:
        """True when the release names her address."""
        return candidate.address_key in self.named

    def reaches(self, a_list: ListFacts) -> bool:
        """Whether the release may go to a member of this list; no other list gives anybody a reason."""
        return bool(self.reasons(Membership(a_list)))

    def reasons(self, membership: Membership) -> tuple[Reason, ...]:
        """`matching.reasons`, once for all members of a list that narrow it alike."""
        kind = (membership.list.name, membership.topics)
        if kind not in self._known:
            self._known[kind] = matching.reasons(
                membership, topics=self.topics, named=self.lists, tree=self.tree
            )
        return self._known[kind]


def decide(
    candidates: Iterable[Candidate],
    *,
    topics: Sequence[str],
    lists: Sequence[str],
    exclude: Sequence[str],
    also: Sequence[Address],
    languages: Sequence[str],
    tree: TopicTree,
    publisher_language: str,
    people: Sequence[Choice] = (),
) -> Audience:
    """The audience, both sides ordered by address.

    `topics` are ids of `tree`, `lists` and `exclude` names of lists, `languages` the versions there are,
    the original first. A candidate that comes twice (by address key) is taken once. An address of `also`
    that is no candidate is a recipient without a contact: leave none out that may be suppressed.
    """
    asking = Asking(topics, lists, exclude, also, languages, publisher_language, tree, people)
    recipients: dict[str, Recipient] = {}
    excluded: dict[str, Excluded] = {}
    for candidate in _everybody(candidates, also=asking.strangers):
        verdict = judge(candidate, asking)
        if isinstance(verdict, Recipient):
            recipients[candidate.address_key] = verdict
        else:
            excluded[candidate.address_key] = verdict
    return Audience(recipients=_ordered(recipients), excluded=_ordered(excluded))


def chosen(candidates: Iterable[Candidate], asking: Asking) -> Iterator[Recipient]:
    """Those who get it, as they come. Whom the release names may come twice: the first time counts."""
    seen: set[str] = set()
    for candidate in candidates:
        if asking.asks_for(candidate):
            if candidate.address_key in seen:
                continue
            seen.add(candidate.address_key)
        verdict = judge(candidate, asking)
        if isinstance(verdict, Recipient):
            yield verdict


def judge(candidate: Candidate, asking: Asking) -> Recipient | Excluded:
    """One contact's side of the audience."""
    why_not = silence(candidate)
    if why_not is not None:
        return Excluded(candidate.address, why_not)
    found = _reasons(candidate, asking)
    if not isinstance(found, tuple):
        return Excluded(candidate.address, found)
    return Recipient(
        address=candidate.address,
        address_key=candidate.address_key,
        contact_id=candidate.contact_id,
        name=candidate.name,
        outlet=candidate.outlet,
        language=_language(candidate, found, asking),
        tier=candidate.tier,
        reasons=found,
    )


def silence(candidate: Candidate) -> str | None:
    """Why she must not be mailed, in words; None when she may."""
    if candidate.standing in (Standing.UNSUBSCRIBED, Standing.ERASED):
        day = f" {candidate.standing_at:%Y-%m-%d}" if candidate.standing_at else ""
        return f"{candidate.standing.value}{day}"
    if candidate.suppression is not None or candidate.standing is Standing.SUPPRESSED:
        return f"suppressed: {candidate.suppression or candidate.standing_reason or 'no reason given'}"
    return "paused" if candidate.standing is Standing.PAUSED else None


def _reasons(candidate: Candidate, asking: Asking) -> tuple[Reason, ...] | str:
    by_list = tuple(r for membership in candidate.memberships for r in asking.reasons(membership))
    choice = asking.chosen.get(candidate.address_key)
    if choice is not None:
        return (*by_list, Reason(by=choice.by)) if choice.gets else f"{LEFT_OUT} {choice.by}"
    if asking.asks_for(candidate):
        return (*by_list, Reason())
    barred = [m.list for m in candidate.memberships if m.list.name in asking.exclude]
    if barred:
        return f"on excluded list {barred[0].shown}"
    return by_list or _why_no_list(candidate, asking)


def _why_no_list(candidate: Candidate, asking: Asking) -> str:
    if not candidate.memberships:
        return "on no list"
    narrowed = matching.covering(candidate.memberships, topics=asking.topics, tree=asking.tree)
    if narrowed is not None:
        only = ", ".join(narrowed.topics)
        return f"list {narrowed.list.shown} covers it, but this contact follows only {only}"
    not_covered = [f"no list covers {_or(asking.topics)}"] if asking.topics else []
    not_named = [f"not on list {_or(asking.lists)}"] if asking.lists else []
    return ", ".join(not_covered + not_named) or "the release names no topic and no list"


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)


def _language(candidate: Candidate, found: tuple[Reason, ...], asking: Asking) -> str:
    giving = {reason.list for reason in found}
    of_lists = [m.list.language for m in candidate.memberships if m.list.name in giving]
    ours = [] if candidate.contact_id is not None else [asking.publisher_language]
    return speech.choose(candidate.languages, of_lists=[*of_lists, *ours], available=asking.languages)


def _everybody(candidates: Iterable[Candidate], *, also: Sequence[Address]) -> Iterable[Candidate]:
    waiting = {address.key: address for address in also}
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.address_key not in seen:
            seen.add(candidate.address_key)
            waiting.pop(candidate.address_key, None)
            yield candidate
    for address in waiting.values():
        yield Candidate(address=address.text, address_key=address.key)


def _ordered(found: dict[str, Side]) -> tuple[Side, ...]:
    return tuple(found[key] for key in sorted(found))
