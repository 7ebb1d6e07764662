"""Law 8. Nobody is mailed by accident: no relay, a test system, a copy, too late, too many: nothing goes.

Planted bugs, each caught here: a mailer that takes a relay on this machine when none is configured (the
outbox); `prepare` without `allowed` (the test system); `original()` left out of `live`, `look` that stores
the fingerprint it sees, a backup without its mark (the copies); the limits of `late` the wrong way round,
`<` for `<=`, `_open` that does not ask it, `resume` that does not accept the lateness (the late mailout);
`prepare` that does not hold what is outside the tolerance, `<` for `<=` in it (the audience).
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from distributor.cli.app import main
from distributor.store import installation
from distributor.system import System
from tests.house import NOW, REFERENCE, House, mailouts, people, states

LIFT = NOW + timedelta(hours=2)
EMBARGO = "2030-03-04T12:00+01:00"
SECOND = timedelta(seconds=1)
EVERYBODY = sorted([*people(8), "wire@example.eu"])


@pytest.fixture
def typed(house, monkeypatch, capfd):
    """`typed("todo", "--json")` in the house's folder; returns the exit code and stdout."""

    def type_(*argv: str, folder: Path = house.folder) -> tuple[int, str]:
        monkeypatch.chdir(folder)
        capfd.readouterr()
        code = main(argv)
        return code, capfd.readouterr().out

    return type_


def _kept(house: House) -> list[str]:
    """Who has a mail in the outbox folder."""
    mails = [message_from_bytes(file.read_bytes()) for file in (house.folder / "outbox").glob("*.eml")]
    return sorted(mail["To"] for mail in mails)


def _approved(house: House, built: System, **wishes: object) -> None:
    house.sync(built)
    house.add(built, **wishes)
    house.approve(built)
    built.plan()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_relay_mail_goes_to_a_folder(house, work):
    with house.system() as built:
        house.release(built)
        assert work(built)["accept"] == 9
    assert _kept(house) == EVERYBODY


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_test_system_queues_only_whom_it_may_mail(house, work):
    house.configure(extra='[sending]\nallow_recipients = ["@example.com", "wire@example.eu"]\n')
    allowed = [one for one in EVERYBODY if one.endswith("@example.com")] + ["wire@example.eu"]
    with house.system() as built:
        house.release(built)
        assert sorted(states(built)) == allowed
        work(built)
    assert _kept(house) == allowed


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_limit_that_came_after_the_approval_counts_too(house, work):
    with house.system() as built:
        _approved(house, built)
    house.configure(extra='[sending]\nallow_recipients = ["wire@example.eu"]\n')
    with house.system() as built:
        work(built)
    assert _kept(house) == ["wire@example.eu"]


# Copies of a database: each gives the URL of the copy.


@contextmanager
def _backup(house: House) -> Iterator[str]:
    with house.system() as built:
        installation.backup(built.store, to=house.folder / "backup.db")
    yield f"sqlite:///{house.folder / 'backup.db'}"


@contextmanager
def _file_copy(house: House) -> Iterator[str]:
    shutil.copy(house.database, house.folder / "copy.db")
    yield f"sqlite:///{house.folder / 'copy.db'}"


_ALONE = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"


@contextmanager
def _database_copy(house: House) -> Iterator[str]:
    url = make_url(house.database_url)
    name = f"{url.database}_copy"
    server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(_ALONE, (url.database,))
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {url.database}")
        yield url.set(database=name).render_as_string(hide_password=False)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    ("database_url", "copied"),
    [
        ("sqlite", _backup),  # `db backup`, restored
        ("sqlite", _file_copy),  # cp
        ("postgres", _database_copy),  # what pg_dump and pg_restore make
    ],
    indirect=["database_url"],
)
def test_a_copy_sends_nothing_until_somebody_confirms_it(house, work, typed, copied):
    with house.system() as built:
        _approved(house, built, embargo=EMBARGO)
    with copied(house) as url:
        shutil.copytree(house.folder / "state", house.folder / "elsewhere" / "state")  # with its secret
        other = House(house.folder / "elsewhere", url, clock=house.clock)
        other.configure()
        other.furnish(trade=people(8), agencies=["wire@example.eu"])
        house.clock.now = LIFT
        with other.system() as restored:
            work(restored)
        assert (_kept(other), _kept(house)) == ([], [])
        [entry] = [one for one in _todo(typed, other) if one["kind"] == "copy"]
        assert entry["answer"] == "distributor check --confirm-copy"
        typed(*entry["answer"].split()[1:], folder=other.folder)
        assert [one for one in _todo(typed, other) if one["kind"] == "copy"] == []
        with other.system() as restored:
            work(restored)
        assert _kept(other) == EVERYBODY


def _todo(typed, house: House) -> list[dict[str, str]]:
    code, out = typed("todo", "--json", folder=house.folder)
    assert code == 0
    return json.loads(out)


def _answered(typed, house: House, *, kind: str, words: str) -> None:
    """What waits is shown with its reason, and its answer is typed as it stands."""
    [entry] = _todo(typed, house)
    assert (entry["kind"], entry["reference"]) == (kind, REFERENCE)
    assert words in entry["what"]
    code, _ = typed(*entry["answer"].split()[1:])
    assert code == 0
    assert _todo(typed, house) == []


# Embargo or none, its due, how late the clockwork wakes, and whether it waits for an officer then.
LATE = [
    ("sqlite", None, NOW, timedelta(minutes=60), False),  # just within late_limit
    ("postgres", None, NOW, timedelta(minutes=60) + SECOND, True),
    ("postgres", EMBARGO, LIFT, timedelta(minutes=15), False),  # just within late_limit_embargoed
    ("sqlite", EMBARGO, LIFT, timedelta(minutes=15) + SECOND, True),
]


@pytest.mark.parametrize(("database_url", "embargo", "due", "late", "held"), LATE, indirect=["database_url"])
def test_a_mailout_that_is_late_waits_for_an_officer(house, work, typed, embargo, due, late, held):
    with house.system() as built:
        _approved(house, built, embargo=embargo)
        house.clock.now = due + late
        work(built)
        if held:
            assert (_kept(house), mailouts(built)) == ([], {"release": "prepared"})
            _answered(typed, house, kind="late", words="the limit is")
            work(built)
        assert mailouts(built) == {"release": "finished"}
    assert _kept(house) == EVERYBODY


# How many more people there are than were approved, the tolerance being the larger of 5% and 20.
GROWN = [
    ("sqlite", 20, False),
    ("postgres", 21, True),
]


@pytest.mark.parametrize(("database_url", "more", "held"), GROWN, indirect=["database_url"])
def test_an_audience_that_grew_beyond_its_tolerance_waits_for_an_officer(house, work, typed, more, held):
    with house.system() as built:
        _approved(house, built)
        house.furnish(trade=people(8 + more), agencies=["wire@example.eu"])
        house.sync(built)
        work(built)
        if held:
            assert (_kept(house), mailouts(built)) == ([], {"release": "prepared"})
            _answered(typed, house, kind="held", words=f"{9 + more} recipients, 9 when it was approved")
            work(built)
        assert mailouts(built) == {"release": "finished"}
    assert len(_kept(house)) == 9 + more
