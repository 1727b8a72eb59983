"""Alembic's environment: migrates the application's database in one transaction, or that of a connection
in the attributes of the configuration, in the transaction in which it is."""

from __future__ import annotations

from alembic import context

from kb.models import db
from kb.models.base import WRITE
from kb.models.report_views import create_views, drop_views
from kb.services.infrastructure.locks import advisory_lock


def render_item(kind, item, autogen_context):
    """Render our column types in a migration as the SQLAlchemy types that they are based on."""
    if kind == "type" and item.__class__.__module__.startswith("kb."):
        return f"sa.{item.impl_instance!r}"
    return False


def _as_tuple(revision):
    return (revision,) if isinstance(revision, str) else tuple(revision or ())


def migrate(connection):
    advisory_lock("migration", connection=connection)  # machines that start together take turns
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    # A table cannot be changed while a view depends on it.
    before = context.get_context().get_current_heads()
    has_changes = tuple(_as_tuple(context.get_revision_argument())) != before
    grants = drop_views(connection) if has_changes else []
    with context.begin_transaction():
        context.run_migrations()
    if has_changes and context.get_context().get_current_heads() == tuple(context.script.get_heads()):
        create_views(connection, grants)
    if connection.dialect.name == "sqlite":
        violations = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        assert not violations, f"The migration would violate foreign keys: {violations}"


def run(connection):
    with connection.begin():
        migrate(connection)


def run_on_sqlite(connection):
    """Migrate with foreign keys off: SQLite changes a table by replacing it with a copy, which would violate
    them in between. They are checked before the commit."""
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        run(connection)
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    write = WRITE if db.engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with db.engine.connect().execution_options(**write) as connection:
        (run_on_sqlite if connection.dialect.name == "sqlite" else run)(connection)
