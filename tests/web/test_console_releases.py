"""Releases in the console: what is shown to whom, approval of what was seen, the red buttons.

Planted once by hand and caught: `approve` without the hash of the page; a red button's page that opens where
its verb is refused.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from distributor.model.officer import Role
from distributor.office import officers
from distributor.store import rows
from distributor.system import System
from distributor.web.office.preview import FRAME
from tests.house import HEADLINE, REFERENCE, House, mailouts, states, tick
from tests.proof import dump
from tests.web.desk import Desk, hired

PAGE = f"/office/releases/{REFERENCE}"


@pytest.fixture
def built(house: House) -> Iterator[System]:
    """Lists are there, and a draft under embargo whose advance copy is due in an hour."""
    with house.system() as built:
        house.sync(built)
        house.add(built, embargo="2030-03-05 12:00 UTC", advance=("agencies=-26h",))
        yield built


def done(ada: Desk, verb: str, **fields: str) -> None:
    """Look at the page of `verb`, and send its form."""
    ada.look(f"{PAGE}/{verb}")
    answer = ada.say(f"{PAGE}/{verb}", **fields)
    assert (answer.status_code, answer.headers.get("location")) == (303, PAGE), answer.text


def test_from_the_list_to_approval(built: System) -> None:
    ada = hired(built)
    assert HEADLINE in ada.look("/office/releases")
    assert HEADLINE in ada.look("/office/releases?find=quillhaven")
    assert HEADLINE in ada.look(f"/office/releases?find={REFERENCE[-3:]}")
    assert HEADLINE not in ada.look("/office/releases?find=%25")
    page = ada.look(PAGE)
    assert "What approval would plan" in page
    assert "Advance copy for agencies to 1" in page
    page = ada.look(f"{PAGE}/approve")
    assert "goes to <strong>3</strong>" in page
    assert ada.say(f"{PAGE}/approve").status_code == 409, "nobody said what was looked at"
    assert ada.say(f"{PAGE}/approve", seen="0" * 64).status_code == 409
    done(ada, "approve", seen=page.split('name="seen" value="')[1][:64])
    assert mailouts(built) == {"advance": "planned", "release": "planned"}
    page = ada.look(PAGE)
    assert "by ada," in page
    assert "Nothing is sent from here" not in page
    with built.store.write() as connection:  # as `db backup` marks its copy
        connection.execute(insert(rows.installation).values(name="copy", value="this is a backup"))
    assert "Nothing is sent from here: this is a backup." in ada.look(PAGE)


def test_what_changed_since_it_was_shown_is_not_approved(built: System, house: House) -> None:
    ada = hired(built)
    page = ada.look(f"{PAGE}/approve")
    house.document((house.folder / "release.md").read_text().replace("eleven", "twelve"))
    house.add(built, embargo="2030-03-05 12:00 UTC", advance=("agencies=-26h",))
    answer = ada.say(f"{PAGE}/approve", seen=page.split('name="seen" value="')[1][:64])
    assert answer.status_code == 409
    assert "it changed since it was shown" in answer.text
    assert mailouts(built) == {}


def test_the_red_buttons(built: System, house: House) -> None:
    """Each page says whom it concerns and changes nothing; its form does it."""
    house.approve(built)
    tick(built)
    house.clock.move(hours=1)
    tick(built)
    with built.store.write() as connection:  # what a sender does
        connection.exec_driver_sql("UPDATE delivery SET state = 'sent' WHERE address LIKE 'early%'")
    ada = hired(built)
    before = dump(built.store)
    for verb in ("hold", "embargo", "lift", "cancel", "withdraw"):
        page = ada.look(f"{PAGE}/{verb}")
        assert verb == "cancel" or "1 have the text or may have it" in page, verb
    assert dump(built.store) == before
    ada.look(f"{PAGE}/hold")
    assert ada.say(f"{PAGE}/hold", reason=" ").status_code == 409
    done(ada, "hold", reason="the vote is postponed", note="Please wait.")
    assert "Held by ada" in ada.look(PAGE)
    done(ada, "resume")
    ada.look(f"{PAGE}/embargo")
    assert "zone" in ada.say(f"{PAGE}/embargo", when="2030-03-05 midnight").text
    done(ada, "embargo", when="2030-03-05 14:00 UTC")
    assert "5 Mar 14:00 UTC" in ada.look(PAGE)
    done(ada, "lift")
    assert states(built)["r1@example.org"] == "queued"
    done(ada, "withdraw", note="It was sent by mistake.")
    assert mailouts(built)["withdrawal"] == "sending"
    assert "Withdraw" not in ada.look(PAGE)


def test_what_would_be_refused_is_not_asked_for(built: System, house: House) -> None:
    """Its page says why at once, as the answer to its form would."""
    ada = hired(built)
    for verb, why in {
        "embargo": "It is not approved yet",
        "lift": "It is not approved yet",
        "correct": "It is not approved yet",
        "resume": "It is not held",
        "cancel": "Nothing of it is planned or going out",
    }.items():
        refused(ada, verb, why)
    house.approve(built)
    tick(built)
    done(ada, "hold", reason="wait", quiet="yes")
    refused(ada, "hold", "It is held already by ada: wait")
    refused(ada, "lift", "It is held by ada: wait")
    done(ada, "resume")
    done(ada, "cancel")
    for verb in ("embargo", "lift", "correct"):
        refused(ada, verb, "It was cancelled, and nobody has it")
    done(ada, "withdraw")
    for verb in ("hold", "embargo", "lift", "cancel", "withdraw", "correct", "approve"):
        refused(ada, verb, "It was withdrawn")


def refused(ada: Desk, verb: str, why: str) -> None:
    page = ada.look(f"{PAGE}/{verb}", code=409)
    assert why in page, verb
    assert f'action="{PAGE}' not in page
    assert "<h1>This does not work</h1>" in page


def test_four_eyes(built: System, house: House) -> None:
    house.configure(extra="[approval]\nfour_eyes = true\n")
    with house.system() as strict:
        ada, bea = hired(strict), hired(strict, "bea")
        seen = ada.look(f"{PAGE}/approve").split('name="seen" value="')[1][:64]
        done(ada, "approve", seen=seen)
        assert mailouts(strict) == {}
        ada.look(f"{PAGE}/approve")
        assert "has agreed to it already" in ada.say(f"{PAGE}/approve", seen=seen).text
        done(bea, "approve", seen=seen)
        assert mailouts(strict) == {"advance": "planned", "release": "planned"}


def test_who_may_not_read_texts_reads_none(built: System) -> None:
    cem = hired(built, "cem", frozenset({Role.OPERATOR}))
    for path in ("/office/releases", PAGE, f"{PAGE}/preview", f"{PAGE}/mail/release/en", f"{PAGE}/approve"):
        assert HEADLINE not in cem.look(path, code=403)
    assert HEADLINE not in cem.look("/office")
    assert "Hold" in cem.look(f"{PAGE}/hold")


def test_a_reader_gets_no_buttons(built: System, house: House) -> None:
    house.approve(built)
    tick(built)
    dea = hired(built, "dea", frozenset({Role.READER}))
    page = dea.look(PAGE)
    assert HEADLINE in page
    assert f"{PAGE}/hold" not in page
    assert dea.say(f"{PAGE}/hold", reason="x").status_code == 403


def test_mails_are_seen_in_a_frame_that_can_do_nothing(built: System) -> None:
    ada = hired(built)
    assert HEADLINE in ada.look(f"{PAGE}/preview?look=text")
    page = ada.look(f"{PAGE}/preview?form=advance&language=en&look=phone")
    assert f'src="{PAGE}/mail/advance/en"' in page
    frame = ada.get(f"{PAGE}/mail/advance/en")
    assert frame.headers["content-security-policy"] == FRAME
    assert FRAME.startswith("sandbox; default-src 'none'")
    assert HEADLINE in frame.text
    ada.look(f"{PAGE}/mail/advance/xx", code=404)
    ada.look("/office/releases/2030-9999/preview", code=404)


def test_a_mail_as_one_reader_gets_it(built: System) -> None:
    """Which form and language, and the footer that says why; found by a part of her address."""
    ada = hired(built)
    page = ada.look(f"{PAGE}/preview?find=EARLY&look=text")
    assert "the advance copy for agencies, in en" in page
    footer = "You receive this because you follow Trade, list Agencies, in English."
    assert page.count(footer) == 2, "said, and in the mail"
    page = ada.look(f"{PAGE}/preview?find=r1@example.org")
    assert "the release, in en" in page
    assert f"{PAGE}/mail/release/en?to=r1%40example.org" in page
    assert "list Trade" in ada.get(f"{PAGE}/mail/release/en?to=r1@example.org").text
    page = ada.look(f"{PAGE}/preview?find=example.com")
    assert "Whom do you mean?" in page
    assert "to=r2%40example.com" in page
    assert "Nobody is found" in ada.look(f"{PAGE}/preview?find=%25")
    assert "does not get it: not a contact" in ada.look(f"{PAGE}/preview?to=x@example.org", code=409)
    assert HEADLINE not in ada.look(f"{PAGE}/mail/release/en?to=x@example.org", code=409)


def test_images_are_loaded_when_they_are_asked_for(built: System) -> None:
    ada = hired(built)
    assert f'src="{PAGE}/mail/release/en?to=&amp;images=on"' in ada.look(
        f"{PAGE}/preview?form=release&language=en&images=on"
    )
    policy = ada.get(f"{PAGE}/mail/release/en?images=on").headers["content-security-policy"]
    assert policy == FRAME.replace("img-src data:", "img-src data: https:")


def test_what_goes_at_once_can_be_undone(built: System, house: House) -> None:
    house.configure(schedule='undo = "60s"')
    text = (house.folder / "config.toml").read_text().replace('undo = "0s"\n', "")
    (house.folder / "config.toml").write_text(text)
    with house.system() as patient:
        house.add(patient)
        house.approve(patient)
        tick(patient)
        ada, dea = hired(patient), hired(patient, "dea", frozenset({Role.READER}))
        for path in ("/office", PAGE):
            assert "Undo<" in ada.look(path)
            assert "Undo<" not in dea.look(path)
        assert "in 60 seconds" in ada.look(PAGE)
        house.clock.move(seconds=59)
        assert ada.say(f"{PAGE}/cancel").status_code == 303
        house.clock.move(seconds=2)
        tick(patient)
        assert mailouts(patient) == {"release": "cancelled"}
        assert "Undo<" not in ada.look(PAGE) + ada.look("/office")


def test_a_test_copy_goes_only_to_whom_it_may(built: System, house: House) -> None:
    """Law 1: before the embargo a button in the console is no other way out."""
    ada = hired(built)
    page = ada.look(f"{PAGE}/preview?form=advance&language=en")
    assert "Send a test to myself" in page
    shown = {"shown": "advance", "language": "en", "look": "text"}
    answer = ada.say(f"{PAGE}/test", address="r1@example.org", **shown)
    assert (answer.status_code, "may not have the text before" in answer.text) == (409, True)
    assert ada.say(f"{PAGE}/test", address="no address", **shown).status_code == 409
    assert not list(house.folder.rglob("*.eml"))
    answer = ada.say(f"{PAGE}/test", address="early@example.com", **shown)
    assert "A test copy in “en” is on its way to early@example.com." in answer.text
    [mail] = house.folder.rglob("*.eml")
    assert b"TEST" in mail.read_bytes()
    dea = hired(built, "dea", frozenset({Role.READER}))
    assert "Send a test" not in dea.look(f"{PAGE}/preview")


def test_todo_is_answered_by_buttons(built: System, house: House) -> None:
    ada = hired(built)
    assert f'href="{PAGE}/approve"' in ada.look("/office")
    here = {"now": built.now(), "publisher_id": built.publisher.id}
    officers.set_roles(built.store, actor="test", name="ada", roles=[Role.AUTHOR], **here)
    assert f'href="{PAGE}/approve"' not in ada.look("/office")
