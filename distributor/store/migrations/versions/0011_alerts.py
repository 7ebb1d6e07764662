"""Alerts: service mail, up to which row of the log people were told, relays that fail."""

import sqlalchemy as sa
from alembic import op

from distributor.store.columns import UTC, Key

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_mail",
        sa.Column("id", Key, nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UTC(), nullable=False),
        sa.Column("expires_at", UTC(), nullable=False),
        sa.Column("created_at", UTC(), nullable=False),
        sa.Column("changed_at", UTC(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name="ck_service_mail_state"),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    queued = sa.text("state = 'queued'")
    op.create_index(
        "ix_service_mail_queued",
        "service_mail",
        ["way", "next_at"],
        sqlite_where=queued,
        postgresql_where=queued,
    )
    op.create_index("ix_service_mail_created", "service_mail", ["publisher_id", "created_at"])
    op.create_table(
        "told",
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("seq", Key, nullable=False),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.PrimaryKeyConstraint("publisher_id", "way"),
    )
    op.create_table(
        "relay_trouble",
        sa.Column("relay", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", UTC(), nullable=False),
        sa.PrimaryKeyConstraint("relay"),
    )
