"""What `check` looks at, one function each. Nothing is sent and nothing is changed.

A function yields findings, or raises a DistributorError, which is a `fail`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from distributor.cli.terminal import Terminal
from distributor.errors import DistributorError

if TYPE_CHECKING:
    from distributor.config import Relay

_CONNECT = 10.0  # seconds: a person waits
_SKEW = timedelta(seconds=30)
_EXAMPLES = ("example.org", "example.com", "example.net", "example.eu", "example", "test", "invalid")
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


def refusal(name: str, error: DistributorError) -> Finding:
    """The finding that an error is."""
    where = f"{error.where}: " if error.where else ""
    return Finding(name, Status.FAIL, f"{where}{error.what}", error.cure)


def _config(terminal: Terminal) -> Iterator[Finding]:
    if terminal.config.file:
        yield Finding("config", Status.OK, str(terminal.config.file))
    else:
        cure = "“distributor init” writes one."
        yield Finding("config", Status.WARN, "no config.toml here, the defaults are used", cure)


def _database(terminal: Terminal) -> Iterator[Finding]:
    from distributor.store import installation
    from distributor.store.database import head

    store = terminal.system.store
    kind = f"{store.path}" if store.path else "PostgreSQL"
    yield Finding("database", Status.OK, f"{kind}, schema {head()}")
    reason = installation.look(store)
    if reason:
        cure = "If the original sends no more: distributor check --confirm-copy"
        yield Finding("copy", Status.FAIL, f"all sending is held: {reason}", cure)


def _topics(terminal: Terminal) -> Iterator[Finding]:
    from distributor.store import topics

    with terminal.system.store.read() as connection:
        known = topics.tree(connection).topics
    if known:
        yield Finding("topics", Status.OK, f"{len(known)} topics")
    else:
        cure = "Write lists/topics.toml, then: distributor lists sync"
        yield Finding("topics", Status.WARN, "no topics in the database", cure)


def _lists(terminal: Terminal) -> Iterator[Finding]:
    from distributor.documents.listfiles import read_folder
    from distributor.store import topics

    with terminal.system.store.read() as connection:
        known = topics.tree(connection)
    folder = read_folder(terminal.config.path(terminal.config.paths.lists), known=known)
    refused = [row for one in folder.lists for row in one.refused]
    rows = sum(len(one.rows) for one in folder.lists)
    yield Finding("lists", Status.OK, f"{len(folder.lists)} lists with {rows} rows in {folder.path}")
    for row in refused[:5]:
        place = f"{row.file}:{row.line}"
        yield Finding("lists", Status.WARN, f"{place}: “{row.value}”: {row.reason}", "Correct that row.")
    if refused[5:]:
        cure = "distributor lists check shows all."
        yield Finding("lists", Status.WARN, f"{len(refused) - 5} more rows are refused", cure)
    for note in folder.notes:
        yield Finding("lists", Status.WARN, note)


def _templates(terminal: Terminal) -> Iterator[Finding]:
    terminal.system.renderer.check()
    yield Finding("templates", Status.OK, "every form rendered, in every language there is")


def _relay(terminal: Terminal) -> Iterator[Finding]:
    config = terminal.config
    if not config.relays:
        outbox = config.path(config.paths.outbox)
        cure = "Add a [relays.NAME] section when mail is to go out."
        yield Finding("relay", Status.WARN, f"none: mail is written to {outbox}", cure)
    for name, relay in config.relays.items():
        try:
            yield from _probed(terminal, name, relay)
        except DistributorError as error:
            yield refusal("relay", error)
    if config.sending.allow_recipients:
        allowed = ", ".join(config.sending.allow_recipients)
        cure = "Remove [sending] allow_recipients to mail everybody."
        yield Finding("recipients", Status.WARN, f"a test system: only {allowed} get mail", cure)


def _probed(terminal: Terminal, name: str, relay: "Relay") -> Iterator[Finding]:
    from distributor.system import relay_address
    from distributor.wire.connect import Timeouts
    from distributor.wire.probe import probe

    publisher = terminal.system.publisher
    sender = terminal.system.tokens.envelope_sender(
        delivery_id=0, address=publisher.address, domain=publisher.bounce_domain, mode=relay.envelope
    )
    limits = Timeouts(connect=_CONNECT, command=_CONNECT)
    asyncio.run(probe(relay_address(terminal.config, name), sender=sender, timeouts=limits))
    place = f"{name}: {relay.host}:{relay.port}"
    yield Finding("relay", Status.OK, f"{place} takes mail from {sender} (tls {relay.tls})")
    if relay.tls in ("none", "opportunistic") and relay.host not in _LOCAL:
        cure = 'Set tls = "required" (or "implicit").'
        yield Finding("relay", Status.WARN, f"{place} may be spoken to unencrypted", cure)


def _unsubscribe(terminal: Terminal) -> Iterator[Finding]:
    base, mailbox = terminal.config.web.base_url, terminal.config.publisher.unsubscribe_mailbox
    if not base and not mailbox:
        cure = "Set [web] base_url, or [publisher] unsubscribe_mailbox to a mailbox that somebody reads."
        yield Finding("unsubscribe", Status.FAIL, "nobody could leave: neither a page nor a mailbox", cure)
    elif base.startswith("http:"):
        cure = "Serve it through a proxy with https."
        yield Finding("unsubscribe", Status.WARN, f"{base}: one-click needs https (RFC 8058)", cure)
    else:
        ways = [f"{base.rstrip('/')}/u/…" if base else "", mailbox]
        yield Finding("unsubscribe", Status.OK, " and ".join(way for way in ways if way))


def _sender(terminal: Terminal) -> Iterator[Finding]:
    address = terminal.config.publisher.address
    domain = address.rpartition("@")[2]
    if any(domain == example or domain.endswith(f".{example}") for example in _EXAMPLES):
        cure = "Set [publisher] address to your own."
        yield Finding("sender", Status.WARN, f"{address} is an example, nobody can answer to it", cure)
    else:
        yield Finding("sender", Status.OK, address)


def _clock(terminal: Terminal) -> Iterator[Finding]:
    ours, theirs = datetime.now(UTC), terminal.system.now()
    if abs(ours - theirs) > _SKEW:
        apart = round(abs(ours - theirs).total_seconds())
        cure = "Set both clocks by NTP; the database's counts."
        yield Finding("clock", Status.WARN, f"this machine and the database are {apart} s apart", cure)
    else:
        zone = terminal.config.schedule.timezone
        yield Finding("clock", Status.OK, f"{theirs.isoformat(timespec='seconds')}, zone {zone}")


#: In this order; the first one that fails ends it all.
ALL: Mapping[str, Callable[[Terminal], Iterator[Finding]]] = {
    "config": _config,
    "database": _database,
    "topics": _topics,
    "lists": _lists,
    "templates": _templates,
    "relay": _relay,
    "unsubscribe": _unsubscribe,
    "sender": _sender,
    "clock": _clock,
}
