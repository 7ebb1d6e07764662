"""Signing in: passwords, invitations, sessions, devices that were seen before, attempts that failed."""

import sqlalchemy as sa
from alembic import op

from distributor.store.columns import UTC, Key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credential",
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("changed_at", UTC(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("code_offered", sa.String(), nullable=True),
        sa.Column("code_step", Key, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"]),
        sa.PrimaryKeyConstraint("officer_id"),
    )
    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("drops_code", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTC(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("ends_at", UTC(), nullable=False),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("began_at", UTC(), nullable=False),
        sa.Column("ends_at", UTC(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "device",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("ends_at", UTC(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "knock",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UTC(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    for table in ("invitation", "session", "device"):
        op.create_index(op.f(f"ix_{table}_officer_id"), table, ["officer_id"], unique=False)
