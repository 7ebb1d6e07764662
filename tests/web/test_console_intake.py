"""A release comes in through the console: uploaded, pasted or written; mended, kept; its next revision.

Planted once by hand and caught: “Keep it” without looking whether it is what was shown; an embargo “none”
that the page fills in by itself.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from httpx2 import Response

from distributor.documents.encoding import LARGEST
from distributor.model.officer import Role
from distributor.store import releases
from distributor.system import System
from distributor.web import security
from tests.house import DOCUMENT, HEADLINE, REFERENCE, House, furnished
from tests.proof import dump
from tests.web.desk import Desk, hired, officer

NEW, PAGE = "/office/new", f"/office/releases/{REFERENCE}"
NEXT = f"{NEW}/{REFERENCE}"
PLAIN = """Mooring fees fall by a third

Quillhaven, 4 March 2030

The harbour lowers its mooring fees from Monday, the press office said.

Ada Example, spokesperson, said:

“Small boats have waited for this.”
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with furnished(tmp_path, trade=["r1@example.org"], agencies=["early@example.com"]) as here:
        yield here


@pytest.fixture
def built(house: House) -> Iterator[System]:
    with house.system() as built:
        house.sync(built)
        yield built


@pytest.fixture
def ada(built: System) -> Desk:
    return hired(built)


def seen(page: str) -> dict[str, str]:
    """What a browser sends back of a page that shows what was recognised."""
    found = re.search(r'name="seen" value="(\w+)"', page)
    return {"seen": found[1] if found else "", "do": "keep"}


def upload(ada: Desk, *files: tuple[str, bytes], path: str = NEW, **fields: str) -> Response:
    ada.look(path)
    sent = [("documents", (name, content, "text/plain")) for name, content in files]
    return ada.post(path, data={"form": ada._form, **fields}, files=sent)


def release(built: System, reference: str = REFERENCE):
    with built.store.read() as connection:
        return releases.get(connection, publisher_id=built.publisher.id, reference=reference)


def test_pasted_text_is_read_mended_and_kept(built: System, ada: Desk) -> None:
    before = dump(built.store)
    text = {"text-0": PLAIN.replace("\n", "\r\n"), "topics": "ports"}
    ada.look(NEW)
    page = ada.say(NEW, **text)
    assert page.status_code == 409
    assert "no topic" in page.text
    assert PLAIN in page.text, "what was typed stays"
    text |= {"topics": "trade/ports", "embargo": "2030-03-05 11:00 Brussels time", "advance": "agencies=-2h"}
    page = ada.say(NEW, **text).text
    for told in (
        "a release of its own",
        "Tuesday, 5 March 2030, 11:00 Brussels · 10:00 London",
        "Quillhaven, Monday 4 March 2030",
        "<strong>Ada Example, spokesperson:</strong>",
        "<dd>Ports</dd>",
        "Advance copy</dt><dd>agencies: Tuesday, 5 March 2030, 09:00 Brussels",
    ):
        assert told in page
    assert dump(built.store) == before, "reading stores nothing"
    answer = ada.say(NEW, **text | {"text-0": PLAIN.replace("third", "half")}, **seen(page))
    assert "not what was shown before" in answer.text
    assert dump(built.store) == before
    answer = ada.say(NEW, **text, **seen(page))
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/releases/2030-0001")
    kept = release(built, "2030-0001").latest
    assert (kept.versions[0].headline, kept.created_by) == ("Mooring fees fall by a third", "ada")


def test_uploaded_versions_are_texts_to_mend(built: System, ada: Desk) -> None:
    """Several files are the languages of one release; what they are wrong in is mended in the page."""
    french = "---\nlanguage: fr\n---\n# Le port de Quillhaven s'ouvre à tous\n\nTout navire peut entrer."
    files = (("vote.en.md", DOCUMENT.encode()), ("vote.fr.md", french.replace("# Le", "x: [\n# Le").encode()))
    page = upload(ada, *files, do="read")
    assert page.status_code == 200
    page = upload(ada, files[0], ("vote.fr.md", french.replace("fr\n", "fr\nlang: fr\n").encode()))
    assert page.status_code == 409
    assert "vote.fr.md, line 3: unknown key “lang”. Did you mean “language”?" in page.text
    mended = {"text-0": DOCUMENT, "kind-0": "md", "text-1": french, "kind-1": "md", "name-1": "vote"}
    page = ada.say(NEW, **mended)
    assert "fr: <span" in page.text
    assert ada.say(NEW, **mended, **seen(page.text)).headers["location"] == PAGE
    assert release(built).latest.languages == ("en", "fr")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("vote.docx", b"PK\x03\x04", "“.docx” documents cannot be read"),
        ("vote.md", b"\x00" * 40, "not text but binary data"),
        ("vote.txt", b"x" * (LARGEST + 1), "is too large (1.0 MB, the limit is 1 MB)"),
        ("vote.txt", b" \n", "is empty"),
        ('<b>"x.exe', b"x", "“.exe” documents cannot be read"),
    ],
    ids=["kind", "binary", "large", "empty", "name"],
)
def test_what_cannot_be_read_is_told_in_one_line(ada: Desk, name: str, content: bytes, told: str) -> None:
    page = upload(ada, (name, content), ("good.md", DOCUMENT.encode()))
    assert (page.status_code, page.text.count('role="alert"')) == (409, 1)
    assert told in page.text
    assert HEADLINE in page.text, "the other one is there"
    assert "<b>" not in page.text
    assert "Keep it" not in page.text


