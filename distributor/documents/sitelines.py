"""Tells a site's or sender's own line at the top of a text from its headline.

Judged by the kind of line and by what follows: a tagline with its full stop, an address, a trail of links,
the name of a body, over a line that makes a better headline.
"""

import re
from collections.abc import Sequence

from distributor.documents import furniture, headings, vocabulary
from distributor.documents.pieces import Piece
from distributor.documents.speakers import introduces

LONGEST = 140  # characters of a site line
_ORGANISATIONS = tuple(vocabulary.ORGANISATIONS.split())
_TRAIL = re.compile(r"\s[>›»|→]\s|https?://|(?<!\w)www\.|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}$")
_CHROME = re.compile(
    r"(?:skip to|share (?:this|on)|back to|(?:accept|all) cookies|log ?in|sign ?in)\b.*"
    r"|home|menu|search|print|download|contrast|share",
    re.IGNORECASE,
)
_LINKS = """
    of the for and on in at to de la le les du des et y e en el los las und der die das den des für im am
    zum zur von van het voor och i av til for og ja di del della dei per il do da dos das para a à o os
    w na pro pre za και του της των για за на и
"""
_LINKING = frozenset(_LINKS.split())
_FROM = re.compile(r"(?:from|by|von|vom|par|de|van|av|da|od)\s", re.IGNORECASE)


def is_site_line(rest: Sequence[Piece], *, between: Sequence[Piece]) -> bool:
    """True when the first piece is the site's or the sender's line and a better headline follows.

    `between` are pieces that are no headline anyway: dates, kinds of text.
    """
    text, others = rest[0].text, rest[1:]
    if others and len(text) <= 60 and _CHROME.fullmatch(text):
        return True
    better = next((piece for piece in others if piece not in between), None)
    if better is None or better is others[-1] or len(text) > LONGEST or not fit_for_headline(better):
        return False
    if furniture.kind_within(text) == "release" and not furniture.kind_prefix(text):
        return not _sentence_like(text)
    if _TRAIL.search(text):
        return True
    if text[-1] in ".!" and better.text[-1] not in ".!":
        return len(furniture.words(text)) <= 20
    return (_name_like(text, dated=bool(between)) or _sender_line(text)) and len(better.text) > len(text)


def fit_for_headline(piece: Piece) -> bool:
    """True for a line of some words without a full stop, that neither introduces nor opens a part."""
    text = piece.text
    if piece.kind not in ("paragraph", "heading") or not 12 <= len(text) <= 250:
        return False
    if text[-1] in ".:;,…" or len(furniture.words(text)) < 3 or introduces(text):
        return False
    return not (headings.details(text) or headings.notes(text) or headings.contacts(text))


def _sentence_like(text: str) -> bool:
    """True when most of its longer words are lower-case: somebody says something."""
    longer = [word for word in furniture.words(text) if len(word) > 4]
    return len(longer) > 6 and sum(word[0].islower() for word in longer) > len(longer) / 2


def _name_like(text: str, *, dated: bool) -> bool:
    """True for what may be the name of a sender: capitalised words, few or with a word for a body."""
    if text[-1] in "?:;,.…" or ":" in text or any(c.isdigit() for c in text):
        return False
    words = [word for word in re.split(r"[\s/|,&–]+|\s-+\s", text) if word]
    telling = [word for word in words if word.casefold() not in _LINKING]
    if not telling or any(word[0].islower() for word in telling):
        return False
    folded = [word.casefold() for word in telling]
    if any(word.startswith(_ORGANISATIONS) or "minister" in word for word in folded):
        return len(telling) <= (9 if folded[0].startswith(_ORGANISATIONS) else 5)
    return len(words) <= (4 if dated or text.isupper() else 2)


def _sender_line(text: str) -> bool:
    """ "From the press office of …"."""
    words = furniture.words(text.casefold())
    return (
        bool(_FROM.match(text))
        and len(words) <= 12
        and any(word.startswith(_ORGANISATIONS) for word in words)
    )
