"""The crash points by name: each protocol edge, each commit edge, and what dies there.

A case is a row of deaths, one after the other, before the program is started for good. What becomes of a
release that an officer stops meanwhile is in `stopping`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.torture.edges import Edge, When

SEND, DOUBT = ("send-due",), ("doubt", "list")
_DOT = ("\r\n.\r\n",)


@dataclass(frozen=True, slots=True)
class Death:
    """`distributor argv` dies at `edge`."""

    argv: tuple[str, ...]
    edge: Edge


@dataclass(frozen=True, slots=True)
class Case:
    """`pipelining`: whether the relay offers it. `undo`: seconds between approval and instant."""

    name: str
    deaths: tuple[Death, ...]
    pipelining: bool = True
    undo: int = 0


def cases() -> list[Case]:
    """All of them."""
    return [*_on_the_wire(), *_around_commits(), *_in_recovery(), *_while_undoing()]


def _on_the_wire() -> Iterator[Case]:
    for name, words, when, pipelining in _WRITES:
        yield Case(name, (Death(SEND, Edge("write", words, when)),), pipelining)
    for nth in (2, 5):  # later ones ride with the dot before them
        riding = Edge("write", (*_DOT, "MAIL FROM"), "after", nth)
        yield Case(f"the envelope rides with dot {nth}", (Death(SEND, riding),))


_WRITES: tuple[tuple[str, tuple[str, ...], When, bool], ...] = (
    ("before EHLO", ("ehlo",), "before", True),
    ("after EHLO", ("ehlo",), "after", True),
    ("before MAIL", ("MAIL FROM",), "before", False),
    ("after MAIL", ("MAIL FROM",), "after", False),
    ("after RCPT", ("RCPT TO",), "after", False),
    ("after DATA", ("DATA\r\n",), "after", False),
    ("after MAIL, RCPT and DATA in one", ("MAIL FROM", "DATA"), "after", True),
    ("354 heard, before the content", _DOT, "before", True),
    ("354 heard, before the content, one by one", _DOT, "before", False),
    ("in the content", _DOT, "half", True),
    ("in the content, one by one", _DOT, "half", False),
    ("after the dot, before its answer", _DOT, "after", True),
    ("after the dot, before its answer, one by one", _DOT, "after", False),
    ("before QUIT", ("QUIT",), "before", True),
    ("after QUIT", ("QUIT",), "after", True),
)


def _around_commits() -> Iterator[Case]:
    for name, words, nth in _COMMITS:
        for when in _BOTH:
            yield Case(f"{when} the commit: {name}", (Death(SEND, Edge("commit", words, when, nth)),))


_BOTH: tuple[When, ...] = ("before", "after")
_LOG = "INSERT INTO log"
_COMMITS = (
    ("first chunk of the audience", ("INSERT INTO delivery",), 1),
    ("second chunk of the audience", ("INSERT INTO delivery",), 2),
    ("prepared", (_LOG, "'prepared'"), 1),
    ("the mailout opens", (_LOG, "'opened'"), 1),
    ("the run begins", ("INSERT INTO run",), 1),
    ("first lease", ("UPDATE batch", "run_id", "RETURNING"), 1),
    ("second lease", ("UPDATE batch", "run_id", "RETURNING"), 2),
    ("first intents", (_LOG, "'intent'"), 1),
    ("later intents", (_LOG, "'intent'"), 4),
    ("first answers", (_LOG, "'answer'"), 1),
    ("later answers", (_LOG, "'answer'"), 4),
    ("a batch is closed", ("UPDATE batch SET state=", "'closed'"), 1),
    ("the run ends", ("UPDATE run SET ended_at",), 1),
    ("the mailout is finished", ("UPDATE mailout", "'finished'"), 1),
)


def _in_recovery() -> Iterator[Case]:
    """After a death at the dot: whoever looks after the dead dies too."""
    for when in _BOTH:
        bury, settle = Edge("commit", (_LOG, "'doubted'"), when), Edge("commit", (_LOG, "'settled'"), when)
        yield Case(f"{when} the commit: doubt is named by “doubt list”", (_AT_DOT, Death(DOUBT, bury)))
        yield Case(f"{when} the commit: doubt is named by “send-due”", (_AT_DOT, Death(SEND, bury)))
        yield Case(f"{when} the commit: doubt is settled by rule", (_AT_DOT, Death(SEND, settle)))


_AT_DOT = Death(SEND, Edge("write", _DOT, "after", 3))


def _while_undoing() -> Iterator[Case]:
    """A worker dies while an approved release still waits for its instant."""
    beat = Edge("commit", ("UPDATE run", "heartbeat_at"), "after")
    yield Case("during undo", (Death(("worker",), beat),), undo=4)
