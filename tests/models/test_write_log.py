"""SQLite's log is on the disk before anything follows from a commit; nobody waits for it under the lock."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, text

from kb.config import Settings
from kb.models import base, db, write_log
from kb.models.base import WRITE, WRITE_AND_SYNC_LATER
from kb.models.write_log import WriteLog, log_of
from kb.services.core import change_feed
from kb.services.core.unit_of_work import unit_of_work
from kb.services.operations.backups.sqlite import copy_database
from tests.support.api import callers
from tests.support.incidents import incident


@pytest.fixture
def file(settings: Settings) -> Path:
    return settings.sqlite_path


@pytest.fixture
def log(app: Flask) -> WriteLog:
    with app.app_context(), db.engine.connect() as connection:
        found = log_of(connection.info)
    assert found is not None
    return found


class _Disk:
    """What is done to the log of a database."""

    def __init__(self) -> None:
        self.syncs = 0
        self.written = 0
        self.fails_with: int | None = None
        self.at_sync: Callable[[], None] = lambda: None


@pytest.fixture
def disk(log: WriteLog, monkeypatch: pytest.MonkeyPatch) -> _Disk:
    disk, pwrite = _Disk(), os.pwrite

    def sync(descriptor: int) -> None:
        disk.syncs += 1
        disk.at_sync()
        if disk.fails_with is not None:
            raise OSError(disk.fails_with, os.strerror(disk.fails_with))
        os.fsync(descriptor)

    def write(descriptor: int, data: bytes, offset: int) -> int:
        disk.written += len(data)
        return pwrite(descriptor, data, offset)

    monkeypatch.setattr(write_log, "fdatasync", sync)
    monkeypatch.setattr(os, "pwrite", write)
    return disk


def _is_synced(log: WriteLog) -> bool:
    """Whether everything committed so far is on disk."""
    return bool(log._numbers[write_log._SYNCED] >= log._numbers[write_log._BEGUN])


def _commit_without_sync(app: Flask) -> None:
    """Commit as a writer does that is about to sync."""
    with app.app_context(), db.engine.connect().execution_options(**WRITE_AND_SYNC_LATER) as connection:
        connection.execute(text("UPDATE change_counter SET seq = seq"))
        log = log_of(connection.info)
        connection.commit()
        assert log is not None
        log.end_commit()
        assert not _is_synced(log)


def _read(_file: Path) -> None:
    with db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _read_position(_file: Path) -> None:
    change_feed.position()


def _write(_file: Path) -> None:
    with db.engine.connect().execution_options(**WRITE) as connection:
        connection.execute(text("SELECT 1"))


def _write_nothing(_file: Path) -> None:
    with unit_of_work() as work:
        work.discard()


def _copy(file: Path) -> None:
    copy_database(file, file.with_name("copy"), lambda _done, _total: None)


@pytest.mark.parametrize("follow", [_read, _read_position, _write, _write_nothing, _copy])
def test_whatever_follows_from_a_commit_has_it_on_the_disk_first(
    app: Flask, file: Path, log: WriteLog, disk: _Disk, follow: Callable[[Path], None]
) -> None:
    _commit_without_sync(app)
    with app.app_context():
        before = disk.syncs
        follow(file)
        assert disk.syncs == before + 1
        assert _is_synced(log)
        follow(file.parent / file.name)
        assert disk.syncs == before + 1


def test_a_write_is_on_the_disk_before_it_is_answered(app: Flask, log: WriteLog, disk: _Disk) -> None:
    admin = callers(app)("site_admin")
    before = disk.syncs
    number = admin.file(title="Zebra")["id"]
    assert _is_synced(log)
    assert disk.syncs > before
    before = disk.syncs
    assert admin.patch(f"/incidents/{number}", {"title": "Okapi"}, If_Match="*").status_code == 200
    assert _is_synced(log)
    assert disk.syncs == before + 1


def test_others_can_write_while_a_writer_waits_for_the_disk(app: Flask, file: Path, disk: _Disk) -> None:
    admin = callers(app)("site_admin")
    taken = []

    def take_the_lock() -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        taken.append(True)

    disk.at_sync = take_the_lock
    admin.file(title="Zebra")
    assert taken


def test_others_can_write_before_a_writer_has_ended_its_transaction_in_python(app: Flask, file: Path) -> None:
    admin = callers(app)("site_admin")
    taken = []

    def take_the_lock(_connection: object) -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        taken.append(True)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", take_the_lock)
    try:
        assert admin.post("/incidents", incident(title="Zebra")).status_code == 201
    finally:
        event.remove(engine, "commit", take_the_lock)
    assert taken


def test_a_commit_counts_once(app: Flask, log: WriteLog) -> None:
    before = log._numbers[write_log._BEGUN]
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE change_counter SET seq = seq"))
    assert log._numbers[write_log._BEGUN] == before + 1
    assert _is_synced(log)


@pytest.mark.parametrize(("number", "status"), [(errno.EIO, 503), (errno.ENOSPC, 507)])
def test_a_sync_that_fails_is_no_acknowledgment_and_is_not_only_repeated(
    app: Flask, log: WriteLog, disk: _Disk, number: int, status: int
) -> None:
    admin = callers(app)("site_admin")
    disk.fails_with = number
    refused = admin.post("/incidents", incident(title="Zebra"))
    assert refused.status_code == 503, refused.text
    assert "has not confirmed" in refused.get_json()["detail"]
    assert admin.get("/incidents").status_code == status
    disk.fails_with, written = None, disk.written
    assert "Zebra" in [each["title"] for each in admin.get("/incidents").get_json()["items"]]
    assert _is_synced(log)
    # After a failure the system may take what it has in memory for written.
    assert disk.written - written > 4096


def test_a_writer_that_was_killed_before_its_sync_leaves_a_log_that_the_next_one_syncs(
    app: Flask, log: WriteLog, disk: _Disk
) -> None:
    log.begin_commit()
    assert not _is_synced(log)
    with app.app_context():
        _read(Path())
        assert disk.syncs == 1
        assert not _is_synced(log)  # it may yet commit
        with unit_of_work():
            db.session.execute(text("UPDATE change_counter SET seq = seq"))
    assert _is_synced(log)


def test_only_a_unit_of_work_commits_without_waiting_for_the_disk(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SYNCHRONOUS", "FULL")  # as shipped: tests need no disk
    monkeypatch.setattr(base, "SYNCHRONOUS_LATER", "NORMAL")
    with app.app_context():
        db.engine.dispose()

        def synchronous() -> object:
            return db.session.connection().exec_driver_sql("PRAGMA synchronous").scalar()

        for _ in range(3):
            with unit_of_work():
                assert synchronous() == 1
            assert synchronous() == 2
            db.session.rollback()


def test_a_database_in_memory_and_a_folder_that_cannot_be_written_have_no_log(tmp_path: Path) -> None:
    info: dict[str, object] = {}
    write_log.note(info, tmp_path / "missing" / "kb.sqlite3")
    assert write_log.log_of(info) is None


def test_a_forked_process_and_its_parent_see_the_same_numbers(log: WriteLog) -> None:
    child = os.fork()
    if not child:
        log.begin_commit()
        log.end_commit()
        os._exit(0)
    os.waitpid(child, 0)
    assert not _is_synced(log)
    log.sync()
    assert _is_synced(log)


def test_numbers_that_were_removed_are_made_anew_for_new_connections(
    app: Flask, log: WriteLog, file: Path
) -> None:
    file.with_name(f"{file.name}-synced").unlink()
    assert not log.is_current()
    with app.app_context():
        db.engine.dispose()
        with db.engine.connect() as connection:
            fresh = log_of(connection.info)
    assert fresh is not None
    assert fresh.is_current()
