"""How a session opens: TLS and its names, AUTH, and what a person reads when it does not."""

import asyncio

import pytest

from distributor.errors import DistributorError
from distributor.model.relay import RelayAddress
from distributor.wire import connect
from distributor.wire.connect import RelayUnavailable, Step
from distributor.wire.probe import SenderRefused, probe
from distributor.wire.timeouts import Timeouts
from tests.wire.rigged import Rigged, identity, trust

GOOD, WRONG_NAME = identity(), identity("mail.example.org")
TRUST = trust()
PASSWORD = "s3cret pass"


def knock(relay: Rigged, *, trusted: bool = True, timeouts: Timeouts | None = None, **fields) -> bool:
    """Open a session and leave; whether it was encrypted."""

    async def run() -> bool:
        async with relay:
            address = relay.address(**fields)
            session = await connect.open(address, trust=TRUST if trusted else None, timeouts=timeouts)
            await session.quit()
            return relay.encrypted or relay.implicit

    return asyncio.run(run())


def refusal(relay: Rigged, **fields) -> RelayUnavailable:
    with pytest.raises(RelayUnavailable) as caught:
        knock(relay, **fields)
    return caught.value


@pytest.mark.parametrize(
    ("relay", "fields", "encrypted"),
    [
        ({"tls": GOOD}, {"tls": "required"}, True),
        ({"tls": GOOD, "implicit": True}, {"tls": "implicit"}, True),
        ({"tls": GOOD}, {"tls": "opportunistic"}, True),
        # opportunistic: better than nothing, whatever the certificate says
        ({"tls": WRONG_NAME}, {"tls": "opportunistic", "trusted": False}, True),
        ({"tls": GOOD, "faults": {"starttls": "454 4.7.0 not now"}}, {"tls": "opportunistic"}, False),
        ({}, {"tls": "opportunistic"}, False),
        ({"tls": GOOD}, {"tls": "none"}, False),
        ({}, {"tls": "none"}, False),
    ],
)
def test_tls_as_configured(relay, fields, encrypted):
    assert knock(Rigged(**relay), **fields) is encrypted


@pytest.mark.parametrize(
    ("relay", "fields", "step", "words"),
    [
        ({}, {"tls": "required"}, Step.STARTTLS, "STARTTLS"),  # not offered: never in clear
        ({"tls": WRONG_NAME}, {"tls": "required"}, Step.STARTTLS, "certificate"),
        ({"tls": GOOD}, {"tls": "required", "trusted": False}, Step.STARTTLS, "certificate"),
        ({"tls": WRONG_NAME, "implicit": True}, {}, Step.CONNECT, "certificate"),
        ({"tls": GOOD, "implicit": True}, {"trusted": False}, Step.CONNECT, "certificate"),
        ({"tls": GOOD, "faults": {"starttls": "454 4.7.0 not now"}}, {}, Step.STARTTLS, "454 4.7.0 not now"),
        ({}, {"tls": "implicit", "timeouts": Timeouts(connect=1)}, Step.CONNECT, ""),  # speaks no TLS
        ({"faults": {"banner": "554 5.7.1 go away"}}, {}, Step.CONNECT, "554 5.7.1 go away"),
        ({"faults": {"ehlo": "550 5.7.1 who are you"}}, {}, Step.EHLO, "550 5.7.1 who are you"),
        ({}, {"host": "no-such-host.invalid"}, Step.CONNECT, ""),
        ({}, {"host": "a" * 70 + ".example.org"}, Step.CONNECT, ""),  # no host name at all
    ],
)
def test_relay_that_cannot_be_used_is_one_clear_error(relay, fields, step, words):
    """Planted bug: `required` without its name check lets the two certificates of another name pass."""
    error = refusal(Rigged(**relay), **fields)
    assert error.step is step
    assert words in str(error)
    assert "[relays.rigged]" in str(error)
    assert error.cure
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("mechanisms", "said"),
    [
        ("PLAIN LOGIN", ["AUTH PLAIN AHVzZXIAczNjcmV0IHBhc3M="]),
        ("LOGIN", ["AUTH LOGIN dXNlcg==", "czNjcmV0IHBhc3M="]),
        ("CRAM-MD5 PLAIN", ["AUTH PLAIN AHVzZXIAczNjcmV0IHBhc3M="]),
    ],
)
def test_signs_in(mechanisms, said):
    relay = Rigged(tls=GOOD, mechanisms=mechanisms)
    assert knock(relay, username="user", password=PASSWORD)
    assert [command for command in relay.commands if command in said] == said


