"""The project's own sample release shows every part of a release, in both languages alike."""

from pathlib import Path

import pytest

from distributor import documents
from distributor.resources import shipped

SAMPLES = shipped("samples")


@pytest.mark.parametrize("name", ["2026-0042.en.md", "2026-0042.fr.md", "plain.en.txt"])
def test_every_part_is_there(name: str) -> None:
    draft = documents.read(SAMPLES / name)
    version = draft.version
    assert draft.warnings == ()
    assert version.language == Path(name).suffixes[-2][1:]
    assert version.dateline is not None
    assert version.dateline.date is not None
    assert version.lead
    quotes = [block for block in version.blocks if block.kind == "quote"]
    assert len(quotes) == 2
    assert all(quote.speaker and quote.role and quote.attribution for quote in quotes)
    assert version.notes_heading
    assert version.contacts[0].email == "ines.okonjo-hale@example.org"
    assert version.boilerplate_heading
    assert version.end_mark


def test_the_versions_of_one_release_agree() -> None:
    english, french = (documents.read(SAMPLES / f"2026-0042.{language}.md") for language in ("en", "fr"))
    assert (english.reference, english.topics) == (french.reference, french.topics)
    assert english.topics == ("trade/export-control", "digital/privacy")
    assert [block.kind for block in english.version.blocks] == [block.kind for block in french.version.blocks]
    assert len(english.version.notes_to_editors) == len(french.version.notes_to_editors) == 3
    assert [c.email for c in english.version.contacts] == [c.email for c in french.version.contacts]


def test_the_pasted_one_says_what_kind_it_is() -> None:
    draft = documents.read(SAMPLES / "plain.en.txt")
    assert (draft.type, draft.embargo) == ("release", "FOR IMMEDIATE RELEASE")
    assert draft.version.site_line
    assert len(draft.version.notes_to_editors) == 2
