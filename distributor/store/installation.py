"""Is this database the one that sends, or a copy of it? Copies send nothing until somebody confirms (law 8).

A backup made by `backup` is marked; any other copy shows by its fingerprint: inode and time of birth of a
SQLite file, system identifier and oid on PostgreSQL. (The number of its device would change when a machine
or a container starts again.) A database with releases but without a fingerprint came from a dump. A snapshot
of a whole machine shows nothing: `late_limit` catches that one.

A database also knows the secret it was first used with, by a mark of it: under another one Message-IDs and
unsubscribe links of the same deliveries would differ (law 6).
"""

import errno
import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL, ColumnElement, Connection, bindparam, delete, exists, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from distributor.errors import Busy, Refused
from distributor.store import rows
from distributor.store.birth import device, identity
from distributor.store.database import Store

_ROOM = "See that there is room."
_WRITABLE = "Name a file in a folder that this user may write to."
_COPY, _FINGERPRINT, _SECRET = "copy", "fingerprint", "secret"

i = rows.installation.c


def original() -> ColumnElement[bool]:
    """The condition that this database is no unconfirmed copy; part of every sending guard."""
    return ~exists().where(i.name == _COPY)


def look(store: Store) -> str | None:
    """Compare the fingerprint with the stored one; returns why sending is held, or None."""
    seen = fingerprint(store)
    with store.read() as connection:
        copy, stored = _get(connection, _COPY), _get(connection, _FINGERPRINT)
    if copy is not None or stored == seen:
        return copy
    with store.write() as connection:
        stored = _get(connection, _FINGERPRINT)
        if stored is None:
            _first_seen(connection, seen)
        elif store.path is not None and stored == device(store.path):  # as it was written before
            _put(connection, _FINGERPRINT, seen)
        elif stored != seen and _get(connection, _COPY) is None:
            _put(connection, _COPY, "this database was copied or moved")
        return _get(connection, _COPY)


def _first_seen(connection: Connection, seen: str) -> None:
    """Every start looks before a release can be added: releases without a fingerprint were restored."""
    if connection.execute(select(rows.release.c.id).limit(1)).first() is None:
        _put(connection, _FINGERPRINT, seen)
    elif _get(connection, _COPY) is None:
        _put(connection, _COPY, "this database was restored")


def copied(connection: Connection) -> str | None:
    """Why all sending is held, or None."""
    return _get(connection, _COPY)


def knows_secret(store: Store, *, mark: str) -> bool:
    """Whether this is the secret that the database is used with; the first one is remembered."""
    with store.read() as connection:
        stored = _get(connection, _SECRET)
    if stored is None:
        dialect = sqlite if store.is_sqlite else postgresql
        told = dialect.insert(rows.installation).values(name=_SECRET, value=mark)
        with store.write() as connection:
            connection.execute(told.on_conflict_do_nothing())
            stored = _get(connection, _SECRET)
    return stored == mark


def confirm(store: Store, *, mark: str) -> bool:
    """This database sends from now on, with the secret of this mark; False when it did already."""
    seen = fingerprint(store)
    with store.write() as connection:
        return confirmed(connection, seen=seen, mark=mark)


def confirmed(connection: Connection, *, seen: str, mark: str) -> bool:
    """`confirm` within a transaction; `seen` is its fingerprint."""
    was_copy = connection.execute(delete(rows.installation).where(i.name == _COPY)).rowcount
    other = _get(connection, _SECRET) not in (None, mark)
    _put(connection, _FINGERPRINT, seen)
    _put(connection, _SECRET, mark)
    return bool(was_copy) or other


def fingerprint(store: Store) -> str:
    """What tells this database from a copy of it."""
    if store.path is not None:
        return identity(store.path)
    with store.read() as connection:
        system = connection.execute(text("SELECT system_identifier FROM pg_control_system()")).scalar()
        oid = connection.execute(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        ).scalar()
    return f"{system}:{oid}"


def backup(store: Store, *, to: Path) -> None:
    """A copy of the database at `to`, marked as one. Raises Refused when the file exists, Busy on failure.

    On PostgreSQL it leaves the facts of this table out: by that `look` knows a restored one.
    """
    part = to.with_name(f".{to.name}.part")
    try:
        _refuse_unfit(to)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if store.path is None:
            _pg_dump(store, part)
        else:
            _vacuum_into(store.path, part)
        part.rename(to)
    except OSError as error:
        cure = _ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else _WRITABLE
        raise Busy(f"the backup cannot be written ({error.strerror})", where=str(to), cure=cure) from error
    except sqlite3.Error as error:
        raise Busy(f"the backup failed ({error})", where=str(to), cure=_ROOM) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _refuse_unfit(to: Path) -> None:
    if to.exists():
        raise Refused("the file exists", where=str(to), cure="Name a new file.")
    if to.parent.exists() and not to.parent.is_dir():
        raise Refused("is no folder", where=str(to.parent), cure="Name a file in a folder.")
    if not to.parent.is_dir():
        raise Refused("the folder does not exist", where=str(to.parent), cure="Make it first.")


def _vacuum_into(database: Path, part: Path) -> None:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as source:
        source.execute("VACUUM INTO ?", (str(part),))
    with closing(sqlite3.connect(part)) as copy, copy:
        copy.execute("INSERT OR REPLACE INTO installation VALUES (?, ?)", (_COPY, "this is a backup"))


def _pg_dump(store: Store, part: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise Refused("pg_dump is not installed", where="db backup", cure="Install PostgreSQL's client.")
    _refuse_older(program, store)
    url, environment = _libpq(store.engine.url)
    done = subprocess.run(  # noqa: S603  (our own arguments)
        [
            program,
            "--format=custom",
            f"--exclude-table-data={rows.installation.name}",
            f"--file={part}",
            f"--dbname={url}",
        ],
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        reason = said[-1] if said else f"exit code {done.returncode}"
        raise Busy(f"pg_dump failed ({reason})", where="db backup", cure="Mend that, then try again.")


def _refuse_older(program: str, store: Store) -> None:
    """pg_dump reads servers as old as you like, and no newer one."""
    done = subprocess.run(  # noqa: S603  (our own arguments)
        [program, "--version"], capture_output=True, text=True, errors="replace", check=False
    )
    found = re.search(r"\) (\d+)", done.stdout)
    with store.read() as connection:
        server = int((connection.dialect.server_version_info or (0,))[0])
    if found and int(found[1]) < server:
        raise Refused(
            f"{program} is of PostgreSQL {found[1]}, the server is {server}",
            where="db backup",
            cure=f"Install PostgreSQL's client {server} and put its folder first in PATH.",
        )


def _libpq(url: URL) -> tuple[str, dict[str, str]]:
    """The URL without its password, and an environment with it: everybody can read a command line."""
    password = url.query.get("password") or url.password
    bare = url.difference_update_query(["password"])._replace(drivername="postgresql", password=None)
    given = {"PGPASSWORD": password} if isinstance(password, str) and password else {}
    return bare.render_as_string(hide_password=False), os.environ | given


def _get(connection: Connection, name: str) -> str | None:
    value: str | None = connection.execute(_VALUE, {"name": name}).scalar()
    return value


_VALUE = select(i.value).where(i.name == bindparam("name"))


def _put(connection: Connection, name: str, value: str) -> None:
    changed = connection.execute(update(rows.installation).where(i.name == name).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(rows.installation).values(name=name, value=value))
