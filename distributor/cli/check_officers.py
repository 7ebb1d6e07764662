"""The part of `check` that looks at officers: with four eyes there have to be two who approve."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from distributor.cli.checks import Finding, Status
from distributor.cli.moments import count

if TYPE_CHECKING:
    from distributor.cli.checks import Subject


def look(subject: "Subject") -> Iterator[Finding]:
    """How many there are; nothing where an office has none and needs none."""
    from distributor.policy import rights
    from distributor.store import officers

    with subject.store.read() as connection:
        known = officers.everybody(connection, publisher_id=subject.config.publisher.id)
    approvers = sum(rights.may(officer.roles, "release approve") for officer in known)
    if subject.config.approval.four_eyes and approvers < 2:
        cure = "distributor officers add NAME --role approver"
        yield Finding("officers", Status.FAIL, f"four eyes are needed, and {approvers} can approve", cure)
    elif known:
        yield Finding("officers", Status.OK, f"{count(len(known), 'officer')}, {approvers} can approve")
