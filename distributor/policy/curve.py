"""The curve of a mailout's acceptances as numbers for a drawing of 100 × 100: no colours, no text.

What comes long after most others would press the curve against its axis: then the axis ends sooner, and how
many came later is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_LATE = 4  # times the 90 %: an axis that goes no further shows more
_CURVED = 40  # points: so many look like a curve


@dataclass(frozen=True, slots=True)
class Plot:
    """`line` and `area` are points of an SVG; `ticks` the milliseconds at 0, ½ and the end of the axis."""

    line: str
    area: str
    median: float
    p90: float
    ticks: tuple[float, float, float]
    later: int


def plot(spread: Mapping[str, Any], *, people: int) -> Plot:
    """`spread` as `views.spread` gives it, out of so many people."""
    end = _end(spread)
    shown = [(max(ms, 0), number) for ms, number in spread["curve"] if ms <= end]
    whole = max(people, spread["accepted"])
    points = [(0.0, 0.0), *((ms / end * 100, number / whole * 100) for ms, number in shown)]
    points.append((100.0, points[-1][1]))
    line = " ".join(f"{x:.2f},{100 - y:.2f}" for x, y in _stairs(points))
    return Plot(
        line=line,
        area=f"{line} 100,100 0,100",
        median=min(spread["median_ms"] / end * 100, 100),
        p90=min(spread["p90_ms"] / end * 100, 100),
        ticks=(0, end / 2, end),
        later=spread["accepted"] - (shown[-1][1] if shown else 0),
    )


def _end(spread: Mapping[str, Any]) -> float:
    last, most = max(spread["last_ms"], 1), max(spread["p90_ms"], 1)
    return float(last if last <= most * _LATE else most * 1.5)


def _stairs(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Nobody was reached between two points: few people make steps, many a curve."""
    if len(points) > _CURVED:
        return points
    found = [points[0]]
    for before, (x, y) in pairwise(points):
        found += [(x, before[1]), (x, y)]
    return found
