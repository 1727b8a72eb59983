"""The service behind PgBouncer in transaction mode, where every transaction may be on another connection."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import text

from kb.config import Settings
from kb.models import db
from kb.services.search import other_machines
from tests.support.api import Api, callers, running
from tests.support.pgbouncer import find_pgbouncer, running_pgbouncer
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

CONNECTIONS = 10


@pytest.fixture
def pooled_settings(postgres: str, postgres_settings: Settings) -> Iterator[Settings]:
    """Settings on the six cases, through PgBouncer, which has fewer connections than the service threads."""
    if (program := find_pgbouncer()) is None:
        if os.environ.get("KB_TEST_POSTGRES") == "required":
            pytest.fail("PgBouncer is not installed, and KB_TEST_POSTGRES=required")
        pytest.skip("PgBouncer is not installed")
    with running_pgbouncer(program, postgres, connections=CONNECTIONS) as url:
        name = urlsplit(postgres_settings.database_url).path
        yield replace(postgres_settings, database_url=f"{url}{name}")


def test_concurrent_requests_share_few_connections_and_every_write_is_there_once(
    pooled_settings: Settings,
) -> None:
    for app in running(pooled_settings):
        admin = callers(app)("site_admin")
        with ThreadPoolExecutor(8) as pool:
            ids = [*pool.map(_read_and_write, [admin] * 40, range(40))]
        assert len({*ids}) == 40
        _wait_for_total(admin, 40)
        with app.app_context():
            assert db.session.execute(text("SHOW timezone")).scalar_one() == "UTC"
            opened = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert db.session.execute(opened).scalar_one() <= CONNECTIONS


def _read_and_write(admin: Api, number: int) -> int:
    admin.get("/search", q="slap")  # statements prepared on one connection would be missing on another
    admin.get("/incidents")
    return int(admin.file(title=f"Zebra {number}", status="published")["id"])


def _wait_for_total(admin: Api, total: int) -> None:
    eventually(lambda: admin.get("/search", q="zebra").get_json()["total"] == total)


def test_an_empty_database_is_migrated_through_it(pooled_settings: Settings, tmp_path: Path) -> None:
    server = pooled_settings.database_url.rpartition("/")[0]
    with psycopg.connect(pooled_settings.database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE kb_behind_pgbouncer")
    fresh = Settings(data_dir=tmp_path / "fresh", database_url=f"{server}/kb_behind_pgbouncer")
    for app in running(fresh):
        assert app.test_client().get("/api/v1/search?q=slap").get_json()["total"] > 0


def test_changes_of_other_machines_are_found_by_looking(
    pooled_settings: Settings, postgres_settings: Settings, tmp_path: Path
) -> None:
    """Nobody listens there: a connection that does would be handed to others."""
    for app in running(pooled_settings):
        stop = threading.Event()
        follower = threading.Thread(target=other_machines.follow, args=(app, stop))
        follower.start()
        try:
            for other in running(replace(postgres_settings, data_dir=tmp_path / "other")):
                callers(other)("site_admin").file(title="Zebra", status="published")
            _wait_for_total(callers(app)("site_admin"), 1)
            with app.app_context():
                listening = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
                assert db.session.execute(listening).scalar_one() == 0
        finally:
            stop.set()
            follower.join()
