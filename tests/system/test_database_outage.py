"""A database that goes away under a running service, and comes back: 503 meanwhile, and no restart."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.models import base, db, postgres_connections
from tests.support.api import Api, callers, running
from tests.support.incidents import incident
from tests.support.postgres import Cluster, create_database, require_initdb, running_cluster
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow


def _file(api: Api, title: str) -> TestResponse:
    return api.post("/incidents", incident(title=title, status="published"))


def _is_refused(response: TestResponse) -> bool:
    return response.status_code == 503 and "Retry-After" in response.headers


def _check_outage(api: Api, begin: Callable[[], object], end: Callable[[], object]) -> None:
    """During an outage what needs the database is refused; after it, all works and nothing is missing."""
    before = _file(api, "Zebra before").get_json()
    begin()
    for response in (api.get("/incidents/1"), api.get("/search", q="zebra"), _file(api, "Zebra lost")):
        assert _is_refused(response), response.text
    assert api.get("/health/live").status_code == 200
    assert api.get("/health/ready").get_json()["status"] == "down"
    end()
    assert api.get(f"/incidents/{before['id']}").get_json()["title"] == "Zebra before"
    assert _file(api, "Zebra after").status_code == 201
    eventually(lambda: api.get("/search", q="zebra").status_code == 200)
    assert api.get("/search", q="zebra").get_json()["total"] == 2
    assert api.get("/health/ready").get_json()["status"] == "ready"


class TestPostgres:
    @pytest.fixture
    def cluster(self) -> Iterator[Cluster]:
        with running_cluster(require_initdb()) as cluster:
            yield cluster

    @pytest.fixture
    def settings(self, cluster: Cluster, tmp_path: Path) -> Settings:
        url = create_database(cluster.url, "kb")
        return Settings(data_dir=tmp_path / "kb-data", database_url=url, index_wait_seconds=PATIENCE)

    def test_a_restart_of_the_server_is_a_503_and_nothing_is_missing_afterwards(
        self, cluster: Cluster, settings: Settings
    ) -> None:
        for app in running(settings):
            _check_outage(callers(app)("site_admin"), cluster.stop, cluster.start)

    def test_a_server_that_hangs_is_a_503_until_it_answers_again(
        self, cluster: Cluster, settings: Settings
    ) -> None:
        """It accepts connections and answers nothing: the driver alone would wait for ever."""
        for app in running(settings):
            api = callers(app)("site_admin")
            try:
                _check_outage(api, cluster.pause, lambda: _resume(cluster, api))  # noqa: B023
            finally:
                cluster.resume()

    def test_a_request_in_progress_ends_when_the_server_hangs(
        self, cluster: Cluster, settings: Settings
    ) -> None:
        for app in running(settings):
            with app.app_context():
                callers(app)("reader")
                connection = db.session.connection()
                threading.Timer(0.5, cluster.pause).start()
                try:
                    with pytest.raises(OperationalError):
                        connection.exec_driver_sql("SELECT pg_sleep(600)")
                finally:
                    cluster.resume()
                    db.session.rollback()

    def test_a_long_statement_goes_on_while_the_server_answers(
        self, cluster: Cluster, settings: Settings
    ) -> None:
        seconds = postgres_connections.PATIENCE_SECONDS + 1
        for app in running(settings):
            with app.app_context():
                statement = f"SELECT 7 FROM pg_sleep({seconds})"
                assert db.session.connection().exec_driver_sql(statement).scalar() == 7

    def test_the_index_follows_a_database_that_is_exchanged_for_its_backup(
        self, cluster: Cluster, settings: Settings
    ) -> None:
        """As after a mistake: the numbers of changes agree, but the incidents do not."""
        for app in running(settings):
            api = callers(app)("site_admin")
            _file(api, "Zebra")
            with app.app_context():
                db.engine.dispose()
            create_database(cluster.url, "backup", template="kb")
            _file(api, "Okapi")
            _exchange(cluster)
            _wait_for_total(api, "okapi", 0)
            assert _file(api, "Giraffe").status_code == 201
            _wait_for_total(api, "giraffe", 1)
            assert api.get("/search", q="zebra").get_json()["total"] == 1


def _resume(cluster: Cluster, api: Api) -> None:
    """Let a server go on, and wait as `Retry-After` asks."""
    cluster.resume()
    eventually(lambda: api.get("/health/ready").get_json()["status"] == "ready")


def _wait_for_total(api: Api, words: str, total: int) -> None:
    eventually(lambda: api.get("/search", q=words).get_json().get("total") == total)


def _exchange(cluster: Cluster) -> None:
    """Put the database `backup` into the place of `kb`, and break off the connections to that."""
    with psycopg.connect(f"{cluster.url}/postgres", autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('kb', 'backup')"
        )
        connection.execute("ALTER DATABASE kb RENAME TO old")
        connection.execute("ALTER DATABASE backup RENAME TO kb")


class TestSqlite:
    def test_a_database_locked_by_another_program_is_a_503_until_it_is_released(
        self, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(base, "BUSY_MILLISECONDS", 50)
        other = sqlite3.connect(settings.sqlite_path, isolation_level=None)

        def lock() -> None:
            with app.app_context():
                db.engine.dispose()
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")

        _check_outage(callers(app)("site_admin"), lock, other.close)

    def test_a_data_folder_that_disappears_is_a_503_until_it_is_back(
        self, app: Flask, settings: Settings
    ) -> None:
        """As a network drive is: files that are open are lost with it."""
        away = settings.data_dir.with_name("away")

        def leave() -> None:
            with app.app_context():
                db.engine.dispose()
            settings.data_dir.rename(away)

        _check_outage(callers(app)("site_admin"), leave, lambda: away.rename(settings.data_dir))
