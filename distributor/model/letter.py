"""Everything that a mail's merge template is rendered from: the same letter gives the same bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from distributor.model.draft import Version
from distributor.model.embargo import Embargo
from distributor.model.notice import Notice
from distributor.model.publisher import Publisher

Form = Literal["advance", "release", "notice"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One version in one form. `topics` are (id, label in the version's language).

    `form` "advance" says until when it is embargoed and carries no web links of ours; "notice" tells of a
    change and carries no text but the headline, `embargo` being the one that is in force then; "test" is
    either form marked TEST (`form` stays what it is, `test` is True). A correction is an advance or release
    form with a `notice`.
    """

    form: Form
    publisher: Publisher
    reference: str
    type: str
    topics: tuple[tuple[str, str], ...]
    version: Version
    embargo: Embargo
    zones: tuple[str, ...]
    test: bool = False
    notice: Notice | None = None


class Fields(NamedTuple):
    """The merge fields: all that differs between two recipients of one merge template.

    `date` is the mailout's due (aware); `message_id` with angle brackets; `reason` a sentence in the
    recipient's language; `token` the unsubscribe token; `references` earlier Message-IDs, or "".
    """

    name: str
    address: str
    message_id: str
    date: datetime
    token: str
    reason: str
    references: str = ""
