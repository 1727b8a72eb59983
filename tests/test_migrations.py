"""Migrations make the tables that the models describe, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from kb.models import db
from kb.services import bootstrap


def test_migrated_tables_are_those_of_the_models(any_app: Flask) -> None:
    with any_app.app_context():
        bootstrap.upgrade_database()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []


def test_migrating_again_changes_nothing(any_app: Flask) -> None:
    with any_app.app_context():
        bootstrap.upgrade_database()
        bootstrap.upgrade_database()
        assert set(db.metadata.tables) < {*inspect(db.engine).get_table_names()}


def test_sqlite_is_durable_and_strict(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
