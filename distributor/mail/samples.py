"""Letters and fields to try templates with, and to preview with. No real person, no real address."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from distributor.mail import reasons
from distributor.mail.catalogue import languages
from distributor.model.audience import Reason
from distributor.model.draft import Block, Dateline, Mark, PressContact, Version
from distributor.model.embargo import Embargo
from distributor.model.letter import Fields, Form, Letter
from distributor.model.notice import CORRECTION, MOVED, Notice
from distributor.model.publisher import Publisher

_INSTANT = datetime(2030, 1, 16, 10, 0, tzinfo=UTC)

_BLOCKS = (
    Block("paragraph", "A paragraph with a link.", marks=(Mark(19, 23, "link", "https://example.org/a"),)),
    Block("heading", "A heading"),
    Block("list", "First entry\nSecond entry"),
    Block("list", "1. One\n2. Two"),
    Block("quote", "“Words.”\n\n“More words.”", attribution="Ada Example, chair, said:"),
    Block("quote", "“Words.”", attribution="said Ada Example.", attribution_after=True),
    Block("table", "Year\tShare\n2029\t12 %"),
    Block("image", "A description", url="https://example.org/image.png"),
)


def letters() -> Iterator[Letter]:
    """Every form in every language that we have, with every kind of block; and the barest letter."""
    for language in sorted(languages()):
        for embargo in (Embargo(instant=_INSTANT), Embargo(until_lifted=True, expected=_INSTANT)):
            yield _letter(language, form="advance", embargo=embargo)
        yield _letter(language, form="release", embargo=Embargo(instant=_INSTANT))
        yield from _notices(language)
    yield Letter(
        form="release",
        publisher=Publisher(id="press", name="Press Office", address="press@example.org"),
        reference="2030-0002",
        type="statement",
        topics=(),
        version=Version(language="en", headline="Headline"),
        embargo=Embargo(),
        zones=(),
        test=True,
    )


def _notices(language: str) -> Iterator[Letter]:
    """All that a template can meet: a new embargo with the old one and a note, and a corrected text."""
    instant, lifted = Embargo(instant=_INSTANT), Embargo(until_lifted=True, expected=_INSTANT)
    moved = Notice(MOVED, lifted, "A note.")
    yield replace(_letter(language, form="notice", embargo=instant), notice=moved)
    yield replace(
        _letter(language, form="release", embargo=instant), notice=Notice(CORRECTION, note="A note.")
    )


def fields(letter: Letter) -> Fields:
    """What a recipient of this letter might have in her copy."""
    topics = dict(letter.topics)
    topic = next(iter(topics), None)
    return Fields(
        name="Alex Example",
        address="alex@example.org",
        message_id="<preview@example.org>",
        date=letter.embargo.instant or _INSTANT,
        token="0.preview",  # noqa: S106 - no secret: it opens nothing
        reason=reasons.sentence(
            [Reason(topic=topic)] if topic else [],
            language=letter.version.language,
            lists={},
            topics=topics,
        ),
    )


def _letter(language: str, *, form: Form, embargo: Embargo) -> Letter:
    return Letter(
        form=form,
        publisher=Publisher(
            id="press",
            name="Press Office",
            address="press@example.org",
            unsubscribe_mailbox="leave@example.org",
            postal_address="1 Example Street\n1000 Brussels",
            privacy_url="https://example.org/privacy",
            base_url="https://news.example.org",
        ),
        reference="2030-0001",
        type="release",
        topics=(("trade", "Trade"),),
        version=_version(language),
        embargo=embargo,
        zones=("Europe/Brussels", "UTC"),
    )


def _version(language: str) -> Version:
    return Version(
        language=language,
        headline="Headline",
        subhead="Subhead",
        dateline=Dateline(place="Brussels", date=date(2030, 1, 16), text="Brussels, 16 January 2030"),
        lead="Lead.",
        blocks=_BLOCKS,
        notes_to_editors=("A note.",),
        contacts=(PressContact(name="Ben Example", phone="+32 2 555 01 00", email="ben@example.org"),),
        boilerplate_heading="About us",
        boilerplate=("Who we are.",),
        end_mark="ENDS",
    )
