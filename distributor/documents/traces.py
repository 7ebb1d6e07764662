"""Where a document speaks of an embargo on itself: in its text, its front matter, its name.

Looks at the document as it was written, so that nothing depends on how it was read. Names of topics, lists
and people in front matter say nothing; comments there do.
"""

import re

from distributor.policy.embargotraces import traces

_TELLING = ("title", "embargo")
_KEY = re.compile(r"(\w+)\s*:")


def of_document(text: str, *, front_lines: int, source: str) -> tuple[str, ...]:
    """Each place with the words found there; `front_lines` is how many lines the front matter takes."""
    lines = text.split("\n")
    lines[:front_lines] = _front(lines[:front_lines])
    found = [str(trace) for trace in traces("\n".join(lines))]
    name = re.split(r"[\\/]", source)[-1]
    spoken = traces(re.sub(r"[_.-]+", " ", name.rpartition(".")[0] or name))
    return (*found, *(f"its name (“{trace.words}”)" for trace in spoken))


def _front(lines: list[str]) -> list[str]:
    kept: list[str] = []
    key = ""
    for line in lines:
        named = _KEY.match(line)
        key = named[1] if named else key
        kept.append(line if key in _TELLING else "".join(line.partition("#")[1:]))
    return kept
