"""Letters without case and accents: "ΕΜΠΑΡΓΚΟ ΕΩΣ" and "εμπάργκο έως" are the same words.

Character by character, so that what is found in the plain text stands at the same place in the text itself.
"""

import re
import unicodedata

_SAME = {"ς": "σ", "’": "'", "‘": "'", "ʼ": "'", "´": "'"}


class _Letters(dict[int, str]):
    """Each character's plain form, made when first asked for (`str.translate` asks)."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        base = _SAME.get(character) or unicodedata.normalize("NFKD", character)[0]
        small = base.lower()
        self[code] = _SAME.get(small, small if len(small) == 1 else base)
        return self[code]


_LETTERS = _Letters()


def plain(text: str) -> str:
    """`text` in small letters without accents; exactly as long as it was."""
    return text.translate(_LETTERS)


def pattern(source: str) -> re.Pattern[str]:
    """`source`, written with its accents, for looking into `plain` texts."""
    composed = unicodedata.normalize("NFC", source)
    bare = "".join(_SAME.get(c) or unicodedata.normalize("NFKD", c)[0] for c in composed)
    return re.compile(bare, re.IGNORECASE)
