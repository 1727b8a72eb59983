"""Migrations make the tables that the models describe, on both databases."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import func, inspect, select

from kb.models import IncidentText, db
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


def test_a_migration_may_rebuild_a_table_that_others_refer_to(app: Flask, tmp_path: Path) -> None:
    """SQLite changes a table by copying it; were references held meanwhile, it would fail."""
    versions = copytree(bootstrap.MIGRATIONS, tmp_path / "migrations") / "versions"
    (versions / "9999_rebuild.py").write_text(_REBUILD, "utf-8")
    with app.app_context():
        bootstrap.prepare_if_needed()
        config = app.extensions["migrate"].migrate.get_config(str(tmp_path / "migrations"))
        command.upgrade(config, "head")
        db.session.remove()
        columns = {column["name"] for column in inspect(db.engine).get_columns("incident")}
        assert "mood" in columns
        assert db.session.scalar(select(func.count(IncidentText.language))) == 12
        assert db.session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


_REBUILD = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "0002", None, None


def upgrade():
    with op.batch_alter_table("incident", recreate="always") as batch:
        batch.add_column(sa.Column("mood", sa.String(10)))
"""
