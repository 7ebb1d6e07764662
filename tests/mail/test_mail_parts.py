"""Rendering is pure, both parts say the same, and nothing is cut."""

import re
from dataclasses import replace

import harbour
import lxml.html
import pytest
from reading import links, passages, undecorated, visible, words

from distributor.mail.render import Rendered, Renderer
from distributor.model.draft import Block, Version
from distributor.model.letter import Letter


def test_rendering_is_pure(renderer: Renderer) -> None:
    """Planted bug: a random boundary."""
    assert Renderer([]).render(harbour.advance_en()) == renderer.render(harbour.advance_en())


def test_the_shipped_templates_pass_their_own_check(renderer: Renderer) -> None:
    renderer.check()


@pytest.mark.parametrize("letter", [harbour.advance_en(), harbour.release_fr(), harbour.lifted_ar()])
def test_both_parts_have_the_same_sentences_and_links(renderer: Renderer, letter: Letter) -> None:
    """Planted bug: leaving the notes out of the text template."""
    rendered = renderer.render(letter)
    html, text = visible(rendered.html), words(undecorated(rendered.text))
    for passage in passages(rendered.html):
        assert passage in text
    for paragraph in undecorated(rendered.text).split("\n\n"):
        for sentence in re.split(r"(?<=[.!?:”»]) |\n(?=[+\w]*@|\+)|:\n", paragraph):
            assert words(sentence) in html or words(sentence) in links(rendered.html)
    for url in links(rendered.html):
        target = url.removeprefix("mailto:")
        assert target in rendered.text or re.sub(r"\D", "", target) in re.sub(
            r"\(0\)|[^\d\n]", "", rendered.text
        )
    for url in re.findall(r"^\[\d+\] (\S+)$", rendered.text, flags=re.MULTILINE):
        assert url in links(rendered.html)


def test_the_text_part_is_a_document_of_72_columns(advance: Rendered) -> None:
    lines = advance.text.split("\n")
    assert all(
        len(line) <= 72 for line in lines if "https://" not in line and not line.startswith("You receive")
    )
    assert "port survey [1] of 2017" in advance.text
    assert "\n[1] https://example.org/survey?y=2017&v=2\n" in advance.text
    assert "\n###\n" in advance.text
    assert advance.text.index("\n-- \n") > advance.text.index("[1] https")
    assert "Carla Novak, press officer\n+32 (0)2 555 01 17, carla.novak@harbour.example.org\n" in advance.text


def test_a_wide_table_becomes_records_in_text(renderer: Renderer) -> None:
    wide = "Port\tRemark\nSmall\t" + "many words " * 9 + "end"
    rendered = renderer.render(
        harbour.letter(version=replace(harbour.ENGLISH, blocks=(Block("table", wide),)))
    )
    assert "Port: Small\nRemark: many words" in rendered.text


@pytest.mark.parametrize(
    ("words_in_body", "warning"), [(4_400, ""), (5_000, "from 90 kB on"), (6_000, "cuts it off")]
)
def test_size_is_warned_of_and_nothing_is_cut(renderer: Renderer, words_in_body: int, warning: str) -> None:
    text = "harbour cable " * words_in_body
    rendered = renderer.render(
        harbour.letter(form="release", version=replace(harbour.ENGLISH, blocks=(Block("paragraph", text),)))
    )
    assert words(text) in visible(rendered.html)
    assert [warning in one for one in rendered.warnings] == ([True] if warning else [])


def test_another_language_has_its_dates_and_english_words(renderer: Renderer) -> None:
    german = Version(language="de", headline="Strom für kleine Häfen", lead="Heute.")
    rendered = renderer.render(harbour.letter(version=german))
    assert "Mittwoch, 17. Januar 2018" in rendered.text
    assert "Do not publish" in rendered.text
    assert '<html lang="de" dir="ltr"' in rendered.html
    assert '<p class="note" lang="en" dir="ltr"' in rendered.html


def test_right_to_left(renderer: Renderer) -> None:
    html = renderer.render(harbour.lifted_ar()).html
    assert '<html lang="ar" dir="rtl"' in html
    assert "border-right:4px" in html
    assert "border-left:4px" not in html
    assert "text-align: right" in html


def test_french_has_its_own_words_and_places(renderer: Renderer) -> None:
    rendered = renderer.render(harbour.letter(version=harbour.FRENCH))
    assert rendered.subject.startswith("SOUS EMBARGO jusqu’au mer. 17 janv. 11:00 Bruxelles : L’électricité")
    assert "mercredi 17 janvier 2018" in rendered.text
    assert "11:00 Bruxelles · 10:00 Londres · 05:00 New York · 10:00 UTC" in rendered.text


def test_lists_in_lists_are_set_in(renderer: Renderer) -> None:
    """Also where the depth jumps; the text part says the same by blanks. Planted: depth is dropped."""
    block = Block("list", "1. One\n    deep\n  1. first\n2. Two")
    rendered = renderer.render(harbour.letter(version=replace(harbour.ENGLISH, blocks=(block,))))
    (outer,) = lxml.html.document_fromstring(rendered.html).xpath("//ol")
    one, two = outer.xpath("./li")
    assert (one.text.strip(), two.text) == ("One", "Two")
    assert [point.text for point in one.xpath("./ul/li")] == ["deep", "1. first"]
    assert "1. One\n   - deep\n   1. first\n2. Two\n" in rendered.text
