"""What Alembic runs to apply migrations; the connection, in a transaction, comes from `storage.migrations.upgrade`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from storage.tables import metadata

connection = context.config.attributes["connection"]
if not isinstance(connection, Connection):
    raise TypeError("migrations are run by storage.migrations.upgrade")

context.configure(
    connection=connection,
    target_metadata=metadata,  # its naming convention names the constraints that migrations make
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite can alter little; Alembic copies the table instead
    transactional_ddl=True,  # Alembic doubts SQLite here, because of what its driver does by default
)
context.run_migrations()
