"""Which of the 24 official languages of the EU a text is written in, told by its small words and letters.

Made for press releases: some sentences of one language. It says nothing rather than guess from
a few words. Of a text in two languages it names the stronger, or none.
"""

import re
from collections import Counter

from distributor.documents.functionwords import LETTERS, WORDS

LANGUAGES = tuple(WORDS)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000  # characters: enough to tell
_LEAST = 2.5  # votes; a word that only one language uses is one
_LEAD = 1.25  # over the next language
_SHARE = 0.07  # votes per word


def recognise(text: str) -> str | None:
    """The ISO 639-1 code of the text's language, or None when unsure."""
    words = _WORD.findall(text[:_SAMPLE].casefold())
    votes = sorted(((count, language) for language, count in _votes(Counter(words)).items()), reverse=True)
    (most, language), (next_most, _) = votes[:2]
    if most < max(_LEAST, _SHARE * len(words)) or most < _LEAD * next_most:
        return None
    return language


def _votes(words: Counter[str]) -> dict[str, float]:
    votes = dict.fromkeys(LANGUAGES, 0.0)
    for word, count in words.items():
        speakers = _SPEAKERS.get(word, ())
        for language in speakers:
            votes[language] += count / len(speakers)
        for letter in set(word) & _OWNERS.keys():
            votes[_OWNERS[letter]] += count / 2
    return votes


def _speakers() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for language, words in WORDS.items():
        for word in set(words.split()):
            table[word] = (*table.get(word, ()), language)
    return table


_SPEAKERS = _speakers()
_OWNERS = {letter: language for language, letters in LETTERS.items() for letter in letters}
