"""A version written as Markdown reads as the same version."""

from dataclasses import replace
from pathlib import Path

import pytest

from distributor import documents
from distributor.documents.writing import markdown
from distributor.model.draft import Version
from distributor.resources import shipped

SAMPLES = sorted(path for path in (shipped("samples")).iterdir() if path.suffix in (".md", ".txt"))


def again(version: Version) -> Version:
    return documents.parse(markdown(version, front={}).encode(), source="again.md").version


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    version = documents.read(path).version
    assert again(version) == replace(version, language=version.language)


TRICKY = """# A *headline* with 2 < 3 & more

Lead with a_snake_case and [brackets], **bold [link](https://www.example.org/a_(b)) inside** and `ticks`.

\\# no heading, 1\\. no list

- one *point*
  - within
- two

1. first
2. second

| Year | *Fees* |
|---|---|
| 2029 | 12 \\| 13 |

![A map](https://www.example.org/map.png)

## A part

> “Said **loudly**.
>
> Twice.”
"""


def test_what_looks_like_markdown() -> None:
    version = documents.parse(TRICKY.encode(), source="tricky.en.md").version
    assert again(version) == version


def test_front_matter_is_quoted() -> None:
    version = Version(language="en", headline="Headline", lead="Text.")
    draft = documents.parse(markdown(version, front={"also": "a@example.org, it's"}).encode(), source="x.md")
    assert draft.also == ("a@example.org", "it's")
