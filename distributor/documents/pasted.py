"""Rich text from a clipboard (Outlook, Word, a browser) to plain paragraphs, as an office would type them.

nh3 leaves nothing but structure: no scripts, styles, comments or images. A paragraph becomes lines with an
empty one below, a list its points, a table a row a line with tabs, a link its words and its address. Bold and
italics go. It does not know what the text means.

What is nested deeper than any text is refused: reading it takes the square of its depth. So is what has more
tags or paragraphs than any.
"""

import re
from collections import Counter
from html.parser import HTMLParser

import nh3

from distributor.documents import bounds
from distributor.errors import DocumentError

_BLOCKS = frozenset(
    ("p", "div", "blockquote", "ul", "ol", "li", "table", "tr", *(f"h{n}" for n in range(1, 7)))
)
_TAGS = {*_BLOCKS, "a", "br", "td", "th"}
_SCHEMES = {"http", "https", "mailto"}
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_POINT = re.compile(r"(?:[·•▪◦§\uf0b7\uf0a7]|[-–o](?=\xa0| {2}))[ \xa0]+")
_NUMBER = re.compile(r"\(?(\d{1,2}|[a-z])[.)]\xa0[ \xa0]*")

_DEEPEST = 500
_MOST_TAGS = 50_000  # of a text from Word, the fullest, some hundreds a page
_INDENTED = 8  # lists within lists
_MARK = re.compile(r"<(/?)([a-z][a-z0-9:-]*)", re.IGNORECASE)
#: Elements that hold nothing, and those that end by themselves where the next one begins.
_FLAT = frozenset(
    (
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "source",
            "wbr",
        ),
        *("p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option"),
    )
)


def paragraphs(html: str) -> str:
    """The text of `html`; "" when there is none. Raises DocumentError for what no text is like."""
    _refuse_unlike(html)
    reader = _Reader()
    reader.feed(
        nh3.clean(
            html,
            tags=_TAGS,
            clean_content_tags={"script", "style", "title"},
            attributes={"a": {"href"}},
            url_schemes=_SCHEMES,
            link_rel=None,
        )
    )
    reader.close()
    reader.end()
    text = "".join(reader.parts)
    bounds.refuse_long(text, source="what was pasted")
    return text


def _refuse_unlike(html: str) -> None:
    """At least as deep as it is nested: whatever is not ended by its own name counts as open."""
    deep, within = 0, Counter[str]()
    for count, mark in enumerate(_MARK.finditer(html)):
        if count > _MOST_TAGS:
            raise DocumentError("this text has too many tags to be read", cure="Paste it as plain text.")
        ends, name = mark[1], mark[2].lower()
        if name in _FLAT or (ends and not within[name]):
            continue
        step = -1 if ends else 1
        deep, within[name] = deep + step, within[name] + step
        if deep > _DEEPEST:
            raise DocumentError("this text is nested too deep to be read", cure="Paste it as plain text.")


class _Reader(HTMLParser):
    """Reads what nh3 left; `parts` are paragraphs with the line ends between them."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._line = ""
        self._before = ""  # what kind of line came last: "", "point" or "row"
        self._point = ""
        self._lists: list[int | None] = []  # the next number of each list that we are within
        self._cells: list[str] | None = None
        self._link = ("", 0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._line += "\n"
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self._line))
        elif tag in ("td", "th"):
            self._line = ""
        elif self._cells is None:
            self._open(tag)

    def _open(self, tag: str) -> None:
        self.end(keep_point=tag not in ("ul", "ol", "li", "table"))
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            indent = "  " * min(len(self._lists) - 1, _INDENTED)
            self._point = f"{indent}{f'{number}.' if number else '•'} "
            if number:
                self._lists[-1] = number + 1
        elif tag == "tr":
            self._cells = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._line += _address(self._link[0], self._line[self._link[1] :])
        elif tag in ("td", "th") and self._cells is not None:
            self._cells.append(" ".join(self._line.split()))
            self._line = ""
        elif tag == "tr" and self._cells is not None:
            self._put("\t".join(self._cells), "row")
            self._cells = None
        elif self._cells is None and tag in _BLOCKS:
            self.end(keep_point=tag not in ("ul", "ol", "li"))
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
        elif tag in _BLOCKS:
            self._line += " "

    def handle_data(self, data: str) -> None:
        self._line += data.replace("\r", " ").replace("\n", " ")

    def end(self, *, keep_point: bool = False) -> None:
        """The line so far is whole."""
        said, self._line = self._line, ""
        if _BLANKS.sub(" ", said).strip():
            self._put(*self._told(said))
            self._point = ""
        elif not keep_point:
            self._point = ""

    def _told(self, said: str) -> tuple[str, str]:
        """Word writes the points of a list as paragraphs of their own."""
        said, point = said.lstrip(" "), self._point
        if typed := _POINT.match(said):
            said, point = said[typed.end() :], point or "• "
        elif typed := _NUMBER.match(said):
            said, point = said[typed.end() :], point or f"{typed[1]}. "
        lines = [_BLANKS.sub(" ", line).strip() for line in said.split("\n")]
        text = "\n".join(lines).strip("\n")
        return (point + text.replace("\n", " "), "point") if point else (text, "")

    def _put(self, text: str, kind: str) -> None:
        if not text.strip():
            return
        if self.parts:
            self.parts.append("\n" if kind and kind == self._before else "\n\n")
        self.parts.append(text)
        self._before = kind


def _address(href: str, words: str) -> str:
    """The address of a link, unless its words are just that."""
    bare = href.removeprefix("mailto:").partition("?")[0] if href.startswith("mailto:") else href
    told = " ".join(words.split())
    if not href or not told or told.rstrip("/") in (bare.rstrip("/"), bare.partition("://")[2].rstrip("/")):
        return ""
    return f" ({bare})"
