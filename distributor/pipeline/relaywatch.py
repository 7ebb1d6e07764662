"""What a sender learns about its relays, and tells: the run's row, one line in its log, a hold.

Trouble that passes by itself (nothing answers, a temporary refusal) is told and waited for. A refusal that
concerns us and no recipient holds what is going out, until an officer answers: every relay refuses us, or
policy refusals come from too many domains to be the recipients' own. Nobody is rejected for it.

That one of several relays fails is logged when a sender first finds it so, and that it works again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from distributor.errors import Busy
from distributor.model.message import Reply
from distributor.model.release import Held
from distributor.pipeline.group import Answer
from distributor.pipeline.mailer import Mailer
from distributor.policy.replies import RECENT, is_policy, looks_like_us
from distributor.store import agenda, holds, log, mailouts, relaytrouble, runs
from distributor.store.database import Connection, Store

ACTOR = "clockwork"
_REFUSED = 400

_log = logging.getLogger(__name__)


@dataclass
class RelayWatch:
    """One worker run's eye on its mailer. A database that does not answer is told by others."""

    store: Store
    run_id: int
    mailer: Mailer
    now: Callable[[], datetime]
    _said: str | None = None
    _noted: str | None = None
    _refusals: int = 0
    _recent: dict[int, deque[str | None]] = field(default_factory=dict)
    _failing: dict[str, bool] = field(default_factory=dict)

    @property
    def trouble(self) -> bool:
        """True while nothing can be handed over."""
        return self.mailer.unavailable_reason is not None

    async def ready(self) -> bool:
        """Open connections; True when messages can be handed over. What is new about it is told."""
        opened = await self.mailer.warm()
        await self.look()
        return bool(opened)

    async def mend(self) -> None:
        """Try again the relays that fail while mail goes by others. What is new about it is told."""
        await self.mailer.mend()
        await self.look()

    async def look(self) -> None:
        """Tell what has changed since the last look."""
        await self._look_at_each()
        reason, refusals = self.mailer.unavailable_reason, self.mailer.refusals
        self._say(reason)
        if reason == self._noted and refusals <= self._refusals:
            return
        try:
            await asyncio.to_thread(self._note, reason, refused=refusals > self._refusals)
        except Busy:
            return  # the next look tells it
        self._noted, self._refusals = reason, max(refusals, self._refusals)

    async def _look_at_each(self) -> None:
        """Each relay by itself: that it fails is an event, and that it works again; not each try."""
        health = dict(self.mailer.health)
        news = {name: why for name, why in health.items() if self._failing.get(name) != bool(why)}
        if not news:
            return
        try:
            await asyncio.to_thread(
                self._note_each, news, working=[n for n, why in health.items() if not why]
            )
        except Busy:
            return  # the next look tells it
        self._failing |= {name: bool(why) for name, why in news.items()}

    async def heard(self, mailout_id: int, answers: Iterable[Answer]) -> None:
        """Hold the mailout when its last answers say that it is us whom they refuse."""
        recent = self._recent.setdefault(mailout_id, deque(maxlen=RECENT))
        refusals = [refusal for answer in answers if (refusal := _refusal(answer, recent)) is not None]
        if not refusals or not looks_like_us(tuple(recent)):
            return
        last = refusals[-1]
        reason = f"refused by policy, by several domains, the last with {last.code} {last.enhanced}"
        try:
            await asyncio.to_thread(self._hold_one, mailout_id, reason)
        except Busy:
            return  # the next refusal holds it
        recent.clear()

    def _say(self, reason: str | None) -> None:
        if reason and not self._said:
            _log.warning("nothing can be handed over: %s", reason)
        elif self._said and not reason:
            _log.info("messages can be handed over again")
        self._said = reason

    def _note(self, reason: str | None, *, refused: bool) -> None:
        with self.store.write() as connection:
            runs.note(connection, id=self.run_id, trouble=reason, now=self.now())
            if reason and refused:
                for mailout in agenda.waiting(connection):
                    self._hold(connection, mailout, f"every relay refuses us: {reason}")

    def _note_each(self, news: Mapping[str, str | None], *, working: Sequence[str]) -> None:
        with self.store.read() as connection:
            known = relaytrouble.failing(connection)
        changed = {name: why for name, why in news.items() if bool(why) != (name in known)}
        if not changed:  # another sender has said it
            return
        by = f"mail goes by {' and '.join(working)}" if working else "mail waits, there is no other"
        with self.store.write() as connection:
            events = [self._event(connection, name, why, by) for name, why in changed.items()]
            log.record(connection, *(one for one in events if one is not None))

    def _event(self, connection: Connection, relay: str, why: str | None, by: str) -> log.Event | None:
        now = self.now()
        if why is None:
            well = relaytrouble.well(connection, relay=relay)
            return log.Event("relay_well", now, ACTOR, relay=relay) if well else None
        fresh = relaytrouble.fails(connection, relay=relay, reason=why, now=now)
        return log.Event("relay_fails", now, ACTOR, relay=relay, detail=f"{why}; {by}") if fresh else None

    def _hold_one(self, mailout_id: int, reason: str) -> None:
        with self.store.write() as connection:
            self._hold(connection, mailouts.get(connection, id=mailout_id), reason)

    def _hold(self, connection: Connection, mailout: mailouts.Mailout, reason: str) -> None:
        now = self.now()
        held = Held(f"relay: {reason}", ACTOR, now)
        if holds.hold(connection, id=mailout.id, held=held):
            release_id, detail = mailout.release_id, held.reason
            event = log.Event("held", now, ACTOR, release_id=release_id, mailout_id=mailout.id, detail=detail)
            log.record(connection, event)
            _log.warning("mailout %d is held: %s", mailout.id, held.reason)


def _refusal(answer: Answer, recent: deque[str | None]) -> Reply | None:
    """Take an answer into account; the reply, when it is a policy refusal."""
    if not answer.reply.code:
        return None
    refused = answer.reply.code >= _REFUSED and is_policy(answer.reply)
    recent.append(answer.candidate.delivery.address_key.rpartition("@")[2] if refused else None)
    return answer.reply if refused else None
