"""Alembic's environment: the application's database, whichever it is, in one transaction."""

from __future__ import annotations

from alembic import context

from kb.models import db
from kb.models.base import WRITE
from kb.models.report_views import create_views, drop_views
from kb.services.infrastructure.locks import advisory_lock


def render_item(kind, item, autogen_context):
    """Write our own column types into a migration as the plain ones that they are made of."""
    if kind == "type" and item.__class__.__module__.startswith("kb."):
        return f"sa.{item.impl_instance!r}"
    return False


def _as_tuple(revision):
    return (revision,) if isinstance(revision, str) else tuple(revision or ())


def run(connection):
    with connection.begin():
        advisory_lock("migration", connection=connection)  # machines that start together migrate in turn
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        # Views would keep the tables under them from being changed.
        before = context.get_context().get_current_heads()
        changes = tuple(_as_tuple(context.get_revision_argument())) != before
        readers = drop_views(connection) if changes else []
        with context.begin_transaction():
            context.run_migrations()
        if changes and context.get_context().get_current_heads() == tuple(context.script.get_heads()):
            create_views(connection, readers)
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            assert not broken, f"The migration would break references: {broken}"


def run_on_sqlite(connection):
    """SQLite changes a table by copying it: references to it must not be looked at until the copy is there."""
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        run(connection)
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


write = WRITE if db.engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
with db.engine.connect().execution_options(**write) as connection:
    (run_on_sqlite if connection.dialect.name == "sqlite" else run)(connection)
