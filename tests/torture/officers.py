"""The officers of a case, and what else happens to it: what they plan, change and answer, drawn by lot.

Each verb is the program's own. The referee is told when it has returned, from their point of view: an
embargo is what they said, whatever the program made of it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select

from distributor.errors import EmbargoError, Refused
from distributor.model.address import Address
from distributor.model.embargo import Embargo
from distributor.office import access, approve, correct, embargo, silence, stop, withdraw
from distributor.office import clock as office_clock
from distributor.office.notices import House as NoticeHouse
from distributor.pipeline import intake
from distributor.pipeline.proposal import Wishes
from distributor.policy import embargo as embargoes
from distributor.store import rows
from tests.torture import moments
from tests.torture.plainmail import TIERS, TOPICS, audience, document
from tests.torture.referee import MISREAD, MISSED, STOPPED, Text

if TYPE_CHECKING:
    from tests.torture.embargocase import Case

_LEADS = {"agencies": timedelta(hours=2), "accredited": timedelta(hours=24)}
_LEAST_LEAD = timedelta(minutes=30)
_LEAST = timedelta(minutes=10)  # before an instant nobody writes it down any more
_RACE = 3.0  # seconds around an instant
_GOES = (0.12, 3.0)  # seconds after it: somebody has a batch, and begins; and all that is due then goes
_MOVES = (2, 5, 15, 30, 45, 60, 90, 120, 180)  # minutes later
_HOURS = (30.0, 26.0, 3.0, 1.0)  # before an instant somebody approves


class Waiting(NamedTuple):
    """How much could go on now, and when more can, in seconds since the beginning."""

    ready: int
    later: float | None


@dataclass
class Desk:
    """`done` counts what was done, by name; `changes`: of clocks, near which some release has its instant."""

    case: Case
    done: Counter[str] = field(default_factory=Counter)
    changes: frozenset[moments.Change] = frozenset()
    _asked_already: bool = False
    _drafts: Counter[str] = field(default_factory=Counter)

    @property
    def _chance(self) -> random.Random:
        return self.case.chance

    @property
    def _now(self) -> datetime:
        return self.case.truth.now

    def _place(self) -> dict[str, Any]:
        """Of a verb: who says it, when, by the clock of the host where she sits."""
        host = self._chance.choice(self.case.hosts)
        self.case.process.on(host)
        built = self.case.hands[self.case.hosts.index(host)].system
        return {"actor": "officer", "now": built.now()}

    # what is to happen

    def plan(self, releases: int, start: datetime, end: datetime, *, hasty: bool = False) -> None:
        """Put the days from `start` to `end` into the queue. `hasty`: each is changed just when it goes."""
        instants = self._instants(start, end)
        chosen = self._chance.choices(instants, k=releases)
        for number, instant in enumerate(chosen):
            self._one(f"q-{number}", instant, hasty=hasty)
        self.changes = frozenset(change for instant in {*chosen} for change in moments.around(instant))
        for instant in instants:
            self._skip_a_missing_time(instant)
        self._mishaps(instants)

    def _instants(self, start: datetime, end: datetime) -> list[datetime]:
        """Every change of a clock in these days, and other times; several releases have each."""
        changes = [change.at for change in moments.within(start, end)]
        others = [start + (end - start) * self._chance.random() for _ in range(max(0, 3 - len(changes)))]
        return sorted({moments.near(at, self._chance) for at in (*changes, *changes, *others, *others)})

    def _one(self, reference: str, instant: datetime, *, hasty: bool) -> None:
        """Approved some time before, and then changed by lot."""
        case, due = self.case, self._seconds(instant)
        approved = due - self._chance.choice(_HOURS) * 3600
        case.at(approved, lambda: self._approve(reference, instant))
        moves: dict[Callable[[str], None], int] = {
            self._hold: 3,
            self._later: 3,
            self._earlier: 2,
            self._lift: 2,
            self._correct: 3,
            self._withdraw: 2,
        }
        for _ in range(1 if hasty else self._chance.choice((0, 0, 0, 0, 1, 1, 2))):
            [move] = self._chance.choices(list(moves), weights=list(moves.values()))
            at = due + self._chance.uniform(0, _GOES[0]) if hasty else self._some_time(approved, due)
            case.at(at, lambda move=move: self._do(move, reference))

    def _some_time(self, approved: float, due: float) -> float:
        draw, race = self._chance.random(), self._chance.uniform(-_RACE, _RACE)
        if draw < 0.25:
            return self._while_it_goes(due)
        if draw < 0.4:
            return due + race
        if draw < 0.5:
            return max(approved + 1, due - 7200 + race)
        return self._chance.uniform(approved + 1, due + 3600)

    def _while_it_goes(self, due: float) -> float:
        return due + self._chance.uniform(0, self._chance.choice(_GOES))

    def _seconds(self, at: datetime) -> float:
        return (at - self.case.truth.began).total_seconds()

    # approval

    def _approve(self, reference: str, instant: datetime) -> None:
        topic, now = self._chance.choice(TOPICS), self._now
        if instant <= now + _LEAST:  # the machines slept over it: she says another time
            instant = self._full(now + timedelta(minutes=self._chance.randint(30, 180)))
        kind = self._chance.choices(("embargo", "until lifted", "none"), weights=(17, 2, 1))[0]
        tiers = [tier for tier in TIERS if kind != "none" and self._chance.random() < 0.3]
        wishes = {"advance": tuple(f"{tier}=-{_LEADS[tier].seconds // 3600 or 24}h" for tier in tiers)}
        said = self._written(instant) if kind == "embargo" else kind
        self._add(reference, topic, embargo=said, **wishes)
        built = self.case.built
        approve.approve(
            built.store,
            reference=reference,
            rules=built.rules,
            publisher=built.publisher,
            renderer=built.renderer,
            **self._place(),
        )
        if kind == "embargo":
            self._compare(reference, said, instant)
        text = Text(reference, audience(topic), instant if kind == "embargo" else None, kind != "none")
        if kind == "none":
            text.instant = now
        for tier in tiers:
            self._open_wave(text, tier, now)
        self.case.referee.texts[reference] = text
        self._wake_for(text)
        self.done["approved"] += 1

    def _add(self, reference: str, topic: str, **wishes: Any) -> None:
        self._drafts[reference] += 1
        built = self.case.built
        intake.add(
            built.store,
            rules=built.rules,
            publisher=built.publisher,
            drafts=[document(reference, topic, self._drafts[reference])],
            wishes=Wishes(**wishes),
            **self._place(),
        )

    def _written(self, instant: datetime) -> str:
        """As an officer writes it; what says two instants she must be asked about."""
        written = moments.written(instant, self._chance.choice(moments.ZONES), self._chance)
        if not written.twice:
            return written.text
        try:
            self.case.referee.blame(MISREAD, (written, self._read(written.text)), self._now)
        except EmbargoError:
            self.done["times that happen twice"] += 1
        return instant.isoformat()

    def _read(self, text: str) -> datetime | None:
        now, zone = self._place()["now"], self.case.built.rules.timezone
        return embargoes.parse(text, now=now, timezone=zone).embargo.instant

    def _compare(self, reference: str, said: str, instant: datetime) -> None:
        """What the program made of it is what she meant."""
        with self.case.built.store.read() as connection:
            made = connection.execute(_EMBARGO, {"named": reference}).scalar()
        if made != instant:
            self.case.referee.blame(MISREAD, (said, made, instant), self._now)

    def _skip_a_missing_time(self, instant: datetime) -> None:
        for change in moments.within(instant - timedelta(hours=3), instant + timedelta(hours=3)):
            text = moments.missing(change)
            if text is not None:
                try:
                    self.case.referee.blame(MISREAD, (text, self._read(text)), self._now)
                except EmbargoError:
                    self.done["times that do not exist"] += 1

    def _open_wave(self, text: Text, tier: str, now: datetime) -> None:
        """From when on its advance copy may go; never, when too little is left."""
        if text.instant is None:
            text.opens[tier] = now  # nobody can tell its time: at once
            return
        at = text.instant - _LEADS[tier]
        if at > now or text.instant - now >= _LEAST_LEAD:
            text.opens[tier] = max(at, now)
        else:
            text.opens.pop(tier, None)

    def _wake_for(self, text: Text) -> None:
        for at in (*text.opens.values(), *([text.instant] if text.instant else [])):
            self.case.wake_for(max(self._seconds(at), self.case.truth.elapsed()))

    # changes

    def _do(self, move: Callable[[str], None], reference: str) -> None:
        """A verb, or its refusal; then somebody looks at what it left."""
        name = move.__name__.lstrip("_")
        try:
            move(reference)
            self.done[name] += 1
        except Refused:
            self.done["refused"] += 1
        self.case.wake(self.case.truth.elapsed() + self._chance.uniform(0, self._chance.choice((2, 200))))

    def _text(self, reference: str) -> Text:
        return self.case.referee.texts[reference]

    def _verb(self, verb: Callable[..., Any], reference: str, **said: Any) -> Any:
        built = self.case.built
        house = NoticeHouse(built.rules, built.publisher, built.tokens.pseudonym, lambda: built.renderer)
        place = self._place() | {"reference": reference, "house": house, "pause": self.case.pause}
        return verb(built.store, **place, **said)

    def _tell(self, text: Text, told: Any, *, expected: bool = True) -> None:
        if told.kind:
            text.tell(told.kind)
        elif expected and text.had:
            self.case.referee.blame(MISSED, (text.reference, "nobody was told"), self._now)

    def _hold(self, reference: str) -> None:
        text, quiet = self._text(reference), self._chance.random() < 0.2
        built, said = self.case.built, {"publisher_id": "press", "reason": "a doubt"}
        if quiet:
            place = self._place() | {"reference": reference, "pause": self.case.pause}
            stop.hold(built.store, **place, **said)
        else:
            self._tell(text, self._verb(stop.hold, reference, **said).told)
        text.held = True
        again = self._chance.choice((1.0, 600.0, 5400.0)) * self._chance.uniform(0.5, 1.5)
        self.case.at(self.case.truth.elapsed() + again, lambda: self._do(self._resume, reference))

    def _resume(self, reference: str) -> None:
        text = self._text(reference)
        text.held, before = False, text.held
        try:
            built = self.case.built
            house = NoticeHouse(built.rules, built.publisher, built.tokens.pseudonym, lambda: built.renderer)
            done = stop.resume(
                built.store,
                publisher_id="press",
                reference=reference,
                house=house,
                pause=self.case.pause,
                **self._place(),
            )
        except Refused:
            text.held = before and not text.over
            raise
        self._tell(text, done.told, expected=False)

    def _move(self, reference: str, to: datetime) -> None:
        text, before = self._text(reference), self._now
        if to <= before:
            raise Refused("nobody moves it into the past")
        self._tell(text, self._verb(embargo.move, reference, embargo=Embargo(instant=to)).told)
        if text.begun:
            self.case.referee.blame(STOPPED, (reference, "closed again what had opened"), self._now)
        text.instant = to
        for tier in (*text.opens,):
            if text.opens[tier] > before:
                self._open_wave(text, tier, before)
        self._wake_for(text)

    def _later(self, reference: str) -> None:
        text = self._text(reference)
        start = max(text.instant or self._now, self._now)
        self._move(reference, self._full(start + timedelta(minutes=self._chance.choice(_MOVES))))

    def _earlier(self, reference: str) -> None:
        text = self._text(reference)
        left = ((text.instant or self._now + timedelta(hours=2)) - self._now).total_seconds()
        self._move(
            reference, self._full(self._now + timedelta(seconds=max(90, left * self._chance.random())))
        )

    def _full(self, at: datetime) -> datetime:
        return at.replace(second=0, microsecond=0)

    def _lift(self, reference: str) -> None:
        text, said = self._text(reference), self._now
        self._tell(text, self._verb(embargo.lift, reference).told)
        text.instant = said
        self.case.wake(self.case.truth.elapsed())

    def _correct(self, reference: str) -> None:
        text, tell = self._text(reference), self._chance.random() < 0.7
        if text.over:
            raise Refused("it was withdrawn")
        topic = next(topic for topic in TOPICS if audience(topic) == text.audience)
        self._add(reference, topic)
        done = self._verb(correct.correct, reference, tell=tell)
        text.text = self._drafts[reference]
        self._tell(text, done.told, expected=tell)

    def _withdraw(self, reference: str) -> None:
        text = self._text(reference)
        self._tell(text, self._verb(withdraw.withdraw, reference).told)
        text.over = True
        text.held = False

    # who leaves, whose access ends

    def _leave(self, address: str) -> None:
        built = self.case.built
        silence.unsubscribe(
            built.store,
            now=self._place()["now"],
            publisher_id="press",
            address=Address.parse(address),
            reason="the link in a mail",
            pseudonym=built.tokens.pseudonym,
            pause=self.case.pause,
        )
        self.case.referee.silent.add(address)
        self.done["left"] += 1

    def _suspend(self, address: str) -> None:
        case = self._access(address)
        until = case.now + timedelta(days=30)
        access.suspend(self.case.built.store, case, until=until, reason="a doubt", pause=self.case.pause)
        self.case.referee.suspended.add(address)
        self.done["access suspended"] += 1
        back = self.case.truth.elapsed() + self._chance.uniform(60, 86400)
        self.case.at(back, lambda: self._reinstate(address))

    def _reinstate(self, address: str) -> None:
        self.case.referee.suspended.discard(address)
        access.reinstate(self.case.built.store, self._access(address), reason="cleared")

    def _access(self, address: str) -> access.Case:
        place = self._place()
        pseudonym = self.case.built.tokens.pseudonym
        return access.Case(place["actor"], place["now"], "press", pseudonym, address=address)

    # what happens to machines

    def _mishaps(self, instants: list[datetime]) -> None:
        case = self.case

        def around(ahead: float = 900, behind: float = 300) -> float:
            return self._seconds(self._chance.choice(instants)) + self._chance.uniform(-ahead, behind)

        case.at(around(7200), lambda: self._leave(self._chance.choice(list(audience("a")))))
        case.at(around(), lambda: self._suspend("wire1@example.eu"))
        case.at(around(60, 60), self._container)
        case.at(around(60, 60), self._sleep)
        case.at(around(60, 60), self._machine)
        for _ in range(2 if case.one_machine else 0):
            case.at(around(), self._set_clock)

    def _container(self) -> None:
        """Everything is started again, on the same machine, with the same database."""
        self.case.everybody_dies()
        self.done["all restarted"] += 1
        self.case.wake(self.case.truth.elapsed() + 3)

    def _sleep(self) -> None:
        """All machines sleep, the database's too."""
        self.case.truth.to(self._now + timedelta(minutes=self._chance.choice((2, 20, 90))))
        self.done["slept"] += 1
        self._later_answers()

    def _machine(self) -> None:
        """A machine is started again; its clock is right then where it is the only one."""
        host = self._chance.choice(self.case.hosts)
        mine = [hand for hand in self.case.hands if hand.host is host]
        for hand in mine:
            hand.die()
        host.start_again()
        for hand in mine:
            hand.system = self.case.on(host)  # no process outlives it with a reading of the clock from before
        if self.case.one_machine:
            host.off = timedelta(0)
        self.done["machine started"] += 1
        self._later_answers()

    def _set_clock(self) -> None:
        """Somebody sets the machine's clock wrong, and right again some time later."""
        off = self._chance.uniform(31, 300) * self._chance.choice((1, -1))
        self.case.hosts[0].off = timedelta(seconds=off)
        self.done["clock set wrong"] += 1
        lasts = self._chance.choice((30, 600, 7200)) * self._chance.uniform(0.5, 1.5)
        self.case.look_at(self.case.truth.elapsed())
        self.case.at(self.case.truth.elapsed() + lasts, self.clock_is_right)

    def clock_is_right(self) -> None:
        """It is set right, and somebody says so."""
        if self.case.one_machine:
            self.case.hosts[0].off = timedelta(0)
            self.case.tick()
            office_clock.confirm(self.case.built.store, **self._place())
        self._later_answers()

    def look(self) -> None:
        """Whoever sees a question answers it minutes later, not days: what waits too long expires."""
        if not self._asked_already and self._asked():
            self._later_answers()

    def _later_answers(self) -> None:
        self._asked_already = True
        self.case.at(self.case.truth.elapsed() + self._chance.uniform(1, 300), self.answers)

    def answers(self) -> None:
        """What the program asks is answered, by officers who know what time it is."""
        self._asked_already = False
        host = self.case.hosts[0]
        if self.case.one_machine and host.off:
            return
        for reference in self._asked():
            if not self._text(reference).held:
                self._do(self._resume, reference)

    def _asked(self) -> list[str]:
        with self.case.built.store.read() as connection:
            return list(connection.scalars(_ASKED))

    def what_waits(self) -> Waiting:
        """Mailouts that are due and have not opened, and deliveries of open ones left for later."""
        with self.case.built.store.read() as connection:
            ready, later = connection.execute(_WAITS, {"now": self._now}).one()
        return Waiting(ready, None if later is None else self._seconds(later))


