"""The spool of an SQLite database: nothing in it is lost, doubled, or given to another database."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from kb.config import Settings
from kb.models.spool import Entry, Position, Spool
from kb.services.operations import bootstrap
from tests.support.accounts import PASSWORD, sign_in, sign_up
from tests.support.api import REPOSITORY, Api, callers, running
from tests.support.backups import back_up, copy_beside, restored
from tests.support.busy_database import locked, nothing_in_background, recorded, spool_of, store_what_waits
from tests.support.small_disk import MAY_MOUNT, fill, small_disk
from tests.support.waiting import PATIENCE

HERE = Position("this database", 0)


@pytest.fixture
def file(settings: Settings) -> Path:
    return settings.sqlite_path


@pytest.fixture
def admin(person: Callable[..., Api]) -> Api:
    """The site's administrator, who has created the account of Dana."""
    admin = person("Ada Admin", site_admin=True)
    sign_up(admin)
    return admin


@pytest.fixture
def held(file: Path, app: Flask) -> Iterator[None]:
    """The write lock is held during the whole test."""
    with locked(file):
        yield


def _is_signed_in(anonymous: Api, token: str) -> bool:
    return Api(anonymous.client, anonymous.contract, token).get("/me").status_code == 200


def _entry(subject: str) -> Entry:
    return Entry(subject, {}, "SELECT 1", [])


def _spool(folder: Path) -> Spool:
    """The spool of a database in a folder, which is empty."""
    (folder / "db").touch(0o600)
    return Spool(folder / "db")


def _subjects(spool: Spool) -> list[str]:
    return [entry.subject for batch in spool.batches() for entry in batch.entries]


