"""Correct what has begun to go out, in the console: said first, done as shown, for approvers.

Planted once by hand and caught: “Correct it now” without looking whether it is what was shown.
"""

import asyncio
import re
from collections.abc import Iterator
from html import unescape

import pytest

from distributor.model.officer import Role
from distributor.system import System
from distributor.worker import send_due
from tests.house import HEADLINE, REFERENCE, House, mailouts, states, tick
from tests.proof import dump
from tests.web.desk import hired

PAGE = f"/office/releases/{REFERENCE}"
CORRECT = f"{PAGE}/correct"


@pytest.fixture
def built(house: House) -> Iterator[System]:
    """The advance copy has gone; the release goes tomorrow."""
    with house.system() as built:
        house.release(built, embargo="2030-03-05 12:00 UTC", advance=("agencies=-26h",))
        house.clock.move(hours=1)
        tick(built)
        asyncio.run(send_due(built))
        yield built


def typed(page: str) -> str:
    """What stands in the first text of a form."""
    return unescape(re.search(r'name="text-0"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)[1])


def seen(page: str) -> dict[str, str]:
    """What a browser sends back of a page that shows what is corrected."""
    found = re.search(r'name="seen" value="(\w+)"', page)
    return {"seen": found[1] if found else "", "do": "correct"}


def test_it_is_said_first_and_then_done(built: System) -> None:
    ada = hired(built)
    assert f'href="{CORRECT}"' in ada.look(PAGE)
    page = ada.look(CORRECT)
    assert "<strong>1</strong> has the text or may have it" in page
    assert "<strong>2</strong> still wait, and get only the new text" in page
    before = dump(built.store)
    form = {"text-0": typed(page), "kind-0": "md", "name-0": "revision 1", "language-0": "en"}
    page = ada.say(CORRECT, **form)
    assert (page.status_code, "It says what is in force already" in page.text) == (409, True)
    form |= {"text-0": form["text-0"].replace("eleven", "twelve"), "weight": "material"}
    page = ada.say(CORRECT, **form).text
    assert "twelve years" in page
    assert "- [en] blocks: “We waited eleven" in page
    assert "topics:" not in page, "to whom it goes stays"
    changed = form | {"text-0": form["text-0"].replace("twelve", "thirteen")}
    assert "not what was shown before" in ada.say(CORRECT, **changed, **seen(page)).text
    assert "not what was shown before" in ada.say(CORRECT, **form | {"weight": "minor"}, **seen(page)).text
    assert dump(built.store) == before, "reading stores nothing"
    answer = ada.say(CORRECT, **form, **seen(page), note="Twelve it was.")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert mailouts(built)["correction"] == "sending"
    assert states(built, kind="correction") == {"early@example.com": "queued"}
    assert "revision 2" in ada.look(PAGE)


def test_a_small_one_and_an_upload(built: System, house: House) -> None:
    """A file takes the place of the text in its language; nobody is told."""
    ada = hired(built)
    form = {"text-0": typed(ada.look(CORRECT)), "kind-0": "md", "language-0": "en", "weight": "minor"}
    text = (house.folder / "release.md").read_text().replace("eleven", "twelve").encode()
    sent = [("documents", ("right.md", text, "text/markdown"))]
    page = ada.post(CORRECT, data={"form": ada._form, **form}, files=sent).text
    assert "The old text stays with 1, who are not told" in page
    form |= {"text-0": typed(page), "name-0": "right", "language-0": ""}
    answer = ada.say(CORRECT, **form, **seen(page))
    assert answer.status_code == 303, answer.text
    assert "correction" not in mailouts(built)
    assert "twelve" in ada.look(PAGE)


def test_a_draft_that_waits_is_corrected_with(built: System, house: House) -> None:
    """An approver is asked on Today, and says yes to just that; with four eyes two do."""
    text = (house.folder / "release.md").read_text().replace("eleven", "twelve")
    house.document(text, name="right.md")
    house.add(built, name="right.md", embargo="none")
    house.configure(extra="[approval]\nfour_eyes = true\n")
    with house.system() as strict:
        ada, bea = hired(strict), hired(strict, "bea")
        assert f'href="{CORRECT}"' in ada.look("/office")
        assert f'href="{PAGE}/approve"' not in ada.look(PAGE)
        for one, done in ((ada, False), (bea, True)):
            form = {"text-0": typed(one.look(CORRECT)), "kind-0": "md", "language-0": "en"}
            page = one.say(CORRECT, **form).text
            assert "Revision 2 takes the place of revision 1" in page
            assert one.say(CORRECT, **form, **seen(page)).status_code == 303
            assert ("correction" in mailouts(strict)) == done
            assert ("waits for a second pair of eyes" in one.look("/office")) != done


def test_who_may_not(built: System) -> None:
    """An author proposes: her button is “New revision”. A reader gets none."""
    cem = hired(built, "cem", frozenset({Role.AUTHOR}))
    page = cem.look(PAGE)
    assert CORRECT not in page
    assert f"/office/new/{REFERENCE}" in page
    assert HEADLINE not in cem.look(CORRECT, code=403)
    assert cem.say(CORRECT, weight="minor").status_code == 403
