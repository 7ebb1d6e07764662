"""What the database's refusals mean for a person. It handles none; `database.Store` raises what it says.

Judged by SQLite's names of errors and PostgreSQL's SQLSTATE, never by the words. A broken CHECK or NOT NULL,
or SQL that is none, is a bug of ours: for those it has no words.
"""

from types import ModuleType

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from distributor.errors import Busy, DistributorError, Refused

Meaning = tuple[type[DistributorError], str, str]

_URL = "Check host, port, user, password and name in [database] url, and that the server runs."
_ROOM = "Make room on that disk, then try again; what was being written is not, nothing else is lost."
_SCHEMA = "Restore a backup; “distributor db upgrade” mends it only when it is older."

#: By the beginning of SQLite's error name, or SQLSTATE (PostgreSQL, appendix A): kind, what, cure. Busy: a
#: worker waits until somebody has mended it.
_KNOWN: dict[str, Meaning] = {
    "SQLITE_CONSTRAINT_UNIQUE": (Refused, "this was changed at the same time", "Look again, then try again."),
    "SQLITE_NOTADB": (
        Refused,
        "the file is no database",
        "Name another one in [database] url, or move this one away.",
    ),
    "SQLITE_CORRUPT": (Refused, "the database is damaged", "Stop the service and restore a backup."),
    "SQLITE_READONLY": (
        Busy,
        "the database cannot be written",
        "Run it as the user of the service, or give this user the right to write to the file and its folder.",
    ),
    "SQLITE_CANTOPEN": (
        Busy,
        "the database cannot be opened",
        "Name a file in [database] url, in a folder that is there, that this user may read and write.",
    ),
    "SQLITE_FULL": (Busy, "the disk is full", _ROOM),
    "SQLITE_IOERR": (Busy, "the disk does not answer", "Look at the disk and its room, then try again."),
    "23505": (Refused, "this was changed at the same time", "Look again, then try again."),
    "28": (Busy, "the database does not let this user in", _URL),
    "3D000": (Busy, "there is no such database", "Make it with createdb, or mend [database] url."),
    "42501": (
        Refused,
        "this user lacks a right in the database",
        "Make this user the owner of the database (ALTER DATABASE … OWNER TO …).",
    ),
    "25006": (
        Busy,
        "the database cannot be written",
        "Name the primary server in [database] url, not a standby.",
    ),
    "42P01": (Refused, "the database lacks a part of its schema", _SCHEMA),
    "53100": (Busy, "the disk of the database is full", _ROOM),
    "53300": (
        Busy,
        "the database has no connection left",
        "End other programs, or raise max_connections of the server.",
    ),
    "57P": (Busy, "the database was stopped", "Start it, then try again."),
}
_SAME = {
    "SQLITE_CONSTRAINT_PRIMARYKEY": "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "SQLITE_CONSTRAINT_UNIQUE",
    "23503": "23505",  # foreign_key_violation
    "42703": "42P01",  # undefined_column
    "3F000": "42P01",  # no such schema
}
_NOT_THERE_WORDS = ("no such table", "no such column", "has no column named")  # SQLite has no code for these


def troubles(driver: ModuleType) -> tuple[type[Exception], ...]:
    """What a database's refusals are raised as; `driver` as PEP 249 has it.

    Its own errors come from the pragmas of a new connection, and from the statements of the hot path.
    """
    return DBAPIError, PoolTimeout, driver.Error


def explain(error: Exception, *, driver: ModuleType, where: str) -> DistributorError | None:
    """The error as a person reads it, or None when it is a bug. `where` is the database."""
    known = _known(_code(error), _words(error)) or _silent(error, driver)
    if known is None:
        return None
    kind, what, cure = known
    said = "" if isinstance(_orig(error), driver.IntegrityError) else f" ({_reason(error)})"
    return kind(f"{what}{said}", where=where, cure=cure)


def _known(code: str, words: str) -> Meaning | None:
    if code == "SQLITE_ERROR" and any(absent in words for absent in _NOT_THERE_WORDS):
        code = "42P01"
    code = _SAME.get(code, code)
    return next((found for start, found in _KNOWN.items() if code.startswith(start)), None)


def _silent(error: Exception, driver: ModuleType) -> Meaning | None:
    """No word from the database, or one that asks to come again."""
    what, orig = "the database does not answer", _orig(error)
    asked_again = driver.__name__.startswith("sqlite3") and isinstance(orig, driver.OperationalError)
    if asked_again or isinstance(orig, PoolTimeout):
        return Busy, what, "Check that no other program keeps it locked, then try again."
    connecting = isinstance(error, DBAPIError) and error.statement is None and not _code(error)
    if connecting and isinstance(orig, driver.ProgrammingError):
        return Refused, "the database cannot be asked like this", "Mend [database] url."
    if not isinstance(orig, driver.OperationalError):
        return None
    return Busy, what, _URL if connecting else "Look what was written, then try again."


def _orig(error: Exception) -> BaseException:
    return (isinstance(error, DBAPIError) and error.orig) or error


def _code(error: Exception) -> str:
    """SQLite's name of the error, or PostgreSQL's SQLSTATE; "" when there is none."""
    orig = _orig(error)
    return str(getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None) or "")


def _words(error: Exception) -> str:
    return str(_orig(error)).strip()


def _reason(error: Exception) -> str:
    """The first line; what follows are hints."""
    words = _words(error)
    return words.splitlines()[0].strip() if words else type(error).__name__
