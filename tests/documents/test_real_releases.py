"""Real releases, read where they lie; what is expected is taken from their own lines."""

from datetime import date
from pathlib import Path

import pytest

from distributor import documents
from tests.documents.test_nothing_lost import letters, places

FOLDER = Path(__file__).parents[3] / "shared" / "samples"
FILES = sorted(FOLDER.glob("*.txt"))


def lines(name: str) -> list[str]:
    return [line.strip() for line in (FOLDER / name).read_text("utf-8").splitlines() if line.strip()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_is_lost_and_the_language_is_recognised(file: Path) -> None:
    data = file.read_bytes()
    draft = documents.parse(data, source="pasted text")
    assert letters("".join(places(draft.version))) == letters(data.decode())
    assert draft.version.language == file.suffixes[-2][1:]
    assert draft.version.lead
    assert draft.warnings == ()


def test_a_whole_release_as_a_portal_shows_it() -> None:
    name = "sd-dual-use-2018-01-17.en.txt"
    text = lines(name)
    version = documents.read(FOLDER / name).version
    assert (version.site_line, version.headline, version.date_line) == (text[0], text[1], text[2])
    assert version.dateline is not None
    assert version.dateline.place == text[3].split(",")[0]
    assert version.dateline.date == date(2018, 1, 17)
    assert version.lead == text[4]
    first, second = version.blocks
    assert [first.kind, second.kind] == ["quote", "quote"]
    assert [first.text, second.text] == [text[6], text[8]]
    assert (f"{first.speaker}, {first.role}, said:") == text[5]
    role, name, letters_behind, _ = text[7].split(", ")
    assert (second.speaker, second.role) == (name, f"{role}, {letters_behind}")
    assert version.notes_heading == text[9]
    assert list(version.notes_to_editors) == text[10:12]
    assert len(text) == 12


def test_a_council_release_with_a_signed_quotation() -> None:
    name = "council-2025-12-18-safe-third-country.en.txt"
    text = lines(name)
    version = documents.read(FOLDER / name).version
    assert (version.site_line, version.date_line, version.headline) == (text[0], text[1], text[2])
    quote = next(block for block in version.blocks if block.kind == "quote")
    assert quote.text == "\n\n".join(text[5:8])
    assert quote.attribution == text[8]
    assert quote.attribution_after
    assert f"— {quote.speaker}, {quote.role}" == text[8]
    assert version.blocks[-1].kind == "list"


def test_a_parliament_release_with_the_kind_before_its_headline() -> None:
    name = "ep-2016-10-26-trans-fats.en.txt"
    text = lines(name)
    draft = documents.read(FOLDER / name)
    assert draft.type == "release"
    assert f"{draft.version.release_line} - {draft.version.headline}" == text[0]
    assert draft.version.date_line == text[1]
