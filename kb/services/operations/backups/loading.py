"""Load a backup into a separate database, compare it with the manifest, and migrate it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import update

from kb.messages import Message
from kb.models import ApiToken, ChangeCounter, db
from kb.models.base import WRITE, utc_now
from kb.services.operations import bootstrap
from kb.services.operations.backups import postgres, sqlite
from kb.services.operations.backups.archive import extract
from kb.services.operations.backups.facts import differing_tables
from kb.services.operations.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from flask import Flask

    from kb.config import Settings
    from kb.services.operations.backups.archive import Manifest
    from kb.services.operations.backups.facts import DatabaseFacts

    CreateApp = Callable[[Settings], Flask]
    """Makes an application for settings; only a layer above knows all its parts."""

_UNCHANGED_IN_NUMBER = ("incident", "revision", "change")
"""Tables whose rows no migration adds or removes."""


def load_sqlite(file: Path, manifest: Manifest, staged: Settings, create_app: CreateApp) -> None:
    """Load a verified backup of SQLite into the empty data folder of some settings, and migrate it."""
    path = staged.sqlite_path
    extract(file, manifest.database_member, path)
    _require_sound(path)
    _require_equal(manifest.database, sqlite.facts_of(path))
    _migrate(staged, create_app)
    sqlite.finish(path)
    _require_sound(path)
    _require_same_number(manifest.database, sqlite.count_rows(path, _UNCHANGED_IN_NUMBER))


def load_postgres(
    file: Path, manifest: Manifest, folder: Path, staged: Settings, create_app: CreateApp
) -> None:
    """Load a verified backup of PostgreSQL into the empty database of some settings, and migrate it.

    `folder` is one for temporary files.
    """
    dump = folder / manifest.database_member
    extract(file, manifest.database_member, dump)
    postgres.load_dump(staged.sqlalchemy_url, dump)
    _require_equal(manifest.database, postgres.facts_of(staged.sqlalchemy_url))
    _migrate(staged, create_app)
    _require_same_number(manifest.database, postgres.count_rows(staged.sqlalchemy_url, _UNCHANGED_IN_NUMBER))


def _migrate(staged: Settings, create_app: CreateApp) -> None:
    """Migrate a loaded database to this version, give it a new id, and end its sessions.

    Its future changes reuse numbers of lost ones, so positions of the old database, such as an index holds,
    must not be mistaken for its own. Some of the sessions may have been ended after the backup.
    """
    with create_app(staged).app_context():
        try:
            bootstrap.upgrade_database()
            with db.engine.connect().execution_options(**WRITE) as connection, connection.begin():
                connection.execute(update(ChangeCounter).values(database=secrets.token_hex(16)))
                is_open = ApiToken.is_session.is_(True) & ApiToken.revoked_at.is_(None)
                connection.execute(update(ApiToken).where(is_open).values(revoked_at=utc_now()))
        finally:
            db.session.remove()
            db.engine.dispose()


def _require_sound(path: Path) -> None:
    if problems := sqlite.problems_of(path):
        raise BackupError(
            Message(
                "The database in the backup is damaged ({problem}). Use another backup; nothing was changed.",
                problem=problems[0],
            )
        )


def _require_equal(expected: DatabaseFacts, loaded: DatabaseFacts) -> None:
    if expected != loaded:
        tables = ", ".join(differing_tables(expected, loaded)) or "change_counter"
        raise _differs(tables)


def _require_same_number(expected: DatabaseFacts, migrated: Mapping[str, int]) -> None:
    for table, rows in migrated.items():
        if expected.tables[table].rows != rows:
            raise _differs(table)


def _differs(tables: str) -> BackupError:
    return BackupError(
        Message(
            "What was restored differs from the backup in {tables}. Use another backup, and report this.",
            tables=tables,
        )
    )
