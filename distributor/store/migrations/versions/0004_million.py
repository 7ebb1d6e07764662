"""Deliveries by the million: an index for those that are in no batch, none on the contact that nobody asks by."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LOOSE = sa.text("batch_id IS NULL AND state IN ('deferred', 'queued')")


def upgrade() -> None:
    op.drop_index("ix_delivery_contact", table_name="delivery")
    op.create_index(
        "ix_delivery_loose",
        "delivery",
        ["mailout_id", "position"],
        sqlite_where=_LOOSE,
        postgresql_where=_LOOSE,
    )