m, d, r = rows.mailout.c, rows.delivery.c, rows.release.c
_NOW = bindparam("now", type_=m.due.type)
_EMBARGO = select(r.embargo).where(r.reference == bindparam("named"))
_ASKED = (
    select(r.reference)
    .join(rows.mailout, m.release_id == r.id)
    .where(m.held_at.is_not(None), m.state.in_(["planned", "prepared", "sending"]))
    .distinct()
    .order_by(r.reference)
)


def _waits() -> Select[int, datetime | None]:
    left = select(d.next_at).join(rows.mailout, m.id == d.mailout_id)
    left = left.join(rows.release, m.release_id == r.id).where(m.held_at.is_(None), r.held_at.is_(None))
    left = left.where(m.state == "sending", d.state.in_(["deferred", "queued"]))
    at = left.subquery().c.next_at
    ready = select(func.count()).select_from(at.table).where(or_(at.is_(None), at <= _NOW))
    due = select(func.count()).select_from(rows.mailout).join(rows.release, m.release_id == r.id)
    due = due.where(m.held_at.is_(None), r.held_at.is_(None))
    due = due.where(m.state.in_(["planned", "prepared"]), m.due <= _NOW)
    later = select(func.min(at)).where(at > _NOW)
    return select(ready.scalar_subquery() + due.scalar_subquery(), later.scalar_subquery())


_WAITS = _waits()
