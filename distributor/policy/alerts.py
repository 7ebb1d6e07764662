"""Who is told what by an alert, when, and in which words.

No word of a release is in it, only references (law 1). However much happens, it is few mails: what has come
together is one, and after ten in an hour the rest is gathered.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from distributor.model.address import Address
from distributor.model.headertext import trouble
from distributor.model.news import News, NewsKind
from distributor.model.officer import Officer
from distributor.policy import rights
from distributor.policy.clockface import city, moment
from distributor.policy.numbers import count
from distributor.policy.recipients import matches

FRESH = timedelta(minutes=10)  # of what happened before anybody was told anything
LASTS = timedelta(days=1)
KEPT = timedelta(days=90)  # what an alert said, and to whom
HOUR = timedelta(hours=1)
_OFTEN, _GATHERED = 10, timedelta(minutes=5)
_SHOWN = 50  # in one mail
_EVERYBODY = frozenset(NewsKind)

#: An officer is told what she may look at, or answer.
_VERBS = {
    NewsKind.WENT: "release report",
    NewsKind.FINISHED: "release report",
    NewsKind.HELD: "release hold",
    NewsKind.APPROVAL: "release approve",
    NewsKind.RELAY_FAILS: "release hold",
    NewsKind.RELAY_WELL: "release hold",
}
#: The words for deliveries in these states, in this order.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "accepted": ("sent", "bounced"),
    "may have it": ("doubtful",),
    "waiting": ("queued", "deferred", "sending"),
    "refused": ("rejected",),
    "not sent": ("expired", "suppressed", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told, of which kinds; `name`: the officer's, "" for an address of the configuration."""

    address: str
    kinds: frozenset[NewsKind] = _EVERYBODY
    name: str = ""

    def hears(self, one: News) -> bool:
        """Nobody is told what she did herself."""
        return one.kind in self.kinds and (not self.name or one.actor != self.name)


def listeners(
    to: Iterable[str], officers: Iterable[Officer], *, allowed: Sequence[str], silent: Iterable[str] = ()
) -> list[Listener]:
    """Each address once, those of the configuration first.

    `allowed`: where only these may be mailed; `silent`: address keys that must not be.
    """
    hers = [Listener(one.address, _kinds(one), one.name) for one in officers if one.address]
    found: dict[str, Listener] = {}
    for one in [*map(Listener, to), *hers]:
        key = Address.parse(one.address).key
        if one.kinds and key not in silent and (not allowed or matches(key, allowed)):
            found.setdefault(key, one)
    return list(found.values())


def _kinds(officer: Officer) -> frozenset[NewsKind]:
    return frozenset(kind for kind, verb in _VERBS.items() if rights.may(officer.roles, verb))


def may_tell(rounds: Sequence[datetime], *, now: datetime) -> bool:
    """Whether mails may go now. `rounds`: when some went within the last hour."""
    lately = [at for at in rounds if at > now - HOUR]
    return len(lately) < _OFTEN or lately[-1] <= now - _GATHERED


