"""The part of `check` that looks at relays, each asked as far as RSET, or at the outbox. Nothing is sent."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from distributor.cli.findings import LOCAL, Finding, Status, Subject, refusal
from distributor.errors import DistributorError

if TYPE_CHECKING:
    from distributor.config import Config, Relay

_CONNECT = 10.0  # seconds: a person waits


def look(subject: Subject) -> Iterator[Finding]:
    """One finding for each relay, and one for each thing that is not as it should be."""
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


def _outbox(config: "Config") -> Finding:
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


def _probed(subject: Subject, name: str, relay: "Relay") -> Iterator[Finding]:
    from distributor.mail.tokens import Tokens
    from distributor.parts import relay_address, secret
    from distributor.wire.probe import probe
    from distributor.wire.timeouts import Timeouts

    publisher, _ = subject.publishers[0]
    tokens = Tokens(secret(subject.config.path(subject.config.web.secret_file)))
    sender = tokens.envelope_sender(
        delivery_id=0, address=publisher.address, domain=publisher.bounce_domain, mode=relay.envelope
    )
    limits = Timeouts(connect=_CONNECT, command=_CONNECT)
    asyncio.run(probe(relay_address(subject.config, name), sender=sender, timeouts=limits))
    place = f"{name}: {relay.host}:{relay.port}"
    yield Finding("relay", Status.OK, f"{place} takes mail from {sender} (tls {relay.tls})")
    if relay.tls in ("none", "opportunistic") and relay.host not in LOCAL:
        cure = 'Set tls = "required" (or "implicit").'
        yield Finding("relay", Status.WARN, f"{place} may be spoken to unencrypted", cure)
