"""What verbs that tell journalists have in common: the words to them, and whom the notice goes to."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from distributor.office.notices import Told


def noted(note: str) -> str:
    """What is said to journalists, on one line. Raises HeaderError."""
    from distributor.model.headertext import one_line

    return one_line(note, where="--note") if note.strip() else ""


def told_document(told: "Told") -> dict[str, Any]:
    return {
        "notice": told.kind or None,
        "told": told.told,
        "unreached": [asdict(one) for one in told.unreached],
    }


def say_told(out: Console, told: "Told") -> None:
    """How many are told, and who must be phoned."""
    from distributor.cli import tables
    from distributor.cli.moments import count

    if not told.kind:
        tables.hint(out, "Nobody is told of it.")
        return
    out.print(f"{count(told.told, 'holder')} of the text: the notice goes before all other mail.")
    if told.unreached:
        tables.warnings(out, ["these hold the text and get no mail from us: phone them"])
        lines = [
            (one.phone or "no number", one.name or one.address, one.outlet, one.reason)
            for one in told.unreached
        ]
        tables.table(out, ["phone", "who", "outlet", "why"], lines)


def say_waits(out: Console, by: Sequence[str], again: str) -> None:
    """Four eyes: who agreed, and how the second one does."""
    from distributor.cli import tables

    out.print(f"{by[0]} agreed; nothing is changed yet.")
    tables.hint(out, f"It waits for a second pair of eyes: {again} --as OFFICER")
