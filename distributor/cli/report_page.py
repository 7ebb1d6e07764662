"""The report as one HTML file that needs nothing else: no script, no picture, no address of anybody."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from distributor.cli import release_print
from distributor.cli.moments import clean, lasting, moment
from distributor.policy.curve import plot
from distributor.policy.lifecycle import ReleaseState
from distributor.policy.outcomes import GROUPS
from distributor.system import System
from distributor.web.pages import Pages

_SHOWN = 12  # lines of a table; the others are added up
#: Kinds of mailouts, in words for whoever does not know ours.
KINDS = {
    "embargo_moved": "Embargo moved",
    "embargo_lifted": "Embargo lifted",
    "hold": "Hold",
    "resume": "Hold ended",
    "correction": "Correction",
    "withdrawal": "Withdrawn, do not use",
}
TITLES = {"country": "Countries", "outlet": "Outlets", "medium": "Media", "language": "Languages"}


def page(document: Mapping[str, Any], *, system: System, pages: Pages) -> str:
    """The page. Raises TemplateError when the office's own template is broken."""
    zone = system.rules.timezone

    def when(at: Any) -> str:
        return moment(at, zone) if at else ""

    return pages.html(
        "report",
        report=document,
        publisher=system.publisher.name,
        status=status(document, zone=zone),
        groups=GROUPS,
        tables=[(TITLES[name], *shortened(lines)) for name, lines in document["by"].items()],
        waves=[_wave(wave, when) for wave in document["waves"]],
        notices=[{**notice, "title": KINDS[notice["kind"]]} for notice in document["notices"]],
        when=when,
        lasting=lasting,
        hidden=hidden(document),
        number=number,
        clean=clean,
    )


def status(document: Mapping[str, Any], *, zone: str) -> list[str]:
    """Where it stands, a line for each fact."""
    lines = [f"State: {document['state']}"]
    withdrawn = document["state"] == ReleaseState.WITHDRAWN
    if document["published"]:
        since = "Was out from" if withdrawn else "Out since"
        lines.append(f"{since} {moment(document['published'], zone)}")
    elif withdrawn:
        lines.append("It was never out")
    elif document["embargo"] is not None:
        lines.append(f"Under embargo {release_print.embargo(document, zone=zone)}")
    if document["held"]:
        held = document["held"]
        lines.append(f"On hold since {moment(held['at'], zone)}")
    return lines


def hidden(document: Mapping[str, Any]) -> str:
    """Why its headline is not shown, in words."""
    return "never public" if document["state"] == ReleaseState.WITHDRAWN else "not public yet"


def title(wave: Mapping[str, Any]) -> str:
    """ "Advance copies, agencies", "Release", "Release, to people added later"."""
    name = f"Advance copies, {wave['wave']}" if wave["kind"] == "advance" else "Release"
    if wave["extra"]:
        return f"{name}, to people added later"
    return f"{name}, to those who still waited" if wave["again"] else name


def stands(wave: Mapping[str, Any]) -> str:
    """ "finished", "held", "planned anew"."""
    if wave["replaced"]:
        return "planned anew"
    return "held" if wave["held"] else str(wave["state"])


def shortened(
    lines: Sequence[Mapping[str, Any]], *, most: int = _SHOWN
) -> tuple[list[Mapping[str, Any]], Mapping[str, Any] | None]:
    """The largest lines with what is not known at the end, and what the others come to."""
    known = [line for line in lines if line["name"] is not None]
    unknown = [line for line in lines if line["name"] is None]
    kept, others = (known[:most], known[most:]) if len(known) > most + 1 else (known, [])
    sums = {key: sum(line[key] for line in others) for key in ("people", "reached")}
    return [*kept, *unknown], {"number": len(others), **sums} if others else None


def number(value: int) -> str:
    """ "12,345"."""
    return f"{value:,}"


def _wave(wave: Mapping[str, Any], when: Callable[[Any], str]) -> dict[str, Any]:
    drawn = plot(wave["spread"], people=wave["people"]) if wave["spread"] else None
    facts = {"title": title(wave), "at": when(wave["due"]), "stands": stands(wave), "plot": drawn}
    return {**wave, **facts}
