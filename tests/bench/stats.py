"""Figures: medians of interleaved runs, the table people read, and the line that programs read."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

T = TypeVar("T")
_TICKS = os.sysconf("SC_CLK_TCK")


def interleaved(measures: Mapping[str, Callable[[], T]], *, runs: int) -> dict[str, list[T]]:
    """Each in turn, `runs` times over: what disturbs the machine for a while disturbs all of them."""
    found: dict[str, list[T]] = {name: [] for name in measures}
    for number in range(runs):
        for name, measure in measures.items():
            note(f"run {number + 1} of {runs}: {name}")
            found[name].append(measure())
    return found


def medians(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in found.items()}


def ratios(values: Mapping[str, float], *, to: str) -> dict[str, float]:
    """Each divided by that of `to`; empty when there is none."""
    return {name: round(value / values[to], 3) for name, value in values.items()} if to in values else {}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def note(text: str) -> None:
    """What is going on, on stderr."""
    Console(stderr=True).print(text, style="dim", highlight=False)


def show(title: str, columns: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    """A table: the first column names, the others are figures."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for line in lines:
        table.add_row(*(_told(value) for value in line))
    Console(width=120).print(table)


def end(bench: str, **figures: object) -> None:
    """The last line: one JSON object."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    print(json.dumps({"bench": bench, **figures, "machine": machine}), flush=True)


def _told(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all below it so far; 0 when it is gone."""
    return sum(_own_cpu_seconds(one) for one in [pid, *below(pid)])


def below(pid: int) -> list[int]:
    """The process ids of all its descendants."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(word) for thread in threads for word in (thread / "children").read_text().split()]
    except FileNotFoundError:
        return []
    return [*children, *(grandchild for child in children for grandchild in below(child))]


def _own_cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