@dataclass(frozen=True, slots=True)
class Words:
    """How it is told: `zone` of times, `base_url` of links, "" without."""

    zone: str
    base_url: str

    def subject(self, news: Sequence[News]) -> str:
        """For a mail's header: what it is about, without any words that others wrote."""
        first = _headed(news[0])
        if len(news) == 1:
            return first if not trouble(first) else "An alert"
        kinds = Counter(one.kind for one in news)
        told = (f"{number} {_WORDS[kind][number > 1]}" for kind, number in kinds.items())
        return f"{len(news)} alerts: {', '.join(told)}"

    def text(self, news: Sequence[News], *, publisher: str) -> str:
        """The mail's text."""
        told = [self._paragraph(one) for one in news[:_SHOWN]]
        if news[_SHOWN:]:
            told.append(f"And {count(len(news) - _SHOWN, 'more alert')}: distributor todo")
        return "\n\n".join([*told, f"-- \ndistributor, {publisher}\n"])

    def document(self, news: Sequence[News], *, publisher: str) -> dict[str, Any]:
        """For the webhook; `text` is what chats show."""
        lines = [self.line(one) for one in news]
        more = [f"and {len(lines) - _SHOWN} more"] if lines[_SHOWN:] else []
        return {
            "publisher": publisher,
            "text": "\n".join([*lines[:_SHOWN], *more]),
            "events": [self._event(one) for one in news],
        }

    def line(self, one: News) -> str:
        """One sentence."""
        return ": ".join(part for part in (one.reference, self._what(one)) if part)

    def _what(self, one: News) -> str:
        name, detail = one.mailout, _plain(one.detail)
        match one.kind:
            case NewsKind.HELD:
                whose = f"its {name} is held" if name else f"held by {_plain(one.actor)}"
                return f"{whose}: {detail}"
            case NewsKind.APPROVAL:
                return detail
            case NewsKind.RELAY_FAILS:
                return f"relay {one.relay} fails: {detail}"
            case NewsKind.RELAY_WELL:
                return f"relay {one.relay} works again"
        verb = "is finished" if one.kind is NewsKind.FINISHED else "went out, some are tried again"
        return f"{name} {verb}: {', '.join([*_counted(one.counts), *self._when(one)])}"

    def _when(self, one: News) -> list[str]:
        """ "Wed 17 Jan 2018 11:00:00–11:00:41 Brussels"."""
        if one.opened is None:
            return []
        begun = one.opened.astimezone(ZoneInfo(self.zone))
        last = (one.last or one.opened).astimezone(ZoneInfo(self.zone))
        if last.date() != begun.date() or last.utcoffset() != begun.utcoffset():
            return [f"{moment(one.opened, self.zone)} – {moment(last, self.zone)}"]
        until = f"–{last:%H:%M:%S}" if f"{last:%X}" != f"{begun:%X}" else ""
        return [f"{begun:%a %-d %b %Y %H:%M:%S}{until} {city(self.zone)}"]

    def _paragraph(self, one: News) -> str:
        where = self.url(one) or (one.answer or f"distributor log {one.reference}" if one.reference else "")
        told = [self.line(one)]
        if one.opened is None:
            told.append(f"since {moment(one.at.replace(microsecond=0), self.zone)}{_whose(one)}")
        return "\n".join([*told, *([where] if where else [])])

    def url(self, one: News) -> str:
        """The console's page of it, "" without one."""
        if not self.base_url:
            return ""
        page = "/approve" if one.answer.startswith("distributor release approve") else ""
        release = f"/releases/{quote(one.reference, safe='')}{page}" if one.reference else ""
        return f"{self.base_url}/office{release}"

    def _event(self, one: News) -> dict[str, Any]:
        facts = {
            "reference": one.reference or None,
            "mailout": one.mailout or None,
            "relay": one.relay or None,
            "by": one.actor,
            "counts": dict(one.counts) or None,
            "opened": one.opened.isoformat() if one.opened else None,
            "last": one.last.isoformat() if one.last else None,
            "url": self.url(one) or None,
        }
        return {
            "id": one.seq,
            "kind": one.kind.value,
            "at": one.at.isoformat(),
            "what": self._what(one),
            **facts,
        }


#: Of one, and of several.
_WORDS = {
    NewsKind.WENT: ("went out", "went out"),
    NewsKind.FINISHED: ("finished", "finished"),
    NewsKind.HELD: ("held", "held"),
    NewsKind.APPROVAL: ("waits for approval", "wait for approval"),
    NewsKind.RELAY_FAILS: ("relay fails", "relays fail"),
    NewsKind.RELAY_WELL: ("relay works again", "relays work again"),
}


def _whose(one: News) -> str:
    """Who wants it, where that is not said by then."""
    said = one.kind is not NewsKind.APPROVAL or one.actor in one.detail
    return "" if said else f", brought in by {_plain(one.actor)}"


def _headed(one: News) -> str:
    if one.relay:
        return f"relay {one.relay} {'fails' if one.kind is NewsKind.RELAY_FAILS else 'works again'}"
    if one.kind is NewsKind.APPROVAL:
        return f"{one.reference}: approval is wanted"
    if one.kind is NewsKind.HELD:
        return f"{one.reference}: {f'its {one.mailout} is ' if one.mailout else ''}held"
    verb = "is finished" if one.kind is NewsKind.FINISHED else "went out"
    return f"{one.reference}: {one.mailout} {verb}, {', '.join(_counted(one.counts))}"


def _counted(counts: Mapping[str, int]) -> list[str]:
    numbers = {words: sum(counts.get(state, 0) for state in states) for words, states in _GROUPS.items()}
    return [f"{number:,} {words}" for words, number in numbers.items() if number] or ["nobody"]


def _plain(text: str) -> str:
    """What others wrote, on one line."""
    return "".join(c if c.isprintable() else " " for c in text)
