"""Making an installation ready: folder, database, seeds, index. Every step may be repeated."""

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
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.config import Config

    from kb.services.search.documents import Progress

    Say = Callable[[str], object]

MIGRATIONS = Path(__file__).parents[2] / "migrations"

_PATIENCE = 600.0
"""Seconds to wait for another process that is doing the same."""


def prepare(say: Say = lambda _: None, progress: Progress | None = None) -> None:
    """Create what is missing, migrate, load the seeds and bring the index up to date.

    Several processes may call this at once: one works, the others wait and find it done.
    """
    with _alone():
        say("Preparing the database")
        upgrade_database()
        say("Loading the seeds")
        seeded = seeding.seed(seeds_dir())
        say("Bringing the search index up to date")
        # The names of terms are searched, and no change of an incident tells that they have changed.
        follow = sync.rebuild if seeded.terms_written else sync.ensure
        follow(timeout=_PATIENCE, progress=progress)
        db.session.remove()


def prepare_if_needed() -> None:
    """Prepare an installation that was not yet; looking takes no lock, so that a busy database serves on."""
    if not _is_prepared():
        prepare()


def _is_prepared() -> bool:
    """Whether the tables are there, at the newest migration, and the seeds in them."""
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
    """Bring the database's tables to the newest migration."""
    with _alone():
        db.session.remove()
        command.upgrade(_alembic(), "head")


def _alembic() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config


def _alone() -> FileLock:
    """Be the only process that prepares this data folder; a thread that is it already goes on."""
    create_data_dir()
    return FileLock(settings().data_dir / "prepare.lock", timeout=_PATIENCE, is_singleton=True)
