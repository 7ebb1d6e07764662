"""What became of a copy, in plain words: each state has a group, each refusal a reason that names nobody."""

import pytest

from distributor.policy.lifecycle import DeliveryState
from distributor.policy.outcomes import GROUPS, RANKS, Rank, group, why


def test_every_state_but_the_one_that_waits_has_a_rank() -> None:
    assert set(DeliveryState) - set(RANKS) == {DeliveryState.QUEUED}
    assert {group(rank) for rank in Rank} == set(GROUPS)


@pytest.mark.parametrize(
    ("enhanced", "words"),
    [
        ("5.1.1", "there is no such address"),
        ("5.1.6", "there is no such address"),  # by its subject
        ("5.1.10", "the domain of the address takes no mail"),  # a null MX
        ("5.2.2", "the mailbox is full"),
        ("5.2.0", "the mailbox takes no mail"),
        ("5.3.4", "the message is too large for the mail server"),
        ("5.7.1", "refused by the recipient's rules"),
        ("5.9.9", "refused for good, without a reason that has a name"),  # no such subject
        (None, "refused for good, without a reason that has a name"),  # a bare 550
    ],
)
def test_a_refusal_in_words(enhanced: str | None, words: str) -> None:
    assert why(Rank.REJECTED, enhanced=enhanced, detail="reject", withdrawn=False) == words


def test_what_ended_a_copy_without_a_refusal() -> None:
    told = {"enhanced": None, "detail": ""}
    assert why(Rank.CANCELLED, withdrawn=True, **told) == "the release was withdrawn first"
    assert why(Rank.CANCELLED, withdrawn=False, **told) == "its sending was cancelled"
    assert why(Rank.SUPPRESSED, withdrawn=True, **told) == "left, paused, or must not be mailed"
