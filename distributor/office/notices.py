"""A notice to those who hold a release's text: drawn up, and queued within the change that it tells of.

To exactly the holders; those who must not be mailed are named, so that somebody phones them. It opens in the
same transaction: the officer's word is its instant. It decides on no change itself.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from distributor.errors import TemplateError
from distributor.mail import reasons
from distributor.mail.render import Renderer
from distributor.model.audience import Recipient
from distributor.model.embargo import Embargo
from distributor.model.notice import Notice
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.office import proof
from distributor.policy import changes, order, pacing
from distributor.store import (
    batches,
    blobs,
    deliveries,
    holders,
    log,
    mailouts,
    queueing,
    sorting,
    topics,
)
from distributor.store.database import Connection, Store
from distributor.store.endings import Pseudonym
from distributor.store.holders import Holder

Placed = tuple[int, Recipient]


@dataclass(frozen=True)
class House:
    """Whose notices they are. `shown` gives the renderer; a template of the office may be broken."""

    rules: Rules
    publisher: Publisher
    pseudonym: Pseudonym
    shown: Callable[[], Renderer]

    @cached_property
    def renderer(self) -> Renderer:
        return self.shown()


@dataclass(frozen=True, slots=True)
class Unreached:
    """A holder who cannot be told by mail, and why."""

    address: str
    name: str
    outlet: str
    phone: str
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """`told`: how many get the notice; `kind` "" when nobody holds the text."""

    kind: str = ""
    told: int = 0
    unreached: tuple[Unreached, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A notice ready to be queued. `templates` by language; none when nobody holds the text."""

    notice: Notice
    templates: Mapping[str, bytes]
    warnings: tuple[str, ...] = ()


def draw(
    store: Store,
    release: Release,
    notice: Notice,
    *,
    embargo: Embargo,
    house: House,
    revision: Revision | None = None,
) -> Drawn:
    """The notice in every language that holders of the release have, `embargo` being the one from then on.

    The release is at rest, so its holders do not change. `revision`: the one that it tells of, if that is not
    the one in force. A broken template of the office does not silence it: then the shipped ones are used.
    """
    with store.read() as connection:
        languages = {holder.language for holder in holders.of_release(connection, release_id=release.id)}
        tree = topics.tree(connection)
    if not languages:
        return Drawn(notice, {})
    told = _as_from_now(revision or changes.approved(release), embargo)

    def rendered(renderer: Renderer) -> dict[str, bytes]:
        return proof.notices(
            release,
            told,
            notice,
            languages=languages,
            renderer=renderer,
            publisher=house.publisher,
            tree=tree,
            zones=house.rules.show_zones,
        )

    try:
        return Drawn(notice, rendered(house.renderer))
    except TemplateError as error:
        return Drawn(notice, rendered(Renderer([])), (f"the notice has the shipped look: {error}",))


def _as_from_now(revision: Revision, embargo: Embargo) -> Revision:
    return replace(revision, sending=replace(revision.sending, embargo=embargo))


def queue(
    connection: Connection,
    release: Release,
    drawn: Drawn,
    *,
    actor: str,
    now: datetime,
    house: House,
    revision: Revision | None = None,
    only: Set[str] | None = None,
) -> tuple[Told, list[log.Event]]:
    """Queue it for all who hold the text as it is now, and open it; the events are for the caller to record.

    `only`: for these address keys among them.

    Notices that it overtakes are cancelled. Within the transaction of the change, after the drain.
    """
    kind = drawn.notice.kind
    events = overtake(connection, release, kind, actor=actor, now=now)
    found = holders.of_release(connection, release_id=release.id)
    found = [holder for holder in found if only is None or holder.address_key in only]
    if not found:
        return Told(), events
    told_of = revision or changes.approved(release)
    id = _mailout(connection, release, told_of, drawn, size=len(found), now=now, house=house)
    _deliver(connection, release, found, mailout_id=id, now=now, house=house)
    silent = {holder.address_key: holder for holder in found if holder.silence}
    moved = deliveries.silence(connection, mailout_id=id, keys=list(silent), now=now)
    mailouts.prepared(connection, id=id)
    opened = mailouts.opened(connection, id=id, now=now)
    told = Told(kind, len(found) - len(silent), tuple(_unreached(holder) for holder in silent.values()))
    detail = f"{kind} to {told.told} who hold the text" + (f", {len(silent)} to phone" if silent else "")
    done = "opened" if opened else "prepared"  # a text waits while its release is held
    events.append(log.Event(done, now, actor, release_id=release.id, mailout_id=id, detail=detail))
    return told, events + [
        log.of_delivery(
            "suppressed",
            row,
            at=now,
            actor=actor,
            pseudonym=house.pseudonym,
            detail=silent[row.address_key].silence.partition(":")[0],
        )
        for row in moved
    ]


