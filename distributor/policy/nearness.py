"""Which known addresses a refused row probably speaks of.

Used to keep a membership whose row got a typo: too many kept is harmless, one lost is not.
Work grows with the number of rows and addresses, not with their product.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\s,;|<>\"']+")
_NOISE = re.compile(r"[\W_]+")
_AT = re.compile(r"[\[({]at[\])}]|\bat\b")
_WHOLE = re.compile(r"[^@\s]+@[a-z0-9-]+(\.[a-z0-9-]+)+")


_MANY = 100  # namesakes that are looked at: “press@” and “info@” are everywhere


def mentioned(keys: Iterable[str], rows: Iterable[str], *, others: Iterable[str] = ()) -> frozenset[str]:
    """Those address keys that one of the rows holds, or nearly holds (one letter off, a gap, “(at)”).

    A word that is one of `others` (addresses known to stand elsewhere) speaks of nobody else.
    """
    index = _Index.of(frozenset(keys), others=frozenset(others))
    return frozenset(key for row in rows for key in index.found(row.casefold()))


@dataclass(frozen=True)
class _Index:
    whole: frozenset[str]
    others: frozenset[str]
    squeezed: dict[str, list[str]]
    shortened: dict[str, list[str]]
    local: dict[str, list[str]]

    @classmethod
    def of(cls, keys: frozenset[str], *, others: frozenset[str]) -> "_Index":
        index = cls(keys, others, {}, {}, {})
        for key in sorted(keys):
            tight = _squeeze(key)
            index.squeezed.setdefault(tight, []).append(key)
            index.local.setdefault(key.partition("@")[0], []).append(key)
            for short in _without_one(tight):
                index.shortened.setdefault(short, []).append(key)
        return index

    def found(self, row: str) -> Iterator[str]:
        words = _WORD.findall(row)
        for width in (1, 2, 3):
            for at in range(len(words) - width + 1):
                yield from self._meant("".join(words[at : at + width]))

    def _meant(self, word: str) -> Iterable[str]:
        known = [found for found in _ADDRESS.findall(word) if found in self.whole or found in self.others]
        if known:
            return self.whole.intersection(known)
        tight = _squeeze(word)
        if tight in self.squeezed or "@" not in word:
            return self.squeezed.get(tight, ())
        return {*self._one_letter_off(tight), *self._same_person(word)}

    def _one_letter_off(self, tight: str) -> Iterator[str]:
        yield from self.shortened.get(tight, ())
        for short in _without_one(tight):
            yield from self.squeezed.get(short, ())
            yield from self.shortened.get(short, ())

    def _same_person(self, word: str) -> Iterator[str]:
        """The same local part, where what follows is no domain or much like hers."""
        name, _, domain = word.partition("@")
        for key in self.local.get(name, ())[:_MANY]:
            alike = difflib.SequenceMatcher(None, domain, key.partition("@")[2]).ratio() > 0.75
            if alike or not _WHOLE.fullmatch(word):
                yield key


def _squeeze(text: str) -> str:
    return _NOISE.sub("", _AT.sub("", text))


def _without_one(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)))
