"""Plain text as press offices paste it: opening, quotations, parts below the body. All texts are our own."""

from datetime import UTC, date, datetime

import pytest

from distributor import documents
from distributor.model.draft import Block, Draft, Version
from distributor.policy.embargo import parse

LEAD = "Every licence to export such software will be published from July, under rules presented today."
BODY = "The register will name the exporter, the software and the country in which it is used."


def draft(text: str, source: str = "release.txt") -> Draft:
    return documents.parse(text.encode(), source=source)


def version(text: str) -> Version:
    return draft(text).version


def quote(text: str) -> Block:
    return next(block for block in version(text).blocks if block.kind == "quote")


HEADLINE = "Licences for surveillance software to be public"
TOP = f"{HEADLINE}\n\n{LEAD}\n\n"


@pytest.mark.parametrize(
    ("above", "site_line"),
    [
        ("A quick way to read the news of every press office.", None),  # a portal's tagline: itself
        ("Council of the Example", None),  # the sender's name
        ("Northbridge Office", None),
        ("NORTHBRIDGE", None),
        ("www.example.org", None),
        ("Home > Press > Releases", None),
        ("News | Press releases", None),
        ("European Example - Press release", None),
        ("From the press office of the Example Group", None),
        ("Bundesministerium für Beispiele", None),
        ("Skip to main content\n\nExample Agency", "Skip to main content\nExample Agency"),
    ],
)
@pytest.mark.parametrize("between", ["", "18/12/2030 02:08 | Press release |\n\n", "17 Jan 2030\n"])
def test_a_site_or_sender_line_is_not_the_headline(above: str, site_line: str | None, between: str) -> None:
    found = version(f"{above}\n\n{between}{HEADLINE}\n\n{LEAD}\n\n{BODY}")
    assert found.site_line == (site_line or above)
    assert (found.headline, found.lead) == (HEADLINE, LEAD)


@pytest.mark.parametrize(
    "headline",
    [
        "Export control: new rules in force",  # short, and a subhead below
        "Ministers act",
        "Council of ministers adopts export rules",
        "Who reads the licences?",
        "“Enough is enough”, says rapporteur on exports",
        "EMBARGO ON ARMS EXPORTS MUST STAY, MEMBERS SAY",
        "Embargo: 27 member states agree on a list",
        "Neue Regeln für die Ausfuhr beschlossen",
        "Statement by the director on the vote",
    ],
)
def test_a_headline_stays_the_headline(headline: str) -> None:
    found = draft(f"{headline}\n\n17 Jan 2030\n\nStrasbourg, 17 January 2030\n\n{LEAD}\n\n{BODY}")
    assert found.version.headline == headline
    assert found.version.site_line is None
    assert found.embargo is None


@pytest.mark.parametrize(
    "headline",
    [HEADLINE, "Statement by the director on the vote", "Trade talks resume next week", "Ministers act"],
)
def test_headline_and_subhead(headline: str) -> None:
    found = version(f"{headline}\n\nExporters will have to name the country of use\n\n{LEAD}")
    assert (found.headline, found.subhead, found.lead) == (
        headline,
        "Exporters will have to name the country of use",
        LEAD,
    )


@pytest.mark.parametrize(
    ("said", "headline", "release_line", "type"),
    [
        ("Press release - ", HEADLINE, "Press release", "release"),
        ("PRESS RELEASE: ", HEADLINE, "PRESS RELEASE", "release"),
        ("Communiqué de presse – ", HEADLINE, "Communiqué de presse", "release"),
        ("Statement | ", HEADLINE, "Statement", "statement"),
        ("MEDIA ADVISORY\n", HEADLINE, "MEDIA ADVISORY", "advisory"),
        ("Pressemitteilung Nr. 12/2030\n\n", HEADLINE, "Pressemitteilung Nr. 12/2030", "release"),
        ("IP/30/1769\n", HEADLINE, "IP/30/1769", None),
    ],
)
def test_the_kind_of_text(said: str, headline: str, release_line: str, type: str | None) -> None:
    found = draft(f"{said}{headline}\n\n{LEAD}")
    assert (found.version.headline, found.version.release_line, found.type) == (headline, release_line, type)


