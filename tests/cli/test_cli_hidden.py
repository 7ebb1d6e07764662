"""What is hidden in a text is written out in a terminal: it must not reorder, colour or erase what is there.

Planted by hand and caught: only control characters are replaced; a refusal prints a file's name as it is.
"""

import io

import pytest
from rich.console import Console

from distributor.cli import tables
from distributor.cli.app import main

HIDDEN = {
    "\x1b": "\\x1b",  # begins the commands of a terminal
    "\x9b": "\\x9b",
    "\u200b": "\\u200b",  # no width
    "\u200f": "\\u200f",  # from here on right to left
    "\u202e": "\\u202e",  # whatever stands behind it
    "\u2066": "\\u2066",
    "\ufeff": "\\ufeff",
    "\U000e0041": "\\U000e0041",  # letters that nobody sees
}


@pytest.mark.parametrize(("hidden", "shown"), HIDDEN.items())
def test_tables_and_facts_write_it_out(hidden: str, shown: str) -> None:
    out = Console(file=io.StringIO(), width=100)
    tables.table(out, ["headline"], [[f"Good {hidden}news"]])
    tables.facts(out, [("headline", f"Good {hidden}news")])
    tables.heading(out, f"Good {hidden}news")
    tables.warnings(out, [f"Good {hidden}news"])
    said = out.file.getvalue()
    assert said.count(f"Good {shown}news") == 4
    assert hidden not in said


def test_letters_that_need_joining_stay() -> None:
    """Persian needs U+200C, families of people U+200D."""
    out = Console(file=io.StringIO(), width=100)
    tables.table(out, ["name"], [["می\u200cخواهم 👩\u200d🚀"]])
    assert "می\u200cخواهم 👩\u200d🚀" in out.file.getvalue()


def test_so_does_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["todo", "--config", "no\u202ehtap.md"]) == 1
    assert "no\\u202ehtap.md" in capsys.readouterr().err
