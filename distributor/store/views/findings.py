"""What a proof of the log found amiss: the first hundred in words, all of them counted."""

from dataclasses import dataclass, field
from typing import Any

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` names a row of a chain or a delivery; `what` is one line."""

    where: str
    what: str


@dataclass
class Findings:
    number: int = 0
    shown: list[Finding] = field(default_factory=list)

    def add(self, where: Any, what: str) -> None:
        """One more. What the database holds may be any bytes: they are shown as escapes."""
        self.number += 1
        if len(self.shown) < SHOWN:
            self.shown.append(Finding(printable(where), printable(what)))


def printable(value: Any) -> str:
    """One line of text that every terminal takes."""
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
