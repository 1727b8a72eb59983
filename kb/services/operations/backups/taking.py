"""Take a backup of the running application's database and of the team's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.durable_files import replace_durably
from kb.messages import Message
from kb.models.base import utc_now
from kb.services.infrastructure.runtime import settings
from kb.services.infrastructure.scratch_folders import scratch_folder
from kb.services.operations.backups import postgres, sqlite
from kb.services.operations.backups.archive import DATABASE_MEMBERS, FILES_FOLDER, write_archive
from kb.services.operations.errors import BackupError
from kb.services.operations.secret_key import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from kb.services.operations.backups.archive import Manifest
    from kb.services.operations.backups.facts import DatabaseFacts
    from kb.services.search.documents import Progress


def take_backup(file: Path, *, overwrite: bool, copying: Progress, packing: Progress) -> Manifest:
    """Write a backup of one moment to a file, while others read and write, and return its manifest.

    The file appears complete, or not at all. `copying` and `packing` report progress. Raises BackupError,
    also for a file that exists unless it may be overwritten.
    """
    if file.is_dir() or (file.exists() and not overwrite):
        raise BackupError(
            Message("{file} exists. Choose another name, or add --overwrite.", file=str(file))
            if file.is_file()
            else Message("{file} is a folder. Name a file in it.", file=str(file))
        )
    if not file.parent.is_dir():
        raise BackupError(
            Message("The folder {folder} does not exist. Create it first.", folder=str(file.parent))
        )
    with scratch_folder(file.parent, file.name) as folder:
        copy, fresh = folder / "database", folder / "backup"
        kind, made_at = database_kind(), utc_now()
        facts = _copy_database(copy, copying)
        contents = {DATABASE_MEMBERS[kind]: copy}
        contents |= {f"{FILES_FOLDER}{path.name}": path for path in own_files()}
        manifest = write_archive(
            fresh, kind=kind, made_at=made_at, facts=facts, contents=contents, progress=packing
        )
        replace_durably(fresh, file)
    return manifest


def database_kind() -> str:
    """The kind of the running application's database: `sqlite` or `postgresql`."""
    return "postgresql" if settings().database_file is None else "sqlite"


def own_files() -> list[Path]:
    """The team's own files in the data folder that a backup contains: lexicon, guards, the secret key."""
    folder = settings().data_dir
    candidates = [*folder.glob("*.yaml"), folder / FILE_NAME]
    return sorted(path for path in candidates if path.is_file() and not path.name.startswith("."))


def _copy_database(copy: Path, progress: Progress) -> DatabaseFacts:
    source = settings().database_file
    if source is None:
        return postgres.dump_database(settings().sqlalchemy_url, copy)
    sqlite.copy_database(source, copy, progress)
    return sqlite.facts_of(copy)