@pytest.mark.parametrize(
    "line",
    [
        "17 Jan 2030",
        "18/12/2030 02:08 | Press release |",
        "Wed, 26/10/2030 - 14:07",
        "Published on 3 March 2030",
        "3. März 2030",
        "2030-03-03",
    ],
)
def test_date_lines(line: str) -> None:
    for text in (f"{HEADLINE}\n\n{line}\n\n{LEAD}", f"{line}\n{HEADLINE}\n\n{LEAD}"):
        found = version(text)
        assert (found.headline, found.date_line, found.lead) == (HEADLINE, line, LEAD)


@pytest.mark.parametrize(
    ("line", "place", "day"),
    [
        ("Strasbourg, 17 January 2030", "Strasbourg", date(2030, 1, 17)),
        ("Bruxelles, le 3 mars 2030", "Bruxelles", date(2030, 3, 3)),
        ("Brüssel, den 3. März 2030", "Brüssel", date(2030, 3, 3)),
        ("Bruselas, 3 de marzo de 2030", "Bruselas", date(2030, 3, 3)),
        ("Budapest, 2030. március 3.", "Budapest", date(2030, 3, 3)),
        ("Vilnius, 2030 m. kovo 3 d.", "Vilnius", date(2030, 3, 3)),
        ("Βρυξέλλες, 17 Ιανουαρίου 2030", "Βρυξέλλες", date(2030, 1, 17)),
        ("The Hague, 3 March 2030", "The Hague", date(2030, 3, 3)),
        ("Frankfurt am Main, 3.3.2030", "Frankfurt am Main", date(2030, 3, 3)),
        ("3 March 2030, Brussels", "Brussels", date(2030, 3, 3)),
        ("Brussels, Tuesday 3 March 2030", "Brussels", date(2030, 3, 3)),
    ],
)
def test_datelines_alone(line: str, place: str, day: date) -> None:
    for text in (f"{HEADLINE}\n\n{line}\n\n{LEAD}", f"{line}\n\n{HEADLINE}\n\n{LEAD}"):
        found = version(text)
        assert found.dateline is not None
        assert (found.dateline.place, found.dateline.date, found.dateline.text) == (place, day, line)
        assert (found.headline, found.lead) == (HEADLINE, LEAD)


@pytest.mark.parametrize(
    ("opening", "place", "day"),
    [
        ("BRUSSELS, 3 March 2030 –", "BRUSSELS", date(2030, 3, 3)),
        ("Brussels, 3 March 2030:", "Brussels", date(2030, 3, 3)),
        ("(Brussels, 3 March 2030) –", "Brussels", date(2030, 3, 3)),
        ("Bruselas, 3 de marzo de 2030.-", "Bruselas", date(2030, 3, 3)),
        ("Warszawa, 3 marca 2030 r. –", "Warszawa", date(2030, 3, 3)),
        ("BRUSSELS, March 3 –", "BRUSSELS", None),  # no year: not guessed
        ("BRUSSELS –", "BRUSSELS", None),
        ("Washington, D.C., March 3, 2030 –", "Washington, D.C.", date(2030, 3, 3)),
    ],
)
def test_datelines_before_the_lead(opening: str, place: str, day: date | None) -> None:
    found = version(f"{HEADLINE}\n\n{opening} {LEAD}\n\n{BODY}")
    assert found.dateline is not None
    assert (found.dateline.place, found.dateline.date, found.dateline.text) == (place, day, opening)
    assert found.lead == LEAD


@pytest.mark.parametrize(
    "lead",
    [
        "Today, 3 March 2030, the Office presented its rules.",
        "Members voted on 3 March 2030 on rules for exports.",
        "NATO – EU cooperation on exports goes on, the Office said.",
        "In Brussels, 3 March 2030 was a quiet day for exporters.",
    ],
)
def test_leads_without_a_dateline(lead: str) -> None:
    found = version(f"{HEADLINE}\n\n{lead}\n\n{BODY}")
    assert (found.dateline, found.lead) == (None, lead)


ROLE = "chair of the committee on trade and member of the board"


