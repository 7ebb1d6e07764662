"""When a mailout was accepted: the first, the median, 90 %, the last, and the curve; the same by recipient
domain. Reads only.

Milliseconds after the mailout's instant. What an officer or a relay's log settled has no such time. However
many they are, the instants come in one row for each domain: who fetches many rows keeps waiting for its turn
of the interpreter.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    cast,
    func,
    select,
    type_coerce,
)

from distributor.policy.lifecycle import DeliveryState
from distributor.store import rows
from distributor.store.columns import Json, to_micros

d, e = rows.delivery.c, rows.log.c

_POINTS = 60
_STATES = [state.value for state in DeliveryState]

#: By domain the instants at which its mails were accepted, in their order: microseconds since 1970.
Accepted = Mapping[str, Sequence[int]]


def of_mailout(connection: Connection, *, id: int, due: datetime) -> dict[str, Any] | None:
    """The `curve` of a mailout."""
    return curve(accepted(connection, id=id), due=due)


def accepted(connection: Connection, *, id: int) -> Accepted:
    """What was accepted of a mailout."""
    asked = _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE
    return {row.domain: sorted(row.instants) for row in connection.execute(asked, {"mailout": id})}


def _asked(domain: ColumnElement[str], instants: ColumnElement[Any]) -> Select[Any]:
    """Whatever their states: these lead by an index in whose order the rows of the log were written."""
    return (
        select(domain.label("domain"), instants.label("instants"))
        .select_from(rows.delivery.join(rows.log, e.delivery_id == d.id))
        .where(d.mailout_id == bindparam("mailout"), d.state.in_(_STATES))
        .where(e.kind == "answer", e.detail == "accept")
        .group_by("domain")
    )


_SQLITE = _asked(
    func.substr(d.address_key, func.instr(d.address_key, "@") + 1),
    func.json_group_array(type_coerce(e.at, BigInteger), type_=Json),
)
_POSTGRES = _asked(
    func.substr(d.address_key, func.strpos(d.address_key, "@") + 1),
    func.jsonb_agg(cast(func.extract("epoch", e.at) * 1_000_000, BigInteger), type_=Json),
)


def curve(found: Accepted, *, due: datetime) -> dict[str, Any] | None:
    """{"accepted", "first_ms", "median_ms", "p90_ms", "last_ms", "curve": [[ms, number], …]}, or None."""
    instants = sorted(chain.from_iterable(found.values()))
    number = len(instants)
    if not number:
        return None
    at = {place: _ms(instants[place - 1], due) for place in _places(number)}
    return {
        "accepted": number,
        "first_ms": at[1],
        "median_ms": at[_share(number, 0.5)],
        "p90_ms": at[_share(number, 0.9)],
        "last_ms": at[number],
        "curve": [[at[place], place] for place in sorted(at)],
    }


def domains(found: Accepted, *, due: datetime, limit: int) -> list[dict[str, Any]]:
    """{"domain", "accepted", "first_ms", "median_ms", "last_ms"}, the largest first, at most `limit`."""
    largest = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))[:limit]
    return [_line(domain, instants, due) for domain, instants in largest]


def _line(domain: str, instants: Sequence[int], due: datetime) -> dict[str, Any]:
    half = instants[(len(instants) + 1) // 2 - 1]
    times = {"first_ms": instants[0], "median_ms": half, "last_ms": instants[-1]}
    after = {name: _ms(at, due) for name, at in times.items()}
    return {"domain": domain, "accepted": len(instants)} | after


def _places(number: int) -> list[int]:
    """Which of so many acceptances are looked at: some evenly spread, and those that have a name."""
    even = {_share(number, step / _POINTS) for step in range(1, _POINTS + 1)}
    return sorted(even | {1, _share(number, 0.5), _share(number, 0.9), number})


def _share(number: int, share: float) -> int:
    """By which one so large a share of all is reached."""
    return max(1, math.ceil(number * share))


def _ms(at: int, due: datetime) -> int:
    return round((at - to_micros(due)) / 1_000_000 * 1000)
