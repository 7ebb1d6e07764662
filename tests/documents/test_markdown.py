"""Markdown with front matter: keys as they are written, blocks with marks, one clear error a mistake."""

import pytest

from distributor import documents
from distributor.errors import DocumentError
from distributor.model.draft import Block, Draft, Mark, PressContact, Version

LEAD = "Every licence will be published from July, under rules presented today."


def draft(text: str, source: str = "release.md") -> Draft:
    return documents.parse(text.encode(), source=source)


def front(matter: str) -> Draft:
    return draft(f"---\n{matter}\n---\n# A headline\n\n{LEAD}\n")


def body(text: str) -> Version:
    return draft(f"# A headline\n\n{LEAD}\n\n{text}").version


def test_every_key_is_taken_as_it_is_written() -> None:
    found = front(
        "title: 'Ministers: licences to be public'\nlanguage: EN-gb\nreference: 2030-0042\ntype: Statement\n"
        "topics: [trade/export-control, digital]\nlists: trade, brussels\nexclude:\n  - agencies\n"
        "also: desk@example.org\nembargo: 2030-01-16 11:00:00+01:00\npublisher: northbridge\n"
        "advance: {agencies: -24h, accredited: 2030-01-16T08:00:00+01:00}\n"
        "contacts:\n  - {name: Ann Beispiel, role: press officer,"
        " phone: +32 2 555 01 23, email: ann@example.org}\n"
        "  - Jo Voorbeeld, jo@example.org\nattachments: []\nurgent: no"
    )
    assert found.version.headline == "Ministers: licences to be public"
    assert (found.version.language, found.reference, found.type) == ("en", "2030-0042", "statement")
    assert (found.topics, found.lists) == (("trade/export-control", "digital"), ("trade", "brussels"))
    assert (found.exclude, found.also, found.publisher) == (
        ("agencies",),
        ("desk@example.org",),
        "northbridge",
    )
    assert found.embargo == "2030-01-16 11:00:00+01:00"  # a timestamp to YAML: its offset must not be lost
    assert found.advance == (("agencies", "-24h"), ("accredited", "2030-01-16T08:00:00+01:00"))
    ann, jo = found.version.contacts
    assert (ann.name, ann.role, ann.phone, ann.email) == (
        "Ann Beispiel",
        "press officer",
        "+32 2 555 01 23",
        "ann@example.org",
    )
    assert jo == PressContact("Jo Voorbeeld", email="jo@example.org", text="Jo Voorbeeld, jo@example.org")
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("11:00", "11:00"),  # YAML 1.1 would make it 660
        ("2030-03-03", "2030-03-03"),
        ("2030-01-16T11:00:00+01:00", "2030-01-16T11:00:00+01:00"),
        ("until lifted", "until lifted"),
        ("Wednesday 16 January 2030, 11:00 Brussels time", "Wednesday 16 January 2030, 11:00 Brussels time"),
        ("", None),
        ("~", None),
        ("none", "none"),
    ],
)
def test_an_embargo_reaches_policy_as_it_was_written(written: str, kept: str | None) -> None:
    assert front(f"embargo: {written}").embargo == kept


def test_an_embargo_key_without_a_value_is_a_question() -> None:
    assert front("embargo:").embargo_traces == ("line 2 (“embargo:”)",)
    assert front("topics: [trade/embargo]\nembargo: none").embargo_traces == ()
    assert front("topics: [trade] # embargo until Tuesday").embargo_traces == ("line 2 (“embargo until”)",)


def test_an_embargo_in_the_title_or_over_it() -> None:
    found = front("title: 'A headline (EMBARGOED UNTIL 16 January 2030, 11:00 CET)'")
    assert (found.version.headline, found.embargo) == ("A headline", "16 January 2030, 11:00 CET")
    found = draft(f"# EMBARGOED UNTIL 16 January 2030, 11:00 CET\n\n# A headline\n\n{LEAD}")
    assert (found.version.headline, found.embargo) == ("A headline", "16 January 2030, 11:00 CET")


def test_tiers_may_be_a_list() -> None:
    assert front("advance: [agencies=-24h, trusted=-30m]").advance == (
        ("agencies", "-24h"),
        ("trusted", "-30m"),
    )


