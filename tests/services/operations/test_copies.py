"""`kb copy-to` takes a knowledge base to another database: whole, once, or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine

from kb.config import Settings
from kb.models import Change, ChangeCounter, db
from kb.services.operations import bootstrap
from kb.services.operations.backups.facts import DatabaseFacts, differing_tables
from kb.services.operations.bootstrap import InstallationState
from kb.services.operations.copies import copying, tables
from kb.services.operations.copies.copying import Copy, copy_database
from kb.services.operations.errors import BackupError, CopyError
from kb.services.search import sync
from tests.support.api import Api, callers, running
from tests.support.backups import file_incident, ignore, installation, slugs
from tests.support.busy_database import leave_a_session_waiting, recorded
from tests.support.knowledge_bases import build, knowledge_bases
from tests.support.postgres import create_database
from tests.support.prepared import copy_folder


def copied(source: Settings, target: Settings) -> Copy:
    with installation(source):
        return copy_database(target, copying=ignore, comparing=ignore)


def empty_postgres(settings: Settings, server: str) -> Settings:
    """Settings on an empty PostgreSQL database, with the data folder of others."""
    return replace(settings, database_url=create_database(server, f"kb_{uuid4().hex}"))


@pytest.fixture
def target(settings: Settings, postgres: str) -> Settings:
    return empty_postgres(settings, postgres)


def test_the_copy_is_the_same_knowledge_base_and_goes_on_where_the_other_one_ended(
    settings: Settings, target: Settings
) -> None:
    for app in running(settings):
        admin = callers(app)("site_admin")
        filed = admin.file(title="Zebra")
        lost = admin.file(title="Okapi")["id"]
    done = copied(settings, target)
    with closing(sqlite3.connect(settings.sqlite_path)) as source:
        (database, seq) = source.execute("SELECT database, seq FROM change_counter").fetchone()
    assert (done.facts.database_id, done.facts.seq) == (database, seq)
    for app in running(target):
        again = Api(app.test_client(), admin.contract, admin.token)
        answer = again.get(f"/incidents/{filed['id']}")
        assert (answer.get_json()["title"], answer.headers["ETag"]) == ("Zebra", '"1-en"')
        assert len(again.get(f"/incidents/{filed['id']}/revisions").get_json()["items"]) == 1
        assert again.file(title="Giraffe")["id"] == lost + 1
        with app.app_context():
            assert db.session.query(Change.seq).order_by(Change.seq.desc()).first() == (seq + 1,)
            assert db.session.query(ChangeCounter.database).one() == (database,)


def test_what_waits_for_the_write_lock_is_copied(settings: Settings, target: Settings) -> None:
    leave_a_session_waiting(settings)
    copied(settings, target)
    for each in (settings, target):
        for app in running(each):
            assert recorded(app) == ["login"]


def test_the_index_of_the_data_folder_is_that_of_the_copy(settings: Settings, target: Settings) -> None:
    file_incident(settings, title="Zebra", status="published")
    copied(settings, target)
    with installation(target):
        assert sync.lag() == 0
    for app in running(target):
        assert callers(app)().get("/search", q="zebra").get_json()["total"] == 1


def test_ids_of_what_was_removed_are_not_given_again(settings: Settings, target: Settings) -> None:
    last = file_incident(settings, title="Zebra")
    _change(settings, f"UPDATE sqlite_sequence SET seq = {last + 50} WHERE name = 'incident'")
    copied(settings, target)
    assert file_incident(target, title="Okapi") == last + 51


def test_a_copy_comes_back_to_sqlite_with_every_row(
    settings: Settings, target: Settings, tmp_path: Path
) -> None:
    file_incident(settings, title="Zebra", impacts=[{"kind": "revenue", "amount": 123456789012.34}])
    there = copied(settings, target)
    back = Settings(data_dir=settings.data_dir, database_url=f"sqlite:///{tmp_path}/back.sqlite3")
    assert_equal_but_for_the_entry_of_the_copy(there.facts, copied(target, back).facts)
    assert slugs(back) == slugs(settings)
    assert file_incident(back, title="Okapi") == file_incident(settings, title="Okapi")


def test_a_database_that_is_not_empty_is_refused(settings: Settings, target: Settings) -> None:
    with create_engine(target.sqlalchemy_url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE somebody_elses (id int)")
    with pytest.raises(CopyError, match="is not empty"):
        copied(settings, target)
    with pytest.raises(CopyError, match="exists"):
        copied(settings, settings)


def test_a_knowledge_base_that_a_service_has_open_is_refused(settings: Settings, target: Settings) -> None:
    with closing(sqlite3.connect(settings.sqlite_path)) as server:
        server.execute("SELECT count(*) FROM incident").fetchone()
        with pytest.raises(BackupError, match="uses the database"):
            copied(settings, target)
    assert _tables(target) == []


def test_nobody_writes_to_what_is_being_copied(any_settings: Settings, postgres: str) -> None:
    refused: list[Exception] = []

    def write(done: int, _total: int) -> None:
        statement = "UPDATE change_counter SET seq = seq + 1"
        if not refused and done:
            try:
                if any_settings.database_file is None:
                    with psycopg.connect(any_settings.database_url) as connection:
                        connection.execute("SET lock_timeout = 100")
                        connection.execute(statement)
                else:
                    with closing(sqlite3.connect(any_settings.sqlite_path, timeout=0.1)) as other:
                        other.execute(statement)
            except (psycopg.errors.LockNotAvailable, sqlite3.OperationalError) as error:
                refused.append(error)

    with installation(any_settings):
        copying.copy_database(empty_postgres(any_settings, postgres), copying=write, comparing=ignore)
    assert len(refused) == 1


@pytest.mark.parametrize("moment", ["copying", "comparing"])
def test_an_interrupted_copy_leaves_nothing_and_can_be_made_again(
    settings: Settings, target: Settings, moment: str
) -> None:
    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    callbacks = {"copying": ignore, "comparing": ignore} | {moment: interrupt}
    with installation(settings), pytest.raises(KeyboardInterrupt):
        copying.copy_database(target, **callbacks)
    assert _tables(target) == []
    assert copied(settings, target).facts.tables["incident"].rows == 6


def test_an_interrupted_copy_to_a_file_leaves_no_file(settings: Settings, tmp_path: Path) -> None:
    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    other = replace(settings, database_url=f"sqlite:///{tmp_path}/folder/other.sqlite3")
    with pytest.raises(CopyError, match="does not exist"):
        copied(settings, other)
    (tmp_path / "folder").mkdir()
    with installation(settings), pytest.raises(KeyboardInterrupt):
        copying.copy_database(other, copying=interrupt, comparing=ignore)
    assert [*(tmp_path / "folder").iterdir()] == []


def test_what_postgresql_cannot_store_is_named_and_nothing_is_copied(
    settings: Settings, target: Settings
) -> None:
    _change(settings, "UPDATE incident SET organization = 'a' || char(0) || 'b' WHERE id = 3")
    with pytest.raises(CopyError, match="organization of incident 3"):
        copied(settings, target)
    _change(settings, f"UPDATE incident SET organization = '{'x' * 201}' WHERE id = 3")
    with pytest.raises(CopyError, match=r"refuses a row of incident .*too long"):
        copied(settings, target)
    assert _tables(target) == []


def test_json_keeps_every_digit_space_and_escape(settings: Settings, target: Settings) -> None:
    text = '{"b": 1.0,  "a": 12345678901234567890123, "b": "\\u0000\\ud800\\u05d0", "e": 1e400}'
    _change(settings, f"UPDATE revision SET snapshot = '{text}' WHERE id = 1")
    copied(settings, target)
    with psycopg.connect(target.database_url) as connection:
        assert connection.execute("SELECT snapshot::text FROM revision WHERE id = 1").fetchone() == (text,)


def test_a_copy_that_differs_is_not_kept(
    settings: Settings, target: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tables.portable_facts

    def after_a_loss(connection: Any, *arguments: Any) -> Any:
        connection.exec_driver_sql("UPDATE incident_text SET title = 'x' WHERE incident_id = 2")
        return shipped(connection, *arguments)

    monkeypatch.setattr(copying, "portable_facts", after_a_loss)
    with pytest.raises(CopyError, match="differs in incident_text"):
        copied(settings, target)
    assert _tables(target) == []


@pytest.mark.slow
@given(contents=knowledge_bases())
@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_people_write_arrives_unchanged(
    contents: Any, prepared: Path, tmp_path: Path, postgres: str
) -> None:
    """Both ways, since each side reads what the other has written."""
    folder = copy_folder(prepared, tmp_path / uuid4().hex)
    source = Settings(data_dir=folder)
    with installation(source):
        build(*contents)
    target = empty_postgres(source, postgres)
    there = copied(source, target)
    back = replace(source, database_url=f"sqlite:///{folder}/back.sqlite3")
    assert_equal_but_for_the_entry_of_the_copy(there.facts, copied(target, back).facts)
    with installation(target):
        assert bootstrap.inspect_installation() is InstallationState.READY


def assert_equal_but_for_the_entry_of_the_copy(first: DatabaseFacts, second: DatabaseFacts) -> None:
    """Of two copies, the second has what the first one told the audit log, and else the same."""
    assert first[:3] == second[:3]
    assert differing_tables(first, second) == ["audit_entry"]
    assert second.tables["audit_entry"].rows == first.tables["audit_entry"].rows + 1


def _change(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(settings.sqlite_path)) as connection, connection:
        connection.execute(statement)


def _tables(settings: Settings) -> list[Any]:
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
