"""Statements of the hot path: written in Core, compiled once, run straight on the driver.

Core's own way costs each statement some hundred microseconds for its cache key, and each row some ten for
its values. Here the driver's values go in as they are: instants and lists are converted, nothing else.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby, repeat
from operator import is_
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Select,
    Table,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql.visitors import cloned_traverse
from sqlalchemy.types import TypeEngine

from distributor.store.columns import UTC, to_micros

_ROWS_AT_ONCE = (32, 16, 8, 4, 2, 1)


class Prepared:
    """`build` makes the statement for a dialect's name; its parameters are given to `run` by name."""

    def __init__(self, build: Callable[[str], Executable]) -> None:
        self._compiled = cache(lambda dialect: _compile(build(dialect.name), dialect))

    def run(self, connection: Connection, **values: Any) -> Any:
        """Execute it; the driver's cursor. An instant is aware; a list (of keys) belongs to `among`.

        Of many rows `fetchall` costs less than going through the cursor.

        What the database refuses is the driver's error (`Store.explained` knows it).
        """
        dialect = connection.dialect
        sql, constants, order = self._compiled(dialect)
        all = constants | {name: driver(value, dialect) for name, value in values.items()}
        return execute(connection, sql, [all[name] for name in order])


def given(name: str, type: TypeEngine[Any] | None = None) -> BindParameter[Any]:
    """A parameter that is given with each run."""
    return bindparam(name, None, type_=type)


def among(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """The column's value is one of the list given as `name`, however long: one statement for all lengths."""
    if dialect == "sqlite":
        return column.in_(select(literal_column("value")).select_from(func.json_each(given(name))))
    return column == any_(cast(given(name), ARRAY(BigInteger)))


def each(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """As `among`, and PostgreSQL goes by these keys alone: 18 else reads all rows in that state too."""
    if dialect == "sqlite":
        return among(column, name, dialect)
    return column.in_(select(func.unnest(cast(given(name), ARRAY(BigInteger)))))


def one_of_few(column: ColumnElement[Any], few: Select[Any], dialect: str) -> ColumnElement[bool]:
    """The column's value is among those of `few`, looked up once; they lead to no row of the column's.

    SQLite keeps to the rows it has for the `+ 0`; PostgreSQL would join each of the few with each of them.
    """
    if dialect == "sqlite":
        return (column + 0).in_(few)
    return column == any_(func.array(few.scalar_subquery(), type_=ARRAY(BigInteger)))


def driver(value: Any, dialect: Dialect) -> Any:
    """A value as the driver takes it. Keys go in as text, for PostgreSQL's looks at each of them."""
    if isinstance(value, list):
        keys = str(value)  # of numbers that is JSON
        return keys if dialect.name == "sqlite" else f"{{{keys[1:-1]}}}"
    if isinstance(value, datetime) and dialect.name == "sqlite":
        return to_micros(value)
    return value


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Insert tuples in the order of `columns`, with few statements. Instants are microseconds since 1970."""
    insert = _insert_values if connection.dialect.name == "sqlite" else _insert_json
    insert(connection, table, tuple(columns), rows)


def _insert_values(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Any]
) -> None:
    """NULL stands in the statement: for each None among the values the driver looks for an adapter."""
    for empty, alike in groupby(rows, key=_empty):
        left = list(alike)
        for size in _ROWS_AT_ONCE:
            while len(left) >= size:
                some, left = left[:size], left[size:]
                said = [value for row in some for value in row if value is not None]
                execute(connection, _values(connection.dialect, table, columns, empty, size), said)


def _empty(row: Sequence[Any]) -> tuple[bool, ...]:
    """Which of its values are None."""
    return tuple(map(is_, row, repeat(None)))


def _insert_json(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Any]) -> None:
    """One parameter holds them all: of hundreds the driver looks at each, and reads the statement anew."""
    said = json.dumps(rows)
    execute(connection, _from_json(connection.dialect, table, columns), [said])


def execute(connection: Connection, sql: str, parameters: Sequence[Any]) -> Any:
    """The driver's cursor; PostgreSQL's takes a statement as the server has it ($1, $2), unread."""
    dialect: Any = connection.dialect
    if dialect.name == "sqlite":
        return driven(connection).execute(sql, parameters)
    return dialect.loaded_dbapi.RawCursor(driven(connection)).execute(sql, parameters)


def commit(connection: Connection) -> None:
    """End a `Writer`'s transaction: when this returns, it lasts, whatever becomes of the connection.

    PostgreSQL's pipeline is not synchronised for it: when somebody ends the server while the disk is waited
    for, that would be heard in the place of the commit, which was done.
    """
    ended = driven(connection).execute("COMMIT")
    if connection.dialect.name == "sqlite":
        return
    dialect: Any = connection.dialect
    try:
        ended.fetchone()  # waits for it
    except dialect.loaded_dbapi.ProgrammingError:  # it has no rows
        if ended.statusmessage != "COMMIT":
            raise


def driven(connection: Connection) -> Any:
    """The driver's own connection, within the transaction that is under way."""
    return connection.connection.driver_connection


@cache
def _values(
    dialect: Dialect, table: Table, columns: tuple[str, ...], empty: tuple[bool, ...], size: int
) -> str:
    row = f"({', '.join('NULL' if none else '?' for none in empty)})"
    rows = ", ".join([row] * size)
    return f"INSERT INTO {table.name} ({_names(dialect, table, columns)}) VALUES {rows}"  # noqa: S608


@cache
def _from_json(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    values = ", ".join(_said(place, table.c[name], dialect) for place, name in enumerate(columns))
    names = _names(dialect, table, columns)
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM jsonb_array_elements($1::jsonb) AS one"  # noqa: S608


def _said(place: int, column: Column[Any], dialect: Dialect) -> str:
    """One value of a row in JSON. An instant is microseconds: exact, and quick to write."""
    if isinstance(column.type, UTC):
        return f"timestamptz 'epoch' + (one->>{place})::bigint * interval '1 microsecond'"
    return f"(one->>{place})::{column.type.compile(dialect=dialect)}"


def _names(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return ", ".join(dialect.identifier_preparer.format_column(table.c[name]) for name in columns)


def _compile(statement: Any, dialect: Dialect) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    if dialect.name == "sqlite":
        statement = cloned_traverse(statement, {}, {"bindparam": _say})
    else:  # as the server has them: $1, $2
        dialect = type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return compiled.string, dict(compiled.params), tuple(compiled.positiontup or ())


def _say(parameter: BindParameter[Any]) -> None:
    """A constant stands in the statement.

    A parameter that SQLite has compared with a partial index's condition (`state = 'doubtful'`) makes it plan
    the statement anew each time it is run, which takes as long as running it on forty rows.
    """
    parameter.literal_execute = parameter.value is not None
