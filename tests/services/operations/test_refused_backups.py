"""Backups that are refused, or cannot be taken: nothing is changed, and the error says what to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from kb.config import Settings
from kb.services.operations.backups.archive import MANIFEST, verify_archive
from kb.services.operations.errors import BackupError
from tests.support.api import callers, running
from tests.support.backups import (
    back_up,
    check,
    files_below,
    ignore,
    restored,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


def test_a_database_in_use_is_not_replaced(any_settings: Settings, file: Path) -> None:
    back_up(any_settings, file)
    for app in running(any_settings):
        admin = callers(app)("site_admin")
        with pytest.raises(BackupError, match=r"(uses|is connected to) the database .* Stop it"):
            restored(any_settings, file, replacing=True)
        assert admin.file(title="Zebra", status="published")["id"]
    assert [path.name for path in any_settings.data_dir.glob("*before*")] == []


def damaged(file: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """A copy of a backup with a member changed, as if it had been written so."""
    target = file.with_name("damaged.zip")
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(target, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, change(content) if name == member else content)
    return target


def with_manifest(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps(json.loads(content) | changes).encode()


DAMAGES: dict[str, Callable[[Path], Path]] = {
    "cut off": lambda file: Path(shutil.copy(file, file.with_name("cut.zip"))),
    "another content": lambda file: damaged(file, "database.sqlite3", lambda content: content[:-1] + b"x"),
    "no manifest": lambda file: damaged(file, MANIFEST, lambda _: b""),
    "a manifest of something else": lambda file: damaged(file, MANIFEST, lambda _: b"[1, 2]"),
    "an unknown kind": lambda file: damaged(file, MANIFEST, with_manifest(kind="oracle")),
    "a path out of the folder": lambda file: damaged(
        file,
        MANIFEST,
        lambda content: content.replace(
            b'"members": {', b'"members": {"files/../evil.yaml": {"bytes": 1, "sha256": ""},'
        ),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_changes_nothing(settings: Settings, file: Path, damage: str) -> None:
    back_up(settings, file)
    bad = DAMAGES[damage](file)
    if damage == "cut off":
        bad.write_bytes(bad.read_bytes()[:-100])
    before = files_below(settings.data_dir)
    for attempt in (
        lambda: restored(settings, bad, replacing=True),
        lambda: restored(replace(settings, data_dir=file.parent / "new"), bad),
        lambda: check(settings, bad, file.parent),
    ):
        with pytest.raises(BackupError, match=r"Use another backup; nothing was changed\.$"):
            attempt()
    assert files_below(settings.data_dir) == before
    assert not (file.parent / "new").exists()


def test_a_flipped_byte_is_noticed_unless_the_content_stays(settings: Settings, file: Path) -> None:
    manifest = back_up(settings, file)
    content = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo("database.sqlite3")
    bad = file.with_name("bad.zip")
    noticed = 0
    for position in range(info.header_offset + 100, info.header_offset + info.compress_size, 2_000):
        bad.write_bytes(content[:position] + bytes([content[position] ^ 0x10]) + content[position + 1 :])
        try:
            # Compressed, one content may be written in several ways.
            assert verify_archive(bad, ignore) == manifest
        except BackupError as error:
            noticed += "is damaged" in str(error)
    assert noticed > 10


@pytest.mark.parametrize(
    ("changes", "advice"),
    [({"format": 2}, "A newer version of kb"), ({"revision": "9999"}, "A newer version of kb")],
)
def test_a_backup_of_a_newer_version_is_refused(
    settings: Settings, file: Path, changes: dict[str, Any], advice: str
) -> None:
    back_up(settings, file)

    def change(content: bytes) -> bytes:
        manifest = json.loads(content)
        if "revision" in changes:
            return json.dumps(manifest | {"database": manifest["database"] | changes}).encode()
        return json.dumps(manifest | changes).encode()

    with pytest.raises(BackupError, match=advice):
        restored(settings, damaged(file, MANIFEST, change), replacing=True)


def test_a_backup_of_another_kind_of_database_is_refused(
    settings: Settings, postgres_settings: Settings, file: Path
) -> None:
    back_up(settings, file)
    with pytest.raises(BackupError, match=r"one of SQLite.*Correct KB_DATABASE_URL"):
        restored(postgres_settings, file, replacing=True)


def test_a_database_that_cannot_be_read_is_not_backed_up(settings: Settings, file: Path) -> None:
    settings.sqlite_path.write_bytes(b"not a database at all")
    with pytest.raises(BackupError, match=r"cannot be copied \(file is not a database\)"):
        back_up(settings, file)
    assert not file.exists()


def test_a_copy_that_would_be_broken_by_a_wrong_row_is_not_restored(settings: Settings, file: Path) -> None:
    with closing(sqlite3.connect(settings.sqlite_path)) as connection, connection:
        connection.execute("UPDATE lesson SET incident_id = 999")
    back_up(settings, file)
    with pytest.raises(BackupError, match="The database in the backup is damaged"):
        check(settings, file, file.parent)


def test_without_pg_dump_the_error_says_what_to_install(
    postgres_settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(file.parent))
    with pytest.raises(BackupError, match=r"pg_dump is missing\. Install PostgreSQL's client programs"):
        back_up(postgres_settings, file)
    assert not file.exists()


def test_a_role_without_the_right_to_create_databases_is_told_so(
    postgres_settings: Settings, file: Path
) -> None:
    back_up(postgres_settings, file)
    with psycopg.connect(postgres_settings.database_url) as connection:
        role = f"guest_{uuid4().hex}"
        connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    guest = replace(postgres_settings, database_url=postgres_settings.database_url.replace("kb@", f"{role}@"))
    with pytest.raises(BackupError, match=r"is whole, but whether it restores was not tried.*CREATEDB"):
        check(guest, file, file.parent)
    with pytest.raises(BackupError, match=r"may not create databases.*CREATEDB"):
        restored(guest, file, replacing=True)
