"""Backups taken, checked and restored without a command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kb.config import Settings
from kb.factory import create_app
from kb.models import Incident, db
from kb.services.operations.backups import postgres, sqlite
from kb.services.operations.backups.archive import Manifest
from kb.services.operations.backups.facts import DatabaseFacts
from kb.services.operations.backups.restoring import Restoration, check_backup, restore_backup
from kb.services.operations.backups.taking import take_backup
from tests.support.api import callers, running


def ignore(_done: int, _total: int) -> None:
    pass


def copy_beside(database: Path) -> Path:
    """A consistent copy of an SQLite database in use, as one file in the same folder."""
    copy = database.with_name("copy.sqlite3")
    sqlite.copy_database(database, copy, ignore)
    return copy


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
