"""Stage: a sender hands over service mail beside its stream, over the same relays and within their limits.

One at a time, when a session is free. Intent and answer stand in the office's log. Whoever dies in between
leaves it to be sent again after a while, with the same Message-ID and the same bytes.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from distributor.errors import Busy
from distributor.mail.servicemail import compose
from distributor.mail.tokens import Tokens
from distributor.model.address import Address
from distributor.model.message import Message, Reply, Single
from distributor.pipeline.compose import House
from distributor.pipeline.mailer import Mailer
from distributor.pipeline.rations import Rations
from distributor.policy.recipients import matches
from distributor.policy.replies import Outcome, classify
from distributor.policy.retry import GiveUp, next_attempt
from distributor.store import log, servicemail, suppressions
from distributor.store.database import Connection, Store
from distributor.store.servicemail import ServiceMail

EVERY = 1.0  # seconds between two looks
_TAKEN = timedelta(minutes=15)  # longer than all that a relay may take (RFC 5321 §4.5.3.2)
_BEGIN = timedelta(minutes=2)  # from when it was taken until its content must be written
_SOON = timedelta(seconds=5)


@dataclass
class ServicePost:
    """The service mail of one worker run."""

    store: Store
    run_id: int
    mailer: Mailer
    houses: Mapping[str, House]
    tokens: Tokens
    allow_recipients: Sequence[str]
    now: Callable[[], datetime]
    rations: Rations
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Hand over what is due for the length of the block; at its end what is under way is finished."""
        posting = asyncio.create_task(self._serve())
        try:
            yield
        finally:
            self.stop()
            await posting
            await self.close()

    async def drain(self) -> None:
        """Hand over what is due now, then return."""
        while not self._stopping.is_set() and self.mailer.unavailable_reason is None:
            if not await self._one():
                return

    async def close(self) -> None:
        """What was taken of the relays' limits and not used counts for no day."""
        with suppress(Busy):
            await asyncio.to_thread(self.rations.put_back)

    def stop(self) -> None:
        """Begin no more."""
        self._stopping.set()

    async def _serve(self) -> None:
        while not self._stopping.is_set():
            with suppress(Busy):  # while the database does not answer nothing is handed over
                await self.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY)

    async def _one(self) -> bool:
        """Hand over a publisher's oldest; False when there is none, or no relay can be asked."""
        publisher = await asyncio.to_thread(self._due)
        if publisher is None:
            return False
        await self.rations.fill(need=1)
        if self.mailer.room == 0:
            return False  # the limits let no more out now
        taken = await asyncio.to_thread(self._take, publisher)
        if taken is None:
            return False
        mail, message = taken
        if message is None:
            return True
        until = self.now() + _BEGIN
        one = Single(message, lambda: self.now() < until)
        await self.mailer.carry(one)
        return await asyncio.to_thread(self._note, mail, message, one.reply)

    def _due(self) -> str | None:
        """A publisher that has some."""
        asked: dict[str, Any] = {"way": servicemail.MAIL, "now": self.now()}
        with self.store.read() as connection:
            return next(
                (id for id in self.houses if servicemail.due(connection, publisher_id=id, **asked)), None
            )

    def _take(self, publisher: str) -> tuple[ServiceMail, Message | None] | None:
        now = self.now()
        with self.store.write() as connection:
            mail = servicemail.take(
                connection, publisher_id=publisher, way=servicemail.MAIL, now=now, until=now + _TAKEN
            )
            if mail is None:
                return None
            refused = self._must_not(connection, mail)
            if refused:
                servicemail.end(connection, id=mail.id, event="reject", now=now, reason=refused)
                return mail, None
            message = self._message(mail)
            log.record(connection, self._event("intent", mail, message, at=now))
        return mail, message

    def _must_not(self, connection: Connection, mail: ServiceMail) -> str:
        """Why it may not be mailed by now, or "" (laws 4 and 8)."""
        key = Address.parse(mail.address).key
        if self.allow_recipients and not matches(key, self.allow_recipients):
            return "its address is not in [sending] allow_recipients"
        if suppressions.find(connection, publisher_id=mail.publisher_id, address_key=key):
            return "its address is suppressed"
        return ""

    def _message(self, mail: ServiceMail) -> Message:
        publisher, signer = self.houses[mail.publisher_id].publisher, self.houses[mail.publisher_id].signer
        message_id = self.tokens.message_id(
            mailout_id=0, address_key=f"service {mail.id}", domain=publisher.domain
        )
        content = compose(
            publisher=publisher,
            address=mail.address,
            subject=mail.subject,
            text=mail.content,
            message_id=message_id,
            date=mail.created_at,
        )
        return Message(publisher.address, mail.address, signer.signed([content]), message_id)

    def _note(self, mail: ServiceMail, message: Message, reply: Reply | None) -> bool:
        """Write down how it ended; False when no relay could be asked."""
        now = self.now()
        outcome = Outcome.HAND_BACK if reply is None else classify(reply)
        with self.store.write() as connection:
            if outcome is Outcome.HAND_BACK:
                servicemail.put_back(connection, mail=mail, at=now + _SOON, now=now)
            else:
                self._end(connection, mail, outcome, _words(reply), now=now)
            log.record(
                connection, self._event(_KINDS.get(outcome, "answer"), mail, message, at=now, reply=reply)
            )
        return outcome is not Outcome.HAND_BACK

    def _end(
        self, connection: Connection, mail: ServiceMail, outcome: Outcome, words: str, *, now: datetime
    ) -> None:
        """Accepted, refused for good, or again later: what is in doubt too, for it is the same mail."""
        if outcome in (Outcome.ACCEPT, Outcome.REJECT):
            servicemail.end(connection, id=mail.id, event=outcome.value, now=now, reason=words)
            return
        decided = next_attempt(
            failures=mail.tries,
            now=now,
            expires_at=mail.expires_at,
            jitter=random.random(),  # noqa: S311
        )
        if isinstance(decided, GiveUp):
            servicemail.end(connection, id=mail.id, event="expire", now=now, reason=words)
        else:
            servicemail.again(connection, id=mail.id, at=decided.at, now=now, reason=words)

    def _event(
        self, kind: str, mail: ServiceMail, message: Message, *, at: datetime, reply: Reply | None = None
    ) -> log.Event:
        return log.Event(
            kind,
            at,
            f"run:{self.run_id}",
            subject=self.tokens.pseudonym(Address.parse(mail.address).key),
            attempt=mail.tries,
            relay=reply.relay or None if reply else None,
            code=reply.code or None if reply else None,
            enhanced=reply.enhanced if reply else None,
            text=reply.text if reply else None,
            bytes_sha256=sha256(message.content).hexdigest(),
            detail=f"service mail {mail.id}: {mail.kind}",
            address=mail.address,
            publisher_id=mail.publisher_id,
        )


_KINDS = {Outcome.HAND_BACK: "handed_back", Outcome.DOUBT: "doubted"}


def _words(reply: Reply | None) -> str:
    """What may be told of a reply: nothing that the relay wrote, for it likes to repeat the address."""
    if reply is None or not reply.code:
        return "the answer is not known"
    return " ".join(part for part in (str(reply.code), reply.enhanced) if part)
