"""The file of an SQLite database is exchanged or removed while connections to it are open."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Dialect, event, text

from kb.config import Settings
from kb.models import db
from kb.services.core import change_feed
from tests.support.api import Api, callers, running
from tests.support.backups import copy_beside
from tests.support.waiting import eventually


@pytest.fixture
def file(settings: Settings) -> Path:
    return settings.sqlite_path


@pytest.fixture
def admin(app: Flask) -> Api:
    return callers(app)("site_admin")


def _titles(api: Api) -> set[str]:
    return {item["title"] for item in api.get("/incidents").get_json()["items"]}


def _wait_for_total(api: Api, word: str, total: int) -> None:
    eventually(lambda: api.get("/search", q=word).get_json().get("total") == total)


def test_the_next_request_reads_the_new_file_without_what_the_old_log_had(admin: Api, file: Path) -> None:
    admin.file(title="Zebra", status="published")
    copy = copy_beside(file)
    admin.file(title="Okapi", status="published")
    assert file.with_name(f"{file.name}-wal").stat().st_size
    copy.replace(file)
    assert "Okapi" not in _titles(admin)
    assert "Zebra" in _titles(admin)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_first_change_with_the_number_of_a_lost_one_is_found(admin: Api, file: Path) -> None:
    """Although the older copy has the same id, and the index has a change of that number."""
    copy = copy_beside(file)
    admin.file(title="Okapi", organization="Okapis", occurred_on="1999", status="published")
    assert [row["group"] for row in _groups(admin)] == ["okapis"]
    copy.replace(file)
    admin.file(title="Giraffe", organization="Giraffes", occurred_on="1999", status="published")
    _wait_for_total(admin, "giraffe", 1)
    _wait_for_total(admin, "okapi", 0)
    (row,) = _groups(admin)
    assert (row["group"], row["value"]) == ("giraffes", 1)


def _groups(api: Api) -> list[dict[str, Any]]:
    query = {"group_by": "organization", "from": "1999", "to": "1999"}
    rows: list[dict[str, Any]] = api.get("/trends", **query).get_json()["rows"]
    return rows


def test_the_database_gets_one_new_id_however_often_it_is_opened(app: Flask, admin: Api, file: Path) -> None:
    with app.app_context():
        before = change_feed.position().database_id
        copy_beside(file).replace(file)
        after = change_feed.position().database_id
        assert after != before
        for other in running(Settings(data_dir=file.parent)):
            with other.app_context():
                assert change_feed.position().database_id == after
        db.engine.dispose()
        assert change_feed.position().database_id == after


def test_a_file_that_is_exchanged_while_it_is_opened_is_noticed(app: Flask, admin: Api, file: Path) -> None:
    with app.app_context():
        before = change_feed.position().database_id
        copy = copy_beside(file)
        db.engine.dispose()

        def exchange(dialect: Dialect, _record: object, arguments: Any, parameters: Any) -> Any:
            connection = dialect.connect(*arguments, **parameters)
            copy.replace(file)
            return connection

        # Once SQLite has opened the file, and before the service has noted which one it was.
        event.listen(db.engine, "do_connect", exchange, once=True)
        db.session.connection()
        db.session.rollback()
        assert change_feed.position().database_id != before


def test_a_log_that_came_with_the_new_file_counts(admin: Api, app: Flask, file: Path) -> None:
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    other = file.with_name("other")
    other.mkdir()
    moved = copy_beside(file).rename(other / file.name)
    with closing(sqlite3.connect(moved, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE team SET name = 'From the log'")
        for part in other.iterdir():  # the file and its log, as they are while it is open
            shutil.copy(part, file.with_name(f"new{part.name}"))
    for suffix in ("-shm", "-wal", ""):
        file.with_name(f"new{file.name}{suffix}").replace(file.with_name(f"{file.name}{suffix}"))
    assert "From the log" in {team["name"] for team in admin.get("/teams").get_json()["items"]}


def test_a_removed_file_is_an_outage_and_not_created_anew(admin: Api, file: Path) -> None:
    path = f"/incidents/{admin.file()['id']}"
    away = file.with_name("away.sqlite3")
    file.rename(away)
    response = admin.get(path)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert not file.exists()
    away.rename(file)
    assert admin.get(path).status_code == 200


def test_a_token_that_the_new_file_does_not_know_is_refused(app: Flask, file: Path) -> None:
    copy = copy_beside(file)
    later = callers(app)("reviewer")
    assert later.get("/me").status_code == 200
    copy.replace(file)
    assert later.get("/me").status_code == 401
