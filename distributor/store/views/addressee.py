"""To whom a delivery went, and whether we may still write there: what an unsubscribe link is about."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from distributor.model.contact import Standing
from distributor.store import rows

_SILENT = (Standing.UNSUBSCRIBED, Standing.SUPPRESSED, Standing.ERASED)


@dataclass(frozen=True, slots=True)
class Addressee:
    """`publisher` is what it is called, `language` that of the mail.

    `silent` is True when this address gets no more mail for good.
    """

    publisher_id: str
    publisher: str
    contact_id: int | None
    address: str
    language: str
    silent: bool


def of_delivery(connection: Connection, *, delivery_id: int) -> Addressee | None:
    """The addressee of a delivery; None when there is no such delivery."""
    delivery, contact, suppression = rows.delivery.c, rows.contact.c, rows.suppression.c
    same_address = and_(
        suppression.publisher_id == delivery.publisher_id, suppression.address_key == delivery.address_key
    )
    whose = rows.delivery.outerjoin(rows.publisher, rows.publisher.c.id == delivery.publisher_id)
    joined = whose.outerjoin(rows.contact, contact.id == delivery.contact_id).outerjoin(
        rows.suppression, same_address
    )
    row = connection.execute(
        select(
            delivery.publisher_id,
            rows.publisher.c.name,
            delivery.contact_id,
            delivery.address,
            delivery.language,
            contact.standing,
            suppression.reason,
        )
        .select_from(joined)
        .where(delivery.id == delivery_id)
    ).first()
    if row is None:
        return None
    silent = row.standing in _SILENT or row.reason is not None
    return Addressee(row.publisher_id, row.name or "", row.contact_id, row.address, row.language, silent)
