"""The part of `check` that looks at publishers: can people answer them, and leave them?"""

from collections.abc import Iterator

from distributor.cli.findings import Finding, Status, Subject
from distributor.cli.moments import count

_EXAMPLES = ("example.org", "example.com", "example.net", "example.eu", "example", "invalid")


def publishers(subject: Subject) -> Iterator[Finding]:
    """Only where there are, or were, several."""
    from distributor.store import publishers as stored

    known = [publisher for publisher, _ in subject.publishers]
    with subject.store.read() as connection:
        gone = stored.others(connection, known=[one.id for one in known])
        names = {id: stored.name(connection, id=id) for id in gone}
        open_mail = {id: len(stored.open_mail(connection, id=id)) for id in gone}
    if len(known) > 1:
        told = ", ".join(f"{one.id} ({one.name})" for one in known)
        yield Finding("publishers", Status.OK, told)
    for id, number in open_mail.items():
        if number:
            detail = (
                f"“{id}” ({names[id]}) is not in the configuration: {count(number, 'mailout')} will not go"
            )
            yield Finding("publishers", Status.FAIL, detail, f"Put its section [publishers.{id}] back.")


def sender(subject: Subject) -> Iterator[Finding]:
    """Who the mails of each come from."""
    for publisher, before in subject.publishers:
        domain = publisher.domain
        if any(domain == example or domain.endswith(f".{example}") for example in _EXAMPLES):
            cure = f"Set {subject.section(publisher.id)} address to your own."
            detail = f"{before}{publisher.address} is an example, nobody can answer to it"
            yield Finding("sender", Status.WARN, detail, cure)
        else:
            yield Finding("sender", Status.OK, f"{before}{publisher.address}")


def unsubscribe(subject: Subject) -> Iterator[Finding]:
    """How one leaves each of them."""
    base = subject.config.web.base_url
    for publisher, before in subject.publishers:
        mailbox = publisher.unsubscribe_mailbox
        if not base and not mailbox:
            section = subject.section(publisher.id)
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
