"""Migrations create the tables that the models describe, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import MetaData, Table, delete, func, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from kb.domain.incident import TEXT_FIELDS
from kb.domain.links import link_key
from kb.domain.permissions import Role
from kb.models import ApiToken, Incident, IncidentText, Lesson, Revision, Source, Team, User, base, db
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


def test_the_files_of_migrations_are_named_by_their_revisions() -> None:
    """They are listed at each start, which does not import them."""
    script = ScriptDirectory(str(bootstrap.MIGRATIONS))
    head, revisions = bootstrap._revisions()
    assert head == script.get_current_head()
    assert revisions == {each.revision for each in script.walk_revisions()}


SHIPPED = {name: getattr(base, name) for name in ("BUSY_MILLISECONDS", "SYNCHRONOUS")}
"""As they are shipped: the tests wait longer, and for no disk."""


def test_sqlite_is_durable_and_strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SHIPPED.items():
        monkeypatch.setattr(base, name, value)
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
        config = bootstrap.alembic_config(tmp_path / "migrations")
        command.upgrade(config, "head")
        db.session.remove()
        columns = {column["name"] for column in inspect(db.engine).get_columns("incident")}
        assert "mood" in columns
        assert db.session.scalar(select(func.count(IncidentText.language))) == 12
        assert db.session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_data_from_before_user_accounts_keeps_its_meaning(empty_app: Flask) -> None:
    with empty_app.app_context():
        bootstrap.create_data_dir()
        config = bootstrap.alembic_config()
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
        assert source.url_key == link_key("http://example.com/report/")
        db.session.rollback()
        # The constraints survive.
        for invalid in ("UPDATE incident SET severity = 9", "UPDATE api_token SET team_id = NULL"):
            with pytest.raises(IntegrityError), db.engine.begin() as connection:
                connection.exec_driver_sql(invalid)
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                table = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'incident'")
                assert "AUTOINCREMENT" in table.scalar_one()


def test_texts_tags_and_keys_from_before_they_were_folded_are_brought_up_to_date(empty_app: Flask) -> None:
    with empty_app.app_context():
        _migrate_old_data("0005", _UNFOLDED)
        incidents = {row.id: row for row in db.session.scalars(select(Incident).order_by(Incident.id))}
        keys = {number: (row.organization, row.organization_key) for number, row in incidents.items()}
        assert keys == {1: ("Ørsted", "orsted"), 2: ("Mc\u00adFoo", "mcfoo"), 3: ("Nestlé", "nestle")}
        assert [row.slug for row in incidents.values()] == ["ørsted", "mc-foo", "nestle"]
        assert [row.original.title for row in incidents.values()] == ["Café", "Café", "Café"]
        assert {row.original.title_key for row in incidents.values()} == {"cafe"}
        assert {number: row.tags for number, row in incidents.items()} == {
            1: ["C++", "SPRING SALE"],
            2: ["Hidden", "SPRING SALE"],
            3: ["SPRING SALE", "hidden"],
        }
        sources = db.session.scalars(select(Source)).all()
        assert [source.url_key for source in sources] == [link_key("https://example.com/café")]
        names = {user.id: (user.name, user.name_key) for user in db.session.scalars(select(User))}
        assert names == {1: ("Ørsted", "ørsted"), 2: ("Orsted", "orsted"), 3: ("Łucja", "lucja")}
        revision = db.session.scalars(select(Revision)).one()
        assert revision.snapshot == {"title": "Café", "tags": ["é"]}
        assert [row.external_id for row in incidents.values()] == ["é", None, None]
        assert db.session.scalars(select(Team.language)).all() == [None, None]
        bootstrap.upgrade_database()


def test_the_guards_of_lessons_can_be_taken_back(empty_app: Flask) -> None:
    with empty_app.app_context():
        bootstrap.create_data_dir()
        config = bootstrap.alembic_config()
        command.upgrade(config, "0002")
        with db.engine.begin() as connection:
            for statement in _OLD:
                connection.exec_driver_sql(statement)
        bootstrap.upgrade_database()
        with db.engine.begin() as connection:
            for _ in range(2):
                connection.execute(insert(Lesson).values(incident_id=1, position=0, guard={"active": True}))
            connection.execute(delete(Lesson).where(Lesson.id == 2))
        command.downgrade(config, "0006")
        assert "guard" not in {column["name"] for column in inspect(db.engine).get_columns("lesson")}
        bootstrap.upgrade_database()
        with db.engine.begin() as connection:
            assert connection.execute(select(Lesson.id, Lesson.guard)).all() == [(1, None)]
            new = insert(Lesson).values(incident_id=1, position=1).returning(Lesson.id)
            assert connection.execute(new).scalar_one() == 3


def test_keys_of_links_from_before_their_normal_form_are_made_anew(empty_app: Flask) -> None:
    urls = {
        "copied": "https://m.example.com/%D7%90?igsh=1#top",
        "plain": "https://example.com/א",
        "none": None,
    }
    with empty_app.app_context():
        sources = [
            {
                "incident_id": 1,
                "position": position,
                "title": title,
                "url": url,
                "url_key": url and f"{position:064}",
                "kind": "news",
            }
            for position, (title, url) in enumerate(urls.items())
        ]
        _migrate_old_data("0011", {**_SLUGS, Source.__tablename__: sources})
        keys = {source.title: source.url_key for source in db.session.scalars(select(Source))}
    assert keys == {"copied": link_key("example.com/א"), "plain": link_key("example.com/א"), "none": None}


def test_keys_of_organizations_from_before_legal_forms_were_left_out_are_made_anew(empty_app: Flask) -> None:
    names = {
        1: ("Acme, Inc.", "acme-inc"),
        2: ('תנובה בע"מ', "תנובה-בעמ"),
        3: ("Coca-Cola SA", "coca-cola-sa"),
    }
    with empty_app.app_context():
        rows = [_old_incident(n, name, key, 1, slug=f"{n}") for n, (name, key) in names.items()]
        _migrate_old_data("0013", {"incident": rows})
        with db.engine.connect() as connection:
            columns = (Incident.id, Incident.organization, Incident.organization_key)
            stored = {n: (name, key) for n, name, key in connection.execute(select(*columns))}
        command.downgrade(bootstrap.alembic_config(), "0013")
        assert "organization_alias" not in inspect(db.engine).get_table_names()
    assert stored == {
        1: ("Acme, Inc.", "acme"),
        2: ('תנובה בע"מ', "תנובה"),
        3: ("Coca-Cola SA", "coca-cola-sa"),
    }


def test_slugs_of_drafts_follow_their_titles_and_those_of_published_incidents_stay(
    empty_app: Flask,
) -> None:
    with empty_app.app_context():
        _migrate_old_data("0009", _SLUGS)
        slugs = {row.id: row.slug for row in db.session.scalars(select(Incident))}
    assert slugs == {
        1: "acme-a-colleague-2",  # a draft, of which the published one has the title
        2: "chosen",
        3: "acme-john-smith",  # published
        4: "acme-john-smith-3",  # a draft again
        5: "acme-a-colleague",
    }


def _migrate_old_data(revision: str, tables: Mapping[str, list[dict[str, Any]]]) -> None:
    """Create the tables as of a revision, insert rows, and migrate them to the latest revision."""
    bootstrap.create_data_dir()
    command.upgrade(bootstrap.alembic_config(), revision)
    with db.engine.begin() as connection:
        for statement in _OLD[:3]:
            connection.exec_driver_sql(statement)
        metadata = MetaData()
        for name, rows in tables.items():
            connection.execute(Table(name, metadata, autoload_with=connection).insert(), rows)
    bootstrap.upgrade_database()


_DAY, _MOMENT = date(2019, 1, 1), datetime(2020, 1, 1)  # noqa: DTZ001 (as the tables are reflected)
_E = "e\u0301"
_TEXTS = dict.fromkeys(TEXT_FIELDS, f"Caf{_E}")


def _old_incident(number: int, name: str, key: str, team: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "slug": key, "kind": "incident", "status": "published", "visibility": "organization",
        "language": "en", "organization": name, "organization_key": key, "occurred_on": _DAY,
        "occurred_until": _DAY, "occurred_precision": "day", "category_id": 1, "team_id": team,
        "author": "bot", "created_at": _MOMENT, "updated_at": _MOMENT, "version": 1,
        "external_id": None, **changes,
    }  # fmt: skip


_UNFOLDED: dict[str, list[dict[str, Any]]] = {
    "team": [{"id": 2, "key": "other", "name": "Other", "created_at": _MOMENT, "version": 1}],
    "user_account": [
        {"id": number, "email": f"{number}@example.com", "name": name, "name_key": key, "time_zone": "UTC",
         "site_admin": False, "created_at": _MOMENT, "version": 1}
        for number, name, key in [(1, "Ørsted", "ørsted"), (2, "Orsted", "orsted"), (3, "Łucja", "łucja")]
    ],
    "incident": [
        _old_incident(1, "Ørsted", "ørsted", 1, external_id=_E),
        _old_incident(2, "Mc\u00adFoo", "mc-foo", 2, visibility="team"),
        _old_incident(3, f"Nestl{_E}", "nestle", 1),
    ],
    "incident_text": [
        {"incident_id": number, "language": "en", "version": 1, **_TEXTS} for number in (1, 2, 3)
    ],
    "incident_tag": [
        {"incident_id": number, "tag": tag}
        for number, tag in [
            (1, "SPRING SALE"), (1, "Spring  Sale"), (1, "C++"), (2, "spring sale"), (2, "Hidden"),
            (3, "Spring\u00ad Sale"), (3, "hidden"),
        ]
    ],
    "source": [
        {"incident_id": 1, "position": 0, "title": "A report", "kind": "news",
         "url": f"https://example.com/caf{_E}", "url_key": link_key(f"https://example.com/caf{_E}")},
    ],
    "revision": [
        {"incident_id": 1, "number": 1, "operation": "created", "author": "bot", "at": _MOMENT,
         "snapshot": {"title": f"Caf{_E}", "tags": [_E]}},
    ],
}  # fmt: skip
"""Rows as version 0005 stored them."""

_SLUGS: dict[str, list[dict[str, Any]]] = {
    "incident": [
        _old_incident(number, "Acme", "acme", 1, slug=slug, status=status)
        for number, slug, status in [
            (1, "acme-john-smith-2", "draft"), (2, "chosen", "draft"), (3, "acme-john-smith", "published"),
            (4, "acme-john-smith-3", "draft"), (5, "acme-a-colleague", "published"),
        ]
    ],
    "incident_text": [
        {**_TEXTS, "incident_id": number, "language": "en", "version": 1, "title": "A colleague"}
        for number in range(1, 6)
    ],
    "revision": [
        {"incident_id": number, "number": 1, "operation": "created", "author": "bot", "at": _MOMENT,
         "snapshot": {"organization": "Acme", "title": "John Smith"}}
        for number in (1, 2, 3, 4)
    ],
    "review_event": [
        {"incident_id": 4, "version": 1, "step": "publish", "before": "draft", "after": "published",
         "author": "bot", "principal": "bot", "at": _MOMENT},
    ],
}  # fmt: skip
"""Rows as version 0009 stored them."""


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
