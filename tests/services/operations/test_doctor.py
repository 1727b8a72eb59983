"""The doctor, on installations with one thing wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.models.base import utc_now
from kb.services.operations.doctor import storage
from kb.services.operations.doctor.examination import examine
from kb.services.operations.doctor.finding import Finding, Level
from tests.support.busy_database import leave_a_session_waiting
from tests.support.cli import run_kb


def examined(settings: Settings) -> dict[str, Finding]:
    """The findings that are not well, by what was looked at."""
    with create_app(settings).app_context():
        try:
            return {finding.check: finding for finding in examine() if finding.level is not Level.OK}
        finally:
            db.session.remove()
            db.engine.dispose()


def execute(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(settings.sqlite_path)) as connection, connection:
        connection.execute(statement)


def damage_index(settings: Settings) -> None:
    for part in settings.index_dir.glob("build-*/*.toc"):
        part.write_bytes(b"damaged")


def damage_database(settings: Settings) -> None:
    with settings.sqlite_path.open("r+b") as file:
        file.seek(20_000)
        file.write(b"x" * 30_000)


def open_to_all(settings: Settings) -> None:
    settings.data_dir.chmod(0o755)
    settings.sqlite_path.chmod(0o644)


class Case(NamedTuple):
    """Something wrong: how it comes, the check that finds it, how bad it is, and the advice."""

    cause: Callable[[Settings], Any]
    check: str
    level: Level
    advice: str


TOMORROW = (utc_now() + timedelta(days=1)).replace(tzinfo=None).isoformat(" ")

CASES = {
    "a folder for all": Case(
        open_to_all,
        "permissions",
        Level.WARNING,
        "chmod go= ",
    ),
    "a damaged database": Case(damage_database, "integrity", Level.ERROR, "kb restore FILE --replace"),
    "a row that refers to nothing": Case(
        lambda settings: execute(settings, "UPDATE lesson SET incident_id = 999"),
        "integrity",
        Level.ERROR,
        "kb restore",
    ),
    "tables of an older version": Case(
        lambda settings: execute(settings, "UPDATE alembic_version SET version_num = '0001'"),
        "tables",
        Level.ERROR,
        "kb db upgrade",
    ),
    "tables of a newer version": Case(
        lambda settings: execute(settings, "UPDATE alembic_version SET version_num = '9999'"),
        "tables",
        Level.ERROR,
        "Install that version",
    ),
    "a log that is not emptied": Case(
        lambda settings: settings.sqlite_path.with_name("kb.sqlite3-wal").touch(), "wal", Level.WARNING, "End"
    ),
    "a session that waits": Case(
        leave_a_session_waiting, "spool", Level.WARNING, "keeps the database locked"
    ),
    "what waited for another database": Case(
        lambda settings: settings.sqlite_path.with_name("kb.sqlite3-spool-old").touch(),
        "spool",
        Level.WARNING,
        "remove it",
    ),
    "an index behind": Case(
        lambda settings: execute(settings, "UPDATE change_counter SET seq = seq + 3"),
        "index",
        Level.WARNING,
        "The next search adds it",
    ),
    "a damaged index": Case(damage_index, "index", Level.WARNING, "kb index rebuild"),
    "a clock that was set back": Case(
        lambda settings: execute(settings, f"UPDATE change SET at = '{TOMORROW}' WHERE seq = 6"),
        "clock",
        Level.WARNING,
        "NTP",
    ),
}


@pytest.fixture
def _on_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor warns of data folders in memory, where those of tests often are."""
    monkeypatch.setattr(storage, "_VOLATILE", frozenset())


