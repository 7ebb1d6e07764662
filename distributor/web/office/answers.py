"""The buttons that answer what needs a person: for each answer of `todo` the pages that do the same.

What belongs to the machine (relays, disk, a service that is not running) has no page: there the command
stands, for whoever runs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from distributor.policy import rights
from distributor.web.console import release_path
from distributor.web.office.log import PATH as LOG
from distributor.web.visit import OFFICE, Visit

COPY, CLOCK, NEW = f"{OFFICE}/copy", f"{OFFICE}/clock", f"{OFFICE}/new"


@dataclass(frozen=True, slots=True)
class Button:
    """A page, what its button says, and the right that it takes."""

    page: str
    words: str
    verb: str


def answers(visit: Visit, one: dict[str, Any]) -> dict[str, Any]:
    """`buttons` that she may press; `whose`: who may, when she may none; `command`: of the machine."""
    every = _buttons(str(one["answer"]).split()[1:], one["reference"] or "")
    hers = [button for button in every if visit.may(button.verb)]
    whose = " or ".join(rights.needed(every[0].verb)) if every and not hers else ""
    return {"buttons": hers, "whose": whose, "command": "" if every else one["answer"]}


def _buttons(words: Sequence[str], reference: str) -> list[Button]:
    if "--confirm-copy" in words:
        return [Button(COPY, "Is this the one that sends?", "check")]
    if "--confirm-clock" in words:
        return [Button(CLOCK, "Is the clock right?", "check")]
    if words[:2] == ["release", "add"]:
        return [Button(f"{NEW}/{quote(reference, safe='')}", "Mend it", "release add")]
    if words[0] == "log":
        return [Button(f"{LOG}/releases/{quote(reference, safe='')}", "See what became of it", "log")]
    pages = _PAGES.get(" ".join(words[:2]), ())
    return [Button(release_path(reference, page), words, verb) for page, words, verb in pages]


_DOUBT = (("doubt", "Say what became of it", "doubt settle"),)

#: By the command that answers it: pages of the release, the first one first.
_PAGES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "release approve": (("approve", "Approve", "release approve"),),
    "release correct": (("correct", "Correct", "release correct"),),
    "release lift": (("lift", "Lift the embargo now", "release lift"),),
    "release embargo": (("embargo", "Move the embargo", "release embargo"),),
    "release resume": (
        ("resume", "Let it go on", "release resume"),
        ("cancel", "Cancel what is not sent", "release cancel"),
    ),
    "release unreached": (("unreached", "Whom to phone", "release unreached"),),
    "doubt resend": _DOUBT,
    "doubt settle": _DOUBT,
}
