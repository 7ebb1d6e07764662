"""Relays as an office meets them: limits, failover, TLS with sign-in. Commands, and servers that keep a book.

Planted bugs, each caught here: intents written ahead of the rate (rows of `handed_back`); a day that is not
counted for the next `send-due`; a message that the first relay had and the second gets again; TLS without its
name checked (the password goes to anybody); AUTH before STARTTLS.
"""

import json
import ssl
from collections import Counter
from contextlib import closing, contextmanager
from functools import partial

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy import func, select

from distributor.store import rows
from distributor.store.database import open_store
from tests.house import REFERENCE, House, people, real
from tests.program import Program, know
from tests.sink import place, sink

AUTHORITY = trustme.CA()


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.close()


def _ready(house, number, relays):
    """Approved and due, with these relays."""
    house.configure(extra=relays)
    house.furnish(trade=people(number))
    _approved(house)


def _approved(house):
    with house.system(now=real) as built:
        house.sync(built)
        house.approve(built, house.add(built))
        built.plan()


def _relay(name, port, *lines):
    head = [f"[relays.{name}]", 'host = "127.0.0.1"', f"port = {port}"]
    return "\n".join([*head, *(lines or ['tls = "none"'])]) + "\n"


def _accepted(*relays):
    return Counter(event["recipient"] for relay in relays for event in relay.accepted)


def _events(house):
    with closing(open_store(f"sqlite:///{house.database}")) as store, store.read() as connection:
        kind = rows.log.c.kind
        found = connection.execute(select(kind, func.count().label("number")).group_by(kind))
        return {row.kind: row.number for row in found}


def _used(house):
    with closing(open_store(f"sqlite:///{house.database}")) as store, store.read() as connection:
        found = connection.execute(select(rows.ration.c.relay, rows.ration.c.taken))
        return {row.relay: sum(number for _, number in row.taken) for row in found}


# limits


def test_nothing_has_its_intent_before_the_rate_lets_it_out(house, tmp_path):
    with sink(tmp_path / "sink.log") as relay:
        _ready(house, 12, _relay("slow", relay.port, 'tls = "none"', 'rate = "10/s"'))
        assert house.json("send-due")["sent"] == 12
        assert _accepted(relay) == Counter(people(12))
    events = _events(house)
    late = events.get("handed_back", 0)  # a busy machine's; of all written at once it would be most
    assert (events["intent"], late < 6) == (12 + late, True)


def test_a_day_that_is_used_up_is_told_and_counted_for_the_next_one_too(house, tmp_path):
    with sink(tmp_path / "sink.log") as relay:
        _ready(house, 9, _relay("m365", relay.port, 'tls = "none"', "daily = 4"))
        first = json.loads(house.run("send-due", "--json", expect=1).stdout)
        again = json.loads(house.run("send-due", "--json", expect=1).stdout)
        assert (first["sent"], again["sent"], again["left"]) == (4, 0, 5)
        assert len(relay.accepted) == 4
    (told,) = [one["what"] for one in house.json("todo") if one["kind"] == "relay"]
    assert "daily limit of relay m365 reached; goes on at" in told
    assert _events(house)["intent"] == 4


def test_when_its_day_is_used_up_the_next_relay_goes_on(house, tmp_path):
    with sink(tmp_path / "1.log") as first, sink(tmp_path / "2.log") as second:
        relays = _relay("m365", first.port, 'tls = "none"', "daily = 4")
        relays += _relay("spare", second.port, 'tls = "none"', "priority = 1")
        _ready(house, 9, relays)
        assert house.json("send-due")["sent"] == 9
        assert (len(first.accepted), len(second.accepted)) == (4, 5)
        assert _accepted(first, second) == Counter(people(9))
    assert house.json("todo") == []


def test_what_was_let_out_and_not_used_counts_for_no_day(house, tmp_path):
    """More is taken than is sent, for one of them is refused before it is begun."""
    with sink(tmp_path / "sink.log") as relay:
        _ready(house, 9, _relay("m365", relay.port, 'tls = "none"', "daily = 100"))
        house.run("contacts", "suppress", people(9)[3], "--reason", "asked by telephone")
        assert house.json("send-due")["sent"] == 8
    assert _used(house) == {"m365": 8}


def test_plan_and_audience_say_when_the_last_one_gets_it(house):
    relays = _relay("m365", 2525, 'tls = "none"', 'rate = "30/m"', "daily = 1000")
    house.configure(extra=relays)
    house.furnish(trade=people(301))
    with house.system(now=real) as built:
        house.sync(built)
        house.add(built, send_at="2030-03-04 23:55 Brussels time")
    plan = house.json("release", "plan", REFERENCE)
    (mailout,) = plan["mailouts"]
    assert mailout["last_at"] == "2030-03-04T23:05:00+00:00"  # 300 after the first, two seconds each
    assert [warning for warning in plan["warnings"] if "does not fit the day" in warning]
    audience = house.json("release", "audience", REFERENCE)
    assert (audience["last_at"], audience["warnings"]) == (mailout["last_at"], plan["warnings"])
    assert "the last one" in house.run("release", "plan", REFERENCE).stdout


