"""What a search looks through beside each release: its reference and its latest headline, folded."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "release", sa.Column("search_text", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    connection = op.get_bind()
    found = connection.execute(_HEADLINES).all()
    texts = [{"id": row.id, "text": f"{row.reference}\n{row.headline or ''}".casefold()} for row in found]
    if texts:
        connection.execute(_KEEP, texts)


_HEADLINES = sa.text("""
    SELECT release.id, release.reference, version.content ->> 'headline' AS headline
    FROM release JOIN revision ON revision.release_id = release.id
    JOIN version ON version.revision_id = revision.id AND version.position = 0
    WHERE revision.number = (SELECT max(other.number) FROM revision other
                             WHERE other.release_id = revision.release_id)
""")
_KEEP = sa.text("UPDATE release SET search_text = :text WHERE id = :id")