@pytest.mark.parametrize(
    ("text", "speaker", "role"),
    [
        (f"Ann Beispiel, {ROLE}, said:\n\n“It works.”", "Ann Beispiel", ROLE),
        (f"Ann Beispiel, {ROLE}, said:\n“It works.”", "Ann Beispiel", ROLE),
        (f"Ann Beispiel, {ROLE}, said: “It works.”", "Ann Beispiel", ROLE),
        (
            "Spokesperson on trade, Ann Beispiel, MEP, added:\n“It works.”",
            "Ann Beispiel",
            "Spokesperson on trade, MEP",
        ),
        ("Commissioner Ann Beispiel said:\n\n“It works.”", "Ann Beispiel", "Commissioner"),
        ("Minister for Trade Ann Beispiel said:\n\n“It works.”", "Ann Beispiel", "Minister for Trade"),
        ("Ann Beispiel (North, SE) stressed today:\n\n“It works.”", "Ann Beispiel", "North, SE"),
        ("Commenting on the vote, Ann Beispiel, director, said:\n\n“It works.”", "Ann Beispiel", "director"),
        (f"“It works.”\n\n— Ann Beispiel, {ROLE}", "Ann Beispiel", ROLE),
        (f"“It works.”\nAnn Beispiel, {ROLE}", "Ann Beispiel", ROLE),
        ("“It works,” said Ann Beispiel, director of the Office.", "Ann Beispiel", "director of the Office"),
        ("“It works,” Ann Beispiel, director, said.", "Ann Beispiel", "director"),
        ("“It works,” said Ann Beispiel, director. “For all of us.”", "Ann Beispiel", "director"),
        (
            "Dazu erklärte Ann Beispiel, Vorsitzende des Ausschusses:\n\n„Es geht.“",
            "Ann Beispiel",
            "Vorsitzende des Ausschusses",
        ),
        ("Ministerin Ann Beispiel sagte: „Es geht.“", "Ann Beispiel", "Ministerin"),
        ("La rapporteure, Ann Exemple, a déclaré :\n« Cela marche. »", "Ann Exemple", "La rapporteure"),
        ("« Cela marche », a déclaré Ann Exemple, présidente.", "Ann Exemple", "présidente"),
        ("Ana Ejemplo, ponente, ha declarado: «Funciona».", "Ana Ejemplo", "ponente"),
        ("Anna Przykład, przewodnicząca, powiedziała:\n„Działa”.", "Anna Przykład", "przewodnicząca"),
        ("– Det fungerar, säger Anna Exempel, ordförande.", "Anna Exempel", "ordförande"),
        ("»Es geht«, sagte Ann Beispiel, Sprecherin.", "Ann Beispiel", "Sprecherin"),
        ("The Office said:\n“It works.”", "The Office", None),
    ],
)
def test_speakers(text: str, speaker: str, role: str | None) -> None:
    found = quote(f"{TOP}{text}\n\n{BODY}")
    assert (found.speaker, found.role) == (speaker, role)


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["“One.", "“Two.", "“Three.”"],  # opened in each, closed at the end
        ["“One.", "Two.", "Three.”"],  # opened once
        ["“One.”", "“Two.”", "“Three.”"],  # closed in each
        ['"One.', '"Two.', '"Three."'],
        ["«One.", "»Two.", "»Three»."],
    ],
)
def test_quotations_over_several_paragraphs(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    found = version(f"{TOP}Ann Beispiel, director, said:\n\n{text}\n\n{BODY}")
    assert found.blocks[0] == Block(
        "quote", text, speaker="Ann Beispiel", role="director", attribution="Ann Beispiel, director, said:"
    )
    assert found.blocks[1] == Block("paragraph", BODY)


def test_who_spoke_before_speaks_again() -> None:
    found = version(
        f"{TOP}Ann Beispiel, director, said:\n“One.”\n\nJo Voorbeeld, adviser, added:\n“Two.”"
        "\n\nMs Beispiel added:\n“Three.”\n\nShe concluded:\n“Four.”"
    )
    assert [(block.speaker, block.role) for block in found.blocks] == [
        ("Ann Beispiel", "director"),
        ("Jo Voorbeeld", "adviser"),
        ("Ann Beispiel", "director"),
        ("Ann Beispiel", "director"),
    ]


@pytest.mark.parametrize(
    "paragraph",
    [
        "“Dual-use” goods are listed in annex B, and so are “sensitive” services.",
        "Members spoke of a “first step” and asked for more.",
        "The rules cover three things:",
        "“An opening mark that nobody closes stands in this paragraph.",
    ],
)
def test_no_quotation(paragraph: str) -> None:
    found = version(f"{TOP}{paragraph}\n\n{BODY}")
    assert found.blocks == (Block("paragraph", paragraph), Block("paragraph", BODY))


def test_headings_and_lists() -> None:
    found = version(
        f"{TOP}What changes\n\n{BODY}\n\nThe register holds:\n  • exporters\n  • software that\n"
        f"    is sold abroad\n\n1. first\n2. second\n\n- a dash alone\n\n{BODY}"
    )
    assert [(block.kind, block.text) for block in found.blocks] == [
        ("heading", "What changes"),
        ("paragraph", BODY),
        ("paragraph", "The register holds:"),
        ("list", "exporters\nsoftware that is sold abroad"),
        ("list", "1. first\n2. second"),
        ("paragraph", "- a dash alone"),
        ("paragraph", BODY),
    ]


def test_lines_broken_by_hand_are_joined_again() -> None:
    found = version(
        "Rules on the export of surveillance tools are to be negotiated with\n"
        "the ministers from next week on\n\n"
        "The Parliament today opened negotiations on the export of long-\n"
        "range surveillance tools. It wants a public register that is kept\n"
        "by the Union itself.\n"
        "Ministers will answer in spring, after they have "
        "heard from all the\nmember states.\n"
    )
    assert found.headline.endswith("with the ministers from next week on")
    assert found.lead.endswith("kept by the Union itself.")
    assert "long-range" in found.lead
    assert [block.text[:9] for block in found.blocks] == ["Ministers"]


def test_one_long_line_a_paragraph_needs_no_empty_lines() -> None:
    found = version(f"{HEADLINE}\n{LEAD} {LEAD}\n{BODY} {BODY}\n{LEAD} {BODY}")
    assert found.lead == f"{LEAD} {LEAD}"
    assert [block.text for block in found.blocks] == [f"{BODY} {BODY}", f"{LEAD} {BODY}"]


NOTES = [
    "Note to the editor:",
    "Note to editors",
    "Notes to editors:",
    "NOTES FOR EDITORS",
    "Editor’s note",
    "Notes",
    "Бележка към редакторите",  # bg
    "Poznámka pro editory",  # cs
    "Note til redaktøren",  # da
    "Hinweis an die Redaktion:",  # de
    "Σημείωση για τους συντάκτες",  # el
    "Nota para la redacción",  # es
    "Märkus toimetajale",  # et
    "Huomautus toimittajille",  # fi
    "Note à l’attention des rédactions :",  # fr
    "Nóta don eagarthóir",  # ga
    "Napomena urednicima",  # hr
    "Megjegyzés a szerkesztőknek",  # hu
    "Nota per i redattori",  # it
    "Pastaba redaktoriams",  # lt
    "Piezīmes redaktoriem",  # lv
    "Nota għall-edituri",  # mt
    "Noot voor de redactie",  # nl
    "Uwagi dla redaktorów",  # pl
    "Nota aos editores",  # pt
    "Notă pentru editori",  # ro
    "Poznámka pre redakcie",  # sk
    "Opomba za urednike",  # sl
    "Anmärkning till redaktören",  # sv
]


@pytest.mark.parametrize("heading", NOTES)
def test_notes_to_editors_in_every_language(heading: str) -> None:
    found = version(f"{TOP}{BODY}\n\n{heading}\nFirst of the notes.\nSecond of the notes.")
    assert found.notes_heading == heading
    assert found.notes_to_editors == ("First of the notes.", "Second of the notes.")
    assert [block.text for block in found.blocks] == [BODY]


def test_notes_on_the_line_of_their_heading_and_numbered() -> None:
    found = version(f"{TOP}Note to editors: The rules date from 2009.\n1. One\n2. Two\n\nThree.")
    assert found.notes_heading == "Note to editors:"
    assert found.notes_to_editors == ("The rules date from 2009.", "1. One", "2. Two", "Three.")


@pytest.mark.parametrize(
    "heading",
    [
        "Contact",
        "Press contact:",
        "Pressekontakt:",
        "Contacts presse",
        "For more information, please contact:",
        "Kontakt dla mediów",
        "Lisätietoja:",
    ],
)
def test_contacts(heading: str) -> None:
    found = version(
        f"{TOP}{heading}\nAnn Beispiel, press officer (English)\nTel. +32 2 555 01 23\n"
        "ann@example.org\nJo Voorbeeld\nMobile: +32 470 55 01 24"
    )
    ann, jo = found.contacts
    assert (ann.name, ann.role, ann.phone, ann.email) == (
        "Ann Beispiel",
        "press officer (English)",
        "+32 2 555 01 23",
        "ann@example.org",
    )
    assert (jo.name, jo.role, jo.phone, jo.email) == ("Jo Voorbeeld", None, "+32 470 55 01 24", None)
    assert jo.text == "Jo Voorbeeld\nMobile: +32 470 55 01 24"


@pytest.mark.parametrize(
    ("below", "marks"),
    [
        ("ENDS\n\n###", "ENDS\n###"),
        ("###\n\nENDS", "###\nENDS"),
        ("ENDS\n\nContact: Ann Beispiel, ann@example.org\n\n# # #", "ENDS\n# # #"),
    ],
)
def test_several_end_marks_are_all_kept_and_none_is_text(below: str, marks: str) -> None:
    """Planted: only the first one known."""
    found = version(f"{TOP}{BODY}\n\n{below}")
    assert (found.end_mark, found.notes_to_editors) == (marks, ())
    assert not any(mark in block.text for block in found.blocks for mark in ("ENDS", "#"))


def test_the_end_of_a_release_in_its_parts() -> None:
    found = version(
        f"{TOP}Background\n\n{BODY}\n\n- ENDS -\n\nFor the attention of all readers of this.\n\n"
        "Contact: Ann Beispiel, ann@example.org\n\n"
        "About the Northbridge Office\nThe Office advises twelve member states."
    )
    assert found.end_mark == "- ENDS -"
    assert found.notes_to_editors == ("For the attention of all readers of this.",)
    assert found.contacts_heading == "Contact:"
    assert found.contacts[0].email == "ann@example.org"
    assert found.boilerplate_heading == "About the Northbridge Office"
    assert found.boilerplate == ("The Office advises twelve member states.",)
    assert [block.kind for block in found.blocks] == ["heading", "paragraph"]


@pytest.mark.parametrize(
    "paragraph",
    [
        "Contact lenses are on the list as well, says the annex.",
        "About 200 exporters answered",
        "Not a single editor asked for it",
        "Ends meet where exporters and ministers do",
    ],
)
def test_words_that_only_look_like_headings(paragraph: str) -> None:
    found = version(f"{TOP}{paragraph}\n\n{BODY} {BODY}\n\n{BODY}")
    assert [block.text for block in found.blocks] == [paragraph, f"{BODY} {BODY}", BODY]


def test_a_part_of_the_body_about_something_is_no_boilerplate() -> None:
    found = version(f"{TOP}About the Regulation\n\n{BODY}\n\n“It works,” said Ann Beispiel, director.")
    assert found.boilerplate == ()
    assert [block.kind for block in found.blocks] == ["heading", "paragraph", "quote"]


@pytest.mark.parametrize(
    ("line", "embargo"),
    [
        ("EMBARGOED UNTIL 17 January 2030, 11:00 CET", "17 January 2030, 11:00 CET"),
        ("*** EMBARGO: 00.01 hrs 3 February 2030 ***", "00.01 hrs 3 February 2030"),
        (
            "Embargoed: Not for use before 0001 hrs, Monday 4th June",
            "Not for use before 0001 hrs, Monday 4th June",
        ),
        ("SPERRFRIST: 17. Januar 2030, 11:00 Uhr", "17. Januar 2030, 11:00 Uhr"),
        ("Sous embargo jusqu’au 17 janvier 2030 à 11h00", "17 janvier 2030 à 11h00"),
        ("UNDER EMBARGO UNTIL LIFTED", "UNTIL LIFTED"),
        ("Embargoed until the vote", "until the vote"),  # no time: until lifted
        ("EMBARGOED", "EMBARGOED"),
        ("FOR IMMEDIATE RELEASE", "FOR IMMEDIATE RELEASE"),
        ("For immediate release – 3 March 2030", "For immediate release"),
    ],
)
@pytest.mark.parametrize(
    "form",
    ["{line}\n\n{headline}\n\n{lead}", "{headline}\n{line}\n\n{lead}", "{headline}\n\n{lead}\n\n{line}"],
)
def test_release_lines_wherever_they_stand(line: str, embargo: str, form: str) -> None:
    found = draft(form.format(line=line, headline=HEADLINE, lead=LEAD))
    assert (found.embargo, found.version.release_line) == (embargo, line)
    assert (found.version.headline, found.version.lead) == (HEADLINE, LEAD)


def test_an_embargo_whose_time_stands_on_the_next_line() -> None:
    found = draft(f"EMBARGOED UNTIL\n17 January 2030, 11:00\n\n{HEADLINE}\n\n{LEAD}")
    assert found.embargo == "17 January 2030, 11:00"


def test_an_embargo_wins_over_immediate_release_and_that_is_said() -> None:
    found = draft(
        f"FOR IMMEDIATE RELEASE\n\n{HEADLINE}\n\n{LEAD}\n\nEMBARGOED UNTIL 17 January 2030, 11:00 CET"
    )
    assert found.embargo == "17 January 2030, 11:00 CET"
    assert "the embargo counts" in found.warnings[0]


def test_an_embargo_within_a_sentence_is_pointed_out() -> None:
    found = draft(f"{HEADLINE}\n\n{LEAD} The figures are embargoed until Tuesday.")
    assert found.embargo is None
    assert found.embargo_traces == ("line 3 (“embargoed until”)",)


def test_a_name_may_speak_of_an_embargo_too() -> None:
    found = draft(TOP, source="out/EMBARGOED_2030-01-17.txt")
    assert found.embargo_traces == ("its name (“EMBARGOED”)",)
    assert draft(TOP, source="arms-embargo.en.txt").embargo_traces == ()


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("[EMBARGOED UNTIL 17 January 2030, 11:00 CET]", None),  # brackets
        ("(EMBARGOED until 17 January 2030, 11:00 (Brussels time))", None),  # brackets in brackets
        (">>> EMBARGO until 17 January 2030, 11:00 CET <<<", None),  # signs on both sides
        ("⚠ EMBARGO! 17 January 2030, 11:00 CET ⚠", None),  # a picture
        ("EMBARGO (17 January 2030, 11:00 CET)", None),  # the time in brackets
        ("Embargo ends: 17 January 2030, 11:00 CET", None),  # more words
        ("STRICT EMBARGO: 17 January 2030, 11:00 CET", None),
        ("Press embargo: 17 January 2030, 11:00 CET", None),
        ("EMBARGOED for 11:00 CET, 17 January 2030", None),  # for an hour
        ("For use after 11:00 CET on 17 January 2030", None),  # without the word
        ("FOR RELEASE AT 11:00 CET, 17 January 2030", None),
        ("HOLD FOR RELEASE UNTIL 17 January 2030, 11:00 CET", None),
        ("Do not publish before 17 January 2030, 11:00 CET", None),
        ("Frei ab 17. Januar 2030, 11:00 Uhr", None),
        ("À ne pas diffuser avant le 17 janvier 2030, 11h00", None),
        ("JULKAISUVAPAA 17.1.2030 KLO 11.00", None),
        ("ΕΜΠΑΡΓΚΟ ΕΩΣ 17 ΙΑΝΟΥΑΡΙΟΥ 2030, 11:00", None),  # Greek capitals have no accents
        ("SOUS EMBARGO JUSQU'AU 17 JANVIER 2030 À 11H00", None),
        ("SOB EMBARGO ATÉ ÀS 11:00 DE 17 DE JANEIRO DE 2030", None),
        ("ЕМБАРГО ДО 17 ЯНУАРИ 2030, 11:00", None),
        ("PRESS RELEASE - EMBARGOED UNTIL 17 January 2030, 11:00 CET", "PRESS RELEASE"),  # behind the kind
        ("Press release | Embargo: 17 January 2030, 11:00 CET", "Press release"),
        ("FOR IMMEDIATE RELEASE - EMBARGOED UNTIL 17 January 2030, 11:00 CET", "FOR IMMEDIATE RELEASE"),
    ],
)
def test_embargo_lines_in_many_forms(line: str, head: str | None) -> None:
    found = draft(f"{line}\n\n{HEADLINE}\n\n{LEAD}")
    read = parse(found.embargo or "", now=datetime(2029, 12, 1, tzinfo=UTC), timezone="Europe/Brussels")
    assert read.embargo.instant == datetime(2030, 1, 17, 10, 0, tzinfo=UTC)
    assert (found.version.headline, found.version.lead) == (HEADLINE, LEAD)
    assert (head or line) in (found.version.release_line or "").split("\n")
    assert found.embargo_line == 1


