"""The status page and /healthz: counts and states, and not a word of a release (law 1).

Planted once by hand and caught: the newest release's reference on the page; /healthz that is always ok.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from distributor.store import rows, runs
from distributor.web.app import build
from tests.web.conftest import Office
from tests.world import NOW

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRETS = ("Harbour opens", "2026-0042", "agencies", "ada@example.org", "sqlite:", "postgres")


def shown(text: str, state: str) -> list[str]:
    return re.findall(rf"<dt>{state}</dt><dd>(\d+)</dd>", text)


def test_page_counts(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert shown(page.text, "open") == ["1"]
    assert shown(page.text, "queued") == ["3"]
    assert shown(page.text, "sending") == ["1", "0"]  # of mailouts, of deliveries
    assert "11:00 Brussels · 10:00 London" in page.text


@SQLITE
@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/releases", "/docs", "/openapi.json"])
def test_no_word_of_a_release_before_its_embargo(client: TestClient, path: str) -> None:
    answer = client.get(path)
    whole = answer.text + str(answer.headers)
    assert [secret for secret in SECRETS if secret in whole] == []


def test_healthy(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "reasons": []})


@SQLITE
def test_without_database_not_healthy(office: Office, tmp_path: Path) -> None:
    for file in tmp_path.glob("distributor.db*"):
        if file.is_file():
            file.unlink()
    with TestClient(build(office.system)) as client:
        answer = client.get("/healthz")
        page = client.get("/", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert "Cela ne fonctionne pas" in page.text
    assert page.status_code == 503
    assert str(tmp_path) not in answer.text + page.text


def test_doubt_and_hold_call_for_a_person(office: Office, client: TestClient) -> None:
    assert "todo" not in client.get("/").text
    run = office.world.run()
    assert office.world.lease(run)
    office.world.intend(run, office.ids[:2])
    office.world.answer(run, office.ids[0], "doubt")
    with office.system.store.write() as connection:
        connection.execute(update(rows.release).values(held_at=NOW, held_by="officer", held_reason="wait"))
    with TestClient(build(office.system)) as later:
        page = later.get("/").text
    assert "1 held, 1 doubtful" in page
    assert shown(page, "queued") == ["1"]


@SQLITE
def test_everything_carries_the_same_headers(office: Office, client: TestClient) -> None:
    answers = [
        client.get("/"),
        client.get("/healthz"),
        client.get(f"/u/{office.token(0)}"),
        client.get("/nowhere"),
        client.put("/"),
        client.post("/u/x", content=b"x" * 20_000),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 405, 413]
    for answer in answers:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@SQLITE
def test_office_may_change_the_colours(office: Office, tmp_path: Path) -> None:
    own = tmp_path / "templates" / "web"
    own.mkdir(parents=True)
    (own / "style.css").write_text("body { color: rebeccapurple }")
    with TestClient(build(office.system)) as client:
        assert "rebeccapurple" in client.get("/").text


def test_what_goes_on_no_more_is_told_without_names(office: Office) -> None:
    """We live, so it is no 503; the reason stands in `todo`. Planted bug: the relay's words on the page."""
    run = office.world.run()
    reason = "main (relay.example.org:25) at MAIL: 550 5.7.1 not you"
    with office.system.store.write() as connection:
        runs.note(connection, id=run.id, trouble=reason, now=NOW)
    with TestClient(build(office.system)) as client:
        answer, page = client.get("/healthz"), client.get("/").text
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    [told] = answer.json()["reasons"]
    assert "nothing can be handed over" in told
    assert told in page
    assert "relay.example.org" not in answer.text + page
    assert "5.7.1" not in answer.text + page


def test_a_ledger_that_cannot_be_written_is_told(office: Office) -> None:
    """A sender that lives beats each second. Planted bug: only the sender's own log says so."""
    run = office.world.run()
    with office.system.store.write() as connection:
        connection.execute(update(rows.run).values(heartbeat_at=NOW - timedelta(seconds=11)))
    with TestClient(build(office.system)) as client:
        told = client.get("/healthz").json()
    assert told == {"status": "degraded", "reasons": ["a sender cannot write to the database"]}
    run.beat(now=NOW)
    with TestClient(build(office.system)) as client:
        assert client.get("/healthz").json()["status"] == "ok"
