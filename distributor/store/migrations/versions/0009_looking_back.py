"""Indexes for looking back over many releases: mailouts by their instants, what went to one, what people did."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_EVENT = sa.text("delivery_id IS NULL AND kind <> 'sealed'")
_SUBJECT = sa.text("delivery_id IS NULL AND subject IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_mailout_due", "mailout", ["due", "id"])
    op.drop_index("ix_delivery_address", table_name="delivery")
    op.create_index("ix_delivery_address", "delivery", ["publisher_id", "address_key", "id"])
    for name, columns, where in (
        ("ix_log_event", ["id"], _EVENT),
        ("ix_log_subject", ["subject", "id"], _SUBJECT),
    ):
        op.create_index(name, "log", columns, sqlite_where=where, postgresql_where=where)
