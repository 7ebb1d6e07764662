"""What the database's refusals mean for a person. It handles none; `database.Store` raises what it says.

A broken CHECK or NOT NULL, or SQL that is none, is a bug of ours: for those it has no words.
"""

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from distributor.errors import Busy, DistributorError, Refused

_TAKEN = (
    "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "23505",  # unique_violation (PostgreSQL, appendix A)
    "23503",  # foreign_key_violation
)
_NOT_THERE = ("42P01", "42703")  # undefined_table, undefined_column; SQLite has words only
_NOT_THERE_WORDS = ("no such table", "no such column", "has no column named")


def explain(error: DBAPIError | PoolTimeout, *, where: str) -> DistributorError | None:
    """The error as a person reads it, or None when it is a bug. `where` is the database."""
    if isinstance(error, IntegrityError) and _code(error) in _TAKEN:
        return Refused("this was changed at the same time", where=where, cure="Look again, then try again.")
    if _is_not_there(error):
        return Refused(
            f"the database lacks a part of its schema ({_reason(error)})",
            where=where,
            cure="Restore a backup; “distributor db upgrade” mends it only when it is older.",
        )
    if isinstance(error, OperationalError | PoolTimeout):
        return Busy(
            f"the database does not answer ({_reason(error)})",
            where=where,
            cure="Check that it is there, writable and not locked by another program, then try again.",
        )
    return None


def _is_not_there(error: SQLAlchemyError) -> bool:
    if isinstance(error, ProgrammingError):
        return _code(error) in _NOT_THERE
    return isinstance(error, OperationalError) and any(words in str(error.orig) for words in _NOT_THERE_WORDS)


def _code(error: DBAPIError) -> str:
    """SQLite's name of the error, or PostgreSQL's SQLSTATE."""
    return str(getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None))


def _reason(error: DBAPIError | PoolTimeout) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0] if said else type(error).__name__