def overtake(
    connection: Connection, release: Release, kind: str, *, actor: str, now: datetime
) -> list[log.Event]:
    """Cancel what is left of the notices that one of this `kind` makes old; the events are to be recorded."""
    stored = mailouts.of_release(connection, release_id=release.id)
    old = [m for m in stored if m.kind in changes.OVERTAKES[kind] and not m.over]
    mailouts.cancel(connection, ids=[m.id for m in old], now=now)
    detail = f"overtaken by {kind}"
    return [
        log.Event("cancelled", now, actor, release_id=release.id, mailout_id=m.id, detail=detail) for m in old
    ]


def _mailout(
    connection: Connection,
    release: Release,
    revision: Revision,
    drawn: Drawn,
    *,
    size: int,
    now: datetime,
    house: House,
) -> int:
    hashes = {language: blobs.keep(connection, content) for language, content in drawn.templates.items()}
    id = mailouts.add(
        connection,
        publisher_id=release.publisher_id,
        release_id=release.id,
        revision_id=revision.id,
        planned=changes.notice(drawn.notice.kind, now=now, rules=house.rules),
        seed=draw_seed(),
        expected_size=size,
        now=now,
        renderings=hashes,
        note=drawn.notice.note,
    )
    assert id is not None  # there may be many of its kind
    return id


def draw_seed() -> int:
    """What determines a fair order."""
    return random.SystemRandom().getrandbits(31)


def _deliver(
    connection: Connection,
    release: Release,
    found: Sequence[Holder],
    *,
    mailout_id: int,
    now: datetime,
    house: House,
) -> None:
    mailout = mailouts.get(connection, id=mailout_id)
    people = [_recipient(holder, mailout.renderings) for holder in found]
    places = enumerate(order.fair(people, seed=mailout.seed, in_order=sorting.in_order))
    for start, portion in _steps(places, now=now, house=house):
        batch_id = batches.add(
            connection, mailout_id=mailout_id, priority=mailout.priority, not_before=start, size=len(portion)
        )
        queueing.add(
            connection,
            mailout_id=mailout_id,
            publisher_id=release.publisher_id,
            batch_id=batch_id,
            recipients=portion,
            reason=lambda person: reasons.holds(person.language),
            now=now,
        )
    answers = {holder.address_key: holder.mailout_id for holder in found}
    deliveries.answer_to(connection, mailout_id=mailout_id, answers=answers)


def _steps(
    places: Iterable[Placed], *, now: datetime, house: House
) -> Iterable[tuple[datetime, list[Placed]]]:
    """Batches with their first instant. Only they themselves count for a domain's pace: they go first."""
    taken: dict[str, int] = {}
    portions = pacing.portions(places, domain=_domain, paces=house.rules.paces, size=batches.SIZE)
    for pace, portion in portions:
        if pace is None:
            yield now, portion
            continue
        taken[pace.domain] = taken.get(pace.domain, 0) + len(portion)
        yield pacing.spread(taken[pace.domain], start=now, pace=pace)[-1], portion


def _domain(placed: Placed) -> str:
    return placed[1].address_key.rpartition("@")[2]


def _recipient(holder: Holder, known: Mapping[str, str]) -> Recipient:
    language = holder.language if holder.language in known else next(iter(known))
    return Recipient(
        holder.address, holder.address_key, holder.contact_id, holder.name, holder.outlet, language, None, ()
    )


def _unreached(holder: Holder) -> Unreached:
    return Unreached(holder.address, holder.name, holder.outlet, holder.phone, holder.silence)
