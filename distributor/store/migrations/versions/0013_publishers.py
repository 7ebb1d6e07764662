"""Several publishers: whose a row of the log is that no release claims, for whom a session works, who was first."""

import sqlalchemy as sa
from alembic import op

from distributor.store import insertonly

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "publisher", sa.Column("first", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column("session", sa.Column("publisher_id", sa.String(), nullable=True))
    op.add_column("log", sa.Column("publisher_id", sa.String(), nullable=True))
    for statement in insertonly.with_publisher(op.get_bind().dialect.name):
        op.execute(statement)
