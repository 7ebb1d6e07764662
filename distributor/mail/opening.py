"""How a version opens: the day, the dateline and the lead, and the preview line of the inbox.

Everything verbatim: a dateline that ends with a dash or colon runs into the lead, as it was written; any
other stands on its own line.
"""

import re
from collections.abc import Sequence

from distributor.mail import times
from distributor.mail.blocks import passages
from distributor.mail.marked import Passage, Writer
from distributor.model.draft import Dateline, Mark, Version

_LONGEST_PREHEADER = 100
_RUNS_ON = re.compile(r"[–—:-]\s*$")


def opening(version: Version, writer: Writer) -> tuple[Passage | None, tuple[Passage, ...]]:
    """The dateline where it stands alone, and the paragraphs of the lead."""
    line = _dateline(version.dateline, language=version.language)
    if not line:
        return None, passages(version.lead, version.marks, writer=writer)
    if not _RUNS_ON.search(line) or not version.lead:
        return writer.passage(line), passages(version.lead, version.marks, writer=writer)
    head = f"{line.rstrip()} "
    marks = [Mark(start=0, end=len(head) - 1, kind="strong"), *_moved(version.marks, by=len(head))]
    return None, passages(head + version.lead, marks, writer=writer)


def day(version: Version) -> str:
    """The day it carries: the portal's own line, else the dateline's date in words, else ""."""
    if version.date_line:
        return version.date_line
    date = version.dateline.date if version.dateline else None
    return times.day(date, language=version.language) if date else ""


def preheader(version: Version) -> str:
    """At most 100 characters for the inbox's second line, cut between words."""
    text = " ".join((version.lead or version.subhead or version.headline).split())
    if len(text) <= _LONGEST_PREHEADER:
        return text
    return f"{text[: _LONGEST_PREHEADER - 1].rsplit(' ', 1)[0]}…"


def _dateline(dateline: Dateline | None, *, language: str) -> str:
    if dateline is None:
        return ""
    date = times.day(dateline.date, language=language) if dateline.date else ""
    return dateline.text or ", ".join(filter(None, (dateline.place, date)))


def _moved(marks: Sequence[Mark], *, by: int) -> list[Mark]:
    return [Mark(start=m.start + by, end=m.end + by, kind=m.kind, url=m.url) for m in marks]
