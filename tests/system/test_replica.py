"""A service with a streaming replica of its database, which may be behind, silent, gone or another's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from kb.config import Settings
from kb.models import db
from kb.models.base import POOL_SIZE, REPLICA_POOL_SIZE
from kb.services.core import replica as replica_reads
from kb.services.operations.doctor.examination import examine
from kb.services.search import sync
from tests.support.api import Api, callers, running
from tests.support.exports import titles_while
from tests.support.figures import dashboard_figures, figures
from tests.support.postgres import Cluster, create_database, require_initdb, running_cluster, running_replica
from tests.support.replica import StatementsOnReplica, replay
from tests.support.waiting import PATIENCE


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    with running_cluster(require_initdb()) as cluster:
        yield cluster


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Cluster]:
    with running_replica(require_initdb(), primary) as cluster:
        yield cluster


@pytest.fixture
def settings(primary: Cluster, standby: Cluster, tmp_path: Path) -> Settings:
    name = f"kb_{tmp_path.name}"
    return Settings(
        data_dir=tmp_path / "kb-data",
        database_url=create_database(primary.url, name),
        database_read_url=f"{standby.url}/{name}",
        index_wait_seconds=PATIENCE,
    )


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine must not make a replica late; tests of one that is late wait less."""
    monkeypatch.setattr(replica_reads, "_PATIENCE_SECONDS", PATIENCE)
    monkeypatch.setattr(replica_reads, "_RETRY_SECONDS", 0.0)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    yield from running(settings)


@pytest.fixture
def admin(app: Flask) -> Api:
    return callers(app)("site_admin")


def _exported(api: Api) -> list[str]:
    return titles_while(api, lambda: None)


def _counted(api: Api) -> int:
    answer = api.get("/trends", **{"from": "2000", "to": "2100"}).get_json()
    return int(sum(row["value"] for row in answer["rows"]) + answer["undated"])


def _be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_reads, "_PATIENCE_SECONDS", 0.1)


def test_exports_are_read_from_the_replica_and_hold_what_was_just_written(app: Flask, admin: Api) -> None:
    statements = StatementsOnReplica(app)
    for number in range(5):
        admin.file(title=f"Zebra {number}", status="published")
        assert f"Zebra {number}" in _exported(admin)
        assert statements.reading("incident")


