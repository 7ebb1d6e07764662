"""What `check` looks at, one function each. Nothing is sent; in the outbox a file is tried and taken away.

A function yields findings, or raises a DistributorError, which is a `fail`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from distributor.cli.moments import count
from distributor.config import Config, Relay
from distributor.errors import DistributorError
from distributor.model.contact import BadRow

if TYPE_CHECKING:
    from distributor.model.publisher import Publisher
    from distributor.model.topic import TopicTree
    from distributor.store.database import Store

_CONNECT = 10.0  # seconds: a person waits
_SKEW = timedelta(seconds=30)
_EXAMPLES = ("example.org", "example.com", "example.net", "example.eu", "example", "invalid")
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`."""

    name: str
    status: Status
    detail: str
    cure: str = ""

    def document(self) -> dict[str, Any]:
        return asdict(self)


def refusal(name: str, error: DistributorError | OSError) -> Finding:
    """The finding that an error is."""
    if isinstance(error, OSError):
        cure = "Check that path, and that this user may read and write there."
        return Finding(name, Status.FAIL, f"{error.filename}: {error.strerror or error}", cure)
    where = f"{error.where}: " if error.where else ""
    return Finding(name, Status.FAIL, f"{where}{error.what}", error.cure)


class Subject:
    """What is looked at. Its parts are made one by one, so that one broken part does not hide the others."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @cached_property
    def publishers(self) -> "Sequence[tuple[Publisher, str]]":
        """Each with what stands before its findings: nothing where there is one."""
        from distributor.parts import publishers_of

        found = publishers_of(self.config)
        return [(one, f"{one.id}: " if len(found) > 1 else "") for one in found]

    @cached_property
    def store(self) -> "Store":
        from distributor.store.database import open_store

        return open_store(self.config.database_url)

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.close()


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


def _topics(subject: Subject) -> Iterator[Finding]:
    from distributor.store import topics

    with subject.store.read() as connection:
        known = topics.tree(connection).topics
    if known:
        yield Finding("topics", Status.OK, count(len(known), "topic"))
    else:
        cure = "Write lists/topics.toml, then: distributor lists sync"
        yield Finding("topics", Status.WARN, "no topics in the database", cure)


def _lists(subject: Subject) -> Iterator[Finding]:
    from distributor.store import topics

    with subject.store.read() as connection:
        known = topics.tree(connection)
    for publisher, before in subject.publishers:
        yield from _lists_of(subject, publisher.id, before, known)


def _lists_of(subject: Subject, publisher: str, before: str, known: "TopicTree") -> Iterator[Finding]:
    from distributor.documents.listfiles import read_folder
    from distributor.office import sync

    path = subject.config.lists_of(publisher)
    if before and publisher != subject.config.publisher.id and not path.is_dir():
        yield Finding("lists", Status.WARN, f"{before}no lists yet in {path}", "Put its list files there.")
        return
    folder = read_folder(path, known=known)
    rows = sum(len(one.rows) for one in folder.lists)
    size = f"{count(len(folder.lists), 'list')} with {count(rows, 'row')}"
    yield Finding("lists", Status.OK, f"{before}{size} in {folder.path}")
    yield from _refused_rows([row for one in folder.lists for row in one.refused])
    for note in folder.notes:
        yield Finding("lists", Status.WARN, note)
    diff = sync.compare(subject.store, publisher_id=publisher, files=folder.lists, tree=folder.topics)
    if not diff.empty:
        whose = f" --publisher {publisher}" if before else ""
        cure = f"distributor lists sync{whose} shows what would change, and asks."
        yield Finding("lists", Status.WARN, f"{before}the files differ from the database", cure)


def _refused_rows(rows: Sequence[BadRow]) -> Iterator[Finding]:
    for row in rows[:5]:
        place = f"{row.file}:{row.line}"
        yield Finding("lists", Status.WARN, f"{place}: “{row.value}”: {row.reason}", "Correct that row.")
    if rows[5:]:
        cure = "distributor lists check shows all."
        yield Finding(
            "lists", Status.WARN, count(len(rows) - 5, "more row is refused", "more rows are refused"), cure
        )


def _templates(subject: Subject) -> Iterator[Finding]:
    from distributor.mail.render import Renderer
    from distributor.resources import shipped
    from distributor.web.pages import Pages

    for publisher, _ in subject.publishers:
        Renderer([subject.config.templates_of(publisher.id)]).check()
    own = subject.config.path(subject.config.paths.templates)
    Pages([own / "web", shipped("templates") / "web"]).check()
    yield Finding("templates", Status.OK, "every form rendered, in every language there is")


def _relay(subject: Subject) -> Iterator[Finding]:
    config = subject.config
    if not config.relays:
        yield _outbox(config)
    for name, relay in config.relays.items():
        try:
            yield from _probed(subject, name, relay)
        except DistributorError as error:
            yield refusal("relay", error)
    if config.sending.allow_recipients:
        allowed = ", ".join(config.sending.allow_recipients)
        cure = "Remove [sending] allow_recipients to mail everybody."
        yield Finding("recipients", Status.WARN, f"a test system: only {allowed} get mail", cure)


def _outbox(config: Config) -> Finding:
    """A file is written there and taken away again."""
    from distributor.wire.outbox import Outbox

    folder = config.path(config.paths.outbox)
    outbox = Outbox(folder)
    if not asyncio.run(outbox.warm()):
        cure = "Let this user write there, make room, or name another folder: [paths] outbox."
        return Finding(
            "relay", Status.FAIL, f"none, and no mail can be kept: {outbox.unavailable_reason}", cure
        )
    cure = "Add a [relays.NAME] section when mail is to go out."
    return Finding("relay", Status.WARN, f"none: mail is written to {folder}", cure)


def _probed(subject: Subject, name: str, relay: Relay) -> Iterator[Finding]:
    from distributor.mail.tokens import Tokens
    from distributor.parts import relay_address, secret
    from distributor.wire.connect import Timeouts
    from distributor.wire.probe import probe

    publisher, _ = subject.publishers[0]
    tokens = Tokens(secret(subject.config.path(subject.config.web.secret_file)))
    sender = tokens.envelope_sender(
        delivery_id=0, address=publisher.address, domain=publisher.bounce_domain, mode=relay.envelope
    )
    limits = Timeouts(connect=_CONNECT, command=_CONNECT)
    asyncio.run(probe(relay_address(subject.config, name), sender=sender, timeouts=limits))
    place = f"{name}: {relay.host}:{relay.port}"
    yield Finding("relay", Status.OK, f"{place} takes mail from {sender} (tls {relay.tls})")
    if relay.tls in ("none", "opportunistic") and relay.host not in _LOCAL:
        cure = 'Set tls = "required" (or "implicit").'
        yield Finding("relay", Status.WARN, f"{place} may be spoken to unencrypted", cure)


def _unsubscribe(subject: Subject) -> Iterator[Finding]:
    base = subject.config.web.base_url
    for publisher, before in subject.publishers:
        mailbox = publisher.unsubscribe_mailbox
        if not base and not mailbox:
            section = _section(subject, publisher.id)
            cure = f"Set [web] base_url, or {section} unsubscribe_mailbox to a mailbox that somebody reads."
            detail = f"{before}nobody could leave: neither a page nor a mailbox"
            yield Finding("unsubscribe", Status.FAIL, detail, cure)
        elif base.startswith("http:"):
            cure = "Serve it through a proxy with https."
            detail = f"{before}{base}: one-click needs https (RFC 8058)"
            yield Finding("unsubscribe", Status.WARN, detail, cure)
        else:
            ways = [f"{base.rstrip('/')}/u/…" if base else "", mailbox]
            yield Finding("unsubscribe", Status.OK, before + " and ".join(way for way in ways if way))


def _section(subject: Subject, publisher: str) -> str:
    """Where this publisher is set up."""
    return "[publisher]" if publisher == subject.config.publisher.id else f"[publishers.{publisher}]"


def _sender(subject: Subject) -> Iterator[Finding]:
    for publisher, before in subject.publishers:
        domain = publisher.domain
        if any(domain == example or domain.endswith(f".{example}") for example in _EXAMPLES):
            cure = f"Set {_section(subject, publisher.id)} address to your own."
            detail = f"{before}{publisher.address} is an example, nobody can answer to it"
            yield Finding("sender", Status.WARN, detail, cure)
        else:
            yield Finding("sender", Status.OK, f"{before}{publisher.address}")


def _publishers(subject: Subject) -> Iterator[Finding]:
    """Only where there are, or were, several."""
    from distributor.store import publishers

    known = [publisher for publisher, _ in subject.publishers]
    with subject.store.read() as connection:
        gone = publishers.others(connection, known=[one.id for one in known])
        names = {id: publishers.name(connection, id=id) for id in gone}
        open_mail = {id: len(publishers.open_mail(connection, id=id)) for id in gone}
    if len(known) > 1:
        told = ", ".join(f"{one.id} ({one.name})" for one in known)
        yield Finding("publishers", Status.OK, told)
    for id, number in open_mail.items():
        if number:
            detail = (
                f"“{id}” ({names[id]}) is not in the configuration: {count(number, 'mailout')} will not go"
            )
            yield Finding("publishers", Status.FAIL, detail, f"Put its section [publishers.{id}] back.")


def _dkim(subject: Subject) -> Iterator[Finding]:
    from distributor.cli.check_dkim import look

    yield from look(subject)


def _officers(subject: Subject) -> Iterator[Finding]:
    from distributor.cli.check_officers import look

    yield from look(subject)


def _alerts(subject: Subject) -> Iterator[Finding]:
    from distributor.cli.check_alerts import look

    yield from look(subject)


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
    "publishers": _publishers,
    "topics": _topics,
    "lists": _lists,
    "officers": _officers,
    "templates": _templates,
    "relay": _relay,
    "unsubscribe": _unsubscribe,
    "sender": _sender,
    "dkim": _dkim,
    "alerts": _alerts,
    "clock": _clock,
}
