"""The schema's history, run by Alembic; inside the package so that an installed service has it."""
