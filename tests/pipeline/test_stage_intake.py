"""Intake: what an earlier revision was told stays, until it is said anew or taken away.

Planted once by hand and caught: --topics of the first revision dropped with the second; the embargo of the
first too, so that the second goes at once; a passed embargo kept; "none" overruled.
"""

from datetime import timedelta

import pytest

from distributor.errors import DocumentError, HeaderError
from distributor.model.embargo import Embargo
from distributor.office.embargo import move
from distributor.store import releases
from tests.house import DOCUMENT, REFERENCE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BARE = DOCUMENT.replace("topics: [trade/ports]\n", "")
AGAIN = BARE.replace("every vessel from", "each vessel from")
AT_ONCE = AGAIN.replace("# Harbour", "FOR IMMEDIATE RELEASE\n\n# Harbour")
TOLD = {"topics": ("trade",), "lists": ("agencies",), "exclude": ("trade",), "type": "statement"}
EMBARGO = {"embargo": "2030-03-05 12:00 UTC", "advance": ("agencies=-2h",)}


@pytest.mark.parametrize("field", ["title", "reference"])
def test_what_reorders_letters_is_no_headline_and_no_reference(house, office, field):
    """In front matter it can be written as an escape; the subject of the mail would read backwards."""
    text = f'---\ntitle: Harbour opens\n{field}: "2030 \\u202eopens"\n---\nThe harbour opens.'
    house.document(text.replace("title: Harbour opens\n", "") if field == "title" else text)
    with pytest.raises(HeaderError, match="holds a hidden mark"):
        house.add(office)


@pytest.mark.parametrize("reference", ["..", ".", "-x", "a/b", "a b", "<b>", "x" * 65])
def test_what_would_lead_elsewhere_is_no_reference(house, office, reference):
    """“..” would be the address of another page: such a release could not be opened to be held."""
    with pytest.raises(DocumentError, match="cannot be a reference"):
        house.add(office, reference=reference)


def test_entities_hide_nothing(house, office):
    """As if the characters themselves stood in the file: they go."""
    house.document("# Harbour &#8238;of Quill&#x200b;haven\n\nIt &#8238;opens.")
    house.add(office, reference=REFERENCE)
    (version,) = latest(office).versions
    assert (version.headline, version.lead) == ("Harbour of Quillhaven", "It opens.")


def latest(built):
    with built.store.read() as connection:
        found = releases.get(connection, publisher_id=built.publisher.id, reference=REFERENCE)
    return found.latest


def add(house, office, text=AGAIN, **wishes):
    house.document(text)
    house.add(office, keep=True, **wishes)
    return latest(office)


def test_what_was_said_once_stays_and_is_told(house, office):
    first = add(house, office, BARE, **TOLD, **EMBARGO)
    second = add(house, office)
    assert (second.number, second.sending, second.type) == (2, first.sending, "statement")
    assert second.warnings == (
        "kept from revision 1: topics: trade; lists: agencies; exclude: trade;"
        " embargo: until Tue 5 Mar 2030 13:00 Brussels;"
        " advance: agencies Tue 5 Mar 2030 11:00 Brussels (2 hours before)",
    )


def test_what_is_said_anew_or_in_the_document_counts(house, office):
    add(house, office, BARE, **TOLD, **EMBARGO)
    second = add(house, office, DOCUMENT, embargo="2030-03-06 12:00 UTC", exclude=())
    assert second.sending.topics == ("trade/ports",)
    assert second.sending.exclude == ()
    assert second.sending.embargo.instant.day == 6
    assert [wave.tier for wave in second.sending.waves] == ["agencies"]
    assert second.warnings[0].startswith("kept from revision 1: lists: agencies; advance: agencies")


def test_a_list_that_is_excluded_now_is_not_named_any_more(house, office):
    add(house, office, BARE, lists=("agencies",))
    second = add(house, office, topics=("trade",), exclude=("agencies",))
    assert (second.sending.lists, second.sending.exclude) == ((), ("agencies",))


@pytest.mark.parametrize("said", [{"embargo": "none"}, {"text": AT_ONCE}])
def test_no_embargo_is_said_anew_too(house, office, said):
    """Its advance copies go with it."""
    add(house, office, BARE, topics=("trade",), **EMBARGO)
    second = add(house, office, **said)
    assert (second.sending.embargo, second.sending.waves) == (Embargo(), ())


def test_a_time_to_send_does_not_lift_an_embargo_silently(house, office):
    add(house, office, BARE, topics=("trade",), **EMBARGO)
    with pytest.raises(DocumentError, match="or say --embargo none"):
        add(house, office, send_at="2030-03-05 08:00 UTC")
    assert latest(office).number == 1


def test_what_has_passed_is_not_kept(house, office):
    add(house, office, BARE, topics=("trade",), **EMBARGO)
    house.clock.move(days=2)
    assert add(house, office).sending.embargo == Embargo()


def test_the_same_again_is_nothing_new(house, office):
    """Also without what was said over it, and when its embargo was moved since."""
    add(house, office, BARE, topics=("trade",), **EMBARGO)
    assert add(house, office, BARE).number == 1
    house.approve(office)
    office.plan()
    now = house.clock.now
    later = Embargo(now + timedelta(days=3))
    move(office.store, actor="officer", now=now, reference=REFERENCE, embargo=later, house=office.house)
    assert add(house, office, BARE).number == 1
    assert add(house, office, AGAIN).sending.embargo == later
