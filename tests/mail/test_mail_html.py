"""The HTML document, line by line of the checklist for press mail, on rendered output."""

import re
from dataclasses import replace
from itertools import pairwise

import harbour
import lxml.html
import pytest
from reading import links, visible, words

from distributor.mail.render import Rendered, Renderer
from distributor.model.draft import Block, Mark, PressContact, Version


def test_it_begins_with_the_doctype_and_names_its_language(advance: Rendered) -> None:
    assert advance.html.startswith('<!DOCTYPE html>\n<html lang="en" dir="ltr" xmlns:v=')
    page = lxml.html.document_fromstring(advance.html)
    (first,) = page.xpath("/html/body/div")
    assert (first.get("lang"), first.get("dir")) == ("en", "ltr")
    assert page.findtext(".//title") == advance.subject


def test_the_head_says_what_clients_must_not_do(advance: Rendered) -> None:
    page = lxml.html.document_fromstring(advance.html)
    metas = {meta.get("name"): meta.get("content") for meta in page.iter("meta")}
    assert page.xpath("//meta[@charset='utf-8']")
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert "x-apple-disable-message-reformatting" in metas
    assert metas["format-detection"] == "telephone=no, date=no, address=no, email=no"
    assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
    assert "<o:PixelsPerInch>96</o:PixelsPerInch>" in advance.html


def test_the_layout_is_hybrid(advance: Rendered) -> None:
    assert "max-width: 600px" in advance.html
    assert '<!--[if mso]><table role="presentation" width="600"' in advance.html
    assert advance.html.count("<!--[if mso]>") == advance.html.count("<![endif]-->") == 3


def test_layout_tables_are_presentation_and_figures_are_not(advance: Rendered) -> None:
    page = lxml.html.document_fromstring(advance.html)
    for table in page.iter("table"):
        is_figures = "figures" in (table.get("class") or "")
        assert is_figures == (table.get("role") is None) == bool(table.findall("./thead/tr/th"))
    assert {heading.get("scope") for heading in page.iter("th")} == {"col"}


def test_headings_are_in_order(advance: Rendered) -> None:
    page = lxml.html.document_fromstring(advance.html)
    levels = [int(element.tag[1]) for element in page.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_the_preheader_comes_first_and_is_the_lead(advance: Rendered) -> None:
    page = lxml.html.document_fromstring(advance.html)
    hidden = page.xpath("/html/body/div/*[1]")[0]
    assert hidden.get("class") == "preheader"
    assert "display:none" in hidden.get("style")
    assert 60 <= len(hidden.text) <= 100
    assert harbour.ENGLISH.lead.startswith(hidden.text.rstrip("…"))
    (padding,) = hidden.xpath("./span[@aria-hidden='true']")
    assert set(padding.text) == {"\u034f", "\u200c", "\u00a0"}


def test_the_order_is_that_of_a_press_release(advance: Rendered) -> None:
    for text in (visible(advance.html), words(advance.text)):
        order = [
            *("Harbour Alliance in the European Parliament", "EMBARGOED UNTIL", "2018-0042"),
            *("Small harbours must get", "Vote on Wednesday", "Strasbourg, 17", "Ferries in 140"),
            *("The figures come", "Ada Lindholm, the", "Nobody should", "What changes", "Council agrees"),
            *("We counted", "added Bo", "Harbour size", "A ferry at a quay", "ENDS", "Note to the editor:"),
            *("Carla Novak", "About the Harbour", "brings together", "You receive this", "Quay Street"),
        ]
        places = [text.index(piece) for piece in order]
        assert places == sorted(places)


def test_every_image_has_words_and_a_width(release: Rendered) -> None:
    images = lxml.html.document_fromstring(release.html).findall(".//img")
    assert [(image.get("alt"), image.get("width")) for image in images] == [("Un ferry à quai", "528")]
    assert all("display:block" in image.get("style") for image in images)


def test_links_lead_to_safe_places_only(advance: Rendered, release: Rendered) -> None:
    for html in (advance.html, release.html):
        for link in lxml.html.document_fromstring(html).iter("a"):
            assert re.match(r"(https?|mailto|tel):", link.get("href"))


@pytest.mark.parametrize(
    ("phone", "dialled"),
    [
        ("+32 (0)2 555 01 17", "tel:+3225550117"),  # the zero is not dialled from abroad
        ("02/555.01.17", "tel:025550117"),  # a Belgian way to write one number
        ("+32 2 555 01 17 / +32 2 555 01 18", "tel:+3225550117"),  # two numbers
        ("+32 2 555 01 17 ext. 4", "tel:+3225550117"),  # an extension
        ("ask the desk", None),
    ],
)
def test_a_telephone_number_can_be_dialled(renderer: Renderer, phone: str, dialled: str | None) -> None:
    version = replace(harbour.ENGLISH, contacts=(PressContact(name="Carla", phone=phone),), blocks=())
    rendered = renderer.render(harbour.letter(version=version))
    assert phone in visible(rendered.html)
    assert phone in rendered.text
    assert {link for link in links(rendered.html) if link.startswith("tel:")} == {dialled} - {None}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.org", "https://a b"]
)
def test_any_other_link_is_left_out_and_said(renderer: Renderer, url: str) -> None:
    block = Block("paragraph", "Click here now", marks=(Mark(0, 10, "link", url),))
    rendered = renderer.render(harbour.letter(version=replace(harbour.ENGLISH, blocks=(block,))))
    assert url not in links(rendered.html)
    assert "Click here now" in visible(rendered.html)
    assert any(url in warning for warning in rendered.warnings)


def test_what_the_office_wrote_is_never_markup(renderer: Renderer) -> None:
    nasty = "</title><script>alert(1)</script> {{ 7*7 }} & “x” <b>"
    version = Version(
        language="en",
        headline=nasty,
        subhead=nasty,
        lead=nasty,
        blocks=(Block("quote", nasty, attribution=nasty),),
    )
    rendered = renderer.render(harbour.letter(version=version))
    assert "<script" not in rendered.html
    assert visible(rendered.html).count(words(nasty)) == 5
    assert rendered.text.count("{{ 7*7 }}") == 5
