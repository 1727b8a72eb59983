"""Verify a backup by a trial restore, and restore it."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import contextmanager
from dataclasses import replace as with_changes
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import DBAPIError

from kb.domain.audit import AuditEvent
from kb.durable_files import replace_durably, sync
from kb.messages import Message
from kb.models import database_file, db
from kb.models.base import utc_now
from kb.models.spool import Spool
from kb.services.core import audit
from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.process_identity import account_and_machine
from kb.services.infrastructure.runtime import settings
from kb.services.infrastructure.scratch_folders import scratch_folder
from kb.services.operations import bootstrap, disk_reserve
from kb.services.operations.backups import postgres, sqlite
from kb.services.operations.backups.archive import FILES_FOLDER, extract, read_manifest, verify_archive
from kb.services.operations.backups.loading import load_postgres, load_sqlite
from kb.services.operations.backups.taking import database_kind, own_files
from kb.services.operations.bootstrap import InstallationState
from kb.services.operations.errors import BackupError
from kb.services.search import sync as index_sync

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from kb.config import Settings
    from kb.services.operations.backups.archive import Manifest
    from kb.services.operations.backups.loading import CreateApp
    from kb.services.search.documents import Progress

_INDEX_TIMEOUT = 600.0
"""How many seconds to wait for another process that holds the index."""


class Restoration(NamedTuple):
    """The result of a restore: the manifest, and where the replaced data is kept."""

    manifest: Manifest
    kept: tuple[str, ...]


def check_backup(file: Path, folder: Path, create_app: CreateApp, progress: Progress) -> Manifest:
    """Restore a backup into a temporary place, compare and migrate it there, and return its manifest.

    The place is in `folder`, and for PostgreSQL a scratch database of the server of the settings. Raises
    BackupError if the backup cannot be restored, or a trial is not possible.
    """
    manifest = verify_archive(file, progress)
    _require_known(file, manifest)
    with scratch_folder(folder, "kb-check") as scratch:
        if manifest.kind == "sqlite":
            staged = with_changes(settings(), data_dir=scratch, database_url="")
            load_sqlite(file, manifest, staged, create_app)
            return manifest
        url = settings().sqlalchemy_url
        if database_kind() != "postgresql" or not postgres.may_create_databases(url):
            raise BackupError(
                Message(
                    "{file} is whole, but whether it restores was not tried: that takes a scratch database. "
                    "Set KB_DATABASE_URL to a PostgreSQL server, with a role that may create databases "
                    "(ALTER ROLE ... CREATEDB).",
                    file=str(file),
                )
            )
        with postgres.scratch_database(url) as scratch_url:
            staged = with_changes(settings(), data_dir=scratch, database_url=scratch_url)
            load_postgres(file, manifest, scratch, staged, create_app)
    return manifest


def restore_backup(
    file: Path, create_app: CreateApp, *, replace: bool, progress: Progress, indexing: Progress
) -> Restoration:
    """Restore a backup as the running application's installation, and build its index.

    With `replace`, existing data is kept beside it. Raises BackupError, and changes nothing, if the backup is
    damaged or of another kind of database, a server is running, or existing data may not be replaced.
    """
    manifest = read_manifest(file)
    if manifest.kind != database_kind():
        raise BackupError(
            Message(
                "The backup is one of {kind}, and the settings name another kind of database. Correct "
                "KB_DATABASE_URL.",
                kind={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[manifest.kind],
            )
        )
    _require_known(file, manifest)
    is_there = _is_database_there()
    if (is_there or own_files()) and not replace:
        raise BackupError(
            Message(
                "There is a knowledge base in {location}. Choose an empty place, or add --replace, which "
                "keeps it.",
                location=settings().location,
            )
        )
    verify_archive(file, progress)
    with _new_folder_is_removed_on_failure(), bootstrap.preparation_lock():
        moment = utc_now().strftime("%Y%m%dT%H%M%SZ")
        if manifest.kind == "sqlite":
            kept = _restore_sqlite(file, manifest, create_app, moment)
        else:
            kept = _restore_postgres(file, manifest, create_app, moment, replace=is_there)
        disk_reserve.create()
        index_sync.ensure_current(timeout=_INDEX_TIMEOUT, progress=indexing)
    return Restoration(manifest, kept)


def _require_known(file: Path, manifest: Manifest) -> None:
    """Raise BackupError for a backup of a later version than this one."""
    if not bootstrap.is_known_revision(manifest.database.revision):
        raise BackupError(
            Message(
                "A newer version of kb ({version}) made {file}. Install that version.",
                version=manifest.made_by,
                file=str(file),
            )
        )


def _is_database_there() -> bool:
    """Whether there is a database, even an unreadable one. Closes all connections of this process."""
    try:
        return bootstrap.inspect_installation() is not InstallationState.MISSING
    except DBAPIError:
        if database_kind() == "postgresql":
            raise
        return True
    finally:
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _new_folder_is_removed_on_failure() -> Iterator[None]:
    folder = settings().data_dir
    is_new = not folder.exists()
    try:
        yield
    except BaseException:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _restore_sqlite(file: Path, manifest: Manifest, create_app: CreateApp, moment: str) -> tuple[str, ...]:
    """Replace the database in one step. Returns the folders that keep the old database and files."""
    database = settings().database_file
    assert database is not None
    with sqlite.lock_exclusively(database) as held, scratch_folder(database.parent, "restoring") as scratch:
        staged = with_changes(settings(), data_dir=scratch, database_url="")
        load_sqlite(file, manifest, staged, create_app)
        _record(file, manifest, staged, create_app, replaced=database.stat().st_size > 0)
        sqlite.finish(staged.sqlite_path)
        kept = set()
        spool = Spool(database)
        if database.stat().st_size:
            folder = _kept_folder(database.parent, moment)
            _keep_database(database, held, folder)
            kept.add(str(folder))
        replace_durably(staged.sqlite_path, database)
        if kept and spool.exists():
            spool.path.replace(folder / spool.path.name)
        database_file.forget(db.engine)
        kept |= _restore_files(file, manifest, scratch, moment)
    return tuple(sorted(kept))


def _record(
    file: Path, manifest: Manifest, staged: Settings, create_app: CreateApp, *, replaced: bool
) -> None:
    """Record the origin of a loaded and verified database in its audit log, before it is used."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    with create_app(staged).app_context():
        try:
            with unit_of_work() as work:
                audit.log_event(
                    work,
                    OPERATOR,
                    AuditEvent.RESTORE,
                    file=file.name,
                    digest=digest,
                    made_at=manifest.made_at,
                    made_by=manifest.made_by,
                    incidents=manifest.database.tables["incident"].rows,
                    change_seq=manifest.database.seq,
                    replaced=replaced,
                    run_by=account_and_machine(),
                )
        finally:
            db.session.remove()
            db.engine.dispose()


