"""Who may get what when: a model of its own, without a look into the database or at any clock but the truth.

It hears what officers did, when their verbs returned, and what a relay sees: which message begins, and what
became of it. `problems` are the broken promises, `broken` counts them by name.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from distributor.model.message import Message
from tests.torture.moments import told

MOVED, LIFTED, HOLD, RESUME = "embargo_moved", "embargo_lifted", "hold", "resume"
CORRECTION, WITHDRAWAL = "correction", "withdrawal"
TEXTS = ("advance", "release", CORRECTION)
OVERTAKEN = {
    MOVED: (MOVED,),
    LIFTED: (MOVED,),
    HOLD: (RESUME,),
    RESUME: (HOLD,),
    CORRECTION: (CORRECTION,),
    WITHDRAWAL: (MOVED, LIFTED, HOLD, RESUME, CORRECTION),
}
EARLY, STOPPED, MISDIRECTED = "before_the_instant", "after_a_stop", "wrong_notice"
STRANGER, STALE, TWICE, MISSED = "wrong_recipient", "old_time_or_text", "twice", "missed"
MISREAD = "misread_time"
PROMISES = (EARLY, STOPPED, MISDIRECTED, STRANGER, STALE, TWICE, MISSED, MISREAD)

_HEADER = re.compile(rb"^(X-Release-Reference|X-Release-Notice|X-Embargo-Until|Subject): (.*)$", re.M)
_TEXT = re.compile(r"text (\d+)")


class Seen(NamedTuple):
    """A message as its reader sees it."""

    reference: str
    kind: str
    recipient: str
    until: str
    text: int

    @property
    def holds_text(self) -> bool:
        return self.kind in TEXTS


def seen(message: Message) -> Seen:
    """From its headers alone."""
    head = message.content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r", b"")
    fields = {name.decode(): value.decode() for name, value in _HEADER.findall(head)}
    until = fields.get("X-Embargo-Until", "")
    kind = fields.get("X-Release-Notice") or ("advance" if until else "release")
    text = _TEXT.search(fields["Subject"])
    return Seen(fields["X-Release-Reference"], kind, message.recipient, until, int(text[1]) if text else 0)


@dataclass
class Notice:
    """`to`: those who hold the text, or may hold it, when the officer spoke."""

    kind: str
    to: frozenset[str]
    sure: frozenset[str]
    got: set[str] = field(default_factory=set)
    over: bool = False


@dataclass
class Text:
    """A release as officers know it. `instant` None: until lifted; `opens`: of a tier's advance copy."""

    reference: str
    audience: dict[str, str]  # address: tier, or ""
    instant: datetime | None
    embargoed: bool = True
    opens: dict[str, datetime] = field(default_factory=dict)
    text: int = 1
    held: bool = False
    over: bool = False  # withdrawn
    begun: bool = False  # some release copy
    had: set[str] = field(default_factory=set)
    may_have: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    going: Counter[str] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)

    @property
    def holders(self) -> frozenset[str]:
        return frozenset(self.had | self.may_have | {who for who, number in self.going.items() if number})

    def tell(self, kind: str) -> None:
        """An officer's word to all who hold it."""
        for notice in self.notices:
            notice.over = notice.over or notice.kind in OVERTAKEN[kind]
        self.notices.append(Notice(kind, self.holders, frozenset(self.had)))


@dataclass
class Referee:
    """`silent` have left, `suspended` may have no advance copy; both since their verb returned."""

    texts: dict[str, Text] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    suspended: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    broken: Counter[str] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)

    def blame(self, promise: str, what: object, at: datetime) -> None:
        self.broken[promise] += 1
        if len(self.problems) < 20:
            self.problems.append(f"{promise}: {what} at {at:%Y-%m-%d %H:%M:%S.%f} UTC")

    def begins(self, one: Seen, at: datetime) -> None:
        """The relay is handed its content."""
        self.heard[one.kind] += 1
        text = self.texts[one.reference]
        for promise in self._broken_by(one, text, at):
            self.blame(promise, one, at)
        text.begun = text.begun or one.kind == "release"

    def _broken_by(self, one: Seen, text: Text, at: datetime) -> list[str]:
        checks = {"advance": self._advance, "release": self._release}
        found = checks.get(one.kind, self._notice)(one, text, at)
        stopped = text.over and one.kind != WITHDRAWAL
        if stopped or (text.held and one.holds_text):
            found.append(STOPPED)
        if one.recipient in self.silent:
            found.append(STOPPED)
        if one.holds_text and one.text != text.text:
            found.append(STALE)
        return found

    def _advance(self, one: Seen, text: Text, at: datetime) -> list[str]:
        opens = text.opens.get(text.audience.get(one.recipient, ""))
        found = [STRANGER] if opens is None else [EARLY] if at < opens else []
        if one.recipient in self.suspended:
            found.append(STOPPED)
        if one.until != told(text.instant):
            found.append(STALE)
        return found + self._again(one, text)

    def _release(self, one: Seen, text: Text, at: datetime) -> list[str]:
        found = [STRANGER] if one.recipient not in text.audience else []
        if text.embargoed and (text.instant is None or at < text.instant):
            found.append(EARLY)
        return found + self._again(one, text)

    def _notice(self, one: Seen, text: Text, at: datetime) -> list[str]:
        notice = next((n for n in reversed(text.notices) if n.kind == one.kind), None)
        if notice is None or one.recipient not in notice.to:
            return [MISDIRECTED]
        running = text.instant is None or at < text.instant
        if one.kind in (MOVED, CORRECTION) and text.embargoed and running and one.until != told(text.instant):
            return [STALE]
        return [STOPPED] if notice.over else []

    def _again(self, one: Seen, text: Text) -> list[str]:
        return [TWICE] if one.recipient in text.had - text.may_have else []

    def intended(self, one: Seen) -> None:
        """Its intent is written: from here on it may go out."""
        if one.holds_text:
            self.texts[one.reference].going[one.recipient] += 1

    def over(self, one: Seen) -> None:
        """Its end is written, or whoever had it is dead."""
        if one.holds_text:
            self.texts[one.reference].going[one.recipient] -= 1

    def answered(self, one: Seen, *, taken: bool | None, final: bool = False) -> None:
        """What the relay made of it; None: nobody will ever know. `final`: refused for good."""
        text = self.texts[one.reference]
        if taken is False and not final:
            return
        if one.holds_text:
            place = text.refused if final else text.had if taken else text.may_have
            place.add(one.recipient)
        for notice in text.notices:
            if notice.kind == one.kind:
                notice.got.add(one.recipient)

    def settled(self, at: datetime) -> None:
        """All had time to go: whoever is owed something has it."""
        for text in self.texts.values():
            if text.held:
                continue
            owed = set(text.audience) - self.silent - text.refused - text.holders
            if text.instant is not None and at > text.instant and not text.over and owed:
                self.blame(MISSED, (text.reference, sorted(owed)), at)
            for notice in text.notices:
                left = notice.sure - notice.got - self.silent - text.refused
                if left and not notice.over:
                    self.blame(MISSED, (text.reference, notice.kind, sorted(left)), at)
