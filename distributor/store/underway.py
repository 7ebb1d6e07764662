"""What is with a worker now: whoever stops a release, or silences an address, waits until it is nothing."""

from sqlalchemy import Connection, bindparam, func, select

from distributor.policy.lifecycle import DeliveryState, MailoutState
from distributor.store import rows

m, d = rows.mailout.c, rows.delivery.c


def handing_over(connection: Connection, *, release_id: int) -> int:
    """How many deliveries of a release are with a worker now."""
    return int(connection.execute(_HANDING_OVER, {"release": release_id}).scalar_one())


_HANDING_OVER = (
    select(func.count())
    .select_from(rows.delivery.join(rows.mailout, m.id == d.mailout_id))
    .where(m.release_id == bindparam("release"), d.state == DeliveryState.SENDING.value)
)


def handing_over_to(connection: Connection, *, publisher_id: str, address_key: str) -> int:
    """How many deliveries to an address are with a worker now."""
    mine = (m.publisher_id == publisher_id, m.state == MailoutState.SENDING.value)
    return int(
        connection.execute(
            select(func.count())
            .select_from(rows.mailout.join(rows.delivery, m.id == d.mailout_id))
            .where(*mine, d.address_key == address_key, d.state == DeliveryState.SENDING.value)
        ).scalar_one()
    )
