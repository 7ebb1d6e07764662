"""What list files would change, and what they may not.

Planted bugs that these tests caught: a silent contact's row applied; a refused row taken for a gone one;
access that an officer granted withdrawn by a file; a person on two lists counted as changed twice.
"""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.model.address import Address
from distributor.model.contact import BadRow, ContactRow, ListFile, Standing
from distributor.model.listdiff import Counts, Grant, ListDiff, Present, PresentContact
from distributor.model.topic import TopicTree
from distributor.policy.listdiff import compare

NOTHING = Present(TopicTree({}), {}, {}, {})


def row(who: str, /, **facts) -> ContactRow:
    address = f"{who}@example.org"
    return ContactRow(Address(address, address.casefold()), line=2, **facts)


def file(name: str, *rows: ContactRow, tier: str | None = None, refused: tuple[str, ...] = ()) -> ListFile:
    bad = tuple(BadRow(f"{name}.csv", 9, raw, "wrong", raw) for raw in refused)
    return ListFile(name, name.title(), (), None, tier, rows, bad)


def diff(present: Present, *files: ListFile, topics: TopicTree | None = None) -> ListDiff:
    return compare(files, topics=topics, present=present)


def after(present: Present, changes: ListDiff) -> Present:
    """The state that a sync leaves, worked out without a database."""
    contacts = dict(present.contacts)
    for address, person in changes.new_contacts:
        contacts[address.key] = PresentContact(len(contacts) + 1, Standing.ACTIVE, person)
    for key, person in changes.changed_contacts:
        contacts[key] = replace(contacts[key], person=person)
    for key, grant in changes.granted:
        contacts[key] = replace(contacts[key], access=grant)
    for key in changes.withdrawn:
        contacts[key] = replace(contacts[key], access=None)
    members = {name: dict(found) for name, found in present.members.items()}
    for member in (*changes.members_added, *changes.members_changed):
        members.setdefault(member.list, {})[member.key] = member.topics
    for member in changes.members_gone:
        del members[member.list][member.key]
    lists = {name: facts for name, facts in present.lists.items() if name not in changes.lists_gone}
    lists |= {facts.name: facts for facts in changes.lists_saved}
    return Present(changes.topics or present.topics, lists, contacts, members, present.suppressed)


def synced(*files: ListFile, present: Present = NOTHING) -> Present:
    return after(present, diff(present, *files))


def with_contact(present: Present, name: str, **facts) -> Present:
    key = f"{name}@example.org"
    return replace(present, contacts={**present.contacts, key: replace(present.contacts[key], **facts)})


def test_the_first_sync_adds_and_the_second_changes_nothing():
    files = [file("b", row("anna", name="Anna"), tier="accredited"), file("a", row("anna"), row("bo"))]
    first = diff(NOTHING, *files)
    assert first.counts == Counts(added=3)
    assert first.granted == (("anna@example.org", Grant("accredited", "lists sync", "list b")),)
    second = diff(after(NOTHING, first), *files)
    assert second.empty
    assert second.counts == Counts(unchanged=3)


def test_a_person_who_changed_counts_once():
    before = synced(file("a", row("anna")), file("b", row("anna")))
    changes = diff(before, file("a", row("anna", outlet="Ledger")), file("b", row("anna")))
    assert changes.counts == Counts(changed=1, unchanged=1)


def test_the_first_list_by_name_wins_and_the_difference_is_told():
    changes = diff(
        NOTHING,
        file("zeta", row("anna", name="Anna Z", outlet="Z", phone="1", embargo_access="late")),
        file("Alpha", row("anna", name="Anna A", languages=("fr",)), tier="early"),
    )
    ((_, person),) = changes.new_contacts
    assert (person.name, person.outlet, person.phone, person.languages) == ("Anna A", "Z", "1", ("fr",))
    assert changes.granted == (("anna@example.org", Grant("early", "lists sync", "list Alpha")),)
    assert changes.differences == (
        "anna@example.org: name “Anna A” of Alpha counts, not “Anna Z” of zeta",
        "anna@example.org: embargo_access “early” of Alpha counts, not “late” of zeta",
    )


def test_gone_ends_the_membership_and_the_access_it_gave_but_no_contact():
    before = synced(file("a", row("anna"), row("bo"), tier="accredited"), file("b", row("anna")))
    changes = diff(before, file("a", row("bo"), tier="accredited"), file("b", row("anna")))
    assert changes.counts.gone == 1
    assert changes.withdrawn == ("anna@example.org",)
    assert "anna@example.org" in after(before, changes).contacts


def test_access_passes_to_the_next_list_that_gives_it():
    before = synced(file("a", row("anna"), tier="t"), file("b", row("anna"), tier="t"))
    changes = diff(before, file("a"), file("b", row("anna"), tier="t"))
    assert changes.granted == (("anna@example.org", Grant("t", "lists sync", "list b")),)
    assert changes.withdrawn == ()


def test_access_that_a_person_granted_stays():
    grant = Grant("agencies", "cli:mira", "her editor's letter")
    before = with_contact(synced(file("a", row("anna"))), "anna", access=grant)
    assert diff(before, file("a", row("anna"), tier="accredited")).granted == ()
    changes = diff(before, file("a"))
    assert (changes.counts.gone, changes.withdrawn, changes.granted) == (1, (), ())


