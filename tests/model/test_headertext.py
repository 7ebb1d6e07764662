"""The one rule for what may reach a header, and its stricter readings for names and addresses.

Planted once by hand and caught: percent signs left encoded; only one layer of a disguise taken off; the
fast way out taken by a text with an ampersand.
"""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.errors import AddressError
from distributor.model.address import Address
from distributor.model.headertext import trouble, trouble_of_address, trouble_of_name, visible


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a\nb", "a line break (U+000A)"),
        ("a\x07b", "a control character (U+0007)"),
        ("a\ud800b", "half a character (U+D800)"),
        # RFC 2047, plain and within itself
        ("=?utf-8?q?a=0Ab?=", "an encoded word with a line break (U+000A)"),
        ("=?utf-8?b?PT91dGYtOD9xPz0wQT89?=", "an encoded word with a line break (U+000A)"),
        ("=?utf-8?b?A?=", "a broken encoded word"),
        # as in an address of the web, also twice
        ("a%0Ab", "an encoded line break"),
        ("a%250ab", "an encoded line break"),
        ("a%E2%80%A8b", "an encoded line break"),
        # as in a page, also by name and without a semicolon
        ("a&#10;b", "an encoded line break"),
        ("a&#x00D;b", "an encoded line break"),
        ("a&NewLine;b", "an encoded line break"),
        ("a&#10 b", "an encoded line break"),
        ("a&amp;#10;b", "an encoded line break"),
        # one disguise over another
        ("a%26%2310%3Bb", "an encoded line break"),
        ("=?utf-8?q?a=250Ab?=", "an encoded line break"),
        ("%3D?utf-8?q?a=0Ab?=", "an encoded word with a line break (U+000A)"),
    ],
)
def test_what_breaks_out_of_a_header_is_named(value: str, said: str) -> None:
    assert trouble(value) == said


@pytest.mark.parametrize(
    "value",
    [
        "Research & Development: 100 % more",
        "R&amp;D",
        "Growth of 20%a year",  # no two hexadecimal digits of a line break
        "=?utf-8?q?caf=C3=A9?=",
        "https://example.org/a%20b?x=1&y=2",
        "שלום\u200f",  # a mark that Hebrew needs
    ],
)
def test_what_only_looks_like_it_goes_through(value: str) -> None:
    assert trouble(value) is None
    assert trouble_of_name(value) is None


@given(st.text(max_size=30), st.sampled_from("\n\r\u2028\u2029"), st.integers(0, 3))
def test_no_wrapping_hides_a_line_break(around: str, line_break: str, layers: int) -> None:
    value = f"{around}{line_break}{around}"
    for _ in range(layers):
        value = quote(value, errors="replace")
    assert trouble(value)


def test_several_lines_are_for_what_reaches_no_header() -> None:
    assert trouble("Street 1\r\n1000 City\t%0A", lines=True) is None
    assert trouble("Street\x00", lines=True) == "a control character (U+0000)"


@pytest.mark.parametrize("mark", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_names_do_not_reorder_letters(mark: str) -> None:
    assert trouble_of_name(f"Ana{mark}gro") == f"a hidden mark (U+{ord(mark):04X})"


@pytest.mark.parametrize(
    "address",
    [
        "a\u202en@example.org",
        "a\u200en@example.org",
        "=?utf-8?q?caf=C3=A9?=@example.org",  # harmless in a text, but an address cannot be encoded anew
        "a%0ab@example.org",
        f"{'a' * 65}@example.org",
        f"{'é' * 33}@example.org",  # 66 bytes
    ],
)
def test_an_address_is_what_it_looks_like(address: str) -> None:
    with pytest.raises(AddressError) as refusal:
        Address.parse(address)
    assert str(refusal.value).isprintable()


def test_the_longest_address_goes() -> None:
    assert Address.parse(f"{'a' * 64}@example.org").domain == "example.org"
    assert trouble_of_address("ana%b@example.org") is None


def test_what_is_shown_is_short_and_printable() -> None:
    assert visible("a\x1b[31m\u202eb") == "a\\x1b[31m\\u202eb"
    assert len(visible("x" * 500)) == 101
