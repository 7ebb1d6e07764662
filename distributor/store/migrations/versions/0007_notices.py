"""Notices: several mailouts of one kind, with templates of their own, each mail an answer to the one before.

SQLite drops no constraint: its table of mailouts is made anew, while foreign keys are not looked at.
"""

import sqlalchemy as sa
from alembic import op

from distributor.store.columns import UTC, Json, Key

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ONCE = "state <> 'cancelled' AND kind IN ('advance', 'release') AND NOT extra"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("answers_id", Key, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _anew()
    else:
        op.drop_constraint("mailout_revision_id_kind_wave_key", "mailout")
        op.add_column("mailout", _renderings())
        op.add_column("mailout", _note())
        op.add_column("mailout", _mark("extra"))
        op.add_column("mailout", _mark("replaced"))
    op.create_index("ix_mailout_revision", "mailout", ["revision_id"], unique=False)
    op.create_index(
        "uq_mailout_planned",
        "mailout",
        ["revision_id", "kind", "wave"],
        unique=True,
        sqlite_where=sa.text(_ONCE),
        postgresql_where=sa.text(_ONCE),
    )


def _renderings() -> sa.Column[object]:
    return sa.Column("renderings", Json, server_default=sa.text("'{}'"), nullable=False)


def _note() -> sa.Column[str]:
    return sa.Column("note", sa.Text(), server_default=sa.text("('')"), nullable=False)


def _mark(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("(false)"), nullable=False)


def _anew() -> None:
    kept = _columns()
    op.create_table(
        "mailout_anew",
        *kept,
        _renderings(),
        _note(),
        _mark("extra"),
        _mark("replaced"),
        sa.CheckConstraint(
            "state IN ('planned', 'prepared', 'sending', 'finished', 'cancelled')", name="ck_mailout_state"
        ),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    names = ", ".join(column.name for column in kept)
    op.execute(f"INSERT INTO mailout_anew ({names}) SELECT {names} FROM mailout")  # noqa: S608
    op.drop_table("mailout")
    op.rename_table("mailout_anew", "mailout")
    op.create_index("ix_mailout_release_id", "mailout", ["release_id"], unique=False)
    op.create_index("ix_mailout_state_due", "mailout", ["state", "due"], unique=False)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", Key, nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("release_id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due", UTC(), nullable=False),
        sa.Column("expires_at", UTC(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("opened_at", UTC(), nullable=True),
        sa.Column("finished_at", UTC(), nullable=True),
        sa.Column("held_at", UTC(), nullable=True),
        sa.Column("held_by", sa.String(), nullable=True),
        sa.Column("held_reason", sa.String(), nullable=True),
        sa.Column("late_accepted", sa.Boolean(), nullable=False),
        sa.Column("clock_answered", Key, nullable=True),
        sa.Column("expected_size", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC(), nullable=False),
    ]
