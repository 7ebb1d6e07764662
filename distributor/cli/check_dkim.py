"""`check`, the keys that sign mails: is each readable, does it sign for the sender, is it published?"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from distributor.cli.findings import Finding, Status, Subject, refusal
from distributor.errors import ConfigError

if TYPE_CHECKING:
    from distributor.mail.signingkey import Key

_PATIENCE = 3.0  # seconds for one name: a person waits


def look(subject: Subject) -> Iterator[Finding]:
    """One finding for each selector, and one for each thing that is not as it should be."""
    from distributor.parts import signing_key

    senders = [publisher.address for publisher, _ in subject.publishers]
    for selector in subject.config.dkim:
        try:
            key = signing_key(subject.config, selector)
        except ConfigError as error:
            yield refusal("dkim", error)
            continue
        if any(key.signs_for(publisher.domain) for publisher, _ in subject.publishers):
            yield _published(key)
        else:
            cure = f"Set [dkim.{selector}] domain to the sender's, or remove the section."
            yield Finding(
                "dkim",
                Status.WARN,
                f"{selector}: signs nothing, {_are(senders)} not at {key.domain}",
                cure,
            )
        for remark in key.remarks:
            yield Finding("dkim", Status.WARN, f"{selector}: {remark}")


def _are(senders: list[str]) -> str:
    return f"{', '.join(senders)} {'are' if senders[1:] else 'is'}"


def _published(key: "Key") -> Finding:
    from distributor.wire.lookup import texts

    cure = f"Publish the TXT record {key.name}: {key.record}"
    found = texts(key.name, seconds=_PATIENCE)
    if found is None:
        return Finding(
            "dkim", Status.WARN, f"{key.selector}: no DNS answers, {key.name} was not looked up", cure
        )
    if not found:
        return Finding("dkim", Status.FAIL, f"{key.selector}: {key.name} is not published", cure)
    if _public(key.record) not in map(_public, found):
        return Finding("dkim", Status.FAIL, f"{key.selector}: {key.name} has another key published", cure)
    return Finding("dkim", Status.OK, f"{key.selector}: {key.algorithm}, published at {key.name}")


def _public(record: str) -> str:
    """The p= of a key record without white space (RFC 6376 §3.6.1); "" when there is none, or revoked."""
    tags = dict(tag.partition("=")[::2] for tag in re.sub(r"\s", "", record).split(";"))
    return tags.get("p", "")
