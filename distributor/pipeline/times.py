"""When a release is to go, as documents and wishes say it: embargo, waves, a time of its own.

The versions of one release may each say it in their own words; they must mean the same instants. Words of an
embargo that lead to none become a question, unless somebody said that there is none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from distributor.errors import DistributorError, DocumentError
from distributor.model.draft import Draft
from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Sending
from distributor.model.rules import Rules
from distributor.policy import embargo as embargoes
from distributor.policy.embargo import EmbargoReading

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """Times asked for over what the documents say; None leaves it to them."""

    embargo: str | None
    advance: tuple[str, ...] | None
    send_at: str | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads times by the house's rules, and names the document at fault."""

    now: datetime
    rules: Rules

    def embargo(self, text: str, draft: Draft | None, where: str) -> EmbargoReading:
        dateline = draft.version.dateline if draft else None
        day = dateline.date if dateline else None
        return self._read(partial(embargoes.parse, day=day), text, draft, where)

    def means(self, text: str, draft: Draft, embargo: Embargo) -> bool:
        """True when `text` is just this embargo."""
        try:
            return self.embargo(text, draft, draft.source).embargo == embargo
        except DistributorError:
            return False

    def instant(self, text: str, where: str) -> datetime:
        return self._read(embargoes.parse_instant, text, None, where)

    def wave(self, text: str, draft: Draft | None, where: str) -> Wave:
        return self._read(embargoes.parse_wave, text, draft, where)

    def _read(self, parse: Callable[..., T], text: str, draft: Draft | None, where: str) -> T:
        try:
            return parse(
                text,
                now=self.now,
                timezone=self.rules.timezone,
                cet_is_brussels=self.rules.cet_is_brussels,
                language=(draft.version.language or None) if draft else None,
            )
        except DistributorError as error:
            raise type(error)(error.what, where=error.where or where, cure=error.cure) from None


@dataclass(frozen=True, slots=True)
class Timed:
    """`sending` with its times, remarks for the officer, and what must be answered before approval.

    `embargo_traces`: where the documents speak of an embargo that the release does not have, and nobody said
    in so many words that there is none (law 1).
    """

    sending: Sending
    remarks: tuple[str, ...] = ()
    embargo_traces: tuple[str, ...] = ()


def timed(sending: Sending, drafts: Sequence[Draft], asked: Asked, *, now: datetime, rules: Rules) -> Timed:
    """When `sending` is to go: as it says, where neither documents nor wishes do.

    Raises EmbargoError, DocumentError.
    """
    reader = _Reader(now, rules)
    reading = _embargo(drafts, asked, reader)
    waves = _waves(drafts, asked, reader)
    embargo = reading.embargo if reading else sending.embargo
    earlier = None if embargo else sending.send_at
    sending = replace(
        sending,
        embargo=embargo,
        send_at=reader.instant(asked.send_at, "--at") if asked.send_at else earlier,
        waves=waves if waves is not None else sending.waves if embargo else (),
    )
    _agree(sending, where=drafts[0].source)
    remarks = reading.remarks if reading else ()
    unanswered = () if sending.embargo or asked.embargo is not None else _unanswered(drafts)
    overruled = _overruled(drafts, asked, sending.embargo, reader)
    return Timed(sending, (*remarks, *overruled, *map(_question, unanswered)), unanswered)


def _embargo(drafts: Sequence[Draft], asked: Asked, reader: _Reader) -> EmbargoReading | None:
    if asked.embargo is not None:
        return reader.embargo(asked.embargo, None, "--embargo")
    said = [(d.source, reader.embargo(d.embargo, d, _place(d))) for d in drafts if d.embargo]
    _same([(source, reading.embargo) for source, reading in said], name="embargo")
    return said[0][1] if said else None


def _place(draft: Draft) -> str:
    return f"{draft.source}, line {draft.embargo_line}" if draft.embargo_line else draft.source


def _unanswered(drafts: Sequence[Draft]) -> tuple[str, ...]:
    """ "FOR IMMEDIATE RELEASE" in the text is no answer to an "embargoed" beside it; front matter is."""
    return tuple(
        f"{draft.source}, {trace}"
        for draft in drafts
        if not draft.embargo_named
        for trace in draft.embargo_traces
    )


def _question(trace: str) -> str:
    return f"{trace} speaks of an embargo, and none is set: give it with --embargo, or say --embargo none"


def _overruled(drafts: Sequence[Draft], asked: Asked, embargo: Embargo, reader: _Reader) -> Iterator[str]:
    """What is said over words of the documents that mean something else."""
    for draft in drafts:
        by = "--embargo" if asked.embargo is not None else "the front matter" if draft.embargo_named else ""
        if by and not embargo:
            yield from (
                f"goes without an embargo, as {by} says, over {draft.source}, {t}"
                for t in draft.embargo_traces
            )
        elif asked.embargo is not None and draft.embargo and not reader.means(draft.embargo, draft, embargo):
            yield f"{_place(draft)} says “{draft.embargo}”: --embargo counts"


def _waves(drafts: Sequence[Draft], asked: Asked, reader: _Reader) -> tuple[Wave, ...] | None:
    if asked.advance is not None:
        return tuple(reader.wave(text, None, "--advance") for text in asked.advance)
    said = [
        (
            draft.source,
            tuple(reader.wave(f"{tier}={when}", draft, draft.source) for tier, when in draft.advance),
        )
        for draft in drafts
        if draft.advance
    ]
    _same(said, name="advance")
    return said[0][1] if said else None


def _same(said: Sequence[tuple[str, object]], *, name: str) -> None:
    for source, meant in said:
        if meant != said[0][1]:
            raise DocumentError(
                f"its {name} is not the one of {said[0][0]}",
                where=source,
                cure="The versions of one release go at the same time; mend one of them.",
            )


def _agree(sending: Sending, *, where: str) -> None:
    if sending.send_at and sending.embargo:
        raise DocumentError(
            "both a time to send and an embargo",
            where=where,
            cure="Leave --at out, the embargo is the time; or say --embargo none.",
        )
    if sending.waves and not sending.embargo:
        raise DocumentError(
            "an advance copy without an embargo", where=where, cure="Give the embargo, or no advance."
        )
