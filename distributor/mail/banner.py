"""The line above everything: until when the text is embargoed.

Every time in it comes from the one instant. After the embargo there is no banner.
"""

from dataclasses import dataclass
from datetime import datetime

from distributor.mail import times
from distributor.mail.catalogue import catalogue
from distributor.model.letter import Letter


@dataclass(frozen=True, slots=True)
class Banner:
    """`heading`, then the `day` and the `clocks` of the instant (none: "until lifted"), and a `note`.

    `expected` words the day and clocks as a mere expectation ("Expected: …"), else "".
    """

    heading: str
    day: str
    clocks: tuple[str, ...]
    expected: str
    note: str


def banner(letter: Letter) -> Banner:
    """The banner of an advance copy. Its embargo has an instant or is until lifted."""
    words = catalogue(letter.version.language)
    instant = letter.embargo.expected if letter.embargo.until_lifted else letter.embargo.instant
    day, clocks = _moments(instant, letter)
    if letter.embargo.until_lifted:
        return Banner(
            heading=words("EMBARGOED UNTIL LIFTED"),
            day=day,
            clocks=clocks,
            expected=words("Expected:") if day else "",
            note=words("Do not publish before you have our notice that the embargo is lifted."),
        )
    return Banner(
        heading=words("EMBARGOED UNTIL"),
        day=day,
        clocks=clocks,
        expected="",
        note=words("Do not publish, broadcast or post any of it before then."),
    )


def _moments(instant: datetime | None, letter: Letter) -> tuple[str, tuple[str, ...]]:
    if instant is None:
        return "", ()
    return times.moments(instant, zones=letter.zones, language=letter.version.language)
