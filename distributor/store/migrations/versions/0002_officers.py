"""Officers, and their approvals: those given before are taken over."""

import sqlalchemy as sa
from alembic import op

from distributor.store.columns import UTC, Json, Key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officer",
        sa.Column("id", Key, nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("roles", Json, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", UTC(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("removed_at", UTC(), nullable=True),
        sa.Column("removed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("publisher_id", "name"),
    )
    op.create_table(
        "approval",
        sa.Column("id", Key, nullable=False),
        sa.Column("release_id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTC(), nullable=False),
        sa.Column("repeat", sa.Text(), nullable=False),
        sa.Column("ended_at", UTC(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_approval_release_id"), "approval", ["release_id"], unique=False)
    op.execute(
        "INSERT INTO approval (release_id, revision_id, verb, hash, by, at, repeat, ended_at, counted)"
        " SELECT release_id, id, 'release approve', approved_hash, approved_by, approved_at, '', approved_at,"
        " true FROM revision WHERE approved_at IS NOT NULL ORDER BY approved_at"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_approval_release_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_table("officer")
