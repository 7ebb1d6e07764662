"""Who was reached by a release: how many people, by group, by what is known of them, and why not. Reads only.

Counted in SQL, each person once by her best copy, so that a page about very many people costs little.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Case,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    distinct,
    func,
    or_,
    select,
)

from distributor.policy import outcomes
from distributor.policy.lifecycle import DeliveryState, MailoutState
from distributor.policy.outcomes import GROUPS, RANKS, Rank
from distributor.policy.plan import ADVANCE, RELEASE
from distributor.store import rows
from distributor.store.holders import sent_again

d, m, c, e = rows.delivery.c, rows.mailout.c, rows.contact.c, rows.log.c

_ENDED = ("answer", "expired", "suppressed", "cancelled", "settled")
#: What is counted by: the contact's word for it, and what brings its spellings together.
_KNOWN = {
    "country": (
        case((func.length(c.country) == 2, func.upper(c.country)), else_=c.country),
        func.lower(c.country),
    ),
    "outlet": (c.outlet, c.outlet_key),
    "medium": (c.medium, func.lower(c.medium)),
}

Counts = dict[str, int]


def groups(connection: Connection, *, release_id: int) -> Counts:
    """How many people are in each group (`policy.outcomes.GROUPS`); all groups are named."""
    who = _people(release_id)
    counted = select(who.c.rank, func.count()).group_by(who.c.rank)
    return _grouped((rank, number) for rank, number in connection.execute(counted))


def by_what_is_known(connection: Connection, *, release_id: int) -> dict[str, list[dict[str, Any]]]:
    """By country, outlet, medium and language: {"name", "people", "reached", …}, the largest first.

    `name` is None where a contact says nothing, or it is no contact: that line is the last one.
    """
    who = _people(release_id)
    found = {name: _lines(connection, _by_contact(who, name)) for name in _KNOWN}
    language = select(who.c.language, who.c.language, who.c.rank, func.count())
    return found | {"language": _lines(connection, language.group_by(who.c.language, who.c.rank))}


def by_mailout(connection: Connection, *, release_id: int) -> dict[int, tuple[Counts, int]]:
    """Of each mailout of the text: people by group, and how many were left out for they had it elsewhere."""
    who, rank = _people(release_id), _rank(release_id)
    query = (
        select(d.mailout_id, rank.label("own"), who.c.rank, func.count())
        .join(rows.mailout, m.id == d.mailout_id)
        .join(who, who.c.address_key == d.address_key)
        .where(*_copies(release_id))
        .group_by(d.mailout_id, rank, who.c.rank)
    )
    own: dict[int, list[tuple[int, int]]] = {}
    elsewhere: Counter[int] = Counter()
    for mailout_id, rank_here, best, number in connection.execute(query):
        if rank_here == Rank.CANCELLED and best < rank_here:
            elsewhere[mailout_id] += number
        else:
            own.setdefault(mailout_id, []).append((rank_here, number))
    return {id: (_grouped(own.get(id, ())), elsewhere[id]) for id in {*own, *elsewhere}}


def why_not(connection: Connection, *, release_id: int, withdrawn: bool) -> list[dict[str, Any]]:
    """Why people were not sent it: {"why", "people", "codes"}, the most first."""
    numbers: Counter[str] = Counter()
    codes: dict[str, set[str]] = {}
    for rank, enhanced, code, detail, number in connection.execute(_last_words(release_id)):
        words = outcomes.why(Rank(rank), enhanced=enhanced, detail=detail or "", withdrawn=withdrawn)
        numbers[words] += number
        said = f"{code or ''} {enhanced or ''}".strip()
        codes.setdefault(words, set()).update({said} - {""})
    return [
        {"why": words, "people": number, "codes": sorted(codes[words])}
        for words, number in numbers.most_common()
    ]


def _copies(release_id: int) -> tuple[ColumnElement[bool], ...]:
    """The deliveries that count: not those of a mailout that was planned anew, unless they had begun."""
    anew = and_(m.replaced, d.state == DeliveryState.CANCELLED.value)
    return m.release_id == release_id, m.kind.in_([ADVANCE, RELEASE]), ~anew


def _rank(release_id: int) -> Case[int]:
    """How well a delivery went, as a number."""
    going = m.state == MailoutState.SENDING.value
    tried = or_(d.state == DeliveryState.DEFERRED.value, going)
    maybe = and_(d.state.not_in(["sent", "bounced"]), d.id.in_(sent_again(release_id)))
    told = [(d.state == state.value, int(rank)) for state, rank in RANKS.items()]
    return case((maybe, int(Rank.MAYBE)), *told, (tried, int(Rank.TRYING)), else_=int(Rank.WAITING))


def _people(release_id: int) -> Subquery:
    """Each address once: (address_key, rank, contact_id, language)."""
    return (
        select(
            d.address_key,
            func.min(_rank(release_id)).label("rank"),
            func.max(d.contact_id).label("contact_id"),
            func.max(d.language).label("language"),
        )
        .join(rows.mailout, m.id == d.mailout_id)
        .where(*_copies(release_id))
        .group_by(d.address_key)
        .subquery("people")
    )


def _by_contact(who: Subquery, name: str) -> Select[Any]:
    said, folded = (func.coalesce(column, "") for column in _KNOWN[name])
    return (
        select(folded, func.min(said), who.c.rank, func.count())
        .select_from(who.outerjoin(rows.contact, c.id == who.c.contact_id))
        .group_by(folded, who.c.rank)
    )


def _lines(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    ranks: dict[str, list[tuple[int, int]]] = {}
    for folded, said, rank, number in connection.execute(query):
        names[folded] = min(names.get(folded, said), said)
        ranks.setdefault(folded, []).append((rank, number))
    lines = [_line(names[folded].strip() or None, ranks[folded]) for folded in ranks]
    return sorted(lines, key=lambda one: (one["name"] is None, -one["people"], one["name"] or ""))


def _line(name: str | None, ranks: Iterable[tuple[int, int]]) -> dict[str, Any]:
    counts = _grouped(ranks)
    return {"name": name, "people": sum(counts.values()), "reached": counts["accepted"], "groups": counts}


def _grouped(ranks: Iterable[tuple[int, int]]) -> Counts:
    counts = dict.fromkeys(GROUPS, 0)
    for rank, number in ranks:
        counts[outcomes.group(Rank(rank))] += number
    return counts


def _last_words(release_id: int) -> Select[Any]:
    """Of whoever was not sent it, what the log says last of the copy that counts."""
    who, rank = _people(release_id), _rank(release_id)
    ended = (
        select(func.max(e.id)).where(e.delivery_id == d.id, e.kind.in_(_ENDED)).correlate(rows.delivery)
    ).scalar_subquery()
    return (
        select(who.c.rank, e.enhanced, e.code, e.detail, func.count(distinct(who.c.address_key)))
        .select_from(
            rows.delivery.join(rows.mailout, m.id == d.mailout_id)
            .join(who, and_(who.c.address_key == d.address_key, who.c.rank == rank))
            .outerjoin(rows.log, e.id == ended)
        )
        .where(*_copies(release_id), who.c.rank >= int(Rank.REJECTED))
        .group_by(who.c.rank, e.enhanced, e.code, e.detail)
    )
