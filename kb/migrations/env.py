"""Alembic's environment: the application's database, whichever it is, in one transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from kb.models import db
from kb.models.base import WRITE

MIGRATION_LOCK = 7_164_001
"""Any number that is ours: processes that start together on PostgreSQL migrate one after the other."""


def render_item(kind, item, autogen_context):
    """Write our own column types into a migration as the plain ones that they are made of."""
    if kind == "type" and item.__class__.__module__.startswith("kb."):
        return f"sa.{item.impl_instance!r}"
    return False


with db.engine.connect().execution_options(**WRITE) as connection, connection.begin():
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
