"""When a mailout was accepted: the first, the median, 90 %, the last, and the curve. Reads only, by SQL.

Milliseconds after the mailout's instant. What an officer or a relay's log settled has no such time.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from distributor.store import rows

d, e = rows.delivery.c, rows.log.c

_POINTS = 60


def of_mailout(connection: Connection, *, id: int, due: datetime) -> dict[str, Any] | None:
    """{"accepted", "first_ms", "median_ms", "p90_ms", "last_ms", "curve": [[ms, number], …]}, or None."""
    number = connection.scalar(select(func.count()).select_from(_accepted(id).subquery())) or 0
    if not number:
        return None
    at = {place: _ms(when, due) for place, when in connection.execute(_at(id, _places(number)))}
    return {
        "accepted": number,
        "first_ms": at[1],
        "median_ms": at[_share(number, 0.5)],
        "p90_ms": at[_share(number, 0.9)],
        "last_ms": at[number],
        "curve": [[at[place], place] for place in sorted(at)],
    }


def _accepted(mailout_id: int) -> Select[Any]:
    return (
        select(e.at, func.row_number().over(order_by=(e.at, e.id)).label("place"))
        .select_from(rows.delivery.join(rows.log, e.delivery_id == d.id))
        .where(d.mailout_id == mailout_id, e.kind == "answer", e.detail == "accept")
    )


def _at(mailout_id: int, places: Sequence[int]) -> Select[Any]:
    numbered = _accepted(mailout_id).subquery()
    return select(numbered.c.place, numbered.c.at).where(numbered.c.place.in_(places))


def _places(number: int) -> list[int]:
    """Which of so many acceptances are looked at: some evenly spread, and those that have a name."""
    even = {_share(number, step / _POINTS) for step in range(1, _POINTS + 1)}
    return sorted(even | {1, _share(number, 0.5), _share(number, 0.9), number})


def _share(number: int, share: float) -> int:
    """By which one so large a share of all is reached."""
    return max(1, math.ceil(number * share))


def _ms(at: datetime, due: datetime) -> int:
    return round((at - due).total_seconds() * 1000)