def _keep_database(database: Path, held: sqlite3.Connection | None, kept: Path) -> None:
    """Hard-link a database into a folder; its own name remains until it is replaced."""
    if held is not None:
        sqlite.make_self_contained(held)
    (kept / database.name).hardlink_to(database)
    if held is None:
        # A log of the old database would be applied to the new one.
        for suffix in ("-wal", "-shm", "-journal"):
            journal = database.with_name(database.name + suffix)
            if journal.exists():
                journal.replace(kept / journal.name)
    sync(kept)


def _restore_postgres(
    file: Path, manifest: Manifest, create_app: CreateApp, moment: str, *, replace: bool
) -> tuple[str, ...]:
    """Load the dump into an empty database, or beside an existing one. Returns where the old one is kept."""
    url = settings().sqlalchemy_url
    postgres.require_unused(url)
    with scratch_folder(settings().data_dir, "restoring") as scratch:
        if not replace:
            load_postgres(file, manifest, scratch, settings(), create_app)
            _record(file, manifest, settings(), create_app, replaced=False)
            return tuple(_restore_files(file, manifest, scratch, moment))
        if not postgres.may_create_databases(url):
            raise BackupError(
                Message(
                    "The role may not create databases, so that the one that is there cannot be kept. Run: "
                    "ALTER ROLE ... CREATEDB; or set KB_DATABASE_URL to an empty database."
                )
            )
        with postgres.scratch_database(url) as scratch_url:
            staged = with_changes(settings(), database_url=scratch_url)
            load_postgres(file, manifest, scratch, staged, create_app)
            _record(file, manifest, staged, create_app, replaced=True)
            kept = postgres.exchange_databases(url, scratch_url, moment)
        return (kept, *_restore_files(file, manifest, scratch, moment))


def _restore_files(file: Path, manifest: Manifest, scratch: Path, moment: str) -> set[str]:
    """Restore the team's own files. Returns the folder that keeps the old ones, if any."""
    kept = set()
    for path in own_files():
        folder = _kept_folder(settings().data_dir, moment)
        path.replace(folder / path.name)
        kept.add(str(folder))
    for name in manifest.files:
        extract(file, f"{FILES_FOLDER}{name}", scratch / name)
        replace_durably(scratch / name, settings().data_dir / name)
    return kept


def _kept_folder(parent: Path, moment: str) -> Path:
    folder = parent.resolve() / f"before-restore-{moment}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
