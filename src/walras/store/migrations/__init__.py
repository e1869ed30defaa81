"""Alembic migrations: run by the store when it is opened, never by hand."""
