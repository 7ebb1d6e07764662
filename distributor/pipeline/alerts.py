"""Stage: what happened is told to those who want to know it, as service mail and for the webhook.

It reads the office's log from where it stopped. Those rows were written with what they tell of, in one
transaction; what is to be told and how far the log was read are one transaction too. So a crash loses no
alert and makes none twice. Others hand over (`servicemail`, `webhook`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from distributor.model.news import News
from distributor.model.publisher import Publisher
from distributor.model.rules import Rules
from distributor.policy import alerts
from distributor.policy.alerts import Listener, Words
from distributor.store import installation, officers, servicemail, suppressions
from distributor.store.database import Connection, Store
from distributor.store.servicemail import MAIL, WEBHOOK
from distributor.store.views import news

KIND = "alert"
_BEHIND = 1000  # rows of no interest that are read anew rather than written down


@dataclass(frozen=True, slots=True)
class House:
    """Whose alerts: `to` of the configuration, and whether there is a webhook."""

    publisher: Publisher
    rules: Rules
    to: tuple[str, ...] = ()
    webhook: bool = False


def run(store: Store, *, now: datetime, house: House) -> int:
    """Tell what is new; returns how many mails and documents that makes."""
    publisher = house.publisher.id
    with store.read() as connection:
        if installation.copied(connection) is not None:
            return 0
        wanted = {MAIL: _somebody(connection, house), WEBHOOK: house.webhook}
        told = {way: servicemail.told(connection, publisher_id=publisher, way=way) for way in wanted}
        over = servicemail.any_over(connection, publisher_id=publisher, now=now)
        old = servicemail.any_old(connection, publisher_id=publisher, before=now - alerts.KEPT)
    idle = [way for way, seq in told.items() if seq is not None and not wanted[way]]
    if over or old or idle:
        with store.write() as connection:
            servicemail.forget(connection, publisher_id=publisher, before=now - alerts.KEPT)
            servicemail.expire(connection, publisher_id=publisher, now=now)
            servicemail.tell_no_more(connection, publisher_id=publisher, ways=idle)
    return sum(_tell(store, way, told[way], now=now, house=house) for way in wanted if wanted[way])


def listeners(connection: Connection, house: House) -> list[Listener]:
    """Who is told by mail."""
    publisher = house.publisher.id
    return alerts.listeners(
        house.to,
        officers.everybody(connection, publisher_id=publisher),
        allowed=house.rules.allow_recipients,
        silent=suppressions.keys(connection, publisher_id=publisher),
    )


def _somebody(connection: Connection, house: House) -> bool:
    known = officers.everybody(connection, publisher_id=house.publisher.id)
    return bool(house.to) or any(officer.address for officer in known)


def _tell(store: Store, way: str, told: int | None, *, now: datetime, house: House) -> int:
    if told is None:
        told = _begin(store, way, now=now, house=house)
    publisher = house.publisher.id
    with store.read() as connection:
        found = news.since(connection, seq=told, publisher_id=publisher, rules=house.rules, now=now)
        waits = bool(found.news) and not _may(connection, way, now=now, house=house)
    if waits or (not found.news and found.seq - told < _BEHIND):
        return 0
    with store.write() as connection:
        if not servicemail.tell_up_to(
            connection, publisher_id=publisher, way=way, before=told, seq=found.seq
        ):  # another has told it
            return 0
        return _write(connection, way, found.news, now=now, house=house)


def _begin(store: Store, way: str, *, now: datetime, house: House) -> int:
    """The first time, what happened a moment ago is news; what is older is not."""
    publisher = house.publisher.id
    with store.write() as connection:
        servicemail.begin(connection, publisher_id=publisher, way=way, since=now - alerts.FRESH)
        return servicemail.told(connection, publisher_id=publisher, way=way) or 0


def _may(connection: Connection, way: str, *, now: datetime, house: House) -> bool:
    """Few mails; and the webhook has taken the one before."""
    publisher = house.publisher.id
    if way == WEBHOOK:
        return not servicemail.waits(connection, publisher_id=publisher, way=way)
    lately = servicemail.rounds(connection, publisher_id=publisher, way=way, since=now - alerts.HOUR)
    return alerts.may_tell(lately, now=now)


def _write(connection: Connection, way: str, told: Sequence[News], *, now: datetime, house: House) -> int:
    words = Words(house.rules.timezone, house.publisher.base_url)
    add = partial(
        servicemail.add,
        connection,
        publisher_id=house.publisher.id,
        way=way,
        kind=KIND,
        now=now,
        lasts=alerts.LASTS,
    )
    if way == WEBHOOK and told:
        document = words.document(told, publisher=house.publisher.id)
        add(content=json.dumps(document, ensure_ascii=False))
        return 1
    written = 0
    for person in listeners(connection, house) if told else ():
        hers = [one for one in told if person.hears(one)]
        if hers:
            text = words.text(hers, publisher=house.publisher.name)
            add(address=person.address, subject=words.subject(hers), content=text)
            written += 1
    return written
