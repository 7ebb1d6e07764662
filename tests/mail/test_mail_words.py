"""Our own words: complete in every catalogue, and the sentences made of them."""

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from distributor.mail import catalogue, reasons
from distributor.model.audience import Reason
from distributor.resources import shipped

CODE = Path(catalogue.__file__).parents[1]
LISTS = {"trade": "Trade correspondents", "brussels": "Brussels press corps"}
TOPICS = {"trade": "Trade", "energy": "Energy"}


@cache
def asked() -> set[str]:
    """Every message that a template, or the code of this room, asks for."""
    found: set[str] = set()
    for file in shipped("templates").rglob("*.j2"):
        found |= set(re.findall(r'_\("([^"]+)"\)', file.read_text(encoding="utf-8")))
    for file in (CODE / "mail").glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {text for node in ast.walk(tree) if isinstance(node, ast.Call) for text in _asked(node)}
    return found


@cache
def written() -> set[str]:
    """Every text constant of the code: a face may hand a message on before it is translated."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in CODE.rglob("*.py")]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _asked(call: ast.Call) -> set[str]:
    name = ast.unparse(call.func)
    if not re.fullmatch(r"words|words\.fill|catalogue\(.*\)|catalogue\(.*\)\.fill", name):
        return set()
    return {one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_catalogue_is_complete_and_has_nothing_else(language: str) -> None:
    messages = set(catalogue.catalogue(language).messages)
    assert messages == set(catalogue.catalogue("en").messages)
    assert asked() <= messages
    assert messages <= asked() | written()


@pytest.mark.parametrize("language", sorted(catalogue.languages()))
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    for message, translation in catalogue.catalogue(language).messages.items():
        assert _placeholders(message) == _placeholders(translation)
    with (catalogue.FOLDER / language / "messages.po").open("rb") as source:
        assert not any(message.fuzzy for message in read_po(source) if message.id)


def _placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(
    ("language", "words", "direction"),
    [
        ("en", "en", "ltr"),
        ("fr", "fr", "ltr"),
        ("fr-BE", "fr", "ltr"),
        ("de", "en", "ltr"),
        ("ar", "en", "rtl"),
        ("xx", "en", "ltr"),
    ],
)
def test_other_languages_fall_back_to_english_words(language: str, words: str, direction: str) -> None:
    assert catalogue.catalogue(language).language == words
    assert catalogue.direction(language) == direction


def test_values_are_not_read_as_placeholders() -> None:
    filled = catalogue.catalogue("en").fill("TEST: {subject}", subject="{moment} {0} %s")
    assert filled == "TEST: {moment} {0} %s"


@pytest.mark.parametrize(
    ("given", "language", "expected"),
    [
        # a list that follows a topic
        (
            [Reason(list="trade", topic="trade", covers="trade/ports")],
            "en",
            "You receive this because you follow Trade, list Trade correspondents, in English.",
        ),
        (
            [Reason(list="trade", topic="trade", covers="trade/ports")],
            "fr",
            "Vous recevez ce message parce que vous suivez Trade, liste Trade correspondents, en français.",
        ),
        # the same reason by two topics of the release is said once
        (
            [Reason("trade", "trade", "trade/a"), Reason("trade", "trade", "trade/b")],
            "en",
            "You receive this because you follow Trade, list Trade correspondents, in English.",
        ),
        # a list that the release names, and another
        (
            [Reason(list="brussels"), Reason("trade", "energy", "energy")],
            "en",
            "You receive this because you are on the list Brussels press corps;"
            " you follow Energy, list Trade correspondents, in English.",
        ),
        # an address that the release names
        ([Reason()], "en", "You receive this because the press office added your address, in English."),
        (
            [Reason()],
            "fr",
            "Vous recevez ce message parce que le service de presse a ajouté votre adresse, en français.",
        ),
        # nothing known of title and label; a language without a catalogue
        ([Reason("x", "y", "z")], "de", "You receive this because you follow y, list x, in German."),
    ],
)
def test_why_somebody_gets_it(given: list[Reason], language: str, expected: str) -> None:
    assert reasons.sentence(given, language=language, lists=LISTS, topics=TOPICS) == expected


def test_a_list_that_follows_everything_is_named_by_its_title():
    """Planted bug: without the case the mail says “you follow *”."""
    everything = (Reason(list="brussels", topic="*", covers="trade"),)
    said = reasons.sentence(everything, language="en", lists={"brussels": "Brussels press corps"}, topics={})
    assert said == "You receive this because you are on the list Brussels press corps, in English."