def test_all_pages_of_an_export_are_of_one_state_of_the_replica(
    app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.exchange.selection.PAGE_SIZE", 2)
    before = _exported(admin)
    statements = StatementsOnReplica(app)
    assert titles_while(admin, lambda: admin.file(title="Zebra", status="published")) == before
    assert statements.reading("incident ") > len(before) // 2


def test_trends_and_the_index_are_built_from_the_replica(app: Flask, admin: Api) -> None:
    admin.file(title="Zebra", status="published")
    statements = StatementsOnReplica(app)
    published = len(_exported(admin))
    statements.reading("term")
    assert _counted(admin) == published
    assert statements.reading("term")
    with app.app_context():
        sync.rebuild(timeout=PATIENCE)
        assert sync.lag() == 0
    assert statements.reading("incident")
    assert admin.get("/search", q="zebra").get_json()["total"] == 1


def test_reading_and_writing_an_incident_leave_the_replica_alone(app: Flask, admin: Api) -> None:
    statements = StatementsOnReplica(app)
    incident = admin.file(title="Zebra", status="published")
    admin.get(f"/incidents/{incident['id']}")
    admin.get("/search", q="zebra")
    admin.get("/changes", since=0)
    assert not statements.reading("")


class TestReplicaThatIsBehind:
    def test_nothing_old_is_answered(
        self, app: Flask, admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        incident = admin.file(title="Zebra", status="published")
        before = _exported(admin)
        statements = StatementsOnReplica(app)
        _be_impatient(monkeypatch)
        replay(standby, "pause")
        path = f"/incidents/{incident['id']}"
        version = admin.get(path).headers["ETag"]
        assert admin.patch(path, {"visibility": "team"}, If_Match=version).status_code == 200
        assert _exported(callers(app)()) == [title for title in before if title != "Zebra"]
        admin.file(title="Okapi", status="published")
        assert "Okapi" in _exported(admin)
        assert _counted(admin) == len(before) + 1
        with app.app_context():
            sync.rebuild(timeout=PATIENCE)
        assert admin.get("/search", q="okapi").get_json()["total"] == 1
        assert not statements.reading("incident")

    def test_it_is_read_again_when_it_has_caught_up(
        self,
        app: Flask,
        admin: Api,
        standby: Cluster,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.INFO, logger=replica_reads.__name__)
        statements = StatementsOnReplica(app)
        with monkeypatch.context() as impatience:
            _be_impatient(impatience)
            replay(standby, "pause")
            admin.file(title="Zebra", status="published")
            for _ in range(3):
                assert "Zebra" in _exported(admin)
        replay(standby, "resume")
        assert not statements.reading("incident")
        assert "Zebra" in _exported(admin)
        assert statements.reading("incident")
        said = [record.message for record in caplog.records if record.name == replica_reads.__name__]
        assert said == [
            "The replica is not read, but the database itself: it is behind",
            "The replica is read again.",
        ]

    def test_nobody_waits_for_it_twice_in_a_while(
        self, app: Flask, admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _be_impatient(monkeypatch)
        monkeypatch.setattr(replica_reads, "_RETRY_SECONDS", 600.0)
        replay(standby, "pause")
        admin.file(title="Zebra", status="published")
        _exported(admin)
        statements = StatementsOnReplica(app)
        assert "Zebra" in _exported(admin)
        assert not statements.reading("")


def test_answers_go_on_when_the_replica_is_killed_and_it_is_read_when_it_is_back(
    app: Flask, admin: Api, standby: Cluster
) -> None:
    admin.file(title="Zebra", status="published")
    _exported(admin)
    statements = StatementsOnReplica(app)
    standby.stop()
    assert "Zebra" in _exported(admin)
    admin.file(title="Okapi", status="published")
    assert "Okapi" in _exported(admin)
    with app.app_context():
        sync.rebuild(timeout=PATIENCE)
    assert admin.get("/health/ready").get_json()["status"] == "ready"
    standby.start()
    statements.reading("incident")
    assert "Okapi" in _exported(admin)
    assert statements.reading("incident")


def test_an_export_that_the_replica_breaks_off_says_so_and_the_next_one_is_whole(
    admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.exchange.selection.PAGE_SIZE", 2)
    whole = _exported(admin)
    response = admin.client.get("/api/v1/export?status=published", buffered=False)
    stream = response.iter_encoded()
    chunks = [next(stream)]
    standby.stop()
    with pytest.raises(OperationalError):
        chunks.extend(stream)
    response.close()
    assert b"cut off" in chunks[-1]
    assert _exported(admin) == whole


@pytest.mark.slow
def test_answers_go_on_when_the_replica_hangs(admin: Api, standby: Cluster) -> None:
    admin.file(title="Zebra", status="published")
    _exported(admin)
    standby.pause()
    try:
        assert "Zebra" in _exported(admin)
        assert "Zebra" in _exported(admin)
    finally:
        standby.resume()


def test_what_fails_on_the_replica_is_read_from_the_database(
    app: Flask, admin: Api, standby: Cluster, settings: Settings
) -> None:
    """As when the replica ends a statement that keeps it from following, or goes away during one."""
    with app.app_context():
        seen = []

        def read(connection: Any) -> str:
            seen.append(connection is not None)
            if connection is not None:
                with psycopg.connect(settings.database_read_url, autocommit=True) as other:
                    other.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                    )
            return str(db.session.connection().exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one())

        assert replica_reads.prefer_replica(read) == "False"
        assert seen == [True, False]


def _said_by_the_doctor(settings: Settings) -> list[tuple[str, str]]:
    for app in running(settings):
        with app.app_context():
            return [(each.level.value, str(each.message)) for each in examine() if "replica" in each.check]
    return []


class TestUnsuitableReplicas:
    def test_a_server_that_takes_writes_is_not_read(self, settings: Settings, admin: Api) -> None:
        itself = replace(settings, database_read_url=settings.database_url)
        for app in running(itself):
            statements = StatementsOnReplica(app)
            assert _exported(callers(app)("site_admin"))
            assert not statements.reading("incident")
        ((level, message),) = _said_by_the_doctor(itself)
        assert level == "error"
        assert message.startswith("KB_DATABASE_READ_URL does not lead to a replica")

    def test_a_replica_of_another_database_is_not_read(
        self, settings: Settings, admin: Api, primary: Cluster, tmp_path: Path
    ) -> None:
        url = create_database(primary.url, f"other_{tmp_path.name}")
        other = replace(settings, data_dir=tmp_path / "other", database_url=url)
        for app in running(other):
            statements = StatementsOnReplica(app)
            assert _exported(callers(app)("site_admin"))
            assert not statements.reading("incident")
        assert _said_by_the_doctor(other) == [
            ("error", "KB_DATABASE_READ_URL leads to a replica of another knowledge base.")
        ]


def test_the_doctor_says_whether_the_replica_follows(
    settings: Settings, admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _said_by_the_doctor(settings) == [
        ("ok", "The replica has everything that the database has."),
        ("warning", "The replica breaks off long exports when the database cleans up."),
    ]
    _be_impatient(monkeypatch)
    replay(standby, "pause")
    admin.file(title="Zebra", status="published")
    assert _said_by_the_doctor(settings) == [
        ("warning", "The replica is behind, so that the database itself is read.")
    ]
    standby.stop()
    ((level, message),) = _said_by_the_doctor(settings)
    assert level == "warning"
    assert message.startswith("The replica cannot be read: ")


class TestFigures:
    @pytest.fixture(autouse=True)
    def _fresh(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kb.web.metrics._REFRESH_SECONDS", 0.0)

    def test_reads_of_the_replica_and_of_the_database_instead_are_counted(
        self, admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin.file(title="Zebra", status="published")
        before = _replica_figures(admin)
        _exported(admin)
        read = _replica_figures(admin)
        assert read["kb_replica_reads_total[]"] > before["kb_replica_reads_total[]"]
        assert (read["kb_replica_usable[]"], read["kb_replica_lag_bytes[]"]) == (1, 0)
        _be_impatient(monkeypatch)
        replay(standby, "pause")
        admin.file(title="Okapi", status="published")
        _exported(admin)
        behind = _replica_figures(admin)
        assert behind["kb_replica_lag_bytes[]"] > 0
        assert behind["kb_replica_lag_seconds[]"] > 0
        assert behind[_fallbacks("behind")] - read[_fallbacks("behind")] == 1
        assert behind["kb_replica_reads_total[]"] == read["kb_replica_reads_total[]"]
        standby.stop()
        _exported(admin)
        gone = _replica_figures(admin)
        assert gone["kb_replica_usable[]"] == 0
        assert gone[_fallbacks("unreachable")] - behind[_fallbacks("unreachable")] == 1

    def test_every_figure_of_the_dashboard_exists(self, admin: Api) -> None:
        admin.file(title="Zebra", status="published")
        names = {name.partition("[")[0] for name in _replica_figures(admin)}
        assert {name for name in dashboard_figures() if name.startswith("kb_replica")} == names

    def test_connections_are_told_of_both_databases(self, admin: Api) -> None:
        _exported(admin)
        admin.get("/health/ready")
        name, found = "kb_worker_database_connections_max", figures(admin)
        assert found[f"{name}[('database', 'primary')]"] == POOL_SIZE
        assert found[f"{name}[('database', 'replica')]"] == REPLICA_POOL_SIZE


def _replica_figures(api: Api) -> dict[str, float]:
    """The figures of the replica, written down by a request before."""
    api.get("/health/ready")
    return {name: value for name, value in figures(api).items() if name.startswith("kb_replica")}


def _fallbacks(reason: str) -> str:
    return f"kb_replica_fallbacks_total[('reason', '{reason}')]"
