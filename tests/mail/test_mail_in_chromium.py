"""Mails in a real browser: no sideways scroll on a narrow screen, and the dark colours applied."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import harbour
import pytest
from playwright.sync_api import Page, sync_playwright

from distributor.mail.render import Renderer
from distributor.model.draft import Block
from distributor.model.letter import Letter

pytestmark = pytest.mark.xdist_group("mail browser")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Media = Literal["screen", "print"]
LETTERS = [harbour.advance_en(), harbour.release_fr(), harbour.lifted_ar()]


@pytest.fixture(scope="module")
def window(chromium: str) -> Iterator[Page]:
    """One for all: opening it takes longer than looking at a mail. Nothing is fetched from anywhere."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page()
        page.route("**/*", lambda route: route.abort())
        yield page
        browser.close()


class Screen:
    """Shows a mail as wide as it is told, in light or dark."""

    def __init__(self, window: Page, renderer: Renderer) -> None:
        self._window, self._renderer = window, renderer

    def show(self, letter: Letter, *, width: int, dark: bool = False, media: Media = "screen") -> Page:
        self._window.set_viewport_size({"width": width, "height": 800})
        self._window.emulate_media(media=media, color_scheme="dark" if dark else "light")
        self._window.set_content(self._renderer.render(letter).html)
        return self._window


@pytest.fixture
def screen(window: Page, renderer: Renderer) -> Screen:
    return Screen(window, renderer)


def colour(page: Page, selector: str, kind: str) -> str:
    return str(page.eval_on_selector(selector, f"element => getComputedStyle(element).{kind}"))


@pytest.mark.parametrize("width", [375, 600])
@pytest.mark.parametrize("letter", LETTERS, ids=["en", "fr", "ar"])
def test_no_sideways_scroll(screen: Screen, letter: Letter, width: int) -> None:
    page = screen.show(letter, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_words_in_the_head_of_a_table_stay_whole_on_a_telephone(screen: Screen) -> None:
    """Planted bug: the letters of a wide screen at 375 pixels break “Accordées” in two."""
    head = ("Année", "Accordées", "Refusées", "Publiées")
    rows = "\n".join("\t".join(row) for row in (head, ("2023", "214", "9", "17")))
    letter = harbour.release_fr()
    table = Block("table", rows)
    letter = replace(letter, version=replace(letter.version, blocks=(table,)))
    page = screen.show(letter, width=375)
    heights = page.eval_on_selector_all(
        ".figures th", "cells => cells.map(c => c.getClientRects()[0].height)"
    )
    assert len(set(heights)) == 1
    assert heights[0] < 2 * 19 + 16


def test_a_wide_screen_shows_600_pixels(screen: Screen) -> None:
    page = screen.show(harbour.advance_en(), width=1200)
    box = page.locator(".card").first.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (300, 600)


def test_dark_mode_changes_card_and_cell(screen: Screen) -> None:
    """Planted bug: naming only body in the dark rules leaves a light card."""
    page = screen.show(harbour.advance_en(), width=600, dark=True)
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


def test_light_mode_keeps_the_light_ones(screen: Screen) -> None:
    page = screen.show(harbour.advance_en(), width=600)
    assert colour(page, "td.card", "backgroundColor") == "rgb(253, 253, 253)"
    assert colour(page, "h1", "color") == "rgb(29, 33, 38)"


def test_print_is_black_on_white_with_link_targets(screen: Screen) -> None:
    page = screen.show(harbour.advance_en(), width=800, media="print")
    assert colour(page, "td.embargo", "backgroundColor") == "rgb(255, 255, 255)"
    assert colour(page, "td.footer", "display") == "none"
    after = page.eval_on_selector("td.main a", "a => getComputedStyle(a, '::after').content")
    assert "https://example.org/survey?y=2017&v=2" in after


def test_a_journalist_sees_the_embargo_without_scrolling(screen: Screen) -> None:
    page = screen.show(harbour.advance_en(), width=375)
    box = page.locator("td.embargo").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 320
    assert not page.locator(".preheader").is_visible()
