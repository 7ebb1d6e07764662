"""A time that has passed, as people type it after --since."""

from datetime import datetime
from zoneinfo import ZoneInfo

from distributor.config import duration
from distributor.errors import Refused


def instant(text: str, *, now: datetime, zone: str) -> datetime:
    """ "24h" (ago), "2030-03-04", "2030-03-04T11:00" (both in `zone`) or with an offset. Raises Refused."""
    try:
        return now - duration(text)
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            f"“{text[:40]}” is no time",
            where="--since",
            cure="Write 24h, 2d, 2030-03-04 or 2030-03-04T11:00+01:00.",
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))
