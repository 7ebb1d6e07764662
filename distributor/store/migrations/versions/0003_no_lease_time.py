"""Batches do not keep when they were leased: nobody asked, and each lease wrote it."""

import sqlalchemy as sa
from alembic import op

from distributor.store.columns import UTC

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("batch", "leased_at")


def downgrade() -> None:
    op.add_column("batch", sa.Column("leased_at", UTC(), nullable=True))