@pytest.mark.parametrize(
    ("matter", "what", "line", "cure"),
    [
        ("titel: A", "unknown key “titel”", 2, "“title”"),
        ("reference: 1\nembargoed: now", "unknown key “embargoed”", 3, "“embargo”"),
        ("colour: red", "unknown key “colour”", 2, "topics"),
        ("topics: [a]\ntopics: [b]", "“topics” stands there twice", 3, ""),
        ("title: [a, b]", "“title” must be a text", 2, ""),
        ("embargo: {at: noon}", "“embargo” must be a text", 2, ""),
        ("topics: {a: b}", "“topics” must be a list", 2, ""),
        ("topics: [[a]]", "“topics” must be a list", 2, ""),
        ("advance: -24h", "“advance” must name tiers", 2, "agencies: -24h"),
        ("advance: {a: [b]}", "“advance” must name tiers", 2, ""),
        ("contacts:\n  - {nam: Ann}", "“contacts” must be a list of people", 3, "name, role"),
        ("language: english", "unknown language “english”", 2, "“en”"),
        ("language: klingon", "unknown language", 2, "“kg” (Kongo)"),
        ("language: tlh", "unknown language", 2, "two-letter"),
        ("type: newsflash", "unknown type “newsflash”", 2, "statement"),
        ("attachments: [a.pdf]", "“attachments” cannot be sent", 2, "link"),
        ("urgent: perhaps", "“urgent” must be yes or no", 2, ""),
        ('title: "A\\r\\nBcc: x@example.org"', "“title” holds a line break", 2, "one line"),
        ("title: |\n  One\n  Two", "“title” holds a line break", 2, "one line"),
        (
            'contacts:\n  - {name: Ann, email: "ann@example.org\\r\\nBcc: x@example.org"}',
            "“contacts: email” holds a line break",
            3,
            "one line",
        ),
        ("title: Trade: new rules", "is no YAML", 2, "quotes"),
        ("title: 'open", "is no YAML", 2, "quotes"),
        ("topics: " + "[" * 3000, "is no YAML", 2, "quotes"),
        ("# only: a comment\n- a\n- b", "has no keys", 3, ""),
    ],
)
def test_mistakes_in_front_matter_are_named_with_line_and_cure(
    matter: str, what: str, line: int, cure: str
) -> None:
    with pytest.raises(DocumentError) as refusal:
        front(matter)
    assert what in refusal.value.what
    assert refusal.value.where == f"release.md, line {line}" or "is no YAML" in what
    assert cure in refusal.value.cure
    assert "\n" not in str(refusal.value)


def test_front_matter_that_is_not_closed() -> None:
    with pytest.raises(DocumentError, match=r"release.md, line 1: the front matter is not closed"):
        draft("---\ntitle: A\n\n# A headline\n")


def test_urgent_makes_no_difference_and_that_is_said() -> None:
    assert "urgent" in front("urgent: yes").warnings[0]


def test_front_matter_counts_against_the_text_and_that_is_said() -> None:
    text = "EMBARGOED UNTIL 17 January 2030, 11:00 CET\n\n# A headline"
    found = draft(f"---\nembargo: 2030-01-16 11:00\n---\n{text}\n\n{LEAD}")
    assert found.embargo == "2030-01-16 11:00"
    assert "the front matter counts" in found.warnings[0]
    assert found.version.release_line == "EMBARGOED UNTIL 17 January 2030, 11:00 CET"


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        ("# From the first heading\n\nBody.", "From the first heading"),
        ("---\ntitle: Given\n---\n# Given\n\nBody.", "Given"),  # not said twice
        ("---\ntitle: Given\n---\nBody.", "Given"),
        ("Setext\n======\n\nBody.", "Setext"),
        ("## Second rank, but first\n\nBody.", "Second rank, but first"),
        ("No heading at all\n\nBody of it.", "No heading at all"),
        ("# With a [link](https://example.org)\n\nBody.", "With a link (https://example.org)"),
    ],
)
def test_the_headline(text: str, headline: str) -> None:
    found = draft(text).version
    assert found.headline == headline
    assert found.lead in ("Body.", "Body of it.")
    assert found.blocks == ()


def test_a_first_heading_other_than_the_title_stays_in_the_body() -> None:
    assert body("")  # the plain case
    found = draft(f"---\ntitle: Given\n---\n# Another\n\n{LEAD}").version
    assert found.headline == "Given"
    assert "Another" in (found.subhead, *(block.text for block in found.blocks))


def test_lines_above_the_headline() -> None:
    found = draft(f"Northbridge Office\n\n*PRESS RELEASE*\n\n3 March 2030\n\n# A headline\n\n{LEAD}").version
    assert (found.site_line, found.release_line, found.date_line) == (
        "Northbridge Office",
        "PRESS RELEASE",
        "3 March 2030",
    )


def test_no_headline() -> None:
    with pytest.raises(DocumentError, match=r"release.md, line 1: there is no headline"):
        draft("- one\n- two\n")


def test_marks_lie_over_plain_text() -> None:
    found = draft(
        "# H\n\nBrussels, 3 March 2030 – A **strong**, *soft* and [linked](https://example.org/a) word."
    ).version
    assert found.lead == "A strong, soft and linked word."
    assert [(found.lead[m.start : m.end], m.kind, m.url) for m in found.marks] == [
        ("strong", "strong", None),
        ("soft", "emphasis", None),
        ("linked", "link", "https://example.org/a"),
    ]
    assert found.dateline is not None
    assert found.dateline.place == "Brussels"


