"""Inline Markdown to plain text with marks: emphasis, strong, links; images become links to themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from markdown_it.token import Token

from distributor.documents.encoding import without_hidden
from distributor.model.draft import Mark

_KINDS: dict[str, Literal["strong", "emphasis", "link"]] = {
    "strong": "strong",
    "em": "emphasis",
    "link": "link",
}


@dataclass(slots=True)
class Inline:
    """`breaks` are where the source's lines ended: the character there is a blank or "\\n"."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)


def inline(tokens: Sequence[Token]) -> Inline:
    """The text of an inline token's children."""
    result = Inline()
    open_at: list[tuple[int, str | None]] = []
    for token in tokens:
        if token.nesting == 1:
            open_at.append((len(result.text), str(token.attrs.get("href", "")) or None))
        elif token.nesting == -1:
            _close(result, token, *open_at.pop())
        else:
            _add(result, token)
    return result


def images(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Alternative text and address of each image, when the tokens are nothing but images; else none."""
    shown = [
        token
        for token in tokens
        if token.type not in ("softbreak", "hardbreak")
        and (token.content or token.nesting or token.type == "image")
    ]
    if not shown or any(token.type != "image" for token in shown):
        return []
    return [(inline(token.children or []).text, str(token.attrs.get("src", ""))) for token in shown]


def _close(result: Inline, token: Token, start: int, url: str | None) -> None:
    kind = _KINDS.get(token.type.removesuffix("_close"))
    if kind is None or start == len(result.text):
        return
    result.marks.append(Mark(start, len(result.text), kind, url if kind == "link" else None))


def _add(result: Inline, token: Token) -> None:
    if token.type in ("softbreak", "hardbreak"):
        result.breaks.append(len(result.text))
        result.text += "\n" if token.type == "hardbreak" else " "
    elif token.type == "image":
        start = len(result.text)
        result.text += inline(token.children or []).text or str(token.attrs.get("src", ""))
        result.marks.append(Mark(start, len(result.text), "link", str(token.attrs.get("src", ""))))
    else:
        result.text += without_hidden(token.content)  # also what an entity hides
