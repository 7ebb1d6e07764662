"""Statements of the hot path: written in Core, compiled once, run straight on the driver.

Core's own way costs each statement some hundred microseconds for its cache key, and each row some ten for
its values. Here the driver's values go in as they are: instants and lists are converted, nothing else.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Table,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

from distributor.store.columns import to_micros

_ROWS_AT_ONCE = (64, 16, 4, 1)


class Prepared:
    """`build` makes the statement for a dialect's name; its parameters are given to `run` by name."""

    def __init__(self, build: Callable[[str], Executable]) -> None:
        self._compiled = cache(lambda dialect: _compile(build(dialect.name), dialect))

    def run(self, connection: Connection, **values: Any) -> Any:
        """Execute it; the driver's cursor. An instant is aware; a list (of keys) belongs to `among`.

        What the database refuses is the driver's error (`Store.explained` knows it).
        """
        dialect = connection.dialect
        sql, constants, order = self._compiled(dialect)
        all = constants | {name: driver(value, dialect) for name, value in values.items()}
        return _cursor(connection).execute(sql, [all[name] for name in order])


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


def driver(value: Any, dialect: Dialect) -> Any:
    """A value as the driver takes it."""
    if dialect.name != "sqlite":
        return value
    if isinstance(value, datetime):
        return to_micros(value)
    return json.dumps(value) if isinstance(value, list) else value


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Insert tuples of driver values in the order of `columns`, many to a statement."""
    if connection.dialect.name != "sqlite":
        return _insert_json(connection, table, tuple(columns), rows)
    done = 0
    for size in _ROWS_AT_ONCE:
        while len(rows) - done >= size:
            chunk = rows[done : done + size]
            flat = tuple(chain.from_iterable(chunk))
            driven(connection).execute(_insert(connection.dialect, table, tuple(columns), size), flat)
            done += size


def driven(connection: Connection) -> Any:
    """The driver's own connection, within the transaction that is under way."""
    return connection.connection.driver_connection


def _insert_json(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Any]
) -> None:
    """All as one parameter: PostgreSQL's driver looks at each of many on its own, and prepares no long statement."""
    said = json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str)
    _cursor(connection).execute(_from_json(connection.dialect, table, columns), [said])


def _cursor(connection: Connection) -> Any:
    """The driver's cursor that takes statements as they are, without a look for placeholders."""
    dialect, driver = connection.dialect, driven(connection)
    return driver.cursor() if dialect.name == "sqlite" else dialect.loaded_dbapi.RawCursor(driver)


@cache
def _from_json(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    names = ", ".join(dialect.identifier_preparer.format_column(table.c[name]) for name in columns)
    return f"INSERT INTO {table.name} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table.name}, $1)"  # noqa: S608


@cache
def _insert(dialect: Dialect, table: Table, columns: tuple[str, ...], size: int) -> str:
    names = ", ".join(dialect.identifier_preparer.format_column(table.c[name]) for name in columns)
    place = "?" if dialect.paramstyle == "qmark" else "%s"
    row = f"({', '.join([place] * len(columns))})"
    return f"INSERT INTO {table.name} ({names}) VALUES {', '.join([row] * size)}"  # noqa: S608


def _compile(statement: Executable, dialect: Dialect) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    if dialect.name != "sqlite":  # as the server has them: $1, $2
        dialect = type(dialect)(paramstyle="numeric_dollar")
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
    return compiled.string, dict(compiled.params), tuple(compiled.positiontup or ())
