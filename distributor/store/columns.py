"""Column types: aware UTC instants, stretches of time, JSON, states with a CHECK built from their enum."""

from datetime import UTC as _UTC
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, TIMESTAMP, BigInteger, CheckConstraint, Integer, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine


class UTC(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out. timestamptz on PostgreSQL, microseconds since 1970 on SQLite.

    SQLite's own datetimes would come back naive; an integer compares and sorts right.
    Raises ValueError on a naive datetime.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        if value is None:
            return None
        micros = to_micros(value)
        return value if dialect.name == "postgresql" else micros

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(_UTC) if isinstance(value, datetime) else from_micros(value)


class Span(TypeDecorator[timedelta]):
    """A stretch of time, in microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:  # noqa: ARG002
        return None if value is None else timedelta(microseconds=value)


_EPOCH = datetime(1970, 1, 1, tzinfo=_UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(value: datetime) -> int:
    """Microseconds since 1970, exact. Raises ValueError on a naive datetime."""
    if value.tzinfo is None:
        raise ValueError(f"naive datetime {value!r}: instants are aware")
    return (value - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The instant, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


#: A surrogate key: 64 bits on PostgreSQL, rowid on SQLite.
Key = BigInteger().with_variant(Integer(), "sqlite")
#: JSON text on SQLite, jsonb on PostgreSQL.
Json = JSON().with_variant(JSONB(), "postgresql")


def one_of(column: str, states: type[StrEnum], table: str) -> CheckConstraint:
    """CHECK (column IN (…)) from the enum."""
    names = ", ".join(f"'{state.value}'" for state in states)
    return CheckConstraint(f"{column} IN ({names})", name=f"ck_{table}_{column}")