@pytest.mark.usefixtures("_on_a_disk")
@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_reported_with_its_remedy(
    settings: Settings, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert examined(settings) == {}
    case = CASES[name]
    if case.check == "wal":
        monkeypatch.setattr("kb.services.operations.doctor.database.MAX_WAL_BYTES", -1)
    case.cause(settings)
    finding = examined(settings)[case.check]
    assert (finding.level, case.advice in (finding.advice or "")) == (case.level, True), finding


def test_a_file_that_is_no_database_is_an_error_of_each_part_that_reads_it(settings: Settings) -> None:
    settings.sqlite_path.write_text("not a database at all", "utf-8")
    findings = examined(settings)
    assert {"tables", "integrity", "clock"} <= findings.keys()
    assert {findings[name].level for name in ("tables", "integrity", "clock")} == {Level.ERROR}


@pytest.mark.parametrize(
    ("change", "environment_variables", "said"),
    [
        ({}, {"KB_DATBASE": "x"}, "KB_DATBASE"),
        ({"max_collection_bytes": 5_000}, {}, "KB_MAX_COLLECTION_BYTES is less"),
        ({"anonymous": "none", "dashboard_origins": ("https://example.com",)}, {}, "KB_ANONYMOUS=none"),
    ],
)
def test_settings_that_contradict_are_named(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    environment_variables: dict[str, str],
    said: str,
) -> None:
    for name, value in environment_variables.items():
        monkeypatch.setenv(name, value)
    finding = examined(replace(settings, **change))["settings"]
    assert said in finding.message


def test_a_database_that_is_not_used_is_named(postgres_settings: Settings) -> None:
    postgres_settings.sqlite_path.write_bytes(b"SQLite format 3")
    assert str(postgres_settings.sqlite_path) in examined(postgres_settings)["settings"].message


def test_a_role_that_cannot_migrate_is_told(postgres_settings: Settings) -> None:
    assert "rights" not in examined(postgres_settings)
    with psycopg.connect(postgres_settings.database_url) as connection:
        connection.execute("CREATE ROLE doctor_guest LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO doctor_guest")
    guest = replace(
        postgres_settings, database_url=postgres_settings.database_url.replace("kb@", "doctor_guest@")
    )
    assert "ALTER TABLE" in (examined(guest)["rights"].advice or "")


def test_a_server_that_does_not_sync_is_told(postgres_settings: Settings) -> None:
    """As that of the tests, which runs without fsync."""
    finding = examined(postgres_settings)["durability"]
    assert (finding.level, finding.message) == (Level.ERROR, "PostgreSQL runs with fsync off.")
    with psycopg.connect(postgres_settings.database_url) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    message = examined(postgres_settings)["durability"].message
    assert message == "PostgreSQL runs with fsync, synchronous_commit off."


def test_connections_are_compared_with_the_limit(
    postgres_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert "connections" not in examined(postgres_settings)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert "max_connections" in (examined(postgres_settings)["connections"].advice or "")


@pytest.mark.parametrize(
    ("kind", "options", "level"),
    [("nfs4", "rw", Level.ERROR), ("tmpfs", "rw", Level.WARNING), ("ext4", "ro", Level.ERROR)],
)
def test_a_file_system_that_is_unsafe_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, options: str, level: Level
) -> None:
    (mounts := tmp_path / "mountinfo").write_text(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        f"33 22 0:40 / {settings.data_dir} {options},noatime shared:2 - {kind} somewhere rw\n"
        "44 22 0:41 / /elsewhere rw - nfs somewhere rw\n",
        "utf-8",
    )
    mount = storage.mount_of(settings.data_dir, mounts)
    assert mount == (settings.data_dir, kind, options == "rw")
    monkeypatch.setattr(storage, "mount_of", lambda _: mount)
    assert examined(settings)["file-system"].level is level


def test_space_that_runs_out_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "SCARCE_BYTES", 10**18)
    assert examined(settings)["space"].level is Level.WARNING
    monkeypatch.setattr(storage, "SPENT_BYTES", 10**18)
    assert examined(settings)["space"].level is Level.ERROR


def test_a_package_that_does_not_fit_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = ["flask>=99", "no-such-package", "psycopg>=99; extra == 'postgres'", "click"]
    monkeypatch.setattr("importlib.metadata.requires", lambda _: requirements)
    message = examined(settings)["packages"].message
    assert "no-such-package" in message
    assert "flask 3" in message
    assert "psycopg" not in message


def test_the_doctor_changes_nothing(settings: Settings) -> None:
    def state() -> dict[Path, bytes]:
        files = {path for path in settings.data_dir.rglob("*") if path.is_file()}
        # SQLite's own, as long as this process has it open.
        return {
            path: path.read_bytes() for path in files if path.suffix not in (".sqlite3-shm", ".sqlite3-wal")
        }

    before = state()
    run_kb("doctor", data_dir=settings.data_dir)
    assert state() == before