@pytest.mark.parametrize(
    ("relay", "fields", "words"),
    [
        ({"tls": GOOD, "mechanisms": "GSSAPI"}, {}, "neither AUTH PLAIN nor AUTH LOGIN"),
        # some relays repeat what they were told
        ({"tls": GOOD, "faults": {"auth": "535 5.7.8 not ECHO"}}, {}, "535 5.7.8"),
        ({"tls": GOOD, "faults": {"auth": f"535 5.7.8 not {PASSWORD}"}}, {}, "535 5.7.8"),
        # a TLS that somebody took out of the answer must not cost the password
        ({}, {"tls": "opportunistic"}, "the password does not go in clear"),
    ],
)
def test_password_is_in_no_text(relay, fields, words):
    """Planted bug: the relay's words taken as they are."""
    relay = Rigged(**relay)
    error = refusal(relay, username="user", password=PASSWORD, **fields)
    assert error.step is Step.AUTH
    assert words in str(error)
    address = relay.address(username="user", password=PASSWORD)
    for text in (str(error), repr(error), error.reason, repr(error.reply), repr(address), address.shown):
        assert PASSWORD not in text
        assert "czNjcmV0IHBhc3M=" not in text
        assert "AHVzZXIAczNjcmV0IHBhc3M=" not in text
    if not relay.tls:
        assert relay.sent("AUTH") == 0


def test_cancelled_opening_leaves_nothing_open():
    async def run() -> int:
        async with Rigged(faults={"ehlo": "hanging"}) as relay:
            opening = asyncio.create_task(connect.open(relay.address()))
            while not relay.commands:
                await asyncio.sleep(0)
            opening.cancel()
            await asyncio.wait([opening])
            assert opening.cancelled()
            relay.faults.clear()
            session = await connect.open(relay.address())
            await session.quit()
            return relay.connections

    assert asyncio.run(run()) == 2


def ask(relay: Rigged, sender: str = "press@example.org"):
    async def run():
        async with relay:
            return await probe(relay.address(), sender=sender, trust=TRUST)

    return asyncio.run(run())


def test_probe_tells_what_is_offered():
    relay = Rigged(tls=GOOD)
    assert {"pipelining", "smtputf8", "size"} <= ask(relay).extensions
    assert [command.split()[0] for command in relay.commands] == [
        "EHLO",
        "STARTTLS",
        "EHLO",
        "MAIL",
        "RSET",
        "QUIT",
    ]


@pytest.mark.parametrize(
    ("faults", "kind", "words"),
    [
        ({"mail": "550 5.7.1 not your address"}, SenderRefused, "550 5.7.1 not your address"),
        ({"mail": "reset"}, SenderRefused, "closed the connection"),
        ({"banner": "554 5.7.1 go away"}, RelayUnavailable, "554 5.7.1 go away"),
    ],
)
def test_probe_that_fails_is_one_clear_error(faults, kind, words):
    with pytest.raises(kind, match=words) as caught:
        ask(Rigged(faults=faults))
    assert isinstance(caught.value, DistributorError)
    assert caught.value.cure


def test_relay_is_shown_without_secrets():
    relay = RelayAddress("main", "smtp.example.org", 587, username="user", password=PASSWORD)
    assert relay.shown == "main (smtp.example.org:587)"
