"""Run the migrations on the connection that ``biometric.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from biometric.models import Base

connection = context.config.attributes["connection"]
# SQLite cannot alter a column: batch mode copies the table instead.
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
