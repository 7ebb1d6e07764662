"""What torture found, as a table and as one JSON object on the last line."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.bench.stats import show
from tests.torture.faulty import FAULTS, STEPS
from tests.torture.reckoning import Count

if TYPE_CHECKING:
    from tests.torture.days import Day
    from tests.torture.faults import Result

GROUPS = ("edge", "random", "SIGTERM")
_COLUMNS = (
    "",
    "cases",
    "died",
    "lost",
    "unnamed",
    "twice",
    "in doubt",
    "most",
    "W",
    "starts",
    "slowest, s",
    "its work, s",
    "broken",
)

Figures = dict[str, Any]


def counted(groups: Mapping[str, Sequence[Count]]) -> Figures:
    """The figures of one place, by group."""
    return {group: _figures(found) for group, found in groups.items() if found}


def kill(places: Mapping[str, Figures], problems: Sequence[Figures], **facts: object) -> None:
    """`places`: {database and connections: {group: figures}}."""
    lines = [
        [f"{place}: {group}", *found.values()]
        for place, groups in places.items()
        for group, found in groups.items()
    ]
    show("kill -9", _COLUMNS, lines)
    end("kill", places=places, total=_totals(places), problems=problems, **facts)


def _figures(counts: Sequence[Count]) -> Figures:
    starts = [count.first for count in counts if count.first is not None]
    return {
        "cases": len(counts),
        "died": sum(count.died for count in counts),
        "lost": sum(count.lost for count in counts),
        "unnamed": sum(count.unlisted for count in counts),
        "repeated": sum(count.repeated for count in counts),
        "doubtful": sum(count.doubtful for count in counts),
        "most_doubtful": max(count.doubtful for count in counts),
        "window": max(count.window for count in counts),
        "starts": len(starts),
        "slowest_start": round(max(starts), 2) if starts else None,
        "most_work": round(max(count.work or 0 for count in counts), 2) if starts else None,
        "broken": sum(bool(count.problems) for count in counts),
    }


_GREATEST = ("most_doubtful", "window", "slowest_start", "most_work")


def _totals(places: Mapping[str, Figures]) -> Figures:
    """Of each group over all places; `bound`: with 95 % certainty it happens less often than this (3/N)."""
    totals: Figures = {}
    for group in GROUPS:
        found = [groups[group] for groups in places.values() if group in groups]
        if found:
            totals[group] = {name: _together(name, [one[name] for one in found]) for name in found[0]}
            number = totals[group]["died"]
            totals[group]["bound"] = round(3 / number, 4) if number else None
    return totals


def _together(name: str, values: Sequence[Any]) -> Any:
    known = [value for value in values if value is not None]
    if name in _GREATEST:
        return max(known, default=None)
    return sum(known)


def end(name: str, **figures: object) -> None:
    """The last line."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    day = datetime.now(UTC).date().isoformat()
    print(json.dumps({"torture": name, "day": day, **figures, "machine": machine}), flush=True)


def faults(results: "Sequence[Result]", **facts: object) -> None:
    lines = [[step, *(_cell(results, step, fault) for fault in FAULTS)] for step in STEPS]
    show("cells that kept, of all", ["", *FAULTS], lines)
    problems = [{"cell": str(one.cell), "problems": one.problems} for one in results if one.problems]
    end(
        "faults",
        cells=len(results),
        steps=len(STEPS),
        faults=len(FAULTS),
        kept=sum(not one.problems for one in results),
        lost=sum(one.lost for one in results),
        doubtful=sum(one.doubtful for one in results),
        classes={f"{step} {fault}": _ended(results, step, fault) for step in STEPS for fault in FAULTS},
        problems=problems,
        **facts,
    )


def _cell(results: "Sequence[Result]", step: str, fault: str) -> str:
    found = [one for one in results if (one.cell.step, one.cell.fault) == (step, fault)]
    return f"{sum(not one.problems for one in found)}/{len(found)}" if found else "–"


def _ended(results: "Sequence[Result]", step: str, fault: str) -> dict[str, dict[str, int]]:
    return {
        str(one.cell).partition(", ")[2]: one.ended
        for one in results
        if (one.cell.step, one.cell.fault) == (step, fault)
    }


def days(torture: str, found: "Sequence[Day]", **facts: object) -> None:
    """A line for each kind, and what was measured on each day."""
    kinds = {day.kind: [one for one in found if one.kind == day.kind] for day in found}
    figures = {kind: _kind(some) for kind, some in kinds.items()}
    columns = ["", *next(iter(figures.values()), {})]
    show(torture, columns, [[kind, *one.values()] for kind, one in figures.items()])
    for kind, some in kinds.items():
        names = list(dict.fromkeys(name for day in some for name in day.facts))
        show(kind, ["", *names], [[day.name, *(day.facts.get(name) for name in names)] for day in some])
    broken = [day for day in found if day.problems]
    end(
        torture,
        kinds=figures,
        days=[{"kind": day.kind, "name": day.name, **day.facts} for day in found],
        problems=[{"case": f"{day.kind}: {day.name}", "problems": day.problems} for day in broken],
        **facts,
    )


def _kind(some: "Sequence[Day]") -> dict[str, object]:
    number = sum(day.cases for day in some)
    summed = {name: sum(_number(day.facts.get(name)) for day in some) for name in BOOKS}
    return (
        {"cases": number}
        | summed
        | {
            "broken": sum(bool(day.problems) for day in some),
            "bound": round(3 / number, 4),
        }
    )


BOOKS = ("lost", "unnamed", "repeated", "doubtful")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
