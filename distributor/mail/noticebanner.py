"""What a notice says above everything: the wire's word, what it means, and the embargo before.

The word opens the subject too: a journalist must see it among three hundred mails.
"""

from dataclasses import dataclass

from distributor.errors import Refused
from distributor.mail import times
from distributor.mail.catalogue import Catalogue, catalogue
from distributor.model import notice as kinds
from distributor.model.embargo import Embargo
from distributor.model.letter import Letter
from distributor.model.notice import Notice

_SAYS = {
    kinds.MOVED: ("EMBARGO MOVED", "The embargo on this release has been moved."),
    kinds.LIFTED: ("EMBARGO LIFTED", "The embargo on this release is lifted: you may use it now."),
    kinds.HOLD: ("HOLD", "Please hold this release: do not use any of it until you hear from us again."),
    kinds.RESUME: ("HOLD ENDED", "The hold on this release has ended: it may be used as it was sent to you."),
    kinds.CORRECTION: (
        "CORRECTION",
        "This corrects the release that we sent you: please use this text and no earlier one.",
    ),
    kinds.WITHDRAWAL: (
        "WITHDRAWN, do not use (KILL)",
        "This release is withdrawn: do not use any of it, and take down what you have published of it.",
    ),
}
_SUBJECTS = {
    kinds.LIFTED: "EMBARGO LIFTED: {headline}",
    kinds.HOLD: "HOLD: {headline}",
    kinds.RESUME: "HOLD ENDED: {headline}",
    kinds.CORRECTION: "CORRECTION: {headline}",
    kinds.WITHDRAWAL: "WITHDRAWN, do not use (KILL): {headline}",
}


@dataclass(frozen=True, slots=True)
class NoticeBanner:
    """`word`, what it `says`, the old embargo in words ("Until now: …") or "", and what the office adds.

    `still`: that the embargo stands, or that all others do, or "".
    """

    word: str
    says: str
    before: str
    still: str
    note: str


def notice_banner(letter: Letter) -> NoticeBanner | None:
    """The banner of a notice; None for a letter that is none."""
    notice = letter.notice
    if notice is None:
        return None
    words = catalogue(letter.version.language)
    word, says = _SAYS[notice.kind]
    return NoticeBanner(
        words(word), words(says), _before(notice, letter, words), _still(letter, words), notice.note
    )


def subject(letter: Letter, notice: Notice) -> str:
    """The word, for a new embargo its time, then the headline."""
    words, headline = catalogue(letter.version.language), letter.version.headline
    if notice.kind == kinds.CORRECTION and letter.form == "advance":
        return _timed(
            letter,
            at="CORRECTION, EMBARGOED until {moment}: {headline}",
            lifted="CORRECTION, EMBARGOED until lifted: {headline}",
        )
    if notice.kind == kinds.MOVED:
        return _timed(
            letter,
            at="EMBARGO MOVED to {moment}: {headline}",
            lifted="EMBARGO MOVED, now until lifted: {headline}",
        )
    return words.fill(_SUBJECTS[notice.kind], headline=headline)


def _timed(letter: Letter, *, at: str, lifted: str) -> str:
    words, headline = catalogue(letter.version.language), letter.version.headline
    if letter.embargo.until_lifted:
        return words.fill(lifted, headline=headline)
    return words.fill(at, moment=_short(letter), headline=headline)


def _short(letter: Letter) -> str:
    if letter.embargo.instant is None:
        raise Refused("an embargo has no time", where=letter.reference, cure="Give it one.")
    zone = letter.zones[0] if letter.zones else "UTC"
    return times.subject_moment(letter.embargo.instant, zone=zone, language=letter.version.language)


def _before(notice: Notice, letter: Letter, words: Catalogue) -> str:
    """The embargo that was in force until this notice."""
    if notice.kind not in (kinds.MOVED, kinds.LIFTED) or not notice.before:
        return ""
    return words.fill("Until now: {embargo}", embargo=_worded(notice.before, letter, words))


def _worded(embargo: Embargo, letter: Letter, words: Catalogue) -> str:
    instant = embargo.expected if embargo.until_lifted else embargo.instant
    line = times.zones_line(instant, zones=letter.zones, language=letter.version.language) if instant else ""
    if not embargo.until_lifted:
        return line
    if not line:
        return words("embargoed until lifted")
    return words.fill("embargoed until lifted, expected {moment}", moment=line)


def _still(letter: Letter, words: Catalogue) -> str:
    """A change of one embargo changes no other; a hold that ends ends no embargo."""
    kind = letter.notice.kind if letter.notice else ""
    if kind in (kinds.MOVED, kinds.LIFTED):
        return words("All other embargoes stand.")
    return words("Its embargo stands.") if kind == kinds.RESUME and letter.embargo else ""
