"""An audience for people: a small one whole, of a large one the counts and the first; a long table is quick.

Planted once by hand and caught: no limit; a plain table that drops its last column.
"""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from distributor.cli.release_print import audience
from distributor.cli.tables import table


def document(number: int) -> dict[str, Any]:
    reasons = [{"list": "trade", "topic": "trade", "covers": "trade"}]
    people = [
        {
            "address": f"p{n}@example.org",
            "name": f"P {n}",
            "language": "fr" if n % 2 else "en",
            "mailout": "advance" if n < 3 else "release",
            "wave": "agencies" if n < 3 else "",
            "reasons": [*reasons, {"list": "desk", "topic": "", "covers": ""}] if n < 4 else reasons,
        }
        for n in range(number)
    ]
    return {"recipients": people, "excluded": [], "last_at": None, "warnings": []}


def shown(number: int, **asked: bool) -> str:
    out = Console(file=StringIO(), width=120)
    audience(out, document(number), zone="UTC", **asked)
    assert isinstance(out.file, StringIO)
    return out.file.getvalue()


@pytest.mark.parametrize(
    ("number", "asked", "named"),
    [(50, False, 50), (51, False, 50), (51, True, 51), (900, False, 50), (900, True, 900)],
)
def test_the_first_are_named_and_all_when_asked(number: int, asked: bool, named: int) -> None:
    said = shown(number, everybody=asked)
    assert said.startswith(f"{number} recipients")
    assert said.count("@example.org") == said.count("list trade follows trade") == named
    assert (f"50 of {number}: --all shows the others" in said) is (named < number)


def test_a_large_audience_is_counted() -> None:
    said = " ".join(shown(100).split())
    assert "by list trade 100, desk 4 by version en 50, fr 50 in advance agencies 3" in said


def test_a_long_table_says_what_a_short_one_does() -> None:
    lines = [(n, "ä日" if n % 2 else "plain", "x\x1b[2J") for n in range(501)]
    columns = [">n", "name", "last"]
    short, long = (Console(file=StringIO(), width=120) for _ in "ab")
    table(short, columns, lines[:5])
    table(long, columns, lines)
    assert isinstance(short.file, StringIO)
    assert isinstance(long.file, StringIO)
    said, plain = (out.file.getvalue().splitlines() for out in (short, long))
    assert [line.split() for line in plain[2:7]] == [line.split() for line in said[2:7]]
    assert len(plain) == 503
    assert "\x1b" not in "".join(plain)
