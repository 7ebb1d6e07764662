"""A release on the command line: from its document to the log, what is refused, and what an officer sees."""

import email
from datetime import UTC, datetime, timedelta
from email import policy

import pytest

from distributor.mail.tokens import Tokens
from tests.journeys.office import EMBARGO, ENGLISH, press_office

BOTH = ("harbour.en.md", "harbour.fr.md")
WAVES = ("--embargo", EMBARGO, "--advance", "accredited=-24h")


@pytest.fixture
def office(tmp_path, monkeypatch, capsys, sqlite_url):
    """On a fresh SQLite file that has its schema already."""
    return press_office(tmp_path, monkeypatch, capsys, database=sqlite_url)


@pytest.fixture
def either_office(tmp_path, monkeypatch, capsys, database_url):
    return press_office(tmp_path, monkeypatch, capsys, database=database_url)


def test_a_release_from_document_to_log(either_office):
    office = either_office
    added = office.json("release", "add", *BOTH, *WAVES)
    reference = added["reference"]
    assert (added["state"], added["revision"], added["approved"], added["held"]) == ("draft", 1, None, None)
    assert [version["language"] for version in added["versions"]] == ["en", "fr"]
    assert datetime.fromisoformat(added["embargo"]).isoformat() == "2031-03-04T10:00:00+00:00"
    assert added["advance"] == [{"tier": "accredited", "at": "2031-03-03T10:00:00+00:00"}]
    assert (added["topics"], added["lists"], added["publisher"]) == (["trade"], [], "press")

    shown = office.json("release", "show", reference)
    assert shown["versions"] == added["versions"]

    audience = office.json("release", "audience", reference)
    who = {one["address"]: (one["language"], one["mailout"], one["wave"]) for one in audience["recipients"]}
    assert who == {
        "ada@example.org": ("en", "advance", "accredited"),
        "bo@example.org": ("fr", "release", ""),
        "chi@example.org": ("en", "release", ""),
    }
    because = [{"list": "trade", "topic": "trade", "covers": "trade"}]
    assert audience["recipients"][0]["reasons"] == because
    assert [one["address"] for one in audience["excluded"]] == ["fin@example.org"]

    preview = office.json("release", "preview", reference, "--out", "proof")
    assert preview["hash"] == shown["hash"]
    assert f"{reference}.fr.advance.eml" in preview["files"]
    assert len(list((office.folder / "proof").iterdir())) == 12  # 2 languages, 2 forms, 3 kinds

    proposed = office.json("release", "plan", reference)
    assert (proposed["planned"], [one["size"] for one in proposed["mailouts"]]) == (False, [1, 3])
    approved = office.json("release", "approve", reference, "--seen", preview["hash"][:12])
    assert (approved["hash"], approved["recipients"]) == (preview["hash"], 3)
    planned = office.json("release", "plan", reference)
    assert [(one["kind"], one["wave"], one["state"], one["size"]) for one in planned["mailouts"]] == [
        ("advance", "accredited", "planned", 1),
        ("release", "", "planned", 3),
    ]
    zones = planned["mailouts"][1]["zones"]
    assert zones["Europe/Brussels"] == "2031-03-04T11:00:00+01:00"
    assert zones["America/New_York"] == "2031-03-04T05:00:00-05:00"

    office.done("release", "hold", reference, "--reason", "the vote is postponed", "--as", "Ada Officer")
    held = office.json("release", "show", reference)["held"]
    assert (held["reason"], held["by"]) == ("the vote is postponed", "Ada Officer")
    office.done("release", "resume", reference)
    assert office.json("release", "show", reference)["held"] is None

    office.done("release", "cancel", reference, "--yes")
    log = office.json("log", reference)
    assert [one["state"] for one in log["mailouts"]] == ["cancelled", "cancelled"]
    kinds = [event["kind"] for event in log["events"]]
    assert kinds == ["drafted", "approved", "planned", "planned", "held", "resumed", "cancelled"]
    assert office.mails() == []


