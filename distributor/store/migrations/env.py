"""Alembic runs inside the connection that `store.schema` hands over."""

from alembic import context
from sqlmodel import SQLModel

from distributor.store import tables  # noqa: F401  (fills the metadata)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
context.run_migrations()
