"""A label is no headline: what it heads is what it is, also when it stands above the headline.

Planted by hand and caught: the first line is the headline whatever it says; the notes run on to the end; what
stands below a label and an empty line is the headline; so is a second contact; a second label is dropped.
"""

import pytest

from distributor import documents
from distributor.errors import DocumentError
from distributor.model.draft import Version

TEXT = {
    "en": (
        "Ministers agree on rules for exports",
        "Brussels, 3 March 2030 – The ministers agreed today on rules.",
    ),
    "fr": (
        "Les ministres s’accordent sur les exportations",
        "Bruxelles, le 3 mars 2030 – Ils se sont accordés aujourd’hui.",
    ),
    "de": (
        "Minister einigen sich auf Regeln für Ausfuhren",
        "Brüssel, 3. März 2030 – Die Minister haben sich heute geeinigt.",
    ),
}
OFFICE = "The Example Office looks after the exports of the Union and its partners."
ANN = "Ann Example, press officer\n+32 2 555 01 23"


def parse(text: str, source: str = "release.txt") -> Version:
    return documents.parse(text.encode(), source=source).version


@pytest.mark.parametrize(
    ("language", "above", "part"),
    [
        ("en", "Note to editors:\nInterviews are possible until noon.", "notes_to_editors"),
        ("en", "Notes to editors\n\nInterviews are possible.\n\nAsk us before.", "notes_to_editors"),
        ("en", "Note to editors: Interviews are possible until noon.", "notes_to_editors"),
        ("en", f"Contact:\n{ANN}", "contacts"),
        ("en", f"Press contact\n\n{ANN}\n\nJo Voorbeeld\njo@example.org", "contacts"),
        # lines that look like a headline: below the label's own empty line, or with somebody's number
        ("en", "Notes to editors\n\nInterviews on Thursday until noon", "notes_to_editors"),
        ("en", f"Press contact\n\nJo Voorbeeld\njo@example.org\n\n{ANN}", "contacts"),
        ("en", f"About us\n\n{OFFICE}", "boilerplate"),
        ("en", f"Boilerplate:\n{OFFICE}", "boilerplate"),
        ("en", "ENDS", "end_mark"),
        # behind what opens a release: its sender's line, a line for the wire
        (
            "en",
            "Example Office\n\nNotes to editors:\nInterviews are possible until noon.",
            "notes_to_editors",
        ),
        ("en", "FOR IMMEDIATE RELEASE\n\nENDS\n\nNotes:\nInterviews are possible.", "notes_to_editors"),
        ("fr", "Note à l’attention de la rédaction :\nLes entretiens sont possibles.", "notes_to_editors"),
        ("fr", "Contact presse\nAnne Exemple, anne@example.org", "contacts"),
        ("fr", "À propos de nous\n\nL’Office Exemple suit les exportations de l’Union.", "boilerplate"),
        ("de", "Hinweis an die Redaktion:\nInterviews sind bis Mittag möglich.", "notes_to_editors"),
        ("de", "Pressekontakt\nAnna Beispiel\n+49 30 555 01 23", "contacts"),
        ("de", "Über uns\n\nDas Beispielamt sieht nach den Ausfuhren der Union.", "boilerplate"),
    ],
)
def test_a_label_above_the_headline_heads_its_part(language: str, above: str, part: str) -> None:
    headline, lead = TEXT[language]
    version = parse(f"{above}\n\n{headline}\n\n{lead}\n")
    assert version.headline == headline
    assert getattr(version, part)
    assert version.dateline
    assert not version.blocks


def test_its_own_part_comes_first_when_both_are_there():
    headline, lead = TEXT["en"]
    version = parse(
        f"Notes to editors\n\nAsk us.\n\n{headline}\n\n{lead}\n\nNote to editors:\nThe vote was public."
    )
    assert version.notes_heading == "Note to editors:"
    assert version.notes_to_editors == ("The vote was public.", "Notes to editors", "Ask us.")


@pytest.mark.parametrize(
    ("source", "text", "label"),
    [
        ("a.txt", "Note to editors:\nInterviews are possible until noon.", "Note to editors:"),
        ("a.txt", f"Contact:\n{ANN}", "Contact:"),
        ("a.txt", "ENDS", "ENDS"),
        ("a.txt", f"Contact:\n{ANN}\n{TEXT['en'][0]}\n\n{TEXT['en'][1]}", "Contact:"),  # no line between them
        ("a.md", "# Contact\n\nAnn Example, ann@example.org", "Contact"),
        ("a.md", "---\ntitle: Notes to editors\n---\nInterviews are possible.", "Notes to editors"),
    ],
)
def test_no_headline_but_a_label_is_refused(source: str, text: str, label: str) -> None:
    with pytest.raises(DocumentError) as refused:
        parse(text, source)
    assert str(refused.value) == (
        f"{source}, line 1: there is no headline: “{label}” is none. "
        "Put the headline on a line of its own, above it, with an empty line below it."
    )


@pytest.mark.parametrize(
    "text", ["# Note to editors\n\nAsk us.\n\n## {0}\n\n{1}", "## Note to editors\n\nAsk us.\n\n# {0}\n\n{1}"]
)
def test_in_markdown_too(text: str) -> None:
    version = parse(text.format(*TEXT["en"]), "a.md")
    assert (version.headline, version.notes_to_editors) == (TEXT["en"][0], ("Ask us.",))


@pytest.mark.parametrize(
    "headline",
    [
        "Information on media freedom in Europe",
        "About the future of Europe",
        "Notes of a journalist",
        "Note from the press council: media are in danger",
        "Contact tracing begins in all of Europe",
        "Über die Zukunft der Presse",
        "Ende der Sperrzeit",
    ],
)
def test_what_only_begins_like_a_label_is_a_headline(headline: str) -> None:
    assert parse(f"{headline}\n\n{TEXT['en'][1]}\n").headline == headline
