"""Composing: the templates as approved, each recipient's own language, fields and reason."""

from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from distributor.pipeline.compose import composer
from distributor.store import mailouts, rows
from distributor.store.deliveries import delivery
from tests.house import DOCUMENT, HEADLINE, House

FRENCH = DOCUMENT.replace("language: en", "language: fr").replace(HEADLINE, "Le port s’ouvre à tous")


@pytest.fixture
def messages(tmp_path, database_url):
    """By address: Ada reads English, Bea French; both follow trade, Ada as a colleague's address."""
    house = House(tmp_path, database_url)
    house.configure(extra='[web]\nbase_url = "https://press.example.org"\n')
    house.furnish()
    people = "email,name,language\nada@example.org,Ada,en\nbea@example.org,Bea,fr\n"
    (tmp_path / "lists" / "trade.csv").write_text(people)
    house.document(FRENCH, name="release.fr.md")
    with house.system() as built:
        house.sync(built)
        _add_both(house, built)
        house.approve(built)
        for stage in built.stages:
            stage()
        with built.store.read() as connection:
            compose = composer(
                connection,
                mailout=mailouts.get(connection, id=1),
                publisher=built.publisher,
                tokens=built.tokens,
                envelope="verp",
                known={},
            )
            found = [delivery(row) for row in connection.execute(select(rows.delivery))]
        yield {one.address: (compose.message(one), one, built) for one in found}


def _add_both(house, built):
    from distributor import documents
    from distributor.pipeline import intake
    from distributor.pipeline.proposal import Wishes

    drafts = [documents.read(house.folder / name) for name in ("release.md", "release.fr.md")]
    facts = {"actor": "officer", "now": built.now(), "rules": built.rules, "publisher": built.publisher}
    intake.add(built.store, drafts=drafts, wishes=Wishes(), **facts)


def _mail(messages, address):
    return message_from_bytes(messages[address][0].content, policy=policy.default)


def test_each_in_her_language(messages):
    assert _mail(messages, "ada@example.org")["Subject"] == HEADLINE
    assert _mail(messages, "bea@example.org")["Subject"] == "Le port s’ouvre à tous"


def test_the_envelope_and_the_headers_are_hers_alone(messages):
    for address, (message, one, built) in messages.items():
        mail = _mail(messages, address)
        assert message.recipient == address
        assert address in str(mail["To"])
        assert mail["Message-ID"] == message.message_id
        assert built.tokens.unsubscribe(one.id) in mail["List-Unsubscribe"]
        assert message.sender.startswith("bounce+")
        other = next(name for name in messages if name != address)
        assert other.encode() not in message.content


def test_the_text_says_why_she_gets_it(messages):
    text = _mail(messages, "ada@example.org").get_body(("plain",)).get_content()
    assert "Trade" in text.split("waited eleven years")[1]


def test_the_content_is_ready_for_the_wire(messages):
    for message, _, _ in messages.values():
        assert message.content.endswith(b"\r\n")
        assert b"\n" not in message.content.replace(b"\r\n", b"")
        assert not [line for line in message.content.split(b"\r\n") if line.startswith(b".")]
        assert max(map(len, message.content.split(b"\r\n"))) <= 998
