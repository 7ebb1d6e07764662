"""What each cell of steps × faults must end in, by letters.

(s)ent · (d)eferred · (r)ejected · (?) doubtful · (q)ueued: no dot was written, tried again later. The letters
are for the one message that meets the fault; all others are sent. Where the fault is everybody's, they
are everybody's, and what a relay that was found useless is spared stays queued.
"""

from dataclasses import dataclass
from itertools import product

from tests.torture.faulty import FAULTS, OPENING, SLOW, STEPS

STATES = {"s": "sent", "d": "deferred", "r": "rejected", "?": "doubtful", "q": "queued"}

# One row a step, one column a fault, in the order of FAULTS:
# refused hanging reset 421 4xx 5xx garbage endless long dripping early plaintext
ONCE = {
    **dict.fromkeys(OPENING, "s s s s s s s s s s s s"),  # the other connections take it
    "mail": "q q q q d d q q q q q q",  # about the sender: nobody is rejected for it
    "rcpt": "q q q d d r q q q q q q",
    "data": "q q q d d r q q q q q q",
    "body": "? ? ? d d r ? ? ? ? s ?",  # an answer before the dot was read is an answer all the same
    "dot": "? ? ? d d r ? ? ? ? s ?",
    "rset": "s s s s s s s s s s s s",  # the next message takes a new connection
    "quit": "s s s s s s s s s s s s",
}
ALWAYS = ONCE | {
    **dict.fromkeys(OPENING, "q q q q q q q q q q q q"),
    "starttls": "q q q q q q q q q q s s",  # what came before TLS is thrown away (RFC 3207 §4.2)
}


@dataclass(frozen=True, slots=True)
class Cell:
    """`once`: one message meets the fault; else everybody. `pipelining`: the relay offers it."""

    step: str
    fault: str
    once: bool
    pipelining: bool

    def __str__(self) -> str:
        return f"{self.step} {self.fault}, {'once' if self.once else 'always'}" + (
            "" if self.pipelining else ", one by one"
        )

    @property
    def expected(self) -> str:
        """A state."""
        table = ONCE if self.once else ALWAYS
        return STATES[table[self.step].split()[FAULTS.index(self.fault)]]

    @property
    def slow(self) -> bool:
        return self.fault in SLOW


def cells() -> list[Cell]:
    """All of them: how commands are grouped changes nothing at the opening."""
    return [
        Cell(step, fault, once, pipelining)
        for step, fault, once, pipelining in product(STEPS, FAULTS, (True, False), (True, False))
        if pipelining or step not in OPENING
    ]
