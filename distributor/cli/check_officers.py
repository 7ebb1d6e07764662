"""The part of `check` that looks at officers: with four eyes there have to be two who approve."""

from collections.abc import Iterator

from distributor.cli.findings import Finding, Status, Subject
from distributor.cli.moments import count


def look(subject: Subject) -> Iterator[Finding]:
    """How many there are; nothing where an office has none and needs none."""
    from distributor.policy import rights
    from distributor.store import officers

    for publisher, before in subject.publishers:
        with subject.store.read() as connection:
            known = officers.everybody(connection, publisher_id=publisher.id)
        approvers = sum(rights.may(officer.roles, "release approve") for officer in known)
        if subject.config.approval.four_eyes and approvers < 2:
            whose = f" --publisher {publisher.id}" if before else ""
            cure = f"distributor officers add NAME --role approver{whose}"
            detail = f"{before}four eyes are needed, and {approvers} can approve"
            yield Finding("officers", Status.FAIL, detail, cure)
        elif known:
            detail = f"{before}{count(len(known), 'officer')}, {approvers} can approve"
            yield Finding("officers", Status.OK, detail)
