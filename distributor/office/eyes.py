"""Whose word it takes to let a text out: an approver's, with `[approval] four_eyes` two officers'.

For verbs that let a text out or out earlier: approve, lift, an earlier embargo, correct. (Hold, withdraw and
a later embargo take one officer: the faces ask `policy.rights.may` and that is all.) Such a verb does, in its
one transaction:

    releases.lock(connection, release_id=release.id)
    seen = eyes.look(connection, Act(release, revision.id, "release lift", hash=…, repeat=…), …)
    if not seen.enough:
        return …      # her yes is kept and logged; say that a second officer is waited for
    …                 # do it; log `seen.names`

The hash binds what is agreed to: that of the bytes as they would be sent (`office.proof`), so another text or
instant needs everybody again. Whatever else changes a release ends what was agreed: `approvals.end`.
"""

from dataclasses import dataclass
from datetime import datetime

from distributor.errors import Refused
from distributor.model.officer import Officer
from distributor.model.release import Release
from distributor.model.rules import Rules
from distributor.policy import eyes, rights
from distributor.policy.eyes import Eyes, Word
from distributor.store import approvals, log, officers, releases
from distributor.store.database import Connection, Store


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done: `verb` as in `policy.rights`; `repeat`: what a second officer writes for it."""

    release: Release
    revision_id: int
    verb: str
    hash: str
    repeat: str


def look(connection: Connection, act: Act, *, actor: str, now: datetime, rules: Rules) -> Eyes:
    """Take the actor's yes; `enough` when it may be done now. Within the act's transaction, after the lock.

    Raises Refused: an officer who may not; with four eyes somebody who is no officer, or a second yes of
    the same one. Then nothing is kept.
    """
    word = Word(actor, now, act.hash)
    seen = judged(connection, act, word, rules=rules)
    approvals.add(
        connection,
        release_id=act.release.id,
        revision_id=act.revision_id,
        verb=act.verb,
        word=word,
        repeat=act.repeat,
    )
    if seen.enough:
        approvals.end(
            connection, release_id=act.release.id, now=now, verb=act.verb, hash=act.hash, by=seen.by
        )
    else:
        _record(connection, act, actor=actor, now=now)
    return seen


def judged(connection: Connection, act: Act, word: Word, *, rules: Rules) -> Eyes:
    """What a yes comes to; nothing is kept. Raises Refused as `look`."""
    known = officers.everybody(connection, publisher_id=act.release.publisher_id)
    _refuse_without_right(word.by, known, verb=act.verb)
    return _second(connection, act, word, known) if rules.four_eyes else Eyes((word.by,))


def agree(store: Store, act: Act, *, actor: str, now: datetime, rules: Rules) -> Eyes:
    """`look` in a transaction of its own, for acts that stop the release first: a first yes stops nothing."""
    with store.write() as connection:
        releases.lock(connection, release_id=act.release.id)
        return look(connection, act, actor=actor, now=now, rules=rules)


def _refuse_without_right(actor: str, known: list[Officer], *, verb: str) -> None:
    officer = next((one for one in known if one.name == actor), None)
    if officer is not None and not rights.may(officer.roles, verb):
        raise without_right(officer, verb)


def without_right(officer: Officer, verb: str) -> Refused:
    """The refusal for an officer whose roles do not do."""
    roles = ", ".join(sorted(officer.roles)) or "no role"
    who = " or ".join(rights.needed(verb)) or "nobody"
    return Refused(
        f"{officer.name} ({roles}) may not do this",
        where=verb,
        cure=f"It takes an officer who is {who}; “distributor officers list” names them.",
    )


def _second(connection: Connection, act: Act, word: Word, known: list[Officer]) -> Eyes:
    trusted = [one.name for one in known if rights.may(one.roles, act.verb)]
    if word.by not in trusted:
        raise Refused(
            f"{word.by} is no officer who can be named for it, and four eyes are needed",
            where=act.verb,
            cure="Two officers who approve do it, one after the other: --as OFFICER.",
        )
    words = approvals.waiting(
        connection, release_id=act.release.id, revision_id=act.revision_id, verb=act.verb
    )
    return eyes.decide(words, actor=word.by, verb=act.verb, hash=act.hash, now=word.at, trusted=trusted)


def _record(connection: Connection, act: Act, *, actor: str, now: datetime) -> None:
    detail = f"{act.verb}: waits for a second pair of eyes"
    event = log.Event(
        "approved_first", now, actor, release_id=act.release.id, bytes_sha256=act.hash, detail=detail
    )
    log.record(connection, event)
