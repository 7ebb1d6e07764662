"""Reads the papers of the tree for the tests of them: sections, tables, code spans. Judges nothing."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def paper(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level or a higher one."""
    level = heading.partition(" ")[0]
    found = re.search(rf"^{re.escape(heading)}(?!\w).*?$(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.M | re.S)
    assert found, f"no heading “{heading}”"
    return found[1]


def cells(text: str) -> list[list[str]]:
    """The rows of all tables in a text, without their head lines."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    split = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = [number for number, row in enumerate(split) if all(re.fullmatch(":?-+:?", cell) for cell in row)]
    heads = {number - 1 for number in rules} | set(rules)
    return [row for number, row in enumerate(split) if number not in heads]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)
