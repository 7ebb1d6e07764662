"""What a notice tells those who hold a release's text: which change, and what was before."""

from dataclasses import dataclass, field

from distributor.model.embargo import Embargo

MOVED, LIFTED, HOLD, RESUME = "embargo_moved", "embargo_lifted", "hold", "resume"
CORRECTION, WITHDRAWAL = "correction", "withdrawal"

#: Every kind of mailout that is a notice.
NOTICES = (MOVED, LIFTED, HOLD, RESUME, CORRECTION, WITHDRAWAL)
#: Those that carry no text of the release beyond its headline: they go out of a held or withdrawn one too.
SHORT = (MOVED, LIFTED, HOLD, RESUME, WITHDRAWAL)
#: Every kind of mailout whose mails hold the text of a release.
TEXTS = ("advance", "release", CORRECTION)


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` of NOTICES; `before` the embargo until now; `note` what the office adds, in its own words."""

    kind: str
    before: Embargo = field(default_factory=Embargo)
    note: str = ""
