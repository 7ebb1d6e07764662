"""The batches that a worker run has leased: what of them waits, composed when it is wanted, and what is over.

It reads; what it finds is written by the ledger.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import repeat

from distributor.errors import DistributorError, Refused
from distributor.mail.merge import MergeTemplate
from distributor.mail.tokens import Tokens
from distributor.model.message import Envelope
from distributor.pipeline.compose import Composer, House, composer
from distributor.pipeline.group import Composed
from distributor.policy.recipients import matches
from distributor.store import deliveries, mailouts
from distributor.store.batches import Lease
from distributor.store.database import Store
from distributor.store.deliveries import Delivery

_TEMPLATES = 50  # kept at the most
_SOON, _SOME = 64, 8  # composed ahead at the most, and at once


@dataclass(frozen=True, slots=True)
class Found:
    """A leased batch as it was read. Nothing of it goes before `due`."""

    batch_id: int
    due: datetime
    deliveries: Sequence[Delivery]
    composer: Composer
    expires_at: datetime


@dataclass
class Passes:
    """`waiting` deliveries have no intent yet; `early` is a batch whose mailout is not open, composed."""

    store: Store
    houses: Mapping[str, House]  # by publisher
    tokens: Tokens
    envelope: Envelope = "verp"
    allow_recipients: Sequence[str] = ()
    waiting: deque[tuple[Delivery, Found]] = field(default_factory=deque)
    early: Found | None = None
    _composed: dict[int, Composed] = field(default_factory=dict)  # ahead, by delivery
    _tried: int = 0  # of those that wait, the first ones: composed, or not to be
    _templates: dict[str, MergeTemplate] = field(default_factory=dict)  # by hash
    _left: Counter[int] = field(default_factory=Counter)
    _batches: dict[int, int] = field(default_factory=dict)  # of the deliveries that have not ended

    def read(self, lease: Lease) -> Found:
        """What a lease is for. Raises Refused for a publisher that is not served here.

        Then the run must end, and give back what it leased: the next one reads the configuration anew.
        """
        with self.store.read() as connection:
            mailout = mailouts.get(connection, id=lease.mailout_id)
            house = self.houses.get(mailout.publisher_id)
            if house is None:
                raise Refused(
                    f"there is mail of “{mailout.publisher_id}”, no publisher of this configuration",
                    cure="Give each host the same [publishers], and start its senders again.",
                )
            return Found(
                batch_id=lease.batch_id,
                due=mailout.due,
                deliveries=deliveries.of_batch(connection, batch_id=lease.batch_id),
                composer=composer(
                    connection,
                    mailout=mailout,
                    publisher=house.publisher,
                    tokens=self.tokens,
                    envelope=self.envelope,
                    signer=house.signer,
                    known=self._known(),
                ),
                expires_at=mailout.expires_at,
            )

    def _known(self) -> dict[str, MergeTemplate]:
        """The merge templates of the batches before; a few, for they are large."""
        if len(self._templates) > _TEMPLATES:
            self._templates = {}
        return self._templates

    def begin(self, found: Found, *, now: datetime) -> None:
        """Its deliveries wait from now on, or from their instant on."""
        self._left[found.batch_id] = len(found.deliveries)
        self._batches |= {delivery.id: found.batch_id for delivery in found.deliveries}
        if found.due > now and self.early is None:
            self.early = found
        else:
            self.waiting.extend(zip(found.deliveries, repeat(found)))

    def open(self, *, now: datetime) -> None:
        """What was leased early waits now, if its instant has come."""
        if self.early is not None and self.early.due <= now:
            self.waiting.extendleft((delivery, self.early) for delivery in reversed(self.early.deliveries))
            self._tried = 0
            self.early = None

    def compose_ahead(self) -> None:
        """Compose what was leased early: at its instant only intents are missing."""
        found = self.early
        if found is None:
            return
        for delivery in found.deliveries:
            if self.early is not found:  # its instant has come
                return
            with suppress(DistributorError):  # said at the instant
                self._composed[delivery.id] = self._candidate(delivery, found)

    def compose_some(self) -> bool:
        """Compose a few of those that will be asked for next; whether there were any."""
        some = range(self._tried, min(self._tried + _SOME, _SOON, len(self.waiting)))
        with suppress(Exception):  # raised when it is asked for, not in the middle of a commit
            for place in some:
                self._tried = place + 1
                delivery, found = self.waiting[place]
                if delivery.id not in self._composed and self._allowed(delivery):
                    self._composed[delivery.id] = self._candidate(delivery, found)
        return bool(some)

    def _allowed(self, delivery: Delivery) -> bool:
        return not self.allow_recipients or matches(delivery.address_key, self.allow_recipients)

    def compose(self, number: int) -> tuple[list[Composed], list[tuple[Delivery, str]]]:
        """Up to so many candidates; and what must not or cannot be sent, each with its reason."""
        candidates: list[Composed] = []
        hopeless: list[tuple[Delivery, str]] = []
        while self.waiting and len(candidates) < number:
            delivery, found = self.waiting.popleft()
            self._tried = max(0, self._tried - 1)
            if not self._allowed(delivery):
                hopeless.append((delivery, "not in [sending] allow_recipients"))
                continue
            try:
                ahead = self._composed.pop(delivery.id) if delivery.id in self._composed else None
                candidates.append(ahead or self._candidate(delivery, found))
            except DistributorError as error:
                hopeless.append((delivery, f"cannot be composed: {error.what}"))
        return candidates, hopeless

    def _candidate(self, delivery: Delivery, found: Found) -> Composed:
        message = found.composer.message(delivery)
        return Composed(
            delivery,
            message,
            sha256(message.content).hexdigest(),
            self.tokens.pseudonym(delivery.address_key),
            found.expires_at,
        )

    def ended(self, delivery: Delivery) -> None:
        """Nothing more is done about it in this pass."""
        self._left[self._batches.pop(delivery.id)] -= 1

    def over(self) -> list[int]:
        """The batches whose deliveries have all ended, once each."""
        done = [batch_id for batch_id, left in self._left.items() if not left]
        for batch_id in done:
            del self._left[batch_id]
        return done

    def unfinished(self) -> list[int]:
        """All that is left, given up by this run."""
        self.waiting.clear()
        self._tried = 0
        self._batches.clear()
        self._composed.clear()
        self.early = None
        left, self._left = list(self._left), Counter()
        return left
