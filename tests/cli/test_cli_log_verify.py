"""`log verify` on the command line: exit codes, one line a finding, JSON, and what it refuses."""

import pytest
from sqlalchemy import update

from distributor.store import rows
from tests.house import House, people
from tests.proof import tampering

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(tmp_path, database_url):
    made = House(tmp_path, database_url)
    made.configure()
    made.furnish(trade=people(2))
    with made.system() as built:
        made.release(built)
    yield made
    made.close()


def _alter(house):
    with house.system() as built, tampering(built.store) as connection:
        connection.execute(update(rows.log).where(rows.log.c.seq == 1).values(actor="eve"))


def test_what_nobody_touched(office):
    document = office.json("log", "verify")
    assert (document["valid"], document["findings"], document["more"]) == (True, [], 0)
    assert f"Head: {document['head']}" in office.run("log", "verify").stdout
    assert office.json("log", "verify", "--head", document["head"])["valid"]


def test_each_finding_is_a_line_and_the_exit_is_1(office):
    head = office.json("log", "verify")["head"]
    _alter(office)
    done = office.run("log", "verify", "--head", head, expect=1)
    assert done.stdout.splitlines()[0].startswith("office row 1: does not follow from the row before")
    assert "Head:" not in done.stdout
    assert done.stderr.startswith("distributor: log: it is not as it was written: 1 finding. ")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("log", "verify", "--head", "abc"), "a head is 64 hexadecimal digits"),
        (("log", "--head", "0" * 64), "--head belongs to “log verify”"),
        (("log", "verify", "--state", "sent"), "it proves the whole log"),
    ],
)
def test_what_it_refuses(office, argv, says):
    assert says in office.run(*argv, expect=1).stderr
