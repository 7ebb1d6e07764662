"""Body pieces to blocks: quotations find their speaker, everything else stays what it is.

A quotation is a paragraph (or several) in quotation marks, with the line that introduces it ("…, said:"),
with a tail (“…,” said …), or signed below ("— …"). A quotation inside a sentence stays in its paragraph.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from distributor.documents.pieces import Piece, cut, joined, written_out
from distributor.documents.speakers import Speaker, introduces, says_at_end, signs, speaker, speaks
from distributor.model.draft import Block

CLOSERS = {
    "“": '”“"',
    "„": '“”"‟',
    "«": "»",
    "»": "«»",
    "”": "”",
    '"': '"”',
    "‘": "’‘",
    "‚": "‘’",
    "‹": "›",
    "‟": "”",
}
_LONGEST_RUN = 12  # paragraphs of one quotation
_LONGEST_TAIL = 240  # characters after the closing mark that may name the speaker
_AFTER = " .,;:!?…)"


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quotation of `count` pieces from where it was looked for."""

    count: int
    text: Piece
    attribution: Piece | None = None
    after: bool = False
    said_by: str = ""


def blocks(pieces: Sequence[Piece]) -> tuple[Block, ...]:
    """The blocks of a body, in its order. Nothing of the pieces is dropped or changed."""
    return tuple(_blocks(list(pieces)))


def begins_quote(pieces: Sequence[Piece]) -> bool:
    """True when a quotation, or the words that introduce one, stands at the start of `pieces`."""
    return bool(pieces) and _quote(list(pieces[: _LONGEST_RUN + 2])) is not None


def _blocks(pieces: list[Piece]) -> Iterator[Block]:
    known: list[Speaker] = []
    position = 0
    while position < len(pieces):
        quote = _quote(pieces[position : position + _LONGEST_RUN + 4])
        if quote is None:
            yield _plain(pieces[position])
            position += 1
            continue
        words = quote.attribution.text if quote.attribution else quote.said_by
        found = speaker(words, before=known) if words else Speaker()
        known += [found] if found else []
        yield _block(quote, found)
        position += quote.count


def _plain(piece: Piece) -> Block:
    return Block(kind=piece.kind, text=piece.text, url=piece.url, marks=piece.marks)


def _block(quote: _Quote, found: Speaker) -> Block:
    return Block(
        kind="quote",
        text=quote.text.text,
        speaker=found.name,
        role=found.role,
        attribution=written_out(quote.attribution) if quote.attribution else None,
        attribution_after=quote.after,
        marks=quote.text.marks,
    )


def _quote(pieces: list[Piece]) -> _Quote | None:
    """The quotation at the start of `pieces`, in whichever form it comes."""
    first = pieces[0]
    if first.kind == "quote":
        return _signed(pieces, _quoted_block(pieces))
    if first.kind != "paragraph":
        return None
    return _introduced(pieces) or _inline(pieces) or _bare(pieces) or _with_tail(first) or _dashed(first)


def _introduced(pieces: list[Piece]) -> _Quote | None:
    """ "Ann Example, chair, said:" and then the quotation."""
    if len(pieces) < 2 or not introduces(pieces[0].text):
        return None
    if pieces[1].kind == "quote":
        count = _quoted_block(pieces[1:])
    else:
        count = _run(pieces[1:], follow=True) if pieces[0].text.rstrip().endswith(":") else 0
    if not count:
        return None
    text = joined(pieces[1 : 1 + count], separator="\n\n")
    return _Quote(count + 1, text, attribution=pieces[0])


def _inline(pieces: list[Piece]) -> _Quote | None:
    """ "Ann Example, chair, said: “…”" in one paragraph, which further paragraphs may continue."""
    first = pieces[0]
    start = next((i for i, c in enumerate(first.text[:300]) if c in CLOSERS and c not in "‘‚"), 0)
    if not start or not first.text[:start].rstrip().endswith(":") or not introduces(first.text[:start]):
        return None
    if ". " in first.text[:start].replace("Dr. ", "").replace("Mr. ", "").replace("Ms. ", "").replace(
        "Mrs. ", ""
    ):
        return None
    head, tail = cut(first, 0, start), cut(first, start)
    count = _run([tail, *pieces[1:]], follow=True)
    if not count:
        return None
    return _Quote(count, joined([tail, *pieces[1:count]], separator="\n\n"), attribution=head)


def _bare(pieces: list[Piece]) -> _Quote | None:
    """Paragraphs in quotation marks, perhaps signed below, or with the speaker in the last one's tail."""
    count = _run(pieces, follow=True)
    if count:
        return _signed(pieces, count)
    opened = _opened(pieces)
    last = _with_tail(pieces[opened]) if opened else None
    if last is None or last.attribution is None:
        return None
    text = joined([*pieces[:opened], last.text], separator="\n\n")
    return _Quote(opened + 1, text, attribution=last.attribution, after=True)