@pytest.mark.parametrize(
    "text",
    [
        "[^1]: Eurostat",  # a footnote
        "[Source]: Ministry",
        '[2]: https://example.org/ "This sentence is a title."',
        "[2]: https://example.org/unused",
        "> [2]: the ministry",
        "[kept]: https://example.org/again",  # the second of its label
    ],
)
def test_what_only_looks_like_the_definition_of_a_link_is_text(text: str) -> None:
    """Planted bug: Markdown's own rule, by which each of these is shown nowhere."""
    found = body(f"See [this][kept] and 12%[^1] of [2.1].\n\n[Kept]: https://example.org/k\n\n{text}")
    assert text.removeprefix("> ") in [block.text for block in found.blocks]
    assert [mark.url for block in found.blocks for mark in block.marks] == ["https://example.org/k"]


def test_blocks() -> None:
    found = body(
        "## What *changes*\n\n- one\n- **two**\n  - of two\n\n3. three\n4. four\n\n"
        "| Year | Licences |\n|------|---:|\n| 2029 | [12](https://example.org) |\n\n"
        "![The register](https://example.org/r.png)\n\n<b>No HTML</b> here."
    )
    assert found.blocks == (
        Block("heading", "What changes", marks=(Mark(5, 12, "emphasis"),)),
        Block("list", "one\ntwo\n  of two", marks=(Mark(4, 7, "strong"),)),
        Block("list", "3. three\n4. four"),
        Block("table", "Year\tLicences\n2029\t12", marks=(Mark(19, 21, "link", "https://example.org"),)),
        Block("image", "The register", url="https://example.org/r.png"),
        Block("paragraph", "<b>No HTML</b> here."),
    )


def test_lists_in_lists_keep_their_order_and_depth() -> None:
    text = "1. One\n   - a **point**\n     1. deeper\n   - b\n2. Two\n\n   of two\n"
    (found,) = body(text).blocks
    assert found.text == "1. One\n  a point\n    1. deeper\n  b\n2. Two of two"
    assert found.marks == (Mark(11, 16, "strong"),)
    assert found.text[11:16] == "point"


def test_a_heading_of_hashes_alone_is_the_end() -> None:
    """Planted: a heading without words is dropped."""
    found = body("The end.\n\nENDS\n\n###")
    assert (found.end_mark, [block.text for block in found.blocks]) == ("ENDS\n###", ["The end."])


@pytest.mark.parametrize(
    "text",
    [
        "Ann Beispiel, director, said:\n\n> It works.\n>\n> For all.",
        "> It works.\n>\n> For all.\n>\n> — Ann Beispiel, director",
        "> It works.\n>\n> For all.\n> — Ann Beispiel, director",
        "> Ann Beispiel, director, said:\n>\n> It works.\n>\n> For all.",
        "> It works.\n>\n> For all.\n\n— Ann Beispiel, director",
    ],
)
def test_block_quotes_find_their_speaker(text: str) -> None:
    (found,) = body(text).blocks
    assert (found.kind, found.text) == ("quote", "It works.\n\nFor all.")
    assert (found.speaker, found.role) == ("Ann Beispiel", "director")
    assert found.attribution in ("Ann Beispiel, director, said:", "— Ann Beispiel, director")


def test_the_parts_below_the_body() -> None:
    found = body(
        "The end.\n\n**ENDS**\n\n## Notes to editors\n\n"
        "See [our site](https://example.org/n).\n\n1. one\n2. two\n\n"
        "## Next steps\n\nMinisters meet.\n\n## Press contact\n\nAnn Beispiel, press officer\n"
        "+32 2 555 01 23\n<ann@example.org>\n\n### About the Office\n\n"
        "The Office advises twelve member states since 2009."
    )
    assert found.end_mark == "ENDS"
    assert found.notes_to_editors == ("See our site (https://example.org/n).", "1. one", "2. two")
    assert [block.text for block in found.blocks] == ["The end.", "Next steps", "Ministers meet."]
    assert found.contacts[0].email == "ann@example.org"
    assert found.contacts[0].text == "Ann Beispiel, press officer\n+32 2 555 01 23\nann@example.org"
    assert found.boilerplate == ("The Office advises twelve member states since 2009.",)


def test_a_heading_inside_a_paragraph_of_pasted_lines() -> None:
    found = body(
        "**Notes to editors:**\nThe rules date from 2009.\n\n**Contact:** Jo Voorbeeld, jo@example.org"
    )
    assert found.notes_heading == "Notes to editors:"
    assert found.notes_to_editors == ("The rules date from 2009.",)
    assert found.contacts[0].name == "Jo Voorbeeld"
