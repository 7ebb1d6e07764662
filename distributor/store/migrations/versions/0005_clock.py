"""What is believed of the clock, and when a run last lived by the machine's own time."""

import sqlalchemy as sa
from alembic import op

from distributor.store.columns import UTC, Key, Span

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", UTC(), nullable=False),
        sa.Column("jump_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "jump",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", UTC(), nullable=False),
        sa.Column("shift", Span(), nullable=False),
        sa.Column("ahead", Span(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("confirmed_at", UTC(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("mailout", sa.Column("clock_answered", Key, nullable=True))
    op.add_column("run", sa.Column("boot", sa.String(), nullable=True))
    op.add_column("run", sa.Column("up", Span(), nullable=True))


def downgrade() -> None:
    op.drop_column("run", "up")
    op.drop_column("run", "boot")
    op.drop_column("mailout", "clock_answered")
    op.drop_table("jump")
    op.drop_table("boot")
