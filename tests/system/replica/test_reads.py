"""A service with a streaming replica of its database, which may be behind, silent, gone or another's."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from kb.config import Settings
from kb.models import db
from kb.services.core import replica as replica_reads
from kb.services.operations.doctor.examination import examine
from kb.services.search import sync
from tests.support.api import Api, callers, running
from tests.support.exports import exported, titles_while
from tests.support.postgres import Cluster, create_database
from tests.support.replica import StatementsOnReplica, be_impatient, replay
from tests.support.waiting import PATIENCE


def _counted(api: Api) -> int:
    answer = api.get("/trends", **{"from": "2000", "to": "2100"}).get_json()
    return int(sum(row["value"] for row in answer["rows"]) + answer["undated"])


def test_exports_are_read_from_the_replica_and_hold_what_was_just_written(app: Flask, admin: Api) -> None:
    statements = StatementsOnReplica(app)
    for number in range(5):
        admin.file(title=f"Zebra {number}", status="published")
        assert f"Zebra {number}" in exported(admin)
        assert statements.reading("incident")


def test_all_pages_of_an_export_are_of_one_state_of_the_replica(
    app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.exchange.exports.selection.PAGE_SIZE", 2)
    before = exported(admin)
    statements = StatementsOnReplica(app)
    assert titles_while(admin, lambda: admin.file(title="Zebra", status="published")) == before
    assert statements.reading("incident ") > len(before) // 2


def test_trends_and_the_index_are_built_from_the_replica(app: Flask, admin: Api) -> None:
    admin.file(title="Zebra", status="published")
    statements = StatementsOnReplica(app)
    published = len(exported(admin))
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
        before = exported(admin)
        statements = StatementsOnReplica(app)
        be_impatient(monkeypatch)
        replay(standby, "pause")
        path = f"/incidents/{incident['id']}"
        version = admin.get(path).headers["ETag"]
        assert admin.patch(path, {"visibility": "team"}, If_Match=version).status_code == 200
        assert exported(callers(app)()) == [title for title in before if title != "Zebra"]
        admin.file(title="Okapi", status="published")
        assert "Okapi" in exported(admin)
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
            be_impatient(impatience)
            replay(standby, "pause")
            admin.file(title="Zebra", status="published")
            for _ in range(3):
                assert "Zebra" in exported(admin)
        replay(standby, "resume")
        assert not statements.reading("incident")
        assert "Zebra" in exported(admin)
        assert statements.reading("incident")
        said = [record.message for record in caplog.records if record.name == replica_reads.__name__]
        assert said == [
            "The replica is not read, but the database itself: it is behind",
            "The replica is read again.",
        ]

    def test_nobody_waits_for_it_twice_in_a_while(
        self, app: Flask, admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        be_impatient(monkeypatch)
        monkeypatch.setattr(replica_reads, "_RETRY_SECONDS", 600.0)
        replay(standby, "pause")
        admin.file(title="Zebra", status="published")
        exported(admin)
        statements = StatementsOnReplica(app)
        assert "Zebra" in exported(admin)
        assert not statements.reading("")


def test_answers_go_on_when_the_replica_is_killed_and_it_is_read_when_it_is_back(
    app: Flask, admin: Api, standby: Cluster
) -> None:
    admin.file(title="Zebra", status="published")
    exported(admin)
    statements = StatementsOnReplica(app)
    standby.stop()
    assert "Zebra" in exported(admin)
    admin.file(title="Okapi", status="published")
    assert "Okapi" in exported(admin)
    with app.app_context():
        sync.rebuild(timeout=PATIENCE)
    assert admin.get("/health/ready").get_json()["status"] == "ready"
    standby.start()
    statements.reading("incident")
    assert "Okapi" in exported(admin)
    assert statements.reading("incident")


def test_an_export_that_the_replica_breaks_off_says_so_and_the_next_one_is_whole(
    admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.exchange.exports.selection.PAGE_SIZE", 2)
    whole = exported(admin)
    response = admin.client.get("/api/v1/export?status=published", buffered=False)
    stream = response.iter_encoded()
    chunks = [next(stream)]
    standby.stop()
    with pytest.raises(OperationalError):
        chunks.extend(stream)
    response.close()
    assert b"cut off" in chunks[-1]
    assert exported(admin) == whole


@pytest.mark.slow
def test_answers_go_on_when_the_replica_hangs(admin: Api, standby: Cluster) -> None:
    admin.file(title="Zebra", status="published")
    exported(admin)
    standby.pause()
    try:
        assert "Zebra" in exported(admin)
        assert "Zebra" in exported(admin)
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
            assert exported(callers(app)("site_admin"))
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
            assert exported(callers(app)("site_admin"))
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
    be_impatient(monkeypatch)
    replay(standby, "pause")
    admin.file(title="Zebra", status="published")
    assert _said_by_the_doctor(settings) == [
        ("warning", "The replica is behind, so that the database itself is read.")
    ]
    standby.stop()
    ((level, message),) = _said_by_the_doctor(settings)
    assert level == "warning"
    assert message.startswith("The replica cannot be read: ")