def test_uploads_are_bounded(ada: Desk) -> None:
    """By what comes, whatever was said before; only where documents are taken in may much come."""
    large = b"x" * (security.LARGEST_UPLOAD + 1)
    told = "too large: at most 16,777,216 bytes are taken in at once\n"
    assert upload(ada, ("vote.txt", large)).text == told
    kind = {"content-type": "multipart/form-data; boundary=b"}
    parts = iter([b'--b\r\nContent-Disposition: form-data; name="documents"; filename="a"\r\n\r\n', large])
    assert ada.post(NEW, content=parts, headers=kind).status_code == 413
    assert ada.say("/office/releases/x/hold", reason="x" * security.LARGEST_FORM).status_code == 413
    assert ada.say("/office/newer", reason="x" * security.LARGEST_FORM).status_code == 413
    many = upload(ada, *[(f"{n}.txt", b"x") for n in range(31)])
    assert "Too many files" in many.text
    many = upload(ada, *[(f"{n}.txt", PLAIN.encode()) for n in range(26)])
    assert "26 documents are too many. Send 25 at most." in many.text


def test_the_next_revision_begins_with_what_is_kept(built: System, house: House, ada: Desk) -> None:
    """Its texts, and to whom and when it goes; “revision 2 waits, revision 1 goes at …”."""
    house.add(built, embargo="2030-03-05 12:00 UTC", advance=("agencies=-2h",))
    house.approve(built)
    built.plan()
    page = ada.look(NEXT)
    said = {"topics": "trade/ports", "embargo": "2030-03-05 13:00+01:00", "advance": "agencies=-2h"}
    for name, value in said.items():
        assert f'name="{name}" value="{value}"' in page
    text = unescape(re.search(r'name="text-0"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)[1])
    said |= {"text-0": text, "kind-0": "md", "name-0": "revision 1"}
    assert "It says the same." in ada.say(NEXT, **said).text
    said["text-0"] = text.replace("every vessel from", "each vessel from")
    page = ada.say(NEXT, **said).text
    assert "It becomes <strong>revision 2</strong>" in page
    assert "- [en] lead: The harbour takes every vessel" in page
    assert ada.say(NEXT, **said, **seen(page)).headers["location"] == PAGE
    told = "Revision 2 waits for approval; revision 1 goes <time"
    assert told in ada.look(PAGE)
    assert told in ada.look(NEXT)
    assert "Nothing new: it is revision 2" in ada.say(NEXT, **said).text
    ada.look(f"{NEW}/2030-9999", code=404)
    ada.look(f"{PAGE}/withdraw")
    ada.say(f"{PAGE}/withdraw")
    assert "it was withdrawn" in ada.look(NEXT, code=409).lower()
    assert NEXT not in ada.look(PAGE)


def test_what_the_text_says_of_an_embargo_is_asked_and_not_lost(built: System, ada: Desk) -> None:
    """Law 1: a next revision does not answer for the officer."""
    ada.look(NEW)
    text = {"text-0": PLAIN + "\nThis text is under embargo.\n", "topics": "trade"}
    page = ada.say(NEW, **text).text
    assert "speaks of an embargo, and none is set: give it with “Embargo”" in page
    answer = ada.say(NEW, **text, **seen(page))
    page = ada.look(f"{NEW}/{answer.headers['location'].rpartition('/')[2]}")
    assert 'name="embargo" value=""' in page


@pytest.mark.parametrize("role", [Role.READER, Role.OPERATOR, Role.LIST_KEEPER])
def test_who_may_not_bring_releases_in(built: System, house: House, role: Role) -> None:
    house.add(built)
    officer(built, "cem", frozenset({role}))
    cem = Desk(built)
    cem.sign_in("cem")
    for path in (NEW, NEXT):
        assert HEADLINE not in cem.look(path, code=403)
    if role is Role.READER:
        assert NEW not in cem.look("/office/releases") + cem.look(PAGE)


def test_rich_text_comes_back_as_paragraphs(ada: Desk) -> None:
    ada.look(NEW)
    html = '<p class=MsoNormal onclick="x()">One<o:p></o:p></p><script>evil()</script><p>Two</p>'
    answer = ada.say("/office/pasted", html=html)
    assert (answer.headers["content-type"], answer.text) == ("text/plain; charset=utf-8", "One\n\nTwo")
    assert ada.post("/office/pasted", data={"html": html}).status_code == 403
