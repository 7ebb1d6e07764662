"""References of releases: which there are, which documents have one already, which is free."""

from sqlalchemy import Connection, select

from distributor.store import rows


def known(connection: Connection, *, publisher_id: str) -> list[str]:
    """All references, newest first."""
    c = rows.release.c
    return list(
        connection.scalars(
            select(c.reference)
            .where(c.publisher_id == publisher_id)
            .order_by(c.created_at.desc(), c.id.desc())
        )
    )


def of_documents(connection: Connection, *, publisher_id: str, sha256: str) -> str | None:
    """The reference of the newest release that was made from just these documents."""
    c, v = rows.release.c, rows.revision.c
    found: str | None = connection.execute(
        select(c.reference)
        .join(rows.revision, v.release_id == c.id)
        .where(c.publisher_id == publisher_id, v.sha256 == sha256)
        .order_by(v.id.desc())
        .limit(1)
    ).scalar()
    return found


def free(connection: Connection, *, publisher_id: str, year: int) -> str:
    """The next of this year's series: 2026-0001, 2026-0002 …"""
    c = rows.release.c
    taken = connection.scalars(
        select(c.reference).where(c.publisher_id == publisher_id, c.reference.like(f"{year}-%"))
    )
    tails = [reference[5:] for reference in taken]
    numbers = [int(tail) for tail in tails if tail.isascii() and tail.isdecimal()]
    return f"{year}-{max(numbers, default=0) + 1:04d}"
