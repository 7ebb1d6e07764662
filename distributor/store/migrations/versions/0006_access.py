"""Embargo access with terms, an end and its history; suspensions and strikes; outlets folded for comparing."""

import sqlalchemy as sa
from alembic import op

from distributor.policy.access import outlet_key
from distributor.store.columns import UTC, Key

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("''")
    op.add_column("access", sa.Column("terms", sa.Text(), server_default=empty, nullable=False))
    op.add_column("access", sa.Column("accepted", sa.Date(), nullable=True))
    op.add_column("access", sa.Column("until", UTC(), nullable=True))
    op.add_column("access", sa.Column("ended_at", UTC(), nullable=True))
    op.add_column("access", sa.Column("ended_by", sa.String(), nullable=True))
    op.add_column("access", sa.Column("ended_reason", sa.Text(), server_default=empty, nullable=False))
    op.create_table(
        "access_past",
        sa.Column("id", Key, nullable=False),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", UTC(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Date(), nullable=True),
        sa.Column("until", UTC(), nullable=True),
        sa.Column("ended_at", UTC(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_access_past_contact_id"), "access_past", ["contact_id"], unique=False)
    op.create_table(
        "suspension",
        *_whose(),
        sa.Column("until", UTC(), nullable=False),
        sa.Column("ended_at", UTC(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_suspension_contact_id"), "suspension", ["contact_id"], unique=False)
    op.create_index("ix_suspension_publisher", "suspension", ["publisher_id", "until"], unique=False)
    op.create_table(
        "strike",
        *_whose(),
        sa.Column("release_id", Key, nullable=False),
        sa.Column("expires_at", UTC(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("reply_at", UTC(), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
    )
    op.create_index(op.f("ix_strike_contact_id"), "strike", ["contact_id"], unique=False)
    op.add_column("contact", sa.Column("outlet_key", sa.String(), server_default=empty, nullable=False))
    _fold_outlets()


def _whose() -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", Key, nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("contact_id", Key, nullable=True),
        sa.Column("outlet", sa.String(), nullable=False),
        sa.Column("outlet_key", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTC(), nullable=False),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _fold_outlets() -> None:
    """Each outlet once: SQL folds no letters beyond ASCII."""
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT DISTINCT outlet FROM contact WHERE outlet <> ''")).scalars()
    fold = sa.text("UPDATE contact SET outlet_key = :key WHERE outlet = :outlet")
    told = [{"outlet": outlet, "key": outlet_key(outlet)} for outlet in found]
    if told:
        connection.execute(fold, told)


def downgrade() -> None:
    op.drop_column("contact", "outlet_key")
    op.drop_table("strike")
    op.drop_table("suspension")
    op.drop_table("access_past")
    for name in ("ended_reason", "ended_by", "ended_at", "until", "accepted", "terms"):
        op.drop_column("access", name)
