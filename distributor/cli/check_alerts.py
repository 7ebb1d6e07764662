"""The part of `check` that looks at alerts: who gets them, and whether they arrive. Nothing is sent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from distributor.cli.findings import LOCAL, Finding, Status, Subject

if TYPE_CHECKING:
    from distributor.model.publisher import Publisher
    from distributor.store.servicemail import Trouble

_LATELY = timedelta(days=3)


def look(subject: Subject) -> Iterator[Finding]:
    """For each publisher one line with everybody; a warning for each way that does not work."""
    for publisher, before in subject.publishers:
        yield from _of(subject, publisher, before)


def _of(subject: Subject, publisher: "Publisher", before: str) -> Iterator[Finding]:
    from distributor.parts import alerts_house, rules_of, told_of
    from distributor.pipeline import alerts
    from distributor.store import servicemail

    url = told_of(subject.config, publisher.id).webhook
    house = alerts_house(subject.config, publisher, rules_of(subject.config))
    with subject.store.read() as connection:
        people = [one.name or one.address for one in alerts.listeners(connection, house)]
        since = datetime.now(UTC) - _LATELY
        troubles = servicemail.trouble(connection, publisher_id=publisher.id, since=since)
    host, first = _host(url), publisher.id == subject.config.publisher.id
    to, webhook = ("[alerts] to", "webhook") if first else ("alerts_to", "alerts_webhook")
    told = [*people, *([f"the webhook at {host}"] if host else [])]
    nobody = f"nobody is told: {to} is empty, and no officer has an address"
    yield Finding("alerts", Status.OK, before + (f"go to {', '.join(told)}" if told else nobody))
    if url.startswith("http:") and host not in LOCAL:
        yield Finding("alerts", Status.WARN, f"{before}the webhook is spoken to unencrypted", "Use https.")
    for one in troubles:
        detail = before + _lost(one, subject.config.schedule.timezone)
        yield Finding("alerts", Status.WARN, detail, f"See that it can be reached: {to}, {webhook}.")


def _lost(one: "Trouble", zone: str) -> str:
    from distributor.cli.moments import moment
    from distributor.store import servicemail

    what = "the webhook" if one.way == servicemail.WEBHOOK else "a mail"
    end = "given up" if one.given_up else "waits, it is tried again"
    return f"{what} of {moment(one.since, zone)}: {one.reason or 'no answer'}; {end}"


def _host(url: str) -> str:
    """Only that: the rest of the address may be a secret."""
    return urlsplit(url).hostname or ""
