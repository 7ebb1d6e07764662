"""What `check` looks at, in this order; one function each. Nothing is sent; in the outbox a file is tried and
taken away.

A function yields findings, or raises a DistributorError, which is a `fail`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from distributor.cli import (
    check_alerts,
    check_dkim,
    check_lists,
    check_officers,
    check_publishers,
    check_relay,
)
from distributor.cli.findings import Finding, Status, Subject

_SKEW = timedelta(seconds=30)


def _config(subject: Subject) -> Iterator[Finding]:
    if subject.config.file:
        yield Finding("config", Status.OK, str(subject.config.file))
    else:
        cure = "“distributor init” writes one."
        yield Finding("config", Status.WARN, "no config.toml here, the defaults are used", cure)


def _database(subject: Subject) -> Iterator[Finding]:
    from distributor.store import installation
    from distributor.store.schema import head

    store = subject.store
    kind = f"{store.path}" if store.path else "PostgreSQL"
    yield Finding("database", Status.OK, f"{kind}, schema {head()}")
    reason = installation.look(store)
    if reason:
        cure = "If the original sends no more, and its secret file is here: distributor check --confirm-copy"
        yield Finding("copy", Status.FAIL, f"all sending is held: {reason}", cure)


def _secret(subject: Subject) -> Iterator[Finding]:
    from distributor.mail.tokens import Tokens
    from distributor.parts import secret
    from distributor.store.installation import knows_secret

    path = subject.config.path(subject.config.web.secret_file)
    if knows_secret(subject.store, mark=Tokens(secret(path)).mark):
        yield Finding("secret", Status.OK, str(path))
    else:
        cure = "Copy the first host's file there. If it is lost: distributor check --confirm-copy"
        yield Finding("secret", Status.FAIL, f"{path}: the database is used with another one", cure)


def _templates(subject: Subject) -> Iterator[Finding]:
    from distributor.mail.render import Renderer
    from distributor.resources import shipped
    from distributor.web.pages import Pages

    for publisher, _ in subject.publishers:
        Renderer([subject.config.templates_of(publisher.id)]).check()
    own = subject.config.path(subject.config.paths.templates)
    Pages([own / "web", shipped("templates") / "web"]).check()
    yield Finding("templates", Status.OK, "every form rendered, in every language there is")


def _clock(subject: Subject) -> Iterator[Finding]:
    from distributor.cli.moments import moment
    from distributor.policy.clockface import about
    from distributor.store.clock import Clock
    from distributor.store.jumps import unconfirmed

    ours, theirs = datetime.now(UTC), Clock(subject.store).now()
    if abs(ours - theirs) > _SKEW:
        apart = round(abs(ours - theirs).total_seconds())
        cure = "Set both clocks by NTP; the database's counts."
        yield Finding("clock", Status.WARN, f"this machine and the database are {apart} s apart", cure)
        return
    with subject.store.read() as connection:
        jump = unconfirmed(connection)
    if jump is not None:
        when = moment(jump.at, subject.config.schedule.timezone)
        detail = f"it went ahead by {about(jump.ahead)}, to {when}: embargoed releases ask before they open"
        yield Finding("clock", Status.WARN, detail, "If it is right now: distributor check --confirm-clock")
    else:
        zone = subject.config.schedule.timezone
        yield Finding("clock", Status.OK, f"{theirs.isoformat(timespec='seconds')}, zone {zone}")


#: These would only repeat that the database does not answer.
NEED_DATABASE = ("secret", "publishers", "topics", "lists", "officers", "alerts", "clock")
ALL: Mapping[str, Callable[[Subject], Iterator[Finding]]] = {
    "config": _config,
    "database": _database,
    "secret": _secret,
    "publishers": check_publishers.publishers,
    "topics": check_lists.topics,
    "lists": check_lists.lists,
    "officers": check_officers.look,
    "templates": _templates,
    "relay": check_relay.look,
    "unsubscribe": check_publishers.unsubscribe,
    "sender": check_publishers.sender,
    "dkim": check_dkim.look,
    "alerts": check_alerts.look,
    "clock": _clock,
}
