"""Every step of a hand-over × every way to fail: each cell ends in its class, doubt only after a dot.

Planted bugs: a lost answer after the dot taken for “hand back” fails the dot and body rows; one before the
dot taken for doubt fails the rows above; a reader without bounds never ends the `endless` column; without
the check for unasked replies the `early` column takes a message for accepted that is not.
All cells play once, at the same time; each test looks at its own.
"""

import asyncio
from dataclasses import dataclass

import pytest

from distributor.model.message import Message, Phase, Reply
from distributor.policy.replies import Outcome, classify
from distributor.wire.pool import Pool
from distributor.wire.timeouts import Timeouts
from tests.wire.rigged import Rigged, identity, trust

pytestmark = pytest.mark.xdist_group("wire faults")

IDENTITY, TRUST = identity(), trust()
CONTENT = b"Subject: Harbour opens\r\nMessage-ID: <1@example.org>\r\n\r\nThe harbour opens.\r\n"
OPENING = ("banner", "ehlo", "starttls", "ehlo2", "auth")
FAULTS = ("hanging", "reset", "421", "4xx", "5xx", "garbage", "endless", "long", "dripping", "early")
CODES = {"421": "421 4.3.2 closing", "4xx": "451 4.3.0 later", "5xx": "550 5.1.1 no"}

# One row a step, one column a fault, in the order of FAULTS: (a)ccept (d)efer (r)eject (?)doubt (h)and back.
EXPECTED = {
    "banner": "h h h h h h h h h h",
    "ehlo": "h h h h h h h h h h",
    "starttls": "h h h h h h h h h a",  # what came before TLS is thrown away (RFC 3207 §4.2)
    "ehlo2": "h h h h h h h h h h",
    "auth": "h h h h h h h h h h",
    "mail": "h h h d d h h h h h",  # about the sender: nobody is rejected for it
    "rcpt": "h h d d r h h h h h",
    "data": "h h d d r h h h h h",
    "body": "? ? d d r ? ? ? ? a",  # an answer before the dot was read is an answer all the same
    "dot": "? ? d d r ? ? ? ? a",
    "rset": "a a a a a a a a a a",  # after a refused recipient: the next message takes a new connection
    "quit": "a a a a a a a a a a",
}
LETTERS = {
    "a": Outcome.ACCEPT,
    "d": Outcome.DEFER,
    "r": Outcome.REJECT,
    "?": Outcome.DOUBT,
    "h": Outcome.HAND_BACK,
}


@dataclass(frozen=True)
class Cell:
    step: str
    fault: str
    pipelining: bool

    def __str__(self) -> str:
        return f"{self.step}-{self.fault}-{'at-once' if self.pipelining else 'one-by-one'}"

    @property
    def expected(self) -> Outcome:
        return LETTERS[EXPECTED[self.step].split()[FAULTS.index(self.fault)]]

    @property
    def slow(self) -> bool:
        return self.fault in ("hanging", "dripping")


CELLS = [
    Cell(step, fault, pipelining)
    for step in EXPECTED
    for fault in FAULTS
    for pipelining in ((True,) if step in OPENING else (True, False))
]


async def play(cell: Cell) -> tuple[Reply, Rigged]:
    """One message to a relay with this fault; its own reply."""
    limits = Timeouts()
    if cell.slow:
        limits = Timeouts(connect=1.5 if cell.step in OPENING else 15, command=1, dot=1, polite=1)
    keywords = ("8BITMIME", "PIPELINING") if cell.pipelining else ("8BITMIME",)
    encrypted = IDENTITY if cell.step in OPENING else None
    refused = {"unknown@example.com": "550 5.1.1 unknown"}
    faults = {cell.step: CODES.get(cell.fault, cell.fault)}
    async with Rigged(faults=faults, keywords=keywords, tls=encrypted, refused=refused) as relay:
        address = relay.address(username="user", password="secret", connections=1)
        pool = Pool([address], timeouts=limits, trust=TRUST)
        if cell.step == "rset":
            await pool.hand_over(message("unknown@example.com"), may_write=lambda: True)
        reply = await pool.hand_over(message("ada@example.com"), may_write=lambda: True)
        await pool.close()
    return reply, relay


def message(recipient: str) -> Message:
    return Message(
        sender="press@example.org", recipient=recipient, pieces=(CONTENT,), message_id="<1@example.org>"
    )


@pytest.fixture(scope="module")
def played() -> dict[Cell, tuple[Reply, Rigged]]:
    async def all_cells() -> dict[Cell, tuple[Reply, Rigged]]:
        quick = [cell for cell in CELLS if not cell.slow]
        slow = [cell for cell in CELLS if cell.slow]
        found = {}
        for cells in (*(quick[at : at + 20] for at in range(0, len(quick), 20)), slow):
            found.update(zip(cells, await asyncio.gather(*map(play, cells)), strict=True))
        return found

    return asyncio.run(all_cells())


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cell_ends_in_its_class(cell, played):
    reply, relay = played[cell]
    assert classify(reply) is cell.expected, reply
    if cell.expected is Outcome.DOUBT:
        assert reply.phase is Phase.DOT
        assert cell.step in ("body", "dot")
    elif cell.step not in ("body", "dot"):
        assert relay.accepted == (["ada@example.com"] if cell.expected is Outcome.ACCEPT else [])
    assert "secret" not in reply.text
    assert len(reply.text) <= 500


def test_relay_that_is_not_there():
    """Refused at the door: an answer at once, and nothing in doubt."""

    async def knock() -> Reply:
        async with Rigged() as relay:
            address = relay.address()
        return await Pool([address]).hand_over(message("ada@example.com"), may_write=lambda: True)

    reply = asyncio.run(knock())
    assert (classify(reply), reply.phase, reply.code) == (Outcome.HAND_BACK, Phase.CONNECT, 0)
    assert "rigged (127.0.0.1" in reply.text