def test_who_left_is_left_alone_whatever_the_file_says():
    for standing in Standing:
        if standing is not Standing.ACTIVE:
            before = with_contact(synced(file("a", row("anna"))), "anna", standing=standing)
            wild = [row("anna", name="New", topics=("*",), embargo_access="vip")]
            changes = diff(before, file("a", *wild), file("new", *wild))
            assert changes.counts == Counts(kept_silent=2)
            assert changes.members_added + changes.members_changed == ()
            assert changes.changed_contacts + changes.granted + changes.withdrawn == ()


def test_a_suppressed_address_does_not_become_a_contact():
    changes = diff(replace(NOTHING, suppressed=frozenset({"anna@example.org"})), file("a", row("anna")))
    assert (changes.counts, changes.new_contacts) == (Counts(kept_silent=1), ())


def test_a_refused_row_is_not_a_gone_row():
    before = synced(file("a", row("anna", outlet="Ledger"), row("bo"), tier="t"), file("b", row("anna")))
    changes = diff(
        before, file("a", row("bo"), tier="t", refused=("anna@example.org,xx",)), file("b", row("anna"))
    )
    assert changes.empty
    assert changes.counts == Counts(unchanged=2)


def test_a_refused_row_keeps_nobody_on_another_list():
    before = synced(file("a", row("anna")), file("b", row("anna")))
    changes = diff(before, file("a", refused=("anna@example.org,xx",)), file("b"))
    assert [(member.list, member.key) for member in changes.members_gone] == [("b", "anna@example.org")]


def test_a_second_row_of_somebody_keeps_nobody_else():
    """A duplicate is refused; its address stands in a good row, so it says nothing about a neighbour."""
    before = synced(file("a", row("k12"), row("k13")))
    changes = diff(before, file("a", row("k13"), refused=("k13@example.org,twice",)))
    assert [member.key for member in changes.members_gone] == ["k12@example.org"]


def test_a_list_without_files_is_gone():
    before = synced(file("a", row("anna")), file("b", row("bo")))
    changes = diff(before, file("a", row("anna")))
    assert changes.lists_gone == ("b",)
    assert changes.counts == Counts(gone=1, unchanged=1)


def test_a_fifth_may_go_and_no_more():
    everybody = [row(f"p{n}") for n in range(10)]
    before = synced(file("a", *everybody))
    assert not diff(before, file("a", *everybody[2:])).many_gone
    assert diff(before, file("a", *everybody[3:])).many_gone


# any files against any state

ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from([f"p{n}" for n in range(8)]),
        name=st.sampled_from(["", "Ann", "Bo"]),
        languages=st.sampled_from([(), ("en",), ("fr", "en")]),
        topics=st.sampled_from([(), ("trade",)]),
        embargo_access=st.sampled_from([None, "early", "late"]),
        extra=st.sampled_from([{}, {"desk": "EU"}]),
    ),
    max_size=6,
    unique_by=lambda one: one.address.key,
)
BAD = st.lists(st.sampled_from([f"p{n}@example.org,xx" for n in range(8)]), max_size=2).map(tuple)
FILES = st.dictionaries(
    st.sampled_from(["alpha", "beta", "gamma"]),
    st.tuples(ROWS, st.sampled_from([None, "early"]), BAD),
    max_size=3,
).map(lambda made: [file(name, *rows, tier=tier, refused=bad) for name, (rows, tier, bad) in made.items()])
SILENCES = st.dictionaries(
    st.sampled_from([f"p{n}@example.org" for n in range(8)]), st.sampled_from(Standing)
)


def hushed(present: Present, silences: dict[str, Standing]) -> Present:
    contacts = {
        key: replace(contact, standing=silences.get(key, contact.standing))
        for key, contact in present.contacts.items()
    }
    return replace(present, contacts=contacts)


@settings(max_examples=200, deadline=None)
@given(FILES, SILENCES, FILES)
def test_a_second_run_changes_nothing(first, silences, second):
    """Planted: a kept membership's person changed by another list's row; then each run changes it again."""
    present = hushed(synced(*first), silences)
    changes = diff(present, *second)
    again = diff(after(present, changes), *second)
    assert again.empty
    assert again.counts.kept_silent == changes.counts.kept_silent
    assert (again.counts.added, again.counts.changed, again.counts.gone) == (0, 0, 0)


@settings(max_examples=200, deadline=None)
@given(FILES, SILENCES, FILES)
def test_every_row_is_counted_once_and_no_silence_is_broken(first, silences, second):
    present = hushed(synced(*first), silences)
    changes = diff(present, *second)
    counts = changes.counts
    rows = sum(len(one.rows) for one in second)
    assert counts.added + counts.changed + counts.unchanged + counts.kept_silent == rows
    assert min(counts.added, counts.changed, counts.unchanged) >= 0
    silent = {key for key, contact in present.contacts.items() if contact.standing is not Standing.ACTIVE}
    touched = {member.key for member in (*changes.members_added, *changes.members_changed)}
    touched |= {key for key, _ in (*changes.changed_contacts, *changes.granted)}
    assert not silent & touched
    kept = after(present, changes).contacts
    assert all(kept[key].standing is contact.standing for key, contact in present.contacts.items())