def test_every_command_speaks_to_people_too(office):
    office.done("release", "add", *BOTH, *WAVES, "--reference", "r-1")
    for argv, words in {
        ("release", "list"): ["r-1", "waits for approval"],
        ("release", "show", "r-1"): ["Harbour opens its gates", "11:00 Brussels", "Ships may enter"],
        ("release", "audience", "r-1"): ["3 recipients", "list trade follows trade", "no list covers trade"],
        ("release", "plan", "r-1"): ["accredited", "10:00 London", "release approve r-1"],
        ("release", "preview", "r-1"): ["--seen"],
        ("release", "approve", "r-1"): ["Approved: r-1", "Undo: distributor release cancel r-1"],
        ("release", "hold", "r-1", "--reason", "wait"): ["release resume r-1"],
        ("todo",): ["wait", "distributor release resume r-1"],
        ("release", "resume", "r-1"): ["goes on"],
        ("log", "r-1"): ["advance accredited", "approved by"],
        ("log",): ["r-1"],
        ("doubt", "list"): ["No doubt"],
    }.items():
        said = office.done(*argv).out
        assert [word for word in words if word not in " ".join(said.split())] == [], (argv, said)


@pytest.mark.parametrize("argv", ["release list", "release show r-1", "release audience r-1", "log r-1"])
def test_tables_fold_at_80_columns(office, monkeypatch, argv):
    office.done("release", "add", *BOTH, *WAVES, "--reference", "r-1")
    monkeypatch.setenv("COLUMNS", "80")
    assert max(len(line) for line in office.done(*argv.split()).out.splitlines()) <= 80


def test_empty_states_say_what_to_do_next(office):
    for argv in (("release", "list"), ("todo",), ("log",)):
        assert "distributor release add FILE" in office.done(*argv).out
    assert office.json("todo") == []
    assert office.json("release", "list") == []


def test_the_approved_bytes_are_bound(office):
    """Planted bug: let `preview` render again after approval, and the new name shows."""
    office.done("release", "add", *BOTH, "--reference", "r-1")
    shown = office.json("release", "show", "r-1")["hash"]
    office.configure("Harbour Press", "Port Authority")
    assert "changed since it was shown" in office.refused("release", "approve", "r-1", "--seen", shown)
    assert office.json("release", "show", "r-1")["state"] == "draft"

    office.done("release", "approve", "r-1", "--seen", office.json("release", "show", "r-1")["hash"])
    office.configure("Port Authority", "Third Name")
    office.done("release", "preview", "r-1", "--out", "after")
    mail = (office.folder / "after" / "r-1.en.release.eml").read_bytes()
    assert b"Port Authority" in mail
    assert b"Third Name" not in mail


def test_preview_files_are_the_parts_of_the_mail(office):
    office.done("release", "add", *BOTH, "--reference", "r-1")
    office.done("release", "preview", "r-1", "--out", "look")
    folder = office.folder / "look"
    message = email.message_from_bytes((folder / "r-1.fr.release.eml").read_bytes(), policy=policy.default)
    assert message["Subject"] == "Le port ouvre ses portes"
    assert "par le nord" in (folder / "r-1.fr.release.txt").read_text("utf-8")
    assert "par le nord" in (folder / "r-1.fr.release.html").read_text("utf-8")
    assert {file.stat().st_mode & 0o077 for file in folder.iterdir()} == {0}  # law 1: for no other user


def test_send_needs_an_answer(office):
    said = office.run("release", "send", "harbour.en.md", "--reference", "r-1")
    assert said.code == 1
    assert "--yes" in said.err
    assert "Harbour opens its gates" in said.out
    assert office.json("release", "show", "r-1")["state"] == "draft"
    assert office.json("release", "plan", "r-1")["planned"] is False


