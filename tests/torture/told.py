"""What torture found, as a table and as one JSON object on the last line."""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.bench.stats import show
from tests.torture.faulty import FAULTS, STEPS
from tests.torture.reckoning import Count

if TYPE_CHECKING:
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
    "slowest start, s",
    "broken",
)

Groups = Mapping[str, Sequence[Count]]


def kill(counts: Mapping[str, Groups], **facts: object) -> None:
    figures = {
        place: {group: _figures(found) for group, found in groups.items() if found}
        for place, groups in counts.items()
    }
    lines = [
        [f"{place}: {group}", *found.values()]
        for place, groups in figures.items()
        for group, found in groups.items()
    ]
    show("kill -9", _COLUMNS, lines)
    end("kill", places=figures, total=_totals(counts), problems=list(_problems(counts)), **facts)


def _figures(counts: Sequence[Count]) -> dict[str, object]:
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
        "slowest_start": round(max(starts), 2) if starts else None,
        "broken": sum(bool(count.problems) for count in counts),
    }


def _totals(counts: Mapping[str, Groups]) -> dict[str, object]:
    """Of each group over all places; `bound`: with 95 % certainty it happens less often than this (3/N)."""
    totals: dict[str, object] = {}
    for group in GROUPS:
        found = [count for groups in counts.values() for count in groups.get(group, ())]
        number = sum(count.died for count in found)
        if found:
            totals[group] = _figures(found) | {"bound": round(3 / number, 4) if number else None}
    return totals


def _problems(counts: Mapping[str, Groups]) -> Iterator[dict[str, object]]:
    for place, groups in counts.items():
        for found in groups.values():
            yield from ({"place": place} | count.facts() for count in found if count.problems)


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
