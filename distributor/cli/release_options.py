"""The options that say over a document how it is to be sent, for `release add` and `release send`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from distributor.pipeline.proposal import Wishes

Reference = Annotated[str, typer.Argument(metavar="REF", help="The release's reference.")]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", readable=False, help="Documents: the versions of one release, the original first."
    ),
]
Topics = Annotated[list[str] | None, typer.Option(metavar="A,B", help="Topics, by id or alias.")]
Lists = Annotated[
    list[str] | None, typer.Option(metavar="A,B", help="Lists that get it whatever its topics.")
]
Exclude = Annotated[list[str] | None, typer.Option(metavar="A,B", help="Lists that do not get it.")]
Embargo = Annotated[
    str | None, typer.Option(metavar="WHEN", help="“2030-03-04 11:00 Brussels time”, or “none”.")
]
Advance = Annotated[
    list[str] | None,
    typer.Option(metavar="TIER=WHEN", help="An advance copy for a tier: accredited=-24h. Repeat for more."),
]
At = Annotated[str | None, typer.Option("--at", metavar="WHEN", help="When it goes, without an embargo.")]
Language = Annotated[str | None, typer.Option(metavar="CODE", help="The document's language, such as en.")]
Named = Annotated[
    str | None, typer.Option("--reference", metavar="REF", help="Its reference; else the next free.")
]
Type = Annotated[
    str | None, typer.Option("--type", metavar="TYPE", help="release, statement, advisory, speech or q&a.")
]
Note = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="What journalists are to read in the notice besides.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree without being asked.")]


def wishes(
    *,
    topics: Sequence[str] | None,
    lists: Sequence[str] | None,
    exclude: Sequence[str] | None,
    embargo: str | None,
    advance: Sequence[str] | None,
    at: str | None,
    language: str | None,
    reference: str | None,
    type: str | None,
) -> "Wishes":
    """What was said; what was not said is left to the documents."""
    from distributor.pipeline.proposal import Wishes

    return Wishes(
        reference=reference,
        type=type,
        topics=_parts(topics),
        lists=_parts(lists),
        exclude=_parts(exclude),
        language=language,
        embargo=embargo,
        advance=tuple(advance) if advance else None,
        send_at=at,
        keep=True,
    )


def _parts(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """Several by commas, by repetition, or both; an empty one takes the documents' away."""
    if not given:
        return None
    return tuple(part.strip() for text in given for part in text.split(",") if part.strip())