def test_send_does_it_all(either_office):
    office = either_office
    sent = office.json("release", "send", *BOTH, "--reference", "r-1", "--yes")
    assert (sent["state"], sent["audience"]) == ("approved", {"recipients": 3, "excluded": 1})
    assert office.json("send-due")["sent"] == 3
    shown = office.json("release", "show", "r-1")
    assert shown["state"] == "published"
    log = office.json("log", "r-1")
    (mailout,) = log["mailouts"]
    assert (mailout["kind"], mailout["state"], mailout["counts"]) == ("release", "finished", {"sent": 3})
    assert 0 <= mailout["first_ms"] <= mailout["last_ms"]
    for delivery in log["deliveries"]:
        (attempt,) = delivery["attempts"]
        assert (delivery["state"], attempt["number"], attempt["code"]) == ("sent", 1, 250)
        assert attempt["started"] <= attempt["finished"]
        assert len(delivery["bytes_sha256"]) == 64
        assert delivery["message_id"].endswith("@example.org>")
    recipients = office.json("release", "audience", "r-1")["recipients"]
    assert {one["state"] for one in recipients} == {"sent"}
    assert "its text is already out" in office.refused(
        "release", "send", "harbour.en.md", "--reference", "r-1"
    )


def test_log_filters_and_csv(office):
    office.done("release", "send", *BOTH, "--reference", "r-1", "--yes")
    office.done("send-due")
    only = office.json("log", "--contact", "BO@example.org")
    assert [(one["address"], one["reference"]) for one in only["deliveries"]] == [("bo@example.org", "r-1")]
    assert office.json("log", "r-1", "--state", "rejected")["deliveries"] == []
    assert "No delivery fits" in office.done("log", "r-1", "--contact", "nobody@example.org").out
    assert len(office.json("log", "r-1", "--since", "1h")["deliveries"]) == 3
    assert office.json("log", "r-1", "--since", "2090-01-01")["deliveries"] == []
    lines = office.done("log", "r-1", "--csv", "-").out.splitlines()
    assert lines[0].startswith("reference,mailout,kind,wave,address")
    assert len(lines) == 4
    office.done("log", "r-1", "--csv", "log.csv")
    assert (office.folder / "log.csv").read_bytes().startswith(b"\xef\xbb\xbfreference,")


def test_the_same_documents_again_change_nothing(office):
    first = office.json("release", "add", *BOTH)
    again = office.json("release", "add", *BOTH)
    assert (again["reference"], again["revision"], again["created"]) == (first["reference"], 1, False)


def test_the_same_documents_with_other_wishes_are_the_same_release(office):
    first = office.json("release", "add", *BOTH)
    again = office.json("release", "add", *BOTH, "--topics", "fisheries", "--lists", "TRADE")
    assert (again["reference"], again["revision"], again["created"]) == (first["reference"], 2, True)
    assert again["lists"] == ["trade"]  # as the list is called
    assert again["diff"] == ["- topics: trade", "+ topics: fisheries", "+ lists: trade"]
    assert office.json("release", "show", first["reference"])["diff"] == again["diff"]


