"""What an advance copy says and does not say, and that a release no longer does."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import harbour
import pytest
from reading import headers, links, visible, words

from distributor.errors import Refused
from distributor.mail.render import Rendered, Renderer
from distributor.model.draft import Block, Mark
from distributor.model.embargo import Embargo

CLOCKS = "11:00 Brussels · 10:00 London · 05:00 New York · 10:00 UTC"


def test_an_advance_copy_says_until_when_from_the_one_instant(advance: Rendered) -> None:
    assert advance.subject == f"EMBARGOED until Wed 17 Jan 11:00 Brussels: {harbour.ENGLISH.headline}"
    for text in (visible(advance.html), words(advance.text)):
        assert f"EMBARGOED UNTIL Wednesday, 17 January 2018 {CLOCKS}" in text
    assert headers(advance)["x-embargo-until"] == "2018-01-17T10:00:00Z"


def test_seconds_are_said_where_there_are_any(renderer: Renderer) -> None:
    """Read without them the minute would be too early."""
    instant = harbour.INSTANT + timedelta(seconds=30)
    rendered = renderer.render(harbour.letter(embargo=Embargo(instant=instant)))
    assert rendered.subject.startswith("EMBARGOED until Wed 17 Jan 11:00:30 Brussels: ")
    assert "11:00:30 Brussels · 10:00:30 London" in visible(rendered.html)
    assert headers(rendered)["x-embargo-until"] == "2018-01-17T10:00:30Z"


def test_until_lifted(renderer: Renderer) -> None:
    expected = Embargo(until_lifted=True, expected=harbour.INSTANT)
    rendered = renderer.render(harbour.letter(embargo=expected))
    assert rendered.subject == f"EMBARGOED until lifted: {harbour.ENGLISH.headline}"
    assert "Expected: Wednesday, 17 January 2018 11:00 Brussels" in visible(rendered.html)
    assert headers(rendered)["x-embargo-until"] == "until lifted"
    assert "Expected" not in renderer.render(harbour.letter(embargo=Embargo(until_lifted=True))).text


def test_after_the_embargo_there_is_no_word_of_it(renderer: Renderer, release: Rendered) -> None:
    english = renderer.render(harbour.letter(form="release"))
    assert english.subject == harbour.ENGLISH.headline
    for rendered in (english, release):
        assert not re.search("embargo", rendered.text.replace("Notes", ""), re.IGNORECASE)
        assert "x-embargo-until" not in headers(rendered)
    assert "FOR IMMEDIATE RELEASE" in english.text
    assert "POUR PUBLICATION IMMÉDIATE" in release.text


def test_an_advance_copy_has_no_link_of_ours_but_unsubscribe(renderer: Renderer) -> None:
    text = "Read it in our newsroom today."
    block = Block("paragraph", text, marks=(Mark(15, 23, "link", "https://news.example.org/releases/1"),))
    letter = harbour.letter(version=replace(harbour.ENGLISH, blocks=(block,)))
    rendered = renderer.render(letter)
    ours = {link for link in links(rendered.html) if "news.example.org" in link}
    assert ours == {"https://news.example.org/u/0.preview"}
    assert text in visible(rendered.html)
    assert re.findall(r"https://news\.example\.org\S*", rendered.text) == [
        "https://news.example.org/u/0.preview"
    ]
    after = renderer.render(replace(letter, form="release"))
    assert {"https://news.example.org/releases/1", "https://news.example.org/privacy"} <= links(after.html)


def test_an_advance_copy_loads_no_image_from_the_web(advance: Rendered) -> None:
    assert "<img" not in advance.html
    assert "[Image: A ferry at a quay with a thick cable]" in advance.text


def test_an_advance_copy_without_embargo_is_refused(renderer: Renderer) -> None:
    with pytest.raises(Refused, match="2018-0042"):
        renderer.render(harbour.letter(embargo=Embargo()))


def test_a_zone_where_it_is_another_day_says_so(renderer: Renderer) -> None:
    late = Embargo(instant=datetime(2018, 1, 17, 22, 30, tzinfo=UTC))
    rendered = renderer.render(harbour.letter(embargo=late, zones=("Europe/Brussels", "Australia/Sydney")))
    assert "23:30 Brussels · Thu 09:30 Sydney · 22:30 UTC" in rendered.text


def test_a_test_mail_says_so(renderer: Renderer) -> None:
    rendered = renderer.render(harbour.letter(test=True))
    assert rendered.subject.startswith("TEST: EMBARGOED until")
    assert "TEST: do not use any of this." in visible(rendered.html)
    assert "TEST: do not use any of this." in rendered.text
