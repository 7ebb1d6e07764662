"""Which version somebody gets."""

import re

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.policy.languages import KNOWN, choose, code, suggestion

CODES = st.sampled_from(["en", "fr", "de", "el"])


@pytest.mark.parametrize(
    ("wanted", "of_lists", "available", "expected"),
    [
        (["fr", "en"], [], ["en", "fr"], "fr"),  # hers, best first, not the original's rank
        (["el", "en"], ["fr"], ["fr", "en"], "en"),  # her second before the list's
        (["el"], ["de", "fr"], ["en", "fr", "de"], "de"),  # none of hers: the list's
        ([], [None, "fr"], ["en", "fr"], "fr"),  # a list without a language says nothing
        (["el"], ["pl"], ["de", "en"], "de"),  # nothing fits: the original
        ([], [], ["de", "en"], "de"),
    ],
)
def test_choose(wanted, of_lists, available, expected):
    assert choose(wanted, of_lists=of_lists, available=available) == expected


@settings(deadline=None)
@given(st.lists(CODES), st.lists(st.one_of(st.none(), CODES)), st.lists(CODES, min_size=1, unique=True))
def test_the_choice_is_a_version_and_hers_if_any_is(wanted, of_lists, available):
    chosen = choose(wanted, of_lists=of_lists, available=available)
    assert chosen in available
    hers = [language for language in wanted if language in available]
    assert chosen == hers[0] if hers else chosen in {*of_lists, available[0]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EN", "en"),
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        (" el ", "el"),
        ("gr", None),
        ("English", None),
        ("", None),
    ],
)
def test_code(text, expected):
    assert code(text) == expected


def test_known_codes_have_names_and_none_of_the_unions_is_missing():
    named = Locale("en").languages
    assert [code for code in KNOWN if code not in named] == []
    union = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
    assert set(union.split()) <= KNOWN


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("german", "Did you mean “de” (German)?"),
        ("deutsch", "Did you mean “de” (German)?"),  # as it calls itself
        ("frensh", "Did you mean “fr” (French)?"),  # a slip
        ("klingon", "Did you mean “kg” (Kongo)?"),  # near is not the same, but it is one that exists
        ("tlh", "Use a two-letter code of ISO 639-1, such as en, fr or de."),
        ("", "Use a two-letter code of ISO 639-1, such as en, fr or de."),
    ],
)
def test_what_is_no_language_is_answered_with_the_nearest(text, cure):
    assert suggestion(text) == cure


def test_every_suggestion_is_a_language():
    """Planted bug: “klingon” was answered with a code that was refused then."""
    for name in Locale("en").languages.values():
        assert all(code(one) for one in re.findall(r"“(.*?)” \(", suggestion(name)))