@pytest.mark.usefixtures("admin", "held")
def test_only_digests_wait_in_a_file_that_only_its_owner_may_read(anonymous: Api, file: Path) -> None:
    token = sign_in(anonymous).get_json()["token"]
    content = spool_of(file).read_text()
    assert token not in content
    assert PASSWORD not in content
    assert "dana@example.com" not in content
    assert "argon2" not in content
    for path in (spool_of(file), file.with_name("kb.sqlite3-spool.lock")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


_STORE = """
import os, signal, sys
from pathlib import Path
from kb.config import Settings
from kb.factory import create_app
from kb.models.spool import Spool
from kb.services.core.unit_of_work import unit_of_work

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(Spool, "remove", killed)
with create_app(Settings(data_dir=Path(sys.argv[1]))).app_context(), unit_of_work():
    pass
"""
"""Stores what waits, and is killed before it can remove it."""


@pytest.mark.slow
def test_a_process_killed_between_storing_and_removing_doubles_nothing(
    settings: Settings, admin: Api, anonymous: Api, app: Flask, file: Path
) -> None:
    with nothing_in_background():
        with locked(file):
            token = sign_in(anonymous).get_json()["token"]
            statuses = [sign_in(anonymous, password="wrong").status_code for _ in range(4)]
            assert statuses == [401] * 4
        command = [sys.executable, "-c", _STORE, str(settings.data_dir)]
        killed = subprocess.run(command, cwd=REPOSITORY, timeout=PATIENCE, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert spool_of(file).exists()
        assert _is_signed_in(anonymous, token)
        assert recorded(app) == ["login", *["login_failed"] * 4]
        with locked(file):
            statuses = [sign_in(anonymous, password="wrong").status_code for _ in range(2)]
            assert statuses == [401, 429]
        store_what_waits(app)
    assert not spool_of(file).exists()
    assert recorded(app) == ["login", *["login_failed"] * 5]
    assert sign_in(anonymous).status_code == 429


def test_a_restarted_service_stores_what_a_killed_one_has_left(
    settings: Settings, admin: Api, anonymous: Api, file: Path
) -> None:
    copy = settings.data_dir.with_name("after-kill")
    with nothing_in_background(), locked(file):
        token = sign_in(anonymous).get_json()["token"]
        shutil.copytree(settings.data_dir, copy)
    for app in running(Settings(data_dir=copy, index_wait_seconds=PATIENCE)):
        with app.app_context():
            bootstrap.prepare()
        assert recorded(app) == ["login"]
        assert _is_signed_in(callers(app)(), token)
        assert not spool_of(copy / file.name).exists()


@pytest.mark.usefixtures("admin")
def test_another_database_in_the_place_of_one_gets_none_of_its_sessions(
    app: Flask, anonymous: Api, file: Path
) -> None:
    copy = copy_beside(file)
    with locked(file):
        token = sign_in(anonymous).get_json()["token"]
        assert _is_signed_in(anonymous, token)
        copy.replace(file)
        assert not _is_signed_in(anonymous, token)
    store_what_waits(app)
    assert not _is_signed_in(anonymous, token)
    assert recorded(app) == []
    assert not spool_of(file).exists()
    assert file.with_name("kb.sqlite3-spool-old").exists()


@pytest.mark.usefixtures("admin")
def test_a_backup_has_what_waits(settings: Settings, anonymous: Api, file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.zip"
    with locked(file):
        token = sign_in(anonymous).get_json()["token"]
        back_up(settings, backup)
    elsewhere = Settings(data_dir=tmp_path / "elsewhere", index_wait_seconds=PATIENCE)
    restored(elsewhere, backup)
    for app in running(elsewhere):
        assert recorded(app) == ["login"]
        assert not _is_signed_in(callers(app)(), token)


def test_a_damaged_line_is_kept_for_people_and_stops_nobody(
    admin: Api, anonymous: Api, app: Flask, file: Path
) -> None:
    with locked(file):
        token = sign_in(anonymous).get_json()["token"]
        with spool_of(file).open("ab") as spool:
            spool.write(b"\0\xff damaged\n")
        assert sign_in(anonymous).status_code == 201
    store_what_waits(app)
    assert recorded(app) == ["login", "login"]
    assert _is_signed_in(anonymous, token)
    assert not spool_of(file).exists()
    assert b"damaged" in file.with_name("kb.sqlite3-spool-old").read_bytes()


def test_a_batch_is_on_the_disk_before_anything_follows_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, synced = _spool(tmp_path), list[tuple[str, int]]()

    def sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        if path.is_relative_to(tmp_path):
            synced.append((path.name, path.read_bytes().count(b"\n") if path.is_file() else 0))

    monkeypatch.setattr(os, "fsync", sync)
    spool.append(HERE, [_entry("first")])
    assert synced == [("db-spool", 1), (tmp_path.name, 0)]
    spool.append(HERE, [_entry("second")])
    assert synced[2:] == [("db-spool", 2)]


def test_what_was_not_written_to_its_end_is_not_stored(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    spool.append(HERE, [_entry("first")])
    with spool.path.open("ab") as file:
        file.write(b'{"id": 2, "database": "this data')
    assert _subjects(spool) == ["first"]
    spool.append(HERE, [_entry("second"), _entry("third")])
    assert _subjects(spool) == ["first", "second", "third"]
    assert [batch.id for batch in spool.batches()] == [1, 2]


def test_batches_that_are_stored_are_not_waiting_and_ids_go_on(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    spool.append(HERE, [_entry("first")])
    stored = HERE._replace(last=1)
    spool.append(HERE, [_entry("second")])
    spool.remove(stored)
    assert [batch.id for batch in spool.batches() if batch.waits_at(stored)] == [2]
    spool.remove(HERE._replace(last=2))
    assert not spool.exists()
    spool.append(HERE._replace(last=2), [_entry("third")])
    assert [batch.id for batch in spool.batches()] == [3]


@pytest.mark.parametrize(
    "refused",
    [
        "INSERT INTO failed_attempt (key, at) VALUES (NULL, NULL)",
        "INSERT INTO failed_attempt (key, at, of_an_older_version) VALUES ('key', 'now', 1)",
        "DELETE FROM table_of_an_older_version",
    ],
)
def test_an_entry_that_the_database_refuses_keeps_nobody_from_writing(
    admin: Api, anonymous: Api, app: Flask, file: Path, refused: str
) -> None:
    with locked(file):
        sign_in(anonymous)
        position = Position(Spool(file).batches()[0].database, 0)
        Spool(file).append(position, [Entry("", {}, refused, [])])
    store_what_waits(app)
    assert recorded(app) == ["login"]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM failed_attempt").fetchone() == (0,)


@pytest.mark.usefixtures("admin", "held")
def test_a_sign_in_that_cannot_be_written_anywhere_is_a_503(anonymous: Api, file: Path) -> None:
    spool_of(file).mkdir()
    assert sign_in(anonymous).status_code == 503


@pytest.mark.slow
@pytest.mark.skipif(not MAY_MOUNT, reason="needs to mount a small disk")
def test_a_full_disk_adds_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        spool = _spool(disk)
        spool.append(HERE, [_entry("first")])
        filler = fill(disk)
        before = spool.path.read_bytes()
        with pytest.raises(OSError, match="No space left"):
            spool.append(HERE, [_entry("x" * 10_000)])
        assert spool.path.read_bytes() == before
        filler.unlink()
        spool.append(HERE, [_entry("second")])
        assert _subjects(spool) == ["first", "second"]


def test_two_names_of_a_database_have_one_spool(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "db")
    spool.append(HERE, [_entry("first")])
    Spool(link).append(HERE, [_entry("second")])
    assert _subjects(spool) == ["first", "second"]
    assert Spool(link).path == spool.path


def test_a_spool_has_an_end(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    spool.append(HERE, [_entry("first")])
    with pytest.raises(OSError, match="Too much waits"):
        spool.append(HERE, [_entry("x" * (1 << 20))])
    spool.append(HERE, [_entry("second")])
    assert _subjects(spool) == ["first", "second"]


def test_a_batch_whose_folder_is_not_on_the_disk_is_not_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = _spool(tmp_path)
    sync = os.fsync

    def fail_for_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    with pytest.raises(OSError, match="Input/output"):
        spool.append(HERE, [_entry("first")])
    assert _subjects(spool) == []


def test_all_that_was_set_aside_is_kept(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    for database in ("one", "another", "a third"):
        spool.append(Position(database, 0), [_entry(f"of {database}")])
    assert _subjects(spool) == ["of a third"]
    kept = spool.old.read_text()
    assert "of one" in kept
    assert "of another" in kept


@pytest.mark.parametrize(("database", "expected"), [(0o600, 0o600), (0o644, 0o600), (0o660, 0o660)])
def test_whoever_may_write_to_the_database_may_write_to_its_spool(
    tmp_path: Path, database: int, expected: int
) -> None:
    spool = _spool(tmp_path)
    (tmp_path / "db").chmod(database)
    with spool.lock:
        spool.append(HERE, [_entry("first")])
    for path in (spool.path, tmp_path / "db-spool.lock"):
        assert stat.S_IMODE(path.stat().st_mode) == expected


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_what_root_adds_belongs_to_the_owner_of_the_database(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    os.chown(tmp_path / "db", 12345, 12346)
    with spool.lock:
        spool.append(HERE, [_entry("first")])
    for path in (spool.path, tmp_path / "db-spool.lock"):
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)
