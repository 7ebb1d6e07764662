"""Marked text as HTML and as plain text with numbered links; nothing of the text is changed.

Only http, https, mailto and tel become links. In an advance copy links to our own pages do not: they
would lead to what is not public yet. Text whose link is left out stays, and a warning says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from markupsafe import Markup, escape

from distributor.model.draft import Mark

_LINKABLE = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"\x00-\x1f\x7f]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text in both forms. `text` keeps its line ends; links have a number in brackets."""

    html: Markup
    text: str


@dataclass(slots=True)
class Writer:
    """Turns text into passages and numbers the links on the way. `forbidden`: prefixes that get no link."""

    forbidden: tuple[str, ...] = ()
    links: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def passage(
        self, text: str, marks: Sequence[Mark] = (), *, start: int = 0, end: int | None = None
    ) -> Passage:
        """`text[start:end]` with the marks that fall on it; offsets are those of the whole text."""
        html, plain = Markup(), ""
        runs = list(_runs(text, marks, start, len(text) if end is None else end))
        for url, group in groupby(runs, key=lambda run: run.url):
            pieces = list(group)
            words = "".join(piece.text for piece in pieces)
            inner = Markup().join(_formatted(piece) for piece in pieces)
            link = self._allowed(url) if url else None
            html += Markup('<a href="{}">{}</a>').format(link, inner) if link else inner
            plain += words + (self.number(link, shown=words) if link else "")
        return Passage(html=html, text=plain)

    def number(self, url: str, *, shown: str) -> str:
        """ " [3]", the link's number in the list at the end; "" where the text shows the address itself."""
        told = url.removeprefix("mailto:") == shown.strip()
        if told or (url.startswith("tel:") and any(character.isdigit() for character in shown)):
            return ""
        if url not in self.links:
            self.links.append(url)
        return f" [{self.links.index(url) + 1}]"

    def _allowed(self, url: str) -> str | None:
        if not _LINKABLE.fullmatch(url):
            self.warn(f"“{url[:80]}” is no link that a mail may carry (http, https, mailto, tel): left out")
            return None
        if any(_leads_to(url, prefix) for prefix in self.forbidden):
            self.warn(f"“{url[:80]}” leads to our own pages: not linked in the advance copy")
            return None
        return url

    def warn(self, warning: str) -> None:
        """Note what was left out, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)


def _leads_to(url: str, prefix: str) -> bool:
    rest = url[len(prefix) :]
    return url.casefold().startswith(prefix.casefold()) and rest[:1] in ("", "/", "?", "#")


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    strong: bool
    emphasis: bool
    url: str | None


def _runs(text: str, marks: Sequence[Mark], start: int, end: int) -> Iterator[_Run]:
    """The text cut wherever a mark begins or ends."""
    edges = {max(start, min(end, edge)) for mark in marks for edge in (mark.start, mark.end)}
    cuts = sorted(edges | {start, end})
    for left, right in pairwise(cuts):
        active = [mark for mark in marks if mark.start <= left and right <= mark.end]
        kinds = {mark.kind for mark in active}
        url = next((mark.url for mark in active if mark.kind == "link"), None)
        yield _Run(text[left:right], "strong" in kinds, "emphasis" in kinds, url)


def _formatted(run: _Run) -> Markup:
    html = escape(run.text).replace("\n", Markup("<br>\n"))
    if run.emphasis:
        html = Markup("<em>{}</em>").format(html)
    return Markup("<strong>{}</strong>").format(html) if run.strong else html
