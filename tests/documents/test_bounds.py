"""What is no release is refused before it is read, and reading what is one takes as long as it is.

Work is counted in lines of Python, not by a clock. Planted once by hand and caught: the bound looked at
after the text was read; every mark of a paragraph looked at for each of its lines.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from distributor import documents
from distributor.documents import bounds
from distributor.documents.pasted import paragraphs
from distributor.errors import DocumentError

TOP = "A headline of it\n\nA lead that says more than its headline does.\n\n"


def work(act: Callable[[], object]) -> int:
    """How many lines of Python are run by it; what it refuses is refused."""
    count = 0

    def line(_: FrameType, event: str, __: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        act()
    except DocumentError:
        pass
    finally:
        sys.settrace(before)
    return count


def reading(stretch: str, many: int, *, source: str) -> Callable[[], object]:
    """A document of so many of them, none of which is like another."""
    text = TOP + "".join(stretch.replace("N", str(number)) for number in range(many))
    return lambda: documents.parse(text.encode(), source=source)


@pytest.mark.parametrize(
    ("stretch", "source"),
    [
        ("aN\n\n", "a.txt"),  # paragraphs
        ("a line that is wrapped by hand at its end N,\n", "a.txt"),  # lines of one paragraph
        ("- aN\n", "a.txt"),  # a list
        ("“aN”\n\n", "a.txt"),  # quotations
        ("aN\n\n", "a.md"),
        ("*aN*\n", "a.md"),  # marks, a line each
    ],
)
def test_four_times_the_text_is_four_times_the_work(stretch: str, source: str) -> None:
    once, more = (work(reading(stretch, many, source=source)) for many in (50, 200))
    assert more < 4.3 * once


@pytest.mark.parametrize("html", ["<p>a</p>", "<ul><li>a</ul>", "<a href='https://example.org/'>a</a>"])
def test_pasting_four_times_as_much_is_four_times_the_work(html: str) -> None:
    assert work(lambda: paragraphs(html * 200)) < 4.3 * work(lambda: paragraphs(html * 50))


@pytest.mark.parametrize(
    ("stretch", "many", "told"),
    [
        ("a\n\n", 100_000, "has 100,002 paragraphs, a release at most 3,000"),
        ("a\n", 100_000, "has 100,002 lines, a release at most 20,000"),
        ("Ann Example, chair, said:\n", bounds.MOST, "has 3,002 paragraphs, a release at most 3,000"),
    ],
)
@pytest.mark.parametrize("source", ["a.txt", "a.md"])
def test_what_is_no_release_is_refused(stretch: str, many: int, told: str, source: str) -> None:
    with pytest.raises(DocumentError) as refused:
        reading(stretch, many, source=source)()
    assert refused.value.what == told
    assert (refused.value.where, refused.value.cure) == (
        source,
        "Give the text alone, and link to what is long.",
    )


@pytest.mark.parametrize(
    ("stretch", "many", "told", "source"),
    [
        ("*a* ", 11_000, "has 22,000 marks such as * and [, a release at most 20,000", "a.md"),
        ("[a](http://b.example.org/) ", 21_000, "has 21,000 marks such as * and [", "a.md"),
        ("\x85\n", 25_000, "has 25,002 lines, a release at most 20,000", "a.txt"),  # “…” once it is read
    ],
)
def test_what_looks_short_and_is_much_work_is_refused(
    stretch: str, many: int, told: str, source: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        reading(stretch, many, source=source)()
    assert refused.value.what.startswith(told)


def test_as_long_as_a_release_may_be_it_is_read() -> None:
    read = documents.parse((TOP + "a\n\n" * (bounds.MOST - 2)).encode(), source="a.txt")
    assert len(read.version.blocks) == bounds.MOST - 2


def test_refusing_is_less_work_than_reading() -> None:
    """A hundred thousand paragraphs, and a hundredth of that."""
    assert work(reading("a\n\n", 100_000, source="a.txt")) < 5 * work(
        reading("aN\n\n", 1_000, source="a.txt")
    )


@pytest.mark.parametrize(
    ("html", "many", "told"),
    [
        ("<p>a</p>", 4_000, "has 4,000 paragraphs, a release at most 3,000"),
        ("a<br>", 21_000, "has 21,000 lines, a release at most 20,000"),
        ("<p>a</p>", 100_000, "this text has too many tags to be read"),
        ("<p></p>", 100_000, "this text has too many tags to be read"),
    ],
)
def test_what_is_pasted_is_bounded_too(html: str, many: int, told: str) -> None:
    with pytest.raises(DocumentError) as refused:
        paragraphs(html * many)
    assert refused.value.what == told


def test_refusing_what_is_pasted_is_less_work_than_reading_it() -> None:
    assert work(lambda: paragraphs("<p>a</p>" * 100_000)) < 5 * work(lambda: paragraphs("<p>a</p>" * 1_000))