def _opened(pieces: list[Piece]) -> int:
    """How many paragraphs from the first one on open a quotation and leave it open."""
    opened = (p.kind == "paragraph" and p.text[:1] in CLOSERS and _first_end(p.text) is None for p in pieces)
    return next((count for count, still in enumerate(opened) if not still), 0)


def _signed(pieces: list[Piece], count: int) -> _Quote:
    """The first `count` pieces, with the line below them when it names the speaker."""
    text = joined(pieces[:count], separator="\n\n")
    if len(pieces) > count and pieces[count].kind == "paragraph" and signs(pieces[count].text):
        return _Quote(count + 1, text, attribution=pieces[count], after=True)
    if pieces[0].kind == "quote":
        head, gap, _ = text.text.partition("\n\n")
        if gap and head.endswith(":") and introduces(head):
            return _Quote(count, cut(text, len(head)), attribution=cut(text, 0, len(head)))
        above, newline, below = text.text.rpartition("\n")
        if newline and below.lstrip()[:1] in "–—―-" and signs(below):
            return _Quote(count, cut(text, 0, len(above)), attribution=cut(text, len(above)), after=True)
    return _Quote(count, text)


def _with_tail(piece: Piece) -> _Quote | None:
    """“…,” said Ann Example, chair. Perhaps with more of the quotation behind it: then it stays whole."""
    end = _first_end(piece.text)
    if end is None:
        return None
    tail = piece.text[end:].strip()
    if not speaks(tail[:_LONGEST_TAIL]):
        return None
    again = next((i for i, c in enumerate(tail) if c in CLOSERS and c not in "‘‚"), None)
    if again is not None:
        whole = speaks(tail[:again]) and again <= _LONGEST_TAIL and _closed(tail[again:])
        return _Quote(1, piece, said_by=tail[:again]) if whole else None
    if len(tail) > _LONGEST_TAIL or ". " in tail:
        return None
    end += len(piece.text[end:]) - len(piece.text[end:].lstrip(" ,;"))
    return _Quote(1, cut(piece, 0, end), attribution=cut(piece, end), after=True)


def _dashed(piece: Piece) -> _Quote | None:
    """ "– We want to know, säger Anna Exempel.": speech behind a dash, as in the Nordic countries."""
    said_by = says_at_end(piece.text) if piece.text[0] in "–—-" and piece.text[1:2].isspace() else None
    return _Quote(1, piece, said_by=said_by) if said_by else None


def _quoted_block(pieces: list[Piece]) -> int:
    """How many block quotes stand one after the other without a signature between them."""
    return 1 if pieces and pieces[0].kind == "quote" else 0


def _run(pieces: list[Piece], *, follow: bool) -> int:
    """How many paragraphs from the first one on are one quotation; 0 when the first begins none."""
    if not pieces or pieces[0].kind != "paragraph" or not pieces[0].text or pieces[0].text[0] not in CLOSERS:
        return 0
    if _closed(pieces[0].text):
        count = 1
    elif _first_end(pieces[0].text) or pieces[0].text[0] in "‘‚":
        return 0
    else:
        count = _until_closed(pieces)
    while follow and 0 < count < len(pieces) and _continues(pieces[count:]):
        count += 1
    return count


def _until_closed(pieces: list[Piece]) -> int:
    """A quotation over several paragraphs: each may open with the mark again, only the last closes it."""
    closers = CLOSERS[pieces[0].text[0]]
    for count, piece in enumerate(pieces[1:_LONGEST_RUN], start=2):
        if piece.kind not in ("paragraph", "list") or introduces(piece.text):
            return 0
        if _ends_with(piece.text, closers):
            return count
    return 0


def _continues(pieces: list[Piece]) -> bool:
    """True for one more paragraph in quotation marks that nobody else signs."""
    piece = pieces[0]
    if piece.kind != "paragraph" or piece.text[:1] not in CLOSERS or not _closed(piece.text):
        return False
    return not (len(pieces) > 1 and signs(pieces[1].text))


def _closed(text: str) -> bool:
    """True when the text is one quotation from its first to its last character."""
    end = _first_end(text)
    return end is not None and not text[end:].strip(_AFTER)


def _first_end(text: str) -> int | None:
    """Behind the mark that closes the quotation which opens `text`; None when it stays open."""
    if not text or text[0] not in CLOSERS:
        return None
    opener, closers, depth = text[0], CLOSERS[text[0]], 1
    for position, character in enumerate(text[1:], start=1):
        if character == opener and opener not in closers:
            depth += 1
        elif character in closers and not _apostrophe(text, position):
            depth -= 1
            if not depth:
                return position + 1
    return None


def _apostrophe(text: str, position: int) -> bool:
    """True for the mark inside or at the end of a word that goes on: "don’t", "states’ rights"."""
    if text[position] not in "’‘'":
        return False
    following = text[position + 1 : position + 2]
    return following.isalnum() or (following == " " and text[position + 2 : position + 3].islower())


def _ends_with(text: str, closers: str) -> bool:
    bare = text.rstrip(_AFTER)
    return bool(bare) and bare[-1] in closers
