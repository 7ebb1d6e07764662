"""Mails in a real browser: no sideways scroll on a narrow screen, and the dark colours applied."""

from collections.abc import Iterator
from dataclasses import replace

import harbour
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from distributor.mail.render import Renderer
from distributor.model.draft import Block
from distributor.model.letter import Letter

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LETTERS = [harbour.advance_en(), harbour.release_fr(), harbour.lifted_ar()]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


def opened(browser: Browser, letter: Letter, *, width: int, dark: bool = False) -> Page:
    """The mail on a screen of that width; nothing is fetched from anywhere."""
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
    )
    page.route("**/*", lambda route: route.abort())
    page.set_content(Renderer([]).render(letter).html)
    return page


def colour(page: Page, selector: str, kind: str) -> str:
    return str(page.eval_on_selector(selector, f"element => getComputedStyle(element).{kind}"))


@pytest.mark.parametrize("width", [375, 600])
@pytest.mark.parametrize("letter", LETTERS, ids=["en", "fr", "ar"])
def test_no_sideways_scroll(browser: Browser, letter: Letter, width: int) -> None:
    page = opened(browser, letter, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_words_in_the_head_of_a_table_stay_whole_on_a_telephone(browser: Browser) -> None:
    """Planted bug: the letters of a wide screen at 375 pixels break “Accordées” in two."""
    head = ("Année", "Accordées", "Refusées", "Publiées")
    rows = "\n".join("\t".join(row) for row in (head, ("2023", "214", "9", "17")))
    letter = harbour.release_fr()
    table = Block("table", rows)
    letter = replace(letter, version=replace(letter.version, blocks=(table,)))
    page = opened(browser, letter, width=375)
    heights = page.eval_on_selector_all(
        ".figures th", "cells => cells.map(c => c.getClientRects()[0].height)"
    )
    assert len(set(heights)) == 1
    assert heights[0] < 2 * 19 + 16
    page.close()


def test_a_wide_screen_shows_600_pixels(browser: Browser) -> None:
    page = opened(browser, harbour.advance_en(), width=1200)
    box = page.locator(".card").first.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (300, 600)
    page.close()


def test_dark_mode_changes_card_and_cell(browser: Browser) -> None:
    """Planted bug: naming only body in the dark rules leaves a light card."""
    page = opened(browser, harbour.advance_en(), width=600, dark=True)
    for selector, kind, expected in [
        ("body", "backgroundColor", "rgb(18, 21, 24)"),
        ("table.card", "backgroundColor", "rgb(27, 31, 35)"),
        ("td.main", "backgroundColor", "rgb(27, 31, 35)"),
        ("td.further", "backgroundColor", "rgb(38, 44, 50)"),
        ("td.main p.lead", "color", "rgb(230, 232, 234)"),
        ("h1", "color", "rgb(230, 232, 234)"),
        ("td.main a", "color", "rgb(143, 188, 230)"),
        ("td.embargo", "backgroundColor", "rgb(122, 31, 31)"),
    ]:
        assert colour(page, selector, kind) == expected, selector
    page.close()


def test_light_mode_keeps_the_light_ones(browser: Browser) -> None:
    page = opened(browser, harbour.advance_en(), width=600)
    assert colour(page, "td.card", "backgroundColor") == "rgb(253, 253, 253)"
    assert colour(page, "h1", "color") == "rgb(29, 33, 38)"
    page.close()


def test_print_is_black_on_white_with_link_targets(browser: Browser) -> None:
    page = opened(browser, harbour.advance_en(), width=800)
    page.emulate_media(media="print")
    assert colour(page, "td.embargo", "backgroundColor") == "rgb(255, 255, 255)"
    assert colour(page, "td.footer", "display") == "none"
    after = page.eval_on_selector("td.main a", "a => getComputedStyle(a, '::after').content")
    assert "https://example.org/survey?y=2017&v=2" in after
    page.close()


def test_a_journalist_sees_the_embargo_without_scrolling(browser: Browser) -> None:
    page = opened(browser, harbour.advance_en(), width=375)
    box = page.locator("td.embargo").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 320
    assert not page.locator(".preheader").is_visible()
    page.close()
