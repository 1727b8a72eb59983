"""Preparing an installation: data folder, database, seeds, index. Every step can be repeated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from flask import current_app
from sqlalchemy import select

from kb.config import seeds_dir
from kb.models import Namespace, db
from kb.services.infrastructure.runtime import settings
from kb.services.operations import seeding

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.config import Config

    from kb.services.search.documents import Progress

    Say = Callable[[str], object]

MIGRATIONS = Path(__file__).parents[2] / "migrations"

_TIMEOUT = 600.0
"""Seconds to wait for another process that is preparing the same installation."""


def prepare(say: Say = lambda _: None, progress: Progress | None = None) -> None:
    """Create what is missing, migrate, load the seeds and bring the index up to date.

    Several processes may call this at once: one does the work while the others wait. `say` is called with
    each step's description, `progress` with (done, total) incidents.
    """
    with _preparation_lock():
        say("Preparing the database")
        upgrade_database()
        say("Loading the seeds")
        report = seeding.seed(seeds_dir())
        say("Bringing the search index up to date")
        seeding.update_index(report, timeout=_TIMEOUT, progress=progress)
        db.session.remove()


def prepare_if_needed() -> None:
    """Prepare an installation unless it is prepared; the check takes no lock on a busy database."""
    if not _is_prepared():
        prepare()


def _is_prepared() -> bool:
    """Whether the database is at the newest migration and has been seeded."""
    create_data_dir()
    script = ScriptDirectory.from_config(_alembic())
    with db.engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_heads() != tuple(script.get_heads()):
            return False
        return connection.execute(select(Namespace.key).limit(1)).first() is not None


def create_data_dir() -> None:
    """Create the data folder and, on SQLite, the database in it, readable by their owner only."""
    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings().database_url:
        # SQLite gives its journals the mode of the database.
        settings().sqlite_path.touch(mode=0o600)


def upgrade_database() -> None:
    """Bring the database to the newest migration."""
    with _preparation_lock():
        db.session.remove()
        command.upgrade(_alembic(), "head")


def _alembic() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config


def _preparation_lock() -> FileLock:
    """The lock of the process that prepares this data folder; a thread that holds it may take it again."""
    create_data_dir()
    return FileLock(settings().data_dir / "prepare.lock", timeout=_TIMEOUT, is_singleton=True)
