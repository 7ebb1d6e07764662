"""The part of `check` that looks at alerts: who gets them, and whether they arrive. Nothing is sent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from distributor.cli.checks import Finding, Status

if TYPE_CHECKING:
    from distributor.cli.checks import Subject

_LOCAL = ("localhost", "127.0.0.1", "::1")
_LATELY = timedelta(days=3)


def look(subject: "Subject") -> Iterator[Finding]:
    """One line with everybody; a warning for each way that does not work."""
    from distributor.cli.moments import moment
    from distributor.pipeline import alerts
    from distributor.store import servicemail
    from distributor.system import publisher_of, rules_of

    config = subject.config
    publisher = publisher_of(config)
    house = alerts.House(publisher, rules_of(config), config.alerts.to, webhook=bool(config.alerts.webhook))
    with subject.store.read() as connection:
        people = [one.name or one.address for one in alerts.listeners(connection, house)]
        since = datetime.now(UTC) - _LATELY
        troubles = servicemail.trouble(connection, publisher_id=publisher.id, since=since)
    host = _host(config.alerts.webhook)
    told = [*people, *([f"the webhook at {host}"] if host else [])]
    nobody = "nobody is told: [alerts] to is empty, and no officer has an address"
    yield Finding("alerts", Status.OK, f"go to {', '.join(told)}" if told else nobody)
    if config.alerts.webhook.startswith("http:") and host not in _LOCAL:
        yield Finding("alerts", Status.WARN, "the webhook is spoken to unencrypted", "Use https.")
    for one in troubles:
        what = "the webhook" if one.way == servicemail.WEBHOOK else "a mail"
        end = "given up" if one.given_up else "waits, it is tried again"
        detail = (
            f"{what} of {moment(one.since, config.schedule.timezone)}: {one.reason or 'no answer'}; {end}"
        )
        yield Finding("alerts", Status.WARN, detail, "See that it can be reached: [alerts] to, webhook.")


def _host(url: str) -> str:
    """Only that: the rest of the address may be a secret."""
    return urlsplit(url).hostname or ""
