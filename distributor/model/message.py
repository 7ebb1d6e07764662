"""What goes over the wire, and what came back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol

#: How the envelope sender is built: signed per delivery, signed in the press address, or the address itself.
Envelope = Literal["verp", "plus", "fixed"]


class Message(NamedTuple):
    """One message to one recipient.

    `content` has CRLF line ends, ends with CRLF, and no line of it starts with a dot: it is written as
    it stands (RFC 5321 §4.5.2 needs no stuffing then). It is ASCII when both addresses are. It is kept in
    `pieces`, for most of its bytes are the same objects in message after message. `sender` is the envelope
    sender (return path).
    """

    sender: str
    recipient: str
    pieces: Sequence[bytes]
    message_id: str

    @property
    def content(self) -> bytes:
        """All of it, put together anew each time."""
        return b"".join(self.pieces)

    @property
    def size(self) -> int:
        """Octets of its content."""
        return sum(map(len, self.pieces))


class Phase(StrEnum):
    """How far a hand-over had come when its reply was given (or nothing came any more).

    Before `DOT` the relay has no whole message, so no doubt is possible (RFC 5321 §4.1.1.4).
    """

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


class Reply(NamedTuple):
    """How one hand-over ended.

    `code` is the SMTP reply code (RFC 5321 §4.2), 0 when none came; `enhanced` the RFC 3463 status or
    None; `text` the relay's words, several lines joined by a space, at most 500 characters. `written`
    is False when the caller took the message back before its content was written.
    """

    code: int
    enhanced: str | None
    text: str
    relay: str
    phase: Phase
    started: datetime
    finished: datetime
    written: bool = True

    @property
    def shown(self) -> str:
        """ "550 5.7.1 no, thank you", as far as there was an answer."""
        return " ".join(part for part in (str(self.code or ""), self.enhanced, self.text) if part)


Told = Callable[[bool], None]


class Load(Protocol):
    """Messages to hand over. The wire takes one after the other and says how each ended, once.

    `take`: the next that may be begun now, None when there is none. `may_write`: whether this one's
    content may be written now. `ask` again, when it may not: `told` hears, once, whether to go on (and look
    at `may_write` anew), unless the message is `done` before.
    """

    def take(self) -> Message | None: ...
    def may_write(self, message: Message) -> bool: ...
    def ask(self, message: Message, told: Told) -> None: ...
    def done(self, message: Message, reply: Reply) -> None: ...


@dataclass
class Single:
    """A load of one message; `reply` when it is done."""

    message: Message | None
    allowed: Callable[[], bool]
    reply: Reply | None = None

    def take(self) -> Message | None:
        message, self.message = self.message, None
        return message

    def may_write(self, message: Message) -> bool:  # noqa: ARG002
        return self.allowed()

    def ask(self, message: Message, told: Told) -> None:  # noqa: ARG002
        told(False)

    def done(self, message: Message, reply: Reply) -> None:  # noqa: ARG002
        self.reply = reply
