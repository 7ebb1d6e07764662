"""Unsubscribing by the link in a mail (RFC 8058): GET changes nothing, POST does, again and again.

Planted once by hand and caught: GET that unsubscribes; a redirect after POST; a token that is only the id.
"""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from distributor.model.contact import Standing
from distributor.store import contacts, rows, suppressions
from tests.web.conftest import Office
from tests.world import PUBLISHER

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def standing(office: Office, key: str) -> Standing | None:
    with office.system.store.read() as connection:
        contact = contacts.find(connection, publisher_id=PUBLISHER, address_key=key)
    return contact.standing if contact else None


def logged(office: Office) -> list[str]:
    with office.system.store.read() as connection:
        return list(connection.scalars(select(rows.log.c.kind).order_by(rows.log.c.id)))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(office: Office, client: TestClient, method: str) -> None:
    """Mail scanners and previews open every link."""
    answer = client.request(method, f"/u/{office.token(0)}")
    assert answer.status_code == 200
    assert standing(office, "ada@example.org") is Standing.ACTIVE
    assert logged(office) == []


@pytest.mark.parametrize(
    "body",
    [
        # what a mail provider sends (RFC 8058 §3.1)
        {"data": ONE_CLICK},
        # the same as multipart
        {"files": {name: (None, value) for name, value in ONE_CLICK.items()}},
        # the button of our own page
        {},
    ],
)
def test_post_unsubscribes_at_once(office: Office, client: TestClient, body: dict) -> None:
    answer = client.post(f"/u/{office.token(0)}", follow_redirects=False, **body)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "You are unsubscribed" in answer.text
    assert standing(office, "ada@example.org") is Standing.UNSUBSCRIBED
    assert standing(office, "bea@example.org") is Standing.ACTIVE


def test_post_again_is_the_same(office: Office, client: TestClient) -> None:
    first, second = (client.post(f"/u/{office.token(0)}", data=ONE_CLICK) for _ in range(2))
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert logged(office) == ["unsubscribed"]


@SQLITE
def test_page_afterwards_says_so(office: Office, client: TestClient) -> None:
    assert "<button>" in client.get(f"/u/{office.token(0)}").text
    client.post(f"/u/{office.token(0)}")
    after = client.get(f"/u/{office.token(0)}").text
    assert "<button>" not in after
    assert "You are unsubscribed" in after


def test_somebody_on_no_list_is_silenced_by_address(office: Office, client: TestClient) -> None:
    client.post(f"/u/{office.token(2)}", data=ONE_CLICK)
    with office.system.store.read() as connection:
        assert suppressions.keys(connection, publisher_id=PUBLISHER) == {"cem@example.org"}


@SQLITE
def test_page_speaks_the_language_of_the_mail(office: Office, client: TestClient) -> None:
    page = client.get(f"/u/{office.token(1)}", headers={"Accept-Language": "en"})
    assert '<html lang="fr"' in page.text
    assert "<button>Se désabonner</button>" in page.text


@SQLITE
def test_page_shows_no_address_and_no_release(office: Office, client: TestClient) -> None:
    text = client.get(f"/u/{office.token(0)}").text
    assert "Harbour &amp; Sons" in text
    for secret in ("ada@", "Harbour opens", "2026-0042", "agencies"):
        assert secret not in text


def test_every_wrong_token_gets_the_same_answer(office: Office, client: TestClient) -> None:
    """Also the answer of an address that does not exist at all: nothing tells which ids there are."""
    first = office.token(0)
    signed_elsewhere = f"{office.ids[1]}.{first.partition('.')[2]}"
    no_such_delivery = office.system.tokens.unsubscribe(999_999)
    wrong = ["x", first[:-1], first + "a", first.upper(), signed_elsewhere, no_such_delivery, "0", "9" * 40]
    nowhere = client.get("/no/such/page")
    assert nowhere.status_code == 404
    for token in wrong:
        for answer in (client.get(f"/u/{token}"), client.post(f"/u/{token}", data=ONE_CLICK)):
            assert (answer.status_code, answer.content) == (404, nowhere.content), token
    assert standing(office, "ada@example.org") is Standing.ACTIVE
    assert logged(office) == []


@SQLITE
@pytest.mark.parametrize(
    ("header", "language"),
    [
        # plain, with a region, with weights, best first
        ("fr", "fr"),
        ("fr-BE,en;q=0.5", "fr"),
        ("en;q=0.3, fr;q=0.9", "fr"),
        # nothing we have words in; refused by weight; nonsense
        ("xx", "en"),
        ("fr;q=0", "en"),
        ("fr;q=zzz,,;;", "en"),
        ("", "en"),
    ],
)
def test_missing_page_speaks_the_readers_language(client: TestClient, header: str, language: str) -> None:
    page = client.get("/u/x", headers={"Accept-Language": header})
    assert f'<html lang="{language}"' in page.text
