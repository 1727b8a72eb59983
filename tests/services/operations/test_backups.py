"""Backups: taken, checked and restored, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import func, select

from kb.config import Settings
from kb.factory import create_app
from kb.models import Incident, db
from kb.services.core import change_feed
from kb.services.infrastructure.process_identity import process_identity
from kb.services.operations import bootstrap
from kb.services.operations.backups import postgres, sqlite
from kb.services.operations.backups.archive import MANIFEST, Manifest, read_manifest, verify_archive
from kb.services.operations.backups.errors import BackupError
from kb.services.operations.backups.facts import DatabaseFacts
from kb.services.operations.backups.restoring import Restoration, check_backup, restore_backup
from kb.services.operations.backups.taking import take_backup
from kb.services.search.verification import verify
from tests.conftest import NewSettings
from tests.support.accounts import sign_in, sign_up
from tests.support.api import Api, callers, running
from tests.support.waiting import PATIENCE

CHANGED_TABLES = {"api_token", "change_counter"}
"""What a restoration changes: it ends sessions, and gives the database another id."""


def ignore(_done: int, _total: int) -> None:
    pass


@contextmanager
def installation(settings: Settings) -> Iterator[None]:
    """The context of an application, whose connections are closed afterwards."""
    with create_app(settings).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def back_up(settings: Settings, file: Path, *, overwrite: bool = False) -> Manifest:
    with installation(settings):
        return take_backup(file, overwrite=overwrite, copying=ignore, packing=ignore)


def restored(settings: Settings, file: Path, *, replacing: bool = False) -> Restoration:
    with installation(settings):
        return restore_backup(file, create_app, replace=replacing, progress=ignore, indexing=ignore)


def check(settings: Settings, file: Path, folder: Path) -> Manifest:
    with installation(settings):
        return check_backup(file, folder, create_app, ignore)


def facts(settings: Settings) -> DatabaseFacts:
    if settings.database_file is None:
        return postgres.facts_of(settings.sqlalchemy_url)
    return sqlite.facts_of(settings.database_file)


def file_incident(settings: Settings, **changes: Any) -> int:
    for app in running(settings):
        incident_id: int = callers(app)("site_admin").file(**changes)["id"]
    return incident_id


def slugs(settings: Settings) -> set[str | None]:
    with installation(settings):
        return {*db.session.scalars(select(Incident.slug))}


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


@pytest.fixture
def empty(empty_settings: Settings, tmp_path: Path) -> Settings:
    return replace(empty_settings, data_dir=tmp_path / "elsewhere")


def test_a_backup_is_one_private_file_with_digests_and_counts(any_settings: Settings, file: Path) -> None:
    manifest = back_up(any_settings, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir() if path != any_settings.data_dir] == [file.name]
    assert manifest == read_manifest(file)
    assert manifest.database == facts(any_settings)
    with installation(any_settings):
        position = change_feed.position()
        assert manifest.database[:2] == (position.database_id, position.seq)
        assert manifest.database.tables["incident"].rows == db.session.scalar(
            select(func.count()).select_from(Incident)
        )


def test_what_is_restored_is_equal_row_by_row(any_new_settings: NewSettings, file: Path) -> None:
    settings, other = any_new_settings(), any_new_settings()
    file_incident(settings, title="Okapi \N{HEBREW LETTER ALEF}")
    manifest = back_up(settings, file)
    assert restored(other, file, replacing=True).manifest == manifest
    after = facts(other)
    differing = {name for name, state in manifest.database.tables.items() if after.tables[name] != state}
    assert differing <= CHANGED_TABLES
    assert after.tables["api_token"].rows == manifest.database.tables["api_token"].rows
    assert after.seq == manifest.database.seq
    with installation(other):
        assert verify(timeout=PATIENCE).equal


def test_an_empty_place_becomes_the_knowledge_base(
    request: pytest.FixtureRequest, empty: Settings, file: Path
) -> None:
    name = "postgres_settings" if empty.database_url else "settings"
    settings: Settings = request.getfixturevalue(name)
    (settings.data_dir / "guards.yaml").write_text("guards: []\n", "utf-8")
    back_up(settings, file)
    assert restored(empty, file).kept == ()
    for app in running(empty):
        found = callers(app)().get("/search", q="slap").get_json()
        assert found["total"] > 0
    assert (empty.data_dir / "guards.yaml").read_text("utf-8") == "guards: []\n"
    assert stat.S_IMODE(empty.data_dir.stat().st_mode) == 0o700


def test_a_knowledge_base_is_replaced_only_if_told_and_kept_beside(
    any_settings: Settings, file: Path
) -> None:
    back_up(any_settings, file)
    file_incident(any_settings, slug="zebra")
    with pytest.raises(BackupError, match="add --replace"):
        restored(any_settings, file)
    assert "zebra" in slugs(any_settings)
    (kept,) = restored(any_settings, file, replacing=True).kept
    assert "zebra" not in slugs(any_settings)
    if any_settings.database_url:
        url = any_settings.database_url.rpartition("/")[0]
        before = replace(any_settings, database_url=f"{url}/{kept}")
    else:
        before = replace(any_settings, data_dir=Path(kept))
    assert "zebra" in slugs(before)


def test_a_process_that_goes_on_believes_nothing_of_the_database_that_was_there(
    any_settings: Settings, file: Path
) -> None:
    """The numbers of lost changes are given again, to changes of other incidents."""

    def seen(api: Api) -> list[Any]:
        trends = api.get("/trends", group_by="category").get_json()
        found = api.get("/search", q="zebra").get_json()
        return [trends, found, *(api.get(path).get_json() for path in ("/taxonomy/category", "/incidents"))]

    back_up(any_settings, file)
    for app in running(any_settings):
        admin, anonymous = callers(app)("site_admin"), callers(app)()
        lost = admin.file(title="Zebra", status="published", category="wrong-account")
        before = seen(anonymous)
        with app.app_context():
            position = change_feed.position()
            db.session.remove()
            db.engine.dispose()
        restored(any_settings, file, replacing=True)
        again = callers(app)("site_admin").file(title="Okapi", status="published", category="offensive")
        with app.app_context():
            assert change_feed.position().seq == position.seq
            assert change_feed.position().database_id != position.database_id
            assert verify(timeout=PATIENCE).equal
        assert again["id"] == lost["id"]
        after = seen(anonymous)
        assert all(old != new for old, new in zip(before, after, strict=True))
        assert anonymous.get("/search", q="okapi").get_json()["total"] == 1
        assert admin.get("/tokens").status_code == 401


def test_sessions_end_with_a_restoration(any_settings: Settings, file: Path) -> None:
    for app in running(any_settings):
        admin, anonymous = callers(app)("site_admin"), callers(app)()
        sign_up(admin)
        dana = Api(anonymous.client, anonymous.contract, sign_in(anonymous).get_json()["token"])
        assert dana.get("/me").status_code == 200
        back_up(any_settings, file)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        restored(any_settings, file, replacing=True)
        assert dana.get("/me").status_code == 401
        assert admin.get("/me").status_code == 200
        assert sign_in(anonymous).status_code == 201


def test_a_database_in_use_is_not_replaced(any_settings: Settings, file: Path) -> None:
    back_up(any_settings, file)
    for app in running(any_settings):
        admin = callers(app)("site_admin")
        with pytest.raises(BackupError, match=r"(uses|is connected to) the database .* Stop it"):
            restored(any_settings, file, replacing=True)
        assert admin.file(title="Zebra", status="published")["id"]
    assert [path.name for path in any_settings.data_dir.glob("*before*")] == []


def test_a_check_restores_elsewhere_and_touches_nothing(any_settings: Settings, file: Path) -> None:
    manifest = back_up(any_settings, file)
    before = facts(any_settings)
    (folder := file.parent / "scratch").mkdir()
    assert check(any_settings, file, folder) == manifest
    assert facts(any_settings) == before
    assert [*folder.iterdir()] == []


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


def test_a_backup_of_an_older_version_is_migrated(settings: Settings, file: Path) -> None:
    with installation(settings):
        command.downgrade(bootstrap._alembic(), "0012")
    back_up(settings, file)
    assert read_manifest(file).database.revision == "0012"
    restored(settings, file, replacing=True)
    assert facts(settings).revision == migration_head()


def migration_head() -> str:
    head, _ = bootstrap._revisions()
    return head


def test_an_interrupted_backup_leaves_the_former_file(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(settings, file)
    before = file.read_bytes()

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), installation(settings):
        take_backup(file, overwrite=True, copying=ignore, packing=interrupt)
    assert file.read_bytes() == before
    assert {path.name for path in file.parent.iterdir()} == {file.name, settings.data_dir.name}


def test_a_backup_removes_what_a_killed_one_has_left(settings: Settings, file: Path) -> None:
    ended = f"{process_identity()[:8]}{2**22 + 1:08x}{1:08x}"
    (left := file.parent / f".{file.name}.{ended}.00000000").mkdir()
    (left / "backup").touch()
    back_up(settings, file)
    assert not left.exists()


def test_a_damaged_database_can_be_replaced_and_its_log_is_not_applied_to_the_new_one(
    settings: Settings, file: Path
) -> None:
    back_up(settings, file)
    settings.sqlite_path.write_bytes(b"not a database at all")
    (log := settings.sqlite_path.with_name("kb.sqlite3-wal")).write_bytes(b"log")
    (kept,) = restored(settings, file, replacing=True).kept
    assert (Path(kept) / "kb.sqlite3").read_bytes() == b"not a database at all"
    assert not log.exists()
    assert len(slugs(settings)) == 6


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
