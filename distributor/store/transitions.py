"""Moves rows from state to state, as `policy.lifecycle` allows and not otherwise."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, Update, update

from distributor.errors import Refused
from distributor.policy.lifecycle import Machine

S = TypeVar("S", bound=StrEnum)


def statement(table: Table, machine: Machine[S], event: str, *where: Any, **values: Any) -> Update:
    """UPDATE … SET state=target WHERE state IN (sources) AND …"""
    return (
        update(table)
        .where(allowed(table, machine, event), *where)
        .values(state=machine.target(event).value, **values)
    )


@cache
def allowed(table: Table, machine: Machine[Any], event: str) -> ColumnElement[bool]:
    """state IN (the states `event` may start from)."""
    return table.c.state.in_([source.value for source in sorted(machine.sources(event))])


def move(
    connection: Connection, table: Table, machine: Machine[S], event: str, *where: Any, **values: Any
) -> int:
    """Move every row that may; returns how many."""
    return connection.execute(statement(table, machine, event, *where, **values)).rowcount


def move_one(
    connection: Connection, table: Table, machine: Machine[S], event: str, *, id: int, **values: Any
) -> None:
    """Move exactly this row. Raises Refused when it is in another state by now."""
    if not move(connection, table, machine, event, table.c.id == id, **values):
        raise Refused(f"{machine.name} {id} is no longer in a state for “{event}”", cure="Look at it again.")


def values(states: Iterable[S]) -> list[str]:
    return sorted(state.value for state in states)
