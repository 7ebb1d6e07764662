"""Tokens: read back, worth nothing when changed, and worth nothing as another kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.errors import AddressError
from distributor.mail.tokens import Tokens

TOKENS = Tokens(b"a secret of an installation")
ids = st.integers(min_value=0, max_value=2**62)


@given(ids)
def test_an_unsubscribe_token_reads_back(delivery_id: int) -> None:
    token = TOKENS.unsubscribe(delivery_id)
    assert TOKENS.read_unsubscribe(token) == delivery_id
    assert token.isascii()
    assert token.replace(".", "").isalnum()
    assert len(token) <= 64


@given(ids, st.integers(min_value=0), st.characters())
def test_a_changed_token_is_none(delivery_id: int, place: int, character: str) -> None:
    token = TOKENS.unsubscribe(delivery_id)
    place %= len(token)
    changed = f"{token[:place]}{character}{token[place + 1 :]}"
    assert TOKENS.read_unsubscribe(changed) == (delivery_id if changed == token else None)


@given(st.text())
def test_any_text_is_no_token(text: str) -> None:
    assert TOKENS.read_unsubscribe(text) is None


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: f"0{token}",  # another spelling of the number
        lambda token: token.upper(),
        lambda token: f"{token}\n",
        lambda token: f" {token}",
        lambda token: f"٧{token[1:]}",  # an Arabic digit
        lambda token: token[:-1],
        lambda token: f"8{token[1:]}",  # another delivery
        lambda _: Tokens(b"the secret of another one").unsubscribe(7),
        lambda _: TOKENS.envelope_sender(delivery_id=7, address="a@b.example", domain="", mode="verp")[
            7:
        ].split("@")[0],
    ],
)
def test_forged_tokens_are_none(forge) -> None:  # type: ignore[no-untyped-def]
    assert TOKENS.read_unsubscribe(forge(TOKENS.unsubscribe(7))) is None


def test_a_message_id_is_stable_and_tells_nobody_apart_but_us() -> None:
    one = TOKENS.message_id(mailout_id=3, address_key="ann@example.org", domain="news.example.org")
    assert one == TOKENS.message_id(mailout_id=3, address_key="ann@example.org", domain="news.example.org")
    assert one.startswith("<")
    assert one.endswith("@news.example.org>")
    assert "ann" not in one
    others = [(3, "ben@example.org"), (4, "ann@example.org"), (33, "ann@example.org")]
    made = {TOKENS.message_id(mailout_id=m, address_key=a, domain="news.example.org") for m, a in others}
    assert len(made | {one}) == 4


def test_envelope_senders() -> None:
    def sender(mode: str, domain: str = "") -> str:
        return TOKENS.envelope_sender(
            delivery_id=42,
            address="press@example.org",
            domain=domain,
            mode=mode,  # type: ignore[arg-type]
        )

    assert sender("fixed") == "press@example.org"
    assert sender("verp").startswith("bounce+42.")
    assert sender("verp").endswith("@example.org")
    assert sender("verp", "bounces.example.eu").endswith("@bounces.example.eu")
    assert sender("plus").startswith("press+42.")
    assert sender("plus", "bounces.example.eu").endswith("@example.org")
    assert sender("verp") == sender("verp").lower()


@given(ids)
def test_envelope_senders_fit_an_address(delivery_id: int) -> None:
    made = TOKENS.envelope_sender(delivery_id=delivery_id, address="p@example.org", domain="", mode="verp")
    assert len(made.rpartition("@")[0]) <= 64


def test_a_plus_sender_that_would_be_too_long_is_refused_with_a_cure() -> None:
    with pytest.raises(AddressError, match="verp"):
        TOKENS.envelope_sender(delivery_id=1, address=f"{'p' * 50}@example.org", domain="", mode="plus")


def test_a_pseudonym_is_hexadecimal_and_keyed() -> None:
    pseudonym = TOKENS.pseudonym("ann@example.org")
    assert len(bytes.fromhex(pseudonym)) == 32
    assert pseudonym != Tokens(b"the secret of another one").pseudonym("ann@example.org")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Tokens(b"short")
