"""/metrics: figures that follow what happens, and no name in them (laws 1 and 9).

Planted once by hand and caught: held mail that counts as late; the log read from its first row at each
scrape; a run that began after the last scrape and is not read.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from distributor.store import log, rows, runs
from distributor.web.app import build
from tests.web.conftest import Office
from tests.world import NOW

SECOND = timedelta(seconds=1)
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Scrape:
    """{"name{label=value}": number} of one answer."""

    def __init__(self, client: TestClient) -> None:
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        self.text = answer.text
        families = text_string_to_metric_families(answer.text)
        self.samples = {_named(one.name, one.labels): one.value for f in families for one in f.samples}

    def __getitem__(self, name: str) -> float:
        return self.samples[f"distributor_{name}"]


def _named(name: str, labels: dict[str, str]) -> str:
    return name + (
        "{" + ",".join(f"{key}={value}" for key, value in sorted(labels.items())) + "}" if labels else ""
    )


def ended(office: Office, run: runs.Run, id: int, event: str, *, at: datetime = NOW) -> None:
    """The answer to an intent, with its row, as a ledger writes it."""
    assert office.world.answer(run, id, event)
    with office.system.store.write() as connection:
        chain = log.last(connection, name=f"run:{run.id}")
        mailout = connection.scalar(select(rows.delivery.c.mailout_id).where(rows.delivery.c.id == id))
        said = {"code": 250, "relay": "main", "address": "ada@example.org", "text": "250 ada@example.org"}
        row = log.Event("answer", at, "run", mailout_id=mailout, delivery_id=id, detail=event, **said)
        log.append(connection, chain=chain, events=[row])


def intended(office: Office) -> runs.Run:
    """A run with all but Cem's under way: he has no access."""
    run = office.world.run()
    assert office.world.lease(run)
    assert office.world.intend(run, office.ids) == set(office.ids[:2])
    with office.system.store.write() as connection:
        cem = rows.delivery.c.id == office.ids[2]
        connection.execute(update(rows.delivery).where(cem).values(state="cancelled", batch_id=None))
    return run


def test_attempts_are_counted_once_from_the_start_of_the_service(office: Office) -> None:
    run = intended(office)
    ended(office, run, office.ids[0], "accept", at=NOW + SECOND)
    client = TestClient(build(office.system))  # what was before this service is not its own
    ended(office, run, office.ids[1], "accept", at=NOW + 3 * SECOND)
    for _ in range(2):
        scrape = Scrape(client)
        assert scrape["attempts_total{outcome=accept,relay=main}"] == 1
        assert scrape["first_acceptance_seconds{kind=advance}"] == 3
        assert scrape["last_acceptance_seconds{kind=advance}"] == 3
        assert scrape["deliveries{kind=advance,state=sent}"] == 2
        assert scrape["deliveries{kind=advance,state=deferred}"] == 0


def test_first_and_last(office: Office, client: TestClient) -> None:
    run = intended(office)
    ended(office, run, office.ids[0], "accept", at=NOW + SECOND)
    assert Scrape(client)["last_acceptance_seconds{kind=advance}"] == 1
    ended(office, run, office.ids[1], "accept", at=NOW + 9 * SECOND)
    scrape = Scrape(client)
    assert scrape["first_acceptance_seconds{kind=advance}"] == 1
    assert scrape["last_acceptance_seconds{kind=advance}"] == 9


def test_a_run_that_came_and_went_between_two_scrapes(office: Office, client: TestClient) -> None:
    """Cron's way: each minute a run of its own."""
    run = intended(office)
    ended(office, run, office.ids[0], "accept")
    ended(office, run, office.ids[1], "defer")
    office.world.die(run)
    with office.system.store.write() as connection:
        connection.execute(update(rows.run).values(ended_at=NOW, chain_open=False))
    for _ in range(2):
        scrape = Scrape(client)
        assert scrape["attempts_total{outcome=accept,relay=main}"] == 1
        assert scrape["attempts_total{outcome=defer,relay=main}"] == 1


def test_lag_is_that_of_the_oldest_mail_that_waits(office: Office) -> None:
    later = replace(office.system, now=lambda: NOW + timedelta(seconds=90))
    with TestClient(build(later)) as client:
        assert Scrape(client)["lag_seconds"] == 90
        with office.system.store.write() as connection:
            connection.execute(update(rows.mailout).values(held_at=NOW, held_by="x", held_reason="wait"))
        assert (Scrape(client)["lag_seconds"], Scrape(client)["held"]) == (0, 1)
        with office.system.store.write() as connection:
            connection.execute(update(rows.mailout).values(held_at=None))
        run = intended(office)
        assert Scrape(client)["lag_seconds"] == 0  # under way
        office.world.answer(run, office.ids[0], "hand_back")
        assert Scrape(client)["lag_seconds"] == 90
        with office.system.store.write() as connection:
            connection.execute(update(rows.mailout).values(state="planned"))
        assert Scrape(client)["lag_seconds"] == 90  # due, and not open


def test_health(office: Office, client: TestClient) -> None:
    first = Scrape(client)
    assert (first["senders"], first["doubtful"], first["held"]) == (0, 0, 0)
    run = intended(office)
    office.world.answer(run, office.ids[0], "doubt")
    assert (Scrape(client)["senders"], Scrape(client)["doubtful"]) == (1, 1)
    name = f"relay_trouble{{run={run.id}}}"
    assert Scrape(client)[name] == 0
    with office.system.store.write() as connection:
        runs.note(connection, id=run.id, trouble="main at RCPT: 550 no ada@example.org", now=NOW)
        connection.execute(update(rows.mailout).values(state="cancelled"))
    later = Scrape(client)
    assert (later[name], later["doubtful"]) == (1, 1)


def test_no_name_of_anybody(office: Office, client: TestClient) -> None:
    Scrape(client)
    run = intended(office)
    ended(office, run, office.ids[0], "accept")
    text = Scrape(client).text
    assert "attempts_total" in text
    for secret in ("@", "Harbour", "2026-0042", "agencies", "example", "sqlite", "postgres"):
        assert secret not in text


@SQLITE
def test_what_is_long_over_is_not_counted(office: Office, client: TestClient) -> None:
    with office.system.store.write() as connection:
        connection.execute(update(rows.mailout).values(state="finished", finished_at=NOW))
    assert Scrape(client)["deliveries{kind=advance,state=queued}"] == 3
    later = replace(office.system, now=lambda: NOW + timedelta(days=2))
    with TestClient(build(later)) as client:
        assert "distributor_deliveries{" not in Scrape(client).text


@SQLITE
def test_without_database_there_are_no_figures(office: Office, tmp_path) -> None:
    for file in tmp_path.glob("distributor.db*"):
        if file.is_file():
            file.unlink()
    with TestClient(build(office.system)) as client:
        assert client.get("/metrics").status_code == 503