def test_an_embargo_behind_the_headline_is_no_part_of_it() -> None:
    found = draft(f"{HEADLINE} (EMBARGOED UNTIL 17 January 2030, 11:00 CET)\n\n{LEAD}")
    assert found.version.headline == HEADLINE
    assert found.version.release_line == "(EMBARGOED UNTIL 17 January 2030, 11:00 CET)"
    assert found.embargo == "17 January 2030, 11:00 CET"


def test_a_speech_to_be_checked_against_delivery() -> None:
    found = draft(f"Check against delivery - embargo until delivery\n\n{HEADLINE}\n\n{LEAD}")
    assert (found.version.headline, found.version.lead) == (HEADLINE, LEAD)
    assert parse(found.embargo or "", now=datetime(2029, 12, 1, tzinfo=UTC), timezone="").embargo.until_lifted


@pytest.mark.parametrize("kind", ["ΔΕΛΤΙΟ ΤΥΠΟΥ", "Δελτίο Τύπου", "COMMUNIQUE DE PRESSE", "NOTA DE IMPRENSA"])
def test_the_kind_of_text_in_capitals_without_accents(kind: str) -> None:
    found = draft(f"{kind}\n\n{HEADLINE}\n\n{LEAD}")
    assert (found.version.headline, found.version.release_line, found.type) == (HEADLINE, kind, "release")