def test_an_advance_copy_that_would_come_after_the_embargo_is_warned_of(house):
    house.configure(extra=_relay("m365", 2525, 'tls = "none"', 'rate = "1/h"'))
    house.furnish(agencies=["a@example.eu", "b@example.eu", "c@example.eu"])
    with house.system(now=real) as built:
        house.sync(built)
        house.add(built, embargo="2030-03-04T12:00+01:00", advance=("agencies=-1h",))
    warnings = house.json("release", "plan", REFERENCE)["warnings"]
    assert [warning for warning in warnings if "after the embargo" in warning]


# failover


def test_when_the_first_relay_dies_the_rest_goes_by_the_second_and_nobody_twice(house, tmp_path):
    """It dies with four conversations at DATA. Back again, it is used again."""
    with place() as port, sink(tmp_path / "2.log") as second:
        relays = _relay("first", port) + _relay("second", second.port, 'tls = "none"', "priority = 1")
        _ready(house, 40, relays)
        with sink(tmp_path / "1.log", "--port", str(port)) as first:
            first.gate("close data 8")
            sending = house.start("send-due", "--json")
            first.until(lambda relay: len(relay.of("data")) == 8 + 4)  # who stands there has heard all before
        sending.wait()
        _pass_the_backoff(house)
        house.run("send-due")
        assert house.json("doubt", "list", "--all") == []
        assert _accepted(first, second) == Counter(people(40))
        assert (len(first.accepted), len(second.accepted)) == (8, 32)
        with sink(tmp_path / "3.log", "--port", str(port)) as back:
            house.document((house.folder / "release.md").read_text().replace(REFERENCE, "2030-0043"))
            _approved(house)
            assert house.json("send-due")["sent"] == 40
            assert _accepted(back) == Counter(people(40))


def _pass_the_backoff(house):
    """As if the seconds were over that a broken hand-over waits."""
    with closing(open_store(f"sqlite:///{house.database}")) as store, store.write() as connection:
        connection.execute(rows.delivery.update().values(next_at=None))


# TLS and sign-in


class Server(Controller):
    """Takes mail only over STARTTLS and from who signs in."""

    def __init__(self, *, name, mechanism):
        self.signed_in, self.received = [], []
        context = trustme_context(name)
        other = {"PLAIN", "LOGIN"} - {mechanism}
        options = {"tls_context": context, "require_starttls": True, "auth_required": True}
        super().__init__(
            self,
            hostname="127.0.0.1",
            port=0,
            authenticator=self._authenticate,
            auth_exclude_mechanism=other,
            **options,
        )

    def _authenticate(self, server, session, envelope, mechanism, auth_data):
        good = auth_data == LoginPassword(b"press", b"s3cret pass")
        self.signed_in.append((mechanism, session.ssl is not None, good))
        return AuthResult(success=good)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    async def handle_DATA(self, server, session, envelope):
        self.received += envelope.rcpt_tos
        return "250 2.0.0 taken"


def trustme_context(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


@contextmanager
def _server(**options):
    server = Server(**options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _send_due(house):
    """A program of its own: what it trusts is in its environment."""
    authority = house.folder / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(authority)
    told = {"SSL_CERT_FILE": str(authority), "DISTRIBUTOR_RELAYS__TLS__PASSWORD": "s3cret pass"}
    sender = Program(["send-due", "--json"], folder=house.folder, before=partial(know, told))
    sender.wait()
    return sender


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_signs_in_over_verified_tls(house, mechanism):
    with _server(name="127.0.0.1", mechanism=mechanism) as server:
        _ready(house, 3, _relay("tls", server.port, 'username = "press"'))
        sent = _send_due(house)
        assert json.loads(sent.stdout)["sent"] == 3, sent.stderr
        assert sorted(server.received) == sorted(people(3))
    assert set(server.signed_in) == {(mechanism, True, True)}


def test_a_server_of_another_name_gets_neither_password_nor_mail(house):
    with _server(name="mail.example.org", mechanism="PLAIN") as server:
        _ready(house, 3, _relay("tls", server.port, 'username = "press"'))
        sent = _send_due(house)
        assert json.loads(sent.stdout)["sent"] == 0
        assert "certificate" in sent.stderr
    assert (server.signed_in, server.received) == ([], [])
