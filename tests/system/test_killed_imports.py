"""Imports over HTTP while processes are killed: nothing is half written, and nothing comes twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kb.config import Settings
from tests.support.imports import lines
from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

_LINES = 600


class Importer:
    """An administrator who sends a file to a running service."""

    def __init__(self, server: Server, database: str) -> None:
        self.server, self.database = server, database
        self._token = server.token()

    def on(self, server: Server) -> Importer:
        """The same administrator at another machine with the same database."""
        other = copy(self)
        other.server = server
        return other

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}/api/v1{path}",
            body,
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/octet-stream"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def job(self, number: int) -> dict[str, Any]:
        """The import with a number, from whichever worker is there."""
        while True:
            try:
                return self.ask("GET", f"/import/{number}")[1]
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)

    def wait_for(self, number: int, *states: str) -> dict[str, Any]:
        latest: dict[str, Any] = {}

        def has_come() -> bool:
            latest.update(self.job(number))
            return latest["state"] in states

        eventually(has_come, lambda: latest)
        return latest

    def imported(self) -> int:
        """How many of the incidents of the file are found."""
        found, cursor = 0, dict[str, str]()
        while True:
            page = self.server.get("/incidents", tag="okapi", limit="100", **cursor)
            found += len(page["items"])
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


@contextmanager
def _serving(settings: Settings) -> Iterator[Importer]:
    """A service that has never had an import."""
    database = {"KB_DATABASE_URL": settings.database_url} if settings.database_url else {}
    with running_server(settings.data_dir, **database) as server:
        yield Importer(server, settings.database_url)


@pytest.fixture
def importer(any_settings: Settings) -> Iterator[Importer]:
    """An administrator of a service on SQLite, and once more on PostgreSQL."""
    with _serving(any_settings) as importer:
        yield importer


@pytest.fixture
def postgres_importer(postgres_settings: Settings) -> Iterator[Importer]:
    with _serving(postgres_settings) as importer:
        yield importer


def _file() -> bytes:
    texts = [incident(title=f"Okapi {n}", status="published", tags=["okapi"]) for n in range(_LINES)]
    return lines(*texts)


def _let_time_pass(importer: Importer) -> None:
    """Let the last sign of life of imports be some minutes old."""
    if importer.database:
        with psycopg.connect(importer.database) as connection:
            connection.execute("UPDATE import_job SET heartbeat_at = heartbeat_at - interval '5 minutes'")
        return
    path = importer.server.data_dir / "kb.sqlite3"
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as database, database:
        database.execute("UPDATE import_job SET heartbeat_at = datetime(heartbeat_at, '-5 minutes')")


def _kill_workers(server: Server) -> None:
    before = server.workers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: bool(server.workers()) and not {*before} & {*server.workers()})
    server.wait_until_ready()


def test_an_import_whose_worker_is_killed_leaves_nothing_and_is_restarted(importer: Importer) -> None:
    server = importer.server
    status, job = importer.ask("POST", "/import?team=main&name=okapi.jsonl", _file())
    assert status == 202
    importer.wait_for(job["id"], "running")
    _kill_workers(server)
    assert importer.imported() == 0
    assert importer.job(job["id"])["state"] == "running", "nobody can know yet"
    _let_time_pass(importer)
    assert importer.job(job["id"])["state"] == "interrupted"
    assert importer.ask("POST", f"/import/{job['id']}/restart")[0] == 202
    done = importer.wait_for(job["id"], "done", "failed")
    assert (done["state"], done["report"]["added"], importer.imported()) == ("done", _LINES, _LINES)


def test_an_import_whose_worker_is_killed_after_writing_is_done(importer: Importer) -> None:
    status, job = importer.ask("POST", "/import?team=main", _file())
    assert status == 202
    eventually(lambda: importer.job(job["id"])["phase"] in ("indexing", "duplicates"))
    _kill_workers(importer.server)
    _let_time_pass(importer)
    done = importer.job(job["id"])
    assert (done["state"], done["report"]["added"]) == ("done", _LINES)
    status, problem = importer.ask("POST", "/import?team=main", _file())
    repeated = importer.wait_for(problem["id"], "done", "failed")
    assert (repeated["state"], importer.imported()) == ("failed", _LINES)
    assert "again=true" in repeated["error"]


def test_an_import_that_is_canceled_leaves_nothing(importer: Importer) -> None:
    _, job = importer.ask("POST", "/import?team=main", _file())
    importer.wait_for(job["id"], "running")
    status, canceled = importer.ask("DELETE", f"/import/{job['id']}")
    assert (status, canceled["state"]) == (200, "canceled")
    _, second = importer.ask(
        "POST", "/import?team=main", lines(incident(title="Another", tags=["okapi"], status="published"))
    )
    assert importer.wait_for(second["id"], "done", "failed")["state"] == "done"
    assert importer.imported() == 1
    assert importer.job(job["id"])["state"] == "canceled"


@contextmanager
def _counter_held(database: str) -> Iterator[None]:
    """Hold the row that each writing transaction changes last, so that none can end."""
    with psycopg.connect(database) as connection:
        connection.execute("SELECT seq FROM change_counter FOR UPDATE")
        yield
        connection.rollback()


def _is_import_in_the_middle(database: str) -> bool:
    """Whether a transaction has inserted incidents and waits for the counter."""
    statement = """
        SELECT count(*) FROM pg_locks AS held JOIN pg_stat_activity AS one USING (pid)
        WHERE held.relation = 'revision'::regclass AND held.mode = 'RowExclusiveLock'
        AND one.wait_event_type = 'Lock' AND one.datname = current_database()
    """
    with psycopg.connect(database) as connection:
        ((count,),) = connection.execute(statement).fetchall()
    return bool(count)


def test_an_import_killed_in_the_middle_of_its_transaction_goes_on_at_another_machine(
    postgres_importer: Importer, postgres_settings: Settings, tmp_path: Path
) -> None:
    first, database = postgres_importer, postgres_importer.database
    with _counter_held(database):
        _, job = first.ask("POST", "/import?team=main&name=okapi.jsonl", _file())
        eventually(lambda: _is_import_in_the_middle(database))
        first.server.stop(signal.SIGKILL)
    with running_server(tmp_path / "second", KB_DATABASE_URL=database) as server:
        second = first.on(server)
        assert second.imported() == 0
        status, problem = second.ask("POST", "/import?team=main", _file())
        assert (status, f"Import {job['id']} " in problem["detail"]) == (409, True), "one at a time"
        _let_time_pass(second)
        assert second.job(job["id"])["state"] == "interrupted"
        assert second.ask("POST", f"/import/{job['id']}/restart")[0] == 202
        done = second.wait_for(job["id"], "done", "failed")
        assert (done["state"], done["report"]["added"], second.imported()) == ("done", _LINES, _LINES)


def test_an_import_whose_database_dies_in_the_middle_leaves_nothing(postgres_importer: Importer) -> None:
    """The connection of its transaction is broken off: the worker lives, and says that it has failed."""
    importer, database = postgres_importer, postgres_importer.database
    with _counter_held(database):
        _, job = importer.ask("POST", "/import?team=main", _file())
        eventually(lambda: _is_import_in_the_middle(database))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
    assert importer.wait_for(job["id"], "done", "failed")["state"] == "failed"
    assert importer.imported() == 0
    _, again = importer.ask("POST", "/import?team=main", _file())
    assert importer.wait_for(again["id"], "done", "failed")["state"] == "done"
    assert importer.imported() == _LINES
