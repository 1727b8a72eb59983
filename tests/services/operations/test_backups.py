"""Backups: taken, checked and restored, on SQLite and on PostgreSQL."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import func, select

from kb.config import Settings
from kb.models import Incident, db
from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed
from kb.services.infrastructure.process_identity import process_identity
from kb.services.operations import bootstrap
from kb.services.operations.backups.archive import read_manifest
from kb.services.operations.backups.taking import take_backup
from kb.services.operations.errors import BackupError
from kb.services.search.sync import lag
from kb.services.search.verification import verify
from tests.conftest import NewSettings
from tests.support.accounts import sign_in, sign_up
from tests.support.api import Api, callers, running
from tests.support.backups import (
    back_up,
    check,
    facts,
    file_incident,
    ignore,
    installation,
    restored,
    slugs,
)
from tests.support.busy_database import leave_a_session_waiting, recorded, store_what_waits
from tests.support.incidents import incident
from tests.support.waiting import PATIENCE, eventually

CHANGED_TABLES = {"api_token", "audit_entry", "change_counter"}
"""What a restoration changes: it ends sessions, tells the audit log, and gives the database another id."""


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
    rows = after.tables["audit_entry"].rows
    assert rows == manifest.database.tables["audit_entry"].rows + 1
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
        okapi = incident(title="Okapi", status="published", category="offensive")
        again = callers(app)("site_admin").post("/incidents", okapi)
        with app.app_context():
            if again.headers["Index-Status"] == "pending":  # the index is being built anew
                eventually(_is_index_current)
            assert change_feed.position().seq == position.seq
            assert change_feed.position().database_id != position.database_id
            assert verify(timeout=PATIENCE).equal
        assert again.get_json()["id"] == lost["id"]
        after = seen(anonymous)
        assert all(old != new for old, new in zip(before, after, strict=True))
        assert anonymous.get("/search", q="okapi").get_json()["total"] == 1
        assert admin.get("/tokens").status_code == 401


def _is_index_current() -> bool:
    db.session.rollback()
    try:
        return lag() == 0
    except IndexUnusableError:
        return False


def test_what_waits_for_the_write_lock_is_kept_with_the_database_that_is_replaced(
    settings: Settings, file: Path
) -> None:
    back_up(settings, file)
    leave_a_session_waiting(settings)
    (kept,) = restored(settings, file, replacing=True).kept
    for folder, events in ((settings.data_dir, []), (Path(kept), ["login"])):
        for app in running(replace(settings, data_dir=folder)):
            store_what_waits(app)
            assert recorded(app) == events


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


def test_a_check_restores_elsewhere_and_touches_nothing(any_settings: Settings, file: Path) -> None:
    manifest = back_up(any_settings, file)
    before = facts(any_settings)
    (folder := file.parent / "scratch").mkdir()
    assert check(any_settings, file, folder) == manifest
    assert facts(any_settings) == before
    assert [*folder.iterdir()] == []


def test_a_backup_of_an_older_version_is_migrated(settings: Settings, file: Path) -> None:
    with installation(settings):
        command.downgrade(bootstrap.alembic_config(), "0012")
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
