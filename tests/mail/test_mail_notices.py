"""What a notice says: the wire's word first, in every language we have, and nothing of the text."""

from dataclasses import replace
from itertools import product

import harbour
import pytest

from distributor.errors import TemplateError
from distributor.mail import letterhead
from distributor.mail.catalogue import languages
from distributor.mail.page import page
from distributor.mail.render import Renderer
from distributor.model.embargo import Embargo
from distributor.model.notice import CORRECTION, MOVED, NOTICES, Notice

LIFTED = Embargo(until_lifted=True, expected=harbour.INSTANT)
WORDS = {
    "embargo_moved": "EMBARGO MOVED to Wed 17 Jan 11:00 Brussels: ",
    "embargo_lifted": "EMBARGO LIFTED: ",
    "hold": "HOLD: ",
    "resume": "HOLD ENDED: ",
    "correction": "CORRECTION: ",
    "withdrawal": "WITHDRAWN, do not use (KILL): ",
}


def notice(kind: str, **changes):
    form = "release" if kind == CORRECTION else "notice"
    return harbour.letter(form=form, notice=Notice(kind, LIFTED), **changes)


@pytest.mark.parametrize("kind", NOTICES)
def test_the_subject_begins_with_the_wires_word(kind):
    assert letterhead.subject(notice(kind)) == f"{WORDS[kind]}{harbour.ENGLISH.headline}"


@pytest.mark.parametrize(("kind", "language"), list(product(NOTICES, sorted(languages()))))
def test_every_language_has_its_own_words(kind, language):
    shown = page(notice(kind, version=replace(harbour.ENGLISH, language=language)))
    english = page(notice(kind))
    assert shown.notice.word
    assert shown.subject.startswith(shown.notice.word.partition(",")[0])
    if language != "en":
        assert shown.notice.says != english.notice.says


def test_until_lifted_is_said_as_what_it_is_and_was():
    assert letterhead.subject(notice(MOVED, embargo=LIFTED)).startswith("EMBARGO MOVED, now until lifted: ")
    shown = page(notice(MOVED))
    assert shown.notice.before.startswith("Until now: embargoed until lifted, expected Wednesday")
    assert shown.notice.still == "All other embargoes stand."


def test_a_correction_under_embargo_says_so_in_its_subject():
    under = harbour.letter(form="advance", notice=Notice(CORRECTION))
    assert letterhead.subject(under).startswith("CORRECTION, EMBARGOED until Wed 17 Jan 11:00 Brussels: ")
    lifted = replace(under, embargo=LIFTED)
    assert letterhead.subject(lifted).startswith("CORRECTION, EMBARGOED until lifted: ")


def test_a_notice_carries_no_text_whatever_its_template_asks_for(tmp_path):
    mails = tmp_path / "email"
    mails.mkdir()
    (mails / "notice.txt.j2").write_text(
        "{{ page.notice.word }}\n{% for part in page.lead %}{{ part.text }}{% endfor %}\n"
        "{{ page.subhead }}{{ fields.reason }}{{ fields.token }}"
    )
    rendered = Renderer([tmp_path]).render(notice(MOVED))
    assert "Ferries" not in rendered.text
    assert "Vote on" not in rendered.text


@pytest.mark.parametrize("name", ["notice.txt.j2", "release.txt.j2"])
def test_a_template_that_leaves_the_word_out_is_refused(tmp_path, name):
    mails = tmp_path / "email"
    mails.mkdir()
    (mails / name).write_text("{{ page.headline }} {{ fields.reason }} {{ fields.token }}")
    kind = MOVED if name == "notice.txt.j2" else CORRECTION
    with pytest.raises(TemplateError, match=r"page\.notice\.word"):
        Renderer([tmp_path]).render(notice(kind))
