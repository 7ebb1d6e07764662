"""A style sheet is read once a process, not anew for each mail that is rendered.

premailer keeps what cssutils parsed and yet asks each property of it anew for each document, which takes
longer than all else in rendering a mail. What comes out is the same, byte for byte: the golden files say so.
"""

from typing import Any

from premailer import Premailer

_SETTINGS = ("strip_important", "exclude_pseudoclasses", "include_star_selectors", "disable_validation")
_Read = tuple[list[Any], list[Any]]


def share() -> None:
    """From now on, in this process and those forked from it."""
    read = Premailer._parse_style_rules
    known: dict[tuple[object, ...], _Read] = {}

    def rules(self: Any, sheet: str, place: int) -> _Read:
        key = (sheet, place, *(getattr(self, name) for name in _SETTINGS))
        if key not in known:
            known[key] = read(self, sheet, place)
        found, left = known[key]
        return [*found], [*left]

    Premailer._parse_style_rules = rules
