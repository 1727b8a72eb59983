"""Alembic's environment: migrates the application's database in one transaction, or that of a connection
in the attributes of the configuration, in the transaction in which it is."""

from __future__ import annotations

import time

from alembic import context
from sqlalchemy.exc import OperationalError

from kb.models import db
from kb.models.base import WRITE
from kb.models.report_views import create_views, drop_views
from kb.services.infrastructure.locks import advisory_lock


LOCK_MILLISECONDS = 2_000
"""How long a migration waits for a table of PostgreSQL: meanwhile, whoever comes later waits for it."""

_PAUSE_SECONDS = 0.5
_ATTEMPTS = 60
_LOCK_NOT_AVAILABLE = "55P03"


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


def run_on_postgres(connection):
    """Migrate, in several attempts if need be: a request that reads a table may ask for it again, on another
    connection, and would then wait for the migration that waits for it."""
    for left in reversed(range(_ATTEMPTS)):
        try:
            with connection.begin():
                advisory_lock("migration", connection=connection)  # may take as long as it takes
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
                migrate(connection)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE or not left:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


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
        (run_on_sqlite if connection.dialect.name == "sqlite" else run_on_postgres)(connection)
