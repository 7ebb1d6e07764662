"""Everything a mail template may show of a letter, ready to print: the template only arranges it.

All texts of the office are verbatim. Left out on purpose: the portal's own line, and the office's own
release line ("EMBARGOED UNTIL …"), because ours is computed from the one instant and follows it.
"""

from dataclasses import dataclass

from distributor.mail import letterhead
from distributor.mail.banner import Banner, banner
from distributor.mail.blocks import Shown, passages, shown
from distributor.mail.catalogue import catalogue, direction
from distributor.mail.marked import Passage, Writer
from distributor.mail.noticebanner import NoticeBanner, notice_banner
from distributor.mail.opening import day, opening, preheader
from distributor.mail.people import contact
from distributor.model.draft import Version
from distributor.model.letter import Letter
from distributor.model.publisher import Publisher

_TYPES = {
    "release": "Press release",
    "statement": "Statement",
    "advisory": "Media advisory",
    "speech": "Speech",
    "q&a": "Questions and answers",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What the templates get as `page`.

    `embargo` is None when the text is free to use, `notice` when the mail tells of no change; `unsubscribe`
    is what the token is appended to; `words_language` and `words_direction` are those of our own words;
    `links` the numbered ones; `warnings` say what was left out.
    """

    language: str
    direction: str
    words_language: str
    words_direction: str
    subject: str
    preheader: str
    publisher: Publisher
    test: bool
    embargo: Banner | None
    notice: NoticeBanner | None
    reference: str
    type: str
    date: str
    headline: str
    subhead: Passage | None
    dateline: Passage | None
    lead: tuple[Passage, ...]
    blocks: tuple[Shown, ...]
    end_mark: str
    notes_heading: str
    notes: tuple[Passage, ...]
    contacts_heading: str
    contacts: tuple[Passage, ...]
    boilerplate_heading: str
    boilerplate: tuple[Passage, ...]
    unsubscribe: str
    privacy_url: str
    links: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def start(self) -> str:
        """The side where lines begin: mail clients do not know "start"."""
        return "right" if self.direction == "rtl" else "left"


def page(letter: Letter) -> Page:
    """The page of a letter. Passages are made in reading order, so links are numbered in it."""
    version, publisher = _told(letter), letter.publisher
    words = catalogue(version.language)
    advance, told = letterhead.embargoed(letter), notice_banner(letter)
    writer = Writer(forbidden=(publisher.base_url,) if advance and publisher.base_url else ())
    subhead = writer.passage(version.subhead) if version.subhead else None
    dateline, lead = opening(version, writer)
    blocks = tuple(shown(block, writer=writer, remote_images=not advance) for block in version.blocks)
    notes = tuple(part for text in version.notes_to_editors for part in passages(text, writer=writer))
    boilerplate = tuple(part for text in version.boilerplate for part in passages(text, writer=writer))
    return Page(
        language=version.language,
        direction=direction(version.language),
        words_language=words.language,
        words_direction=direction(words.language),
        subject=letterhead.subject(letter),
        preheader=told.says if told and letter.form == "notice" else preheader(version),
        publisher=publisher,
        test=letter.test,
        embargo=banner(letter) if advance else None,
        notice=told,
        reference=letter.reference,
        type=words(_TYPES.get(letter.type, letter.type)),
        date=day(version),
        headline=version.headline,
        subhead=subhead,
        dateline=dateline,
        lead=lead,
        blocks=blocks,
        end_mark=version.end_mark or "",
        notes_heading=version.notes_heading or words("Notes to editors"),
        notes=notes,
        contacts_heading=version.contacts_heading or words("Press contacts"),
        contacts=tuple(contact(one, writer=writer) for one in version.contacts),
        boilerplate_heading=version.boilerplate_heading or "",
        boilerplate=boilerplate,
        unsubscribe=letterhead.unsubscribe_link(publisher),
        privacy_url="" if advance else publisher.privacy_url,
        links=tuple(writer.links),
        warnings=tuple(writer.warnings),
    )


def _told(letter: Letter) -> Version:
    """What of the version may be shown: of a notice no text, whatever its template asks for."""
    if letter.form != "notice":
        return letter.version
    kept = {
        name: getattr(letter.version, name)
        for name in ("language", "headline", "date_line", "dateline", "contacts", "contacts_heading")
    }
    return Version(**kept)