@pytest.mark.parametrize(
    "heading", ["Über uns", "Who we are", "About Example Group", "About us", "À propos de nous", "O nas"]
)
@pytest.mark.parametrize("apart", ["\n\n", "\n"])
def test_contacts_end_where_the_boilerplate_begins(heading: str, apart: str) -> None:
    found = version(
        f"{TOP}{BODY}\n\nPress contact\nAnn Beispiel\nann@example.org{apart}{heading}\nWe advise states."
    )
    assert [contact.text for contact in found.contacts] == ["Ann Beispiel\nann@example.org"]
    assert (found.boilerplate_heading, found.boilerplate) == (heading, ("We advise states.",))


@pytest.mark.parametrize(
    "text",
    [
        "“It works,” she said, “for all of us.”",  # two parts
        "“It works,” she said. “For all of us.”",  # two sentences
        '"It works," he added, "and well."',  # straight marks
        "„Es geht“, sagte sie, „für uns alle.“",
        "« Cela marche », a-t-elle dit, « pour tous ».",
    ],
)
def test_a_quotation_in_two_parts_with_a_pronoun(text: str) -> None:
    after = quote(f"{TOP}{text}\n\n{BODY}")
    assert (after.text, after.speaker) == (text, None)  # nobody spoke before: “she” is no name
    blocks = version(f"{TOP}Ann Beispiel, director, said:\n“One.”\n\n{text}\n\n{BODY}").blocks
    assert (blocks[1].text, blocks[1].speaker) == (text, "Ann Beispiel")


@pytest.mark.parametrize(
    "rows",
    [
        "| Year | Licences |\n|---|---|\n| 2029 | 12 |",  # as in Markdown
        "Year | Licences |\n2029 | 12 |",  # bars behind
        "Year\tLicences\n2029\t12",  # pasted from a spreadsheet
    ],
)
def test_a_pasted_table(rows: str) -> None:
    found = version(f"{TOP}{rows}\n\n{BODY}")
    assert found.blocks == (Block("table", "Year\tLicences\n2029\t12"), Block("paragraph", BODY))


@pytest.mark.parametrize(
    "rows",
    [
        "•\tone\n•\ttwo",  # a list from a word processor
        "1.\tone\n2.\ttwo",
        "Tel:\t+32 2 555 01 23\nMail:\tann@example.org",  # labels
        "One\trow",  # alone
    ],
)
def test_tabs_that_make_no_table(rows: str) -> None:
    found = version(f"{TOP}{rows}\n\n{BODY}")
    assert not [block for block in found.blocks if block.kind == "table" or "\t" in block.text]
