"""Whom an officer added to a revision's audience or left out of it, and which officer."""

import sqlalchemy as sa
from alembic import op

from distributor.store.columns import Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revision", sa.Column("people", Json, server_default=sa.text("'[]'"), nullable=False))
