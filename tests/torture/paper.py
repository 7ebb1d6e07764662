"""Fills docs/reliability.md from the figures in docs/torture.

python -m tests.torture.paper

A figure file is the last line of a torture: ./dev torture kill | tail -n 1 > docs/torture/kill.json
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.torture.faulty import FAULTS, STEPS
from tests.torture.told import BOOKS

_DOCS = Path(__file__).parents[2] / "docs"
PAPER, FIGURES = _DOCS / "reliability.md", _DOCS / "torture"
Figures = Mapping[str, Any]


def main() -> None:
    PAPER.write_text(filled(PAPER.read_text("utf-8")), encoding="utf-8")


def filled(text: str) -> str:
    """The paper with every table between its marks made from the figures."""
    return re.sub(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", _table, text, flags=re.S)


def _table(mark: re.Match[str]) -> str:
    path = FIGURES / f"{mark[2]}.json"
    if not path.exists():
        return f"{mark[1]}Not measured yet.\n{mark[3]}"
    figures = json.loads(path.read_text("utf-8"))
    lines = [[str(cell) for cell in line] for line in _TABLES[mark[2]](figures)]
    rule = ["---", *("---:" for _ in lines[0][1:])]
    rows = "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])
    return f"{mark[1]}{rows}\n\n{_said(figures)}\n{mark[3]}"


def _said(figures: Figures) -> str:
    """When and where, what else is to be known, and what was broken."""
    machine, broken = figures["machine"], figures["problems"]
    told = [f"{one.get('case') or one['cell']}: {'; '.join(one['problems'])}" for one in broken]
    facts = (
        f"{figures['day']}, {machine['cpus']} processors, Python {machine['python']}, seed {figures['seed']}."
    )
    facts += f" {figures['note']}" if "note" in figures else ""
    return facts + (" Broken: " + " · ".join(told) if told else " Nothing was broken.")


def _kill(figures: Figures) -> Iterator[list[object]]:
    yield ["", "deaths", "lost", "twice and not named", "twice, named", "most in doubt", "W", "fresh starts",
           "slowest first hand-over, s", "its processor time, s", "broken cases"]  # fmt: skip
    for place, groups in figures["places"].items():
        for group, found in groups.items():
            yield [f"{place}: {group}", *_counted(found)]
    for group, found in figures["total"].items():
        yield [f"**all: {group}** (bound {found['bound']})", *_counted(found)]


def _counted(found: Figures) -> list[object]:
    names = ("died", "lost", "unnamed", "repeated", "most_doubtful", "window", "starts", "slowest_start",
             "most_work", "broken")  # fmt: skip
    return ["–" if found.get(name) is None else found[name] for name in names]


def _faults(figures: Figures) -> Iterator[list[object]]:
    yield ["step", *FAULTS]
    for step in STEPS:
        yield [step, *(_ended(figures["classes"][f"{step} {fault}"]) for fault in FAULTS)]


def _ended(found: Mapping[str, Mapping[str, int]]) -> str:
    """What became of the message that met the fault: of all cells in which one did."""
    once = [states for how, states in found.items() if how.startswith("once")]
    hit = {state for states in once for state in states if state != "sent"}
    return ", ".join(sorted(hit)) or ("sent" if once else "–")


def _days(figures: Figures) -> Iterator[list[object]]:
    """A line for each kind with its bound, below it a line for each day."""
    yield ["", "cases", "lost", "twice and not named", "in doubt", "broken", "bound", "measured"]
    for kind, found in figures["kinds"].items():
        counted = [found[name] for name in ("cases", "lost", "unnamed", "doubtful", "broken", "bound")]
        yield [f"**{kind}**", *counted, ""]
        for day in figures["days"]:
            if day["kind"] == kind:
                yield [day["name"], *[""] * len(counted), _measured(day)]


def _measured(day: Figures) -> str:
    told = [name for name in day if name not in (*BOOKS, "kind", "name") and day[name] is not None]
    return ", ".join(f"{name.replace('_', ' ')} {day[name]}" for name in told)


def _embargo(figures: Figures) -> Iterator[list[object]]:
    """A line for each database, and what was done to the releases below it."""
    names = [name for name in figures["total"] if name not in ("releases", "handed_over")]
    yield ["", "releases", "messages", *(name.replace("_", " ") for name in names)]
    for place, found in (*figures["places"].items(), ("**all**", figures["total"])):
        yield [place, found["releases"], found["handed_over"], *(found[name] for name in names)]
    done = ", ".join(f"{name} {number}" for name, number in sorted(figures["done"].items()))
    yield [f"in {figures['minutes']} minutes: {done}", *[""] * (len(names) + 2)]


_TABLES: dict[str, Callable[[Figures], Iterator[list[object]]]] = {
    "kill": _kill,
    "faults": _faults,
    "baddays": _days,
    "rivals": _days,
    "embargo": _embargo,
}


if __name__ == "__main__":
    main()
