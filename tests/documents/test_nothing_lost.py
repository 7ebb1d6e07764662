"""Nothing of a text is lost: every sentence of the input stands in exactly one place of the result.

Places are the verbatim fields of a Version; speaker, role, place, date, name and the like are read from them
and do not count. Planted by hand and caught: a list that keeps its first entry only, a section that starts
behind its first line, a signature that is also left in the body, an end mark that swallows what follows.
"""

import re
from collections import Counter
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from distributor import documents
from distributor.documents.encoding import clean
from distributor.errors import DocumentError
from distributor.model.draft import Version


def places(version: Version) -> Iterator[str]:
    """Every text of a version that is verbatim."""
    yield version.headline
    yield from filter(None, (version.site_line, version.release_line, version.date_line, version.subhead))
    yield version.dateline.text if version.dateline else ""
    yield version.lead
    for block in version.blocks:
        yield block.text
        yield block.attribution or ""
    yield version.notes_heading or ""
    yield from version.notes_to_editors
    yield version.contacts_heading or ""
    yield from (contact.text for contact in version.contacts)
    yield version.boilerplate_heading or ""
    yield from version.boilerplate
    yield version.end_mark or ""


def letters(text: str) -> Counter[str]:
    """Letters and digits, however often: order and blanks may change, these may not."""
    return Counter(character for character in text if character.isalnum())


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- random releases from the pieces that real ones are made of -----------------------------------------

numbers = st.integers(min_value=100_000, max_value=999_999)
MIDDLES = [
    "ministers publish each licence in the register of",
    "and for exporters of the Union the border will be as open as on the day of the vote on",
    "surveillance software has",
    "the S&D, the “register” and l’Union count",
]
sentences = st.builds(
    "Today {} number {}{}".format, st.sampled_from(MIDDLES), numbers, st.sampled_from(".?!")
)
paragraphs = st.lists(sentences, min_size=1, max_size=3).map(" ".join)
people = st.sampled_from(["Ann Beispiel", "Jo van der Modell", "Prof. Pia Exemple", "Lu Voorbeeld-Ito"])
roles = st.sampled_from(
    ["chair of the committee", "spokesperson on trade, MEP", "minister (North)", "director"]
)


@st.composite
def quotations(draw: st.DrawFn) -> str:
    left, right = draw(st.sampled_from(["“”", "„“", "«»", '""', "””"]))
    said = draw(st.lists(paragraphs, min_size=1, max_size=3))
    body = (
        f"{left}{said[0]}"
        + "".join(f"\n\n{draw(st.sampled_from([left, '']))}{more}" for more in said[1:])
        + right
    )
    who, role, number = draw(people), draw(roles), draw(numbers)
    return draw(
        st.sampled_from(
            [
                f"{who}, {role} {number}, said:\n\n{body}",
                f"{role} {number}, {who}, added:\n{body}",
                f"{body}\n\n— {who}, {role} {number}",
                f"{body[:-1]},{right} said {who}, {role} {number}.",
                f"{who} said: {body}",
                body,
            ]
        )
    )


lists = st.builds(
    lambda entries, mark: "\n".join(f"{mark} {entry}" for entry in entries),
    st.lists(sentences, min_size=1, max_size=4),
    st.sampled_from(["•", "-", "–", "*"]),
)
numbered = st.lists(sentences, min_size=1, max_size=4).map(
    lambda entries: "\n".join(f"{n}. {entry}" for n, entry in enumerate(entries, start=1))
)
openings = st.sampled_from(
    [
        "",
        "17 Jan 2030",
        "Wed, 16/01/2030 - 14:07",
        "Strasbourg, 17 January 2030",
        "EMBARGOED UNTIL 17 January 2030, 11:00 CET",
        "Press release | Embargo: 17 January 2030, 11:00 CET",
        "Check against delivery - embargo until delivery",
        "Year\tLicences\n2029\t12",
        "FOR IMMEDIATE RELEASE",
        "PRESS RELEASE",
        "IP/30/1769",
        "Council of the Example",
        "A shorter line below the headline",
    ]
)
labelled = st.one_of(
    st.builds("Note to the editor:\n{}\n{}".format, paragraphs, paragraphs),
    st.builds("Notes for editors: {}".format, paragraphs),
    st.builds("Press contact:\nAnn Beispiel, officer {}\n+32 2 555 01 23\nann@example.org".format, numbers),
    st.builds("Contact: Jo Voorbeeld {}, jo@example.org".format, numbers),
    st.builds("Boilerplate:\n{}".format, paragraphs),
    st.just("ENDS"),
)
tails = st.one_of(
    labelled,
    st.builds("About the Example Office\n{}".format, paragraphs),
    st.sampled_from(["ENDS", "###", "- ends -", "Background", "* * *"]),
    paragraphs,
)


@st.composite
def releases(draw: st.DrawFn) -> str:
    body = draw(st.lists(st.one_of(paragraphs, quotations(), lists, numbered), max_size=6))
    headline = f"Licences to be published, says report {draw(numbers)}"
    above = draw(st.lists(openings, max_size=3))
    below = draw(st.lists(openings, max_size=3))
    lead = draw(st.sampled_from(["", "BRUSSELS, 3 March 2030 – ", "Brussels, 3 March 2030\n\n"])) + draw(
        paragraphs
    )
    parts = [*above, headline, *below, lead, *body, *draw(st.lists(tails, max_size=4))]
    return draw(st.sampled_from(["\n\n", "\n", "\n\n\n", "\r\n\r\n"])).join(part for part in parts if part)


@settings(max_examples=200, deadline=None)
@given(releases())
def test_each_sentence_of_a_release_stands_in_exactly_one_place(text: str) -> None:
    version = documents.parse(text.encode(), source="release.txt").version
    found = [squeezed(place) for place in places(version)]
    for sentence in re.findall(r"Today [^?!\n]*?\d{6}", text):
        key = squeezed(sentence)
        assert sum(place.count(key) for place in found) == squeezed(text).count(key), sentence
    assert letters("".join(found)) == letters(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(labelled, min_size=1, max_size=3), releases())
def test_what_stands_under_labels_above_the_headline_is_kept(above: list[str], text: str) -> None:
    """They are moved below the text; planted: one of two notes sections is dropped."""
    text = "\n\n".join([*above, text])
    try:
        version = documents.parse(text.encode(), source="release.txt").version
    except DocumentError:  # no empty line tells the headline from what stands above it
        return
    assert letters("".join(places(version))) == letters(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab A.“”\"«»:,;-–—•*#1/2()\n\n\n é'’\t\t||>@"), max_size=400))
def test_nothing_of_junk_text_is_lost(text: str) -> None:
    try:
        version = documents.parse(text.encode(), source="junk.txt").version
    except DocumentError:
        return
    assert letters("".join(places(version))) == letters(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_nothing_of_any_unicode_text_is_lost(text: str) -> None:
    data = f"A headline for it\n\n{text}".encode("utf-8", errors="ignore")
    try:
        version = documents.parse(data, source="junk.txt").version
    except DocumentError:
        return
    assert letters("".join(places(version))) == letters(clean(data.decode()))


@settings(max_examples=100, deadline=None)
@given(releases())
def test_markdown_keeps_every_sentence_too(text: str) -> None:
    """Only plain sentences: what Markdown reads as markup is not text."""
    version = documents.parse(f"---\ntitle: Given\n---\n{text}".encode(), source="release.md").version
    found = "".join(squeezed(place) for place in places(version))
    for number in set(re.findall(r"\d{6}", text)):
        assert found.count(number) == text.count(number), number
