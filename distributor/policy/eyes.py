"""Four eyes: whether enough officers have agreed to one and the same thing.

What they agree to is a hash: another text, or another instant, has another, and a yes to the one before
does not count for it. Decides only; `office.eyes` keeps the words.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from distributor.errors import Refused

TWO = 2
#: A yes to what is done “now” does not last.
LASTS = {"release lift": timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class Word:
    """An officer's yes: to which hash, and when."""

    by: str
    at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who has agreed, first one first; `void`: whose earlier yes was to something else."""

    by: tuple[str, ...]
    needed: int = 1
    void: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        return len(self.by) >= self.needed

    @property
    def names(self) -> str:
        """ "ada", "ada and bea"."""
        return " and ".join(self.by)


def standing(
    words: Sequence[Word], *, verb: str, hash: str, now: datetime, trusted: Collection[str]
) -> tuple[str, ...]:
    """Whose yes counts for this hash now: of officers who may still do it (`trusted`), and not too old."""
    lasts = LASTS.get(verb)
    fresh = [w for w in words if w.hash == hash and (lasts is None or now - w.at <= lasts)]
    return tuple(dict.fromkeys(word.by for word in fresh if word.by in trusted))


def decide(
    words: Sequence[Word], *, actor: str, verb: str, hash: str, now: datetime, trusted: Collection[str]
) -> Eyes:
    """With the actor's yes to `words` of others: are there two? Raises Refused for who said it before."""
    before = standing(words, verb=verb, hash=hash, now=now, trusted=trusted)
    if actor in before:
        raise Refused(
            f"{actor} has agreed to it already, and four eyes are needed",
            where=verb,
            cure="Another officer who approves has to look at it: --as OFFICER.",
        )
    void = tuple(dict.fromkeys(word.by for word in words if word.by not in (*before, actor)))
    return Eyes((*before, actor), needed=TWO, void=void)
