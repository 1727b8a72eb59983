"""Migrations create the tables that the models describe, on both databases."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from kb.domain.permissions import Role
from kb.domain.text import address_key
from kb.models import ApiToken, Incident, IncidentText, Source, base, db
from kb.services.operations import bootstrap


def test_migrations_create_the_tables_of_the_models(empty_app: Flask) -> None:
    with empty_app.app_context():
        bootstrap.create_data_dir()
        bootstrap.upgrade_database()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []


def test_a_second_migration_changes_nothing(empty_app: Flask) -> None:
    with empty_app.app_context():
        bootstrap.create_data_dir()
        bootstrap.upgrade_database()
        bootstrap.upgrade_database()
        assert set(db.metadata.tables) < {*inspect(db.engine).get_table_names()}


BUSY_MILLISECONDS = base.BUSY_MILLISECONDS
"""As it is shipped: the tests wait longer."""


def test_sqlite_is_durable_and_strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BUSY_MILLISECONDS", BUSY_MILLISECONDS)
    with app.app_context(), db.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_migration_can_rebuild_a_referenced_table(app: Flask, tmp_path: Path) -> None:
    """SQLite changes a table by copying it, which would fail if foreign keys were enforced meanwhile."""
    versions = copytree(bootstrap.MIGRATIONS, tmp_path / "migrations") / "versions"
    head = ScriptDirectory(str(bootstrap.MIGRATIONS)).get_current_head()
    (versions / "9999_rebuild.py").write_text(_REBUILD.format(head=head), "utf-8")
    with app.app_context():
        bootstrap.prepare_if_needed()
        config = app.extensions["migrate"].migrate.get_config(str(tmp_path / "migrations"))
        command.upgrade(config, "head")
        db.session.remove()
        columns = {column["name"] for column in inspect(db.engine).get_columns("incident")}
        assert "mood" in columns
        assert db.session.scalar(select(func.count(IncidentText.language))) == 12
        assert db.session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_data_from_before_user_accounts_keeps_its_meaning(empty_app: Flask) -> None:
    with empty_app.app_context():
        bootstrap.create_data_dir()
        config = empty_app.extensions["migrate"].migrate.get_config()
        command.upgrade(config, "0002")
        with db.engine.begin() as connection:
            for statement in _OLD:
                connection.exec_driver_sql(statement)
        bootstrap.upgrade_database()
        tokens = {token.name: token.role for token in db.session.scalars(select(ApiToken))}
        assert tokens == {"boss": Role.SITE_ADMIN, "bot": Role.CONTRIBUTOR}
        incident = db.session.scalars(select(Incident)).one()
        assert (incident.slug, incident.duplicate_of_id, incident.severity) == ("old", None, 3)
        source = db.session.scalars(select(Source)).one()
        assert source.url_key == address_key("http://example.com/report/")
        db.session.rollback()
        # The constraints survive.
        for invalid in ("UPDATE incident SET severity = 9", "UPDATE api_token SET team_id = NULL"):
            with pytest.raises(IntegrityError), db.engine.begin() as connection:
                connection.exec_driver_sql(invalid)
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                table = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'incident'")
                assert "AUTOINCREMENT" in table.scalar_one()


_NOW = "2020-01-01 00:00:00"
_OLD = (
    f"INSERT INTO team (id, key, name, created_at) VALUES (1, 'main', 'Main', '{_NOW}')",
    (
        "INSERT INTO namespace (key, version, position, labels, descriptions, seed_digest) "
        "VALUES ('category', '1', 0, '{}', '{}', '')"
    ),
    (
        "INSERT INTO term (id, namespace, key, labels, descriptions, aliases, position, retired, "
        "seed_digest) VALUES (1, 'category', 'offensive', '{}', '{}', '[]', 0, '0', '')"
    ),
    *(
        "INSERT INTO api_token (name, digest, role, team_id, created_at) "
        f"VALUES ('{name}', '{name}', '{role}', 1, '{_NOW}')"
        for name, role in (("boss", "admin"), ("bot", "contributor"))
    ),
    (
        "INSERT INTO incident (id, slug, kind, status, visibility, language, organization, organization_key, "
        "occurred_on, occurred_until, occurred_precision, severity, category_id, team_id, author, "
        "created_at, updated_at, version) VALUES (1, 'old', 'incident', 'draft', 'team', 'en', 'Acme', "
        f"'acme', '2019-01-01', '2019-01-01', 'day', 3, 1, 1, 'bot', '{_NOW}', '{_NOW}', 1)"
    ),
    (
        "INSERT INTO source (incident_id, position, title, url, kind) "
        "VALUES (1, 0, 'A report', 'https://www.example.com/report', 'news')"
    ),
)


_REBUILD = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade():
    with op.batch_alter_table("incident", recreate="always") as batch:
        batch.add_column(sa.Column("mood", sa.String(10)))
"""
