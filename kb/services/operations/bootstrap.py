"""Prepare an installation: data folder, database, seeds, index. Every step can be repeated."""

from __future__ import annotations

from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from sqlalchemy import column, inspect, select, table
from sqlalchemy.exc import DBAPIError, OperationalError

from kb.config import seeds_dir
from kb.errors import StorageFull
from kb.messages import Message
from kb.models import Namespace, db
from kb.services.infrastructure.runtime import settings
from kb.services.infrastructure.storage_errors import database_busy, is_disk_full
from kb.services.operations import disk_reserve, seeding
from kb.services.operations.errors import InstallationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.config import Config
    from sqlalchemy import Connection

    from kb.services.operations.seeding import SeedReport
    from kb.services.search.documents import Progress

    Say = Callable[[Message], object]

MIGRATIONS = Path(__file__).parents[2] / "migrations"

_VERSIONS = table("alembic_version", column("version_num"))
"""Where Alembic notes the migration that a database is at."""

_TIMEOUT = 600.0
"""How many seconds to wait for another process that is preparing the same installation."""


class InstallationState(Enum):
    """The state of a data folder and a database."""

    MISSING = auto()
    INCOMPLETE = auto()
    """Preparation was interrupted, or is in progress."""
    OUTDATED = auto()
    """Created by an older version of this program."""
    NEWER = auto()
    """Created by a newer version of this program."""
    READY = auto()


def prepare(say: Say = lambda _: None, progress: Progress | None = None) -> SeedReport:
    """Create what is missing, migrate, load the seeds and bring the index up to date.

    Several processes may call this at once: one does the work while the others wait. `say` is called with
    each step's description, `progress` with (done, total) incidents. Raises InstallationError if it cannot be
    prepared.
    """
    if inspect_installation() is InstallationState.NEWER:
        raise InstallationError(
            Message(
                "A newer version of kb made the knowledge base in {location}. Install that version.",
                location=settings().location,
            )
        )
    with preparation_lock():
        say(Message("Preparing the database"))
        upgrade_database()
        say(Message("Loading the seeds"))
        report = seeding.seed(seeds_dir())
        say(Message("Bringing the search index up to date"))
        seeding.update_index(report, timeout=_TIMEOUT, progress=progress)
        db.session.remove()
        disk_reserve.create()
        return report


def prepare_to_serve(say: Say, progress: Progress) -> bool:
    """Prepare, or continue read-only if the disk is too full to write; False in that case.

    Whatever is missing then, such as changes in the index, is caught up on by later requests.
    """
    try:
        prepare(say, progress)
    except (StorageFull, OSError, DBAPIError) as error:
        db.session.remove()
        if not is_disk_full(error) or inspect_installation() is not InstallationState.READY:
            raise
        say(Message("The disk is full: nothing can be written until there is space. Reading goes on."))
        return False
    return True


def prepare_if_needed() -> None:
    """Prepare an installation unless it is prepared; the check takes no lock on a busy database."""
    create_data_dir()
    if inspect_installation() is not InstallationState.READY:
        prepare()


def require_prepared() -> None:
    """Raise Unavailable unless the installation is prepared.

    For a process that serves what another one has prepared: if nothing is found, the disk is unmounted, and
    creating data in its place would hide the real data. If a newer version has migrated the database since
    the service was started, its workers go on, since a migration's additions do not disturb them.
    """
    if inspect_installation() not in (InstallationState.READY, InstallationState.NEWER):
        raise database_busy()


def inspect_installation() -> InstallationState:
    """The state of the installation. Creates nothing, and takes no lock on a busy database.

    Raises DBAPIError if the database cannot be read, and InstallationError if the data folder is a file.
    """
    _require_folder()
    file = settings().database_file
    if file is not None and not (file.is_file() and file.stat().st_size):
        return InstallationState.MISSING  # connecting would create it
    try:
        return _inspect_database()
    except OperationalError:
        # SQLite reports an I/O error if it cannot create its shared memory file.
        if not disk_reserve.release():
            raise
        return _inspect_database()


def _inspect_database() -> InstallationState:
    head, known = _revisions()
    with db.engine.connect() as connection:
        current = _current_revisions(connection)
        if not current:
            return InstallationState.MISSING
        if current != {head}:
            return InstallationState.OUTDATED if known >= current else InstallationState.NEWER
        seeded = connection.execute(select(Namespace.key).limit(1)).first() is not None
    return InstallationState.READY if seeded else InstallationState.INCOMPLETE


def _current_revisions(connection: Connection) -> set[str]:
    """The migrations that a database is at: none if it has no table of them, otherwise one.

    Alembic's own context builds a schema for each call, which takes several times as long.
    """
    if not inspect(connection).has_table(_VERSIONS.name):
        return set()
    return set(connection.scalars(select(_VERSIONS.c.version_num)))


def create_data_dir() -> None:
    """Create the data folder and, on SQLite, the database in it, readable by their owner only.

    Raises InstallationError if it cannot be created.
    """
    folder, database = settings().data_dir, settings().database_file
    _require_folder()
    if settings().database_url and database is not None and not database.parent.is_dir():
        raise InstallationError(
            Message(
                "The folder {folder} in KB_DATABASE_URL does not exist. Create it, or choose another.",
                folder=str(database.parent),
            )
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if database is not None:
        # SQLite gives its journals the mode of the database.
        database.touch(mode=0o600)


def upgrade_database(connection: Connection | None = None) -> None:
    """Migrate the database to the newest version, or the database of a connection within its transaction.

    On SQLite, foreign keys must be off for such a connection.
    """
    with preparation_lock():
        db.session.remove()
        if connection is None and _is_migrated():
            return
        # It takes a tenth of a second to import, and nearly every start finds nothing to migrate.
        from alembic import command  # noqa: PLC0415

        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_migrated() -> bool:
    head, _ = _revisions()
    with db.engine.connect() as connection:
        return _current_revisions(connection) == {head}


@cache
def _revisions() -> tuple[str, frozenset[str]]:
    """The newest migration, and all that there are, by their files' names: the revision comes first.

    They are read once: a process keeps its code.
    """
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    revisions = frozenset(file.name.partition("_")[0] for file in files)
    return max(revisions), revisions


def is_known_revision(revision: str) -> bool:
    """Whether this version can migrate a database from a revision, or is at it."""
    return revision in _revisions()[1]


def alembic_config(folder: Path = MIGRATIONS) -> Config:
    """The configuration of Alembic's commands, for a folder of migrations."""
    from alembic.config import Config  # noqa: PLC0415 (as above)

    config = Config(str(folder / "alembic.ini"))
    config.set_main_option("script_location", str(folder))
    return config


def preparation_lock() -> FileLock:
    """The lock of the process that prepares this data folder; a thread that holds it may take it again."""
    create_data_dir()
    return FileLock(settings().data_dir / "prepare.lock", timeout=_TIMEOUT, is_singleton=True)


def _require_folder() -> None:
    folder = settings().data_dir
    if folder.exists() and not folder.is_dir():
        raise InstallationError(
            Message("{folder} is a file. Choose a folder with --data-dir or KB_DATA_DIR.", folder=str(folder))
        )
