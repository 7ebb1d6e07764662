"""Indexes for a page of releases among very many: the newest, those that are held, doubt.

On PostgreSQL the reasons of a delivery were kept as a string that holds JSON: they become what it says.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_release_created", "release", ["publisher_id", "created_at", "id"])
    for name, table, columns, where in (
        ("ix_release_held", "release", ["publisher_id"], sa.text("held_at IS NOT NULL")),
        ("ix_delivery_doubtful", "delivery", ["changed_at", "id"], sa.text("state = 'doubtful'")),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_MENDED)


_MENDED = """
    UPDATE delivery SET reasons = (reasons #>> '{}')::jsonb WHERE jsonb_typeof(reasons) = 'string'
"""