def test_a_changed_document_waits_beside_the_revision_in_force(office):
    office.done("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO)
    office.done("release", "approve", "r-1")
    office.write("harbour.en.md", ENGLISH.replace("on Monday", "on Tuesday"))
    office.done("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO)
    shown = office.json("release", "show", "r-1")
    assert (shown["revision"], shown["state"], shown["in_force"]) == (2, "draft", 1)
    assert any("Tuesday" in line for line in shown["diff"])
    assert "revision 1 is in force" in " ".join(office.done("release", "list").out.split())
    office.done("release", "approve", "r-1")
    states = [one["state"] for one in office.json("log", "r-1")["mailouts"]]
    assert states == ["cancelled", "planned"]


def test_a_cancelled_release_can_be_added_again(office):
    office.done("release", "send", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO, "--yes")
    office.done("release", "cancel", "r-1", "--yes")
    for verb in (("hold", "--reason", "x"), ("lift", "--yes"), ("embargo", "2031-03-05 11:00 Brussels time")):
        assert "it was cancelled" in office.refused("release", verb[0], "r-1", *verb[1:])
    for verb in (("copy", "anna@example.org"), ("correct", "harbour.en.md", "--yes")):
        line = office.refused("release", verb[0], "r-1", *verb[1:])
        assert "it was cancelled, and nobody has it. To send it after all, add its documents again" in line
    again = office.json("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO)
    assert (again["revision"], again["state"]) == (2, "draft")


def test_what_a_copy_is_told_to_send_is_said_to_stay(office):
    """Planted: “It goes”, and a `send-due` that ends as if it had done all."""
    office.done("release", "add", "harbour.en.md", "--reference", "r-1")
    office.done("db", "backup", "copy.db")
    config = office.folder / "config.toml"
    config.write_text(
        config.read_text().partition("[database]")[0] + '[database]\nurl = "sqlite:///copy.db"\n'
    )
    said = office.done("release", "approve", "r-1")
    assert "It goes after: distributor check --confirm-copy." in said.out
    assert "Nothing is sent from here: this is a backup." in said.err
    said = office.run("send-due")
    assert (said.code, said.out.partition(",")[0]) == (1, "0 opened")
    assert "send-due: nothing is sent: this is a backup. If this one sends now" in said.err


def test_what_waits_for_a_lift_is_not_said_to_go(office):
    office.done("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", "until lifted")
    said = office.done("release", "approve", "r-1").out
    assert "To everybody else it goes after: distributor release lift r-1." in said
    assert "It goes while" not in said


def test_audience_filters(office):
    office.done("release", "add", *BOTH, "--topics", "trade,fisheries", "--reference", "r-1")

    def who(*filters):
        return [
            one["address"][:3] for one in office.json("release", "audience", "r-1", *filters)["recipients"]
        ]

    assert who() == ["ada", "bo@", "chi", "fin"]
    assert who("--list", "fish") == ["chi", "fin"]
    assert who("--language", "fr") == ["bo@"]
    assert "has no version in “de”. There is en, fr." in office.refused(
        "release", "audience", "r-1", "--language", "de"
    )


def _in_three_hours():
    """As people write it; never midnight, which is refused."""
    return f"{(datetime.now(UTC) + timedelta(hours=3)).replace(minute=7):%Y-%m-%d %H:%M} UTC"


def test_an_advance_whose_time_has_passed_is_told_before_it_goes(office):
    """Planted bug: the plan moves it to the approval and says nothing."""
    soon = _in_three_hours()
    late = ("--embargo", soon, "--advance", "accredited=-24h", "--advance", "agencies=-1h")
    added = office.json("release", "add", *BOTH, *late, "--reference", "r-1")
    told = "the advance copy for accredited was due"
    nobody = (
        "no list and no contact has the tier “agencies”: there is accredited. As it stands that advance copy"
    )
    assert [warning[: len(told)] for warning in added["warnings"][:1]] == [told]
    assert any(warning.startswith(nobody) for warning in added["warnings"])
    assert told in office.done("release", "plan", "r-1").out
    assert told in office.done("release", "approve", "r-1").out


def test_an_advance_days_in_the_past_is_taken_for_a_slip_unless_a_person_approves_it(office):
    soon = _in_three_hours()
    slip = ("--embargo", soon, "--advance", "accredited=-240h", "--reference", "r-1")
    said = office.refused("release", "send", *BOTH, *slip, "--yes")
    assert "passed more than a day ago" in said
    assert "r-1 is kept as a draft" in said
    assert "Approved" in office.done("release", "approve", "r-1").out


def test_what_cannot_be_rendered_is_kept_as_a_draft_and_that_is_said(office):
    office.write("templates/email/release.txt.j2", "{{ page.headlin }} {{ fields.reason }}")
    said = office.refused("release", "send", *BOTH, "--reference", "r-1", "--yes")
    assert "r-1 is kept as a draft" in said
    assert office.json("release", "list")[0]["state"] == "draft"


def test_a_held_release_goes_after_resume(office):
    office.done("release", "add", *BOTH, "--reference", "r-1")
    office.done("release", "hold", "r-1", "--reason", "wait")
    said = office.done("release", "approve", "r-1").out
    assert "goes after: distributor release resume r-1" in said
    assert "It goes while" not in said


def test_without_approval_a_complete_draft_goes_at_once(office):
    office.write(
        "config.toml", (office.folder / "config.toml").read_text() + "[approval]\nrequired = false\n"
    )
    added = office.done("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO)
    assert "no approval is required" in added.out
    assert office.json("release", "plan", "r-1")["planned"] is True
    bare = office.write("bare.md", "---\ntitle: A line for nobody\nlanguage: en\n---\nText.\n")
    kept = office.done("release", "add", bare, "--reference", "r-2")
    assert "neither topics nor lists" in kept.err
    assert office.json("release", "show", "r-2")["state"] == "draft"


def test_todo_answers_work_as_they_stand(office):
    """Each answer is typed as shown, and what it answers is gone."""
    office.done("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO)
    asked = []
    for _ in range(2):
        (entry,) = office.json("todo")
        assert entry.keys() >= {"what", "reference", "since", "answer"}
        assert "Harbour" not in str(entry)  # law 1: no headline
        asked.append(entry["kind"])
        office.done(*entry["answer"].split()[1:])
        if asked == ["approval"]:
            office.done("release", "hold", "r-1", "--reason", "wait")
    assert asked == ["approval", "held"]
    assert office.json("todo") == []


# Before the release is out (law 1): (who, may have a test copy)
BEFORE = [
    ("desk@example.org", True),  # [publisher] test_addresses
    ("DESK@Example.org", True),  # the same in capitals
    ("ada@example.org", True),  # a contact with embargo access
    ("chi@example.org", False),  # a contact without
    ("stranger@example.org", False),  # nobody we know
]


@pytest.mark.parametrize("source", ["r-1", "harbour.en.md"], ids=["reference", "file"])
@pytest.mark.parametrize(("address", "allowed"), BEFORE)
def test_law_1_who_may_have_a_test_copy(office, address, allowed, source):
    """Planted bug: let `_may_have_it` ask nothing, and the stranger gets the text early."""
    office.done("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO)
    if not allowed:
        assert "before publication" in office.refused("release", "test", source, "desk@example.org", address)
        assert office.mails() == []
        return
    office.done("release", "test", source, address)
    (name,) = office.mails()
    message = email.message_from_bytes((office.folder / "outbox" / name).read_bytes(), policy=policy.default)
    assert message["Subject"].startswith("TEST: ")
    assert message["To"].casefold() == address.casefold()
    assert message["X-Release-Reference"] in ("r-1", "TEST")


def test_a_test_copy_counts_for_nothing(office):
    office.done("release", "add", "harbour.en.md", "--reference", "r-1", "--embargo", EMBARGO)
    office.done("release", "test", "r-1", "desk@example.org")
    office.done("release", "test", "r-1", "desk@example.org")
    assert len(office.mails()) == 2  # each with a Message-ID of its own
    mail = (office.folder / "outbox" / office.mails()[0]).read_text()
    assert "EMBARGOED until" in " ".join(mail.split())  # it lies in a mailbox before its time
    token = mail.partition("unsubscribe%20")[2].partition(">")[0]
    secret = (office.folder / "state" / "secret.key").read_bytes()
    assert Tokens(secret).read_unsubscribe(token) == 0  # which is no delivery
    log = office.json("log", "r-1")
    assert (log["mailouts"], log["deliveries"]) == ([], [])
    assert [event["detail"] for event in log["events"] if event["kind"] == "answer"] == ["test copy"] * 2


def test_after_publication_a_test_copy_may_go_anywhere_but_to_the_silent(office):
    office.done("release", "send", "harbour.en.md", "--reference", "r-1", "--yes")
    office.done("send-due")
    office.done("release", "test", "r-1", "stranger@example.org")
    office.done("contacts", "suppress", "chi@example.org", "--reason", "left")
    assert "nothing is sent to it" in office.refused("release", "test", "r-1", "chi@example.org")
    office.write(
        "config.toml",
        (office.folder / "config.toml").read_text() + '[sending]\nallow_recipients = ["*.test"]\n',
    )
    assert "allow_recipients" in office.refused("release", "test", "r-1", "stranger@example.org")


ADD = ("release", "add", "harbour.en.md")

# What is typed, and what the one line must say: the fault, and the cure or the place.
BAD = {
    "an unknown topic": ((*ADD, "--topics", "trad"), ["trad", "Did you mean “trade”"]),
    "an unknown list": ((*ADD, "--lists", "trde"), ["trde", "Did you mean “trade”"]),
    "an unknown list to leave out": ((*ADD, "--exclude", "gone"), ["gone"]),
    "an embargo at a time that does not exist": (
        (*ADD, "--embargo", "2031-03-30 02:30 Brussels time"),
        ["--embargo", "02:30"],
    ),
    "an embargo that happens twice that night": (
        (*ADD, "--embargo", "2031-10-26 02:30 Brussels time"),
        ["twice"],
    ),
    "an embargo at bare midnight": ((*ADD, "--embargo", "2031-03-04 00:00 Brussels time"), ["midnight"]),
    "an embargo that has passed": ((*ADD, "--embargo", "2001-03-04 11:00 Brussels time"), ["passed"]),
    "an empty embargo": ((*ADD, "--embargo", ""), ["no time", "none"]),
    "an event with half a time": ((*ADD, "--embargo", "after the vote (expected 12:30)"), ["date", "lifted"]),
    "a list that is named and excluded": (
        (*ADD, "--lists", "trade", "--exclude", "TRADE"),
        ["both", "trade"],
    ),
    "an embargo that is no time": ((*ADD, "--embargo", "soon"), ["soon"]),
    "an embargo and a time of its own": ((*ADD, "--embargo", EMBARGO, "--at", EMBARGO), ["--at"]),
    "an advance copy without an embargo": ((*ADD, "--advance", "accredited=-24h"), ["advance", "embargo"]),
    "an advance copy after the embargo": (
        (*ADD, "--embargo", EMBARGO, "--advance", "accredited=24h"),
        ["before the embargo"],
    ),
    "a reference with a line break": ((*ADD, "--reference", "r-1\nBcc: x"), ["reference"]),
    "a reference that leaves the folder": ((*ADD, "--reference", "../r-1"), ["reference"]),
    "an unknown type": ((*ADD, "--type", "poem"), ["poem", "statement"]),
    "no language": ((*ADD, "--language", "../../x"), ["language"]),
    "a language for several documents": (("release", "add", *BOTH, "--language", "en"), ["--language"]),
    "the same language twice": (("release", "add", "harbour.en.md", "harbour.en.md"), ["second version"]),
    "no such file": (("release", "add", "harbor.md"), ["harbor.md"]),
    "a hash that does not fit": (("release", "approve", "r-1", "--seen", "0" * 12), ["--seen", "preview"]),
    "a hash that is too short": (("release", "approve", "r-1", "--seen", "0"), ["--seen"]),
    "an unknown reference": (("release", "show", "r-2"), ["r-2", "Did you mean “r-1”"]),
    "another unknown reference": (("release", "approve", "nothing-like-it"), ["release list"]),
    "a hold without a reason": (("release", "hold", "r-1", "--reason", " "), ["reason"]),
    "a resume of what is not held": (("release", "resume", "r-1"), ["not held"]),
    "a cancel of what is not planned": (("release", "cancel", "r-1", "--yes"), ["r-1", "planned"]),
    "a cancel without an answer": (("release", "cancel", "r-1"), ["--yes"]),
    "an audience of an unknown list": (("release", "audience", "r-1", "--list", "trde"), ["trade"]),
    "a test copy to no address": (("release", "test", "r-1", "desk at example"), ["name@domain"]),
    "a test copy in no version": (
        ("release", "test", "r-1", "desk@example.org", "--language", "fr"),
        ["fr"],
    ),
    "doubt where there is none": (("doubt", "resend", "r-1"), ["nothing is doubtful"]),
    "a state that is none": (("log", "r-1", "--state", "rejcted"), ["Did you mean “rejected”"]),
    "a time that is none": (("log", "--since", "yesterweek"), ["--since"]),
    "csv and json at once": (("log", "--csv", "-", "--json"), ["--csv"]),
}


@pytest.mark.parametrize(("argv", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_line_and_changes_nothing(office, argv, words):
    office.done("release", "add", "harbour.en.md", "--reference", "r-1")
    before = office.everything()
    line = office.refused(*argv)
    assert [word for word in words if word not in line] == [], line
    assert office.everything() == before


# Documents that are refused: (front matter that replaces "topics: [trade]", what the line must say)
BAD_DOCUMENTS = [
    ("topics: [trade]\ntitle2: x", ["title2"]),  # a key we do not know
    ("topics: [cheese]", ["cheese"]),  # a topic we do not know
    ("topics: [trade]\nalso: [nobody]", ["nobody", "name@domain"]),  # an address that is none
    ('topics: [trade]\nreference: "a b"', ["a b"]),  # a reference that is none
    ("topics: [trade]\npublisher: another", ["another", "publisher: press"]),  # somebody else's
    ("topics: [trade]\nembargo: soon", ["line 5", "soon", "until lifted"]),  # no time, on this line
]


@pytest.mark.parametrize(("front", "words"), BAD_DOCUMENTS)
def test_a_bad_document_is_refused(office, front, words):
    office.write("bad.md", ENGLISH.replace("topics: [trade]", front))
    line = office.refused("release", "add", "bad.md")
    assert [word for word in ["bad.md", *words] if word not in line] == [], line
    assert office.json("release", "list") == []


@pytest.mark.parametrize("headline", ["Gates \\u0007 open", "=?utf-8?q?Gates=0d=0aBcc:_x?="])
def test_a_headline_that_must_not_reach_a_header_is_refused(office, headline):
    office.write("bad.md", ENGLISH.replace("Harbour opens its gates", f'"{headline}"'))
    assert "bad.md" in office.refused("release", "add", "bad.md")
    assert office.json("release", "list") == []


def test_a_broken_template_stops_approval(office):
    office.done("release", "add", "harbour.en.md", "--reference", "r-1")
    office.write("templates/email/release.txt.j2", "{{ page.headlin }} {{ fields.reason }}")
    for verb in ("approve", "preview"):
        line = office.refused("release", verb, "r-1")
        assert "release.txt.j2" in line
    (office.folder / "templates/email/release.txt.j2").unlink()
    assert office.json("release", "show", "r-1")["state"] == "draft"
    assert not (office.folder / "preview").exists()


@pytest.mark.parametrize(
    "argv",
    ["release nonsense", "release approve", "release add", "doubt settle r-1", "release hold r-1"],
)
def test_usage_is_2(office, argv):
    assert office.run(*argv.split()).code == 2


VERBS = [
    "add",
    "send",
    "list",
    "show",
    "preview",
    "audience",
    "approve",
    "plan",
    "hold",
    "resume",
    "cancel",
    "test",
]


@pytest.mark.parametrize(
    "argv",
    ["log", "todo", "doubt list", "doubt settle", "doubt resend", *(f"release {verb}" for verb in VERBS)],
)
def test_help_has_an_example(office, argv):
    said = " ".join(office.done(*argv.split(), "--help").out.split())
    assert f"Example: distributor {argv}" in said
