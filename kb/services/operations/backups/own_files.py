"""A team's own files in the data folder, besides the database: its lexicon, its guards, the secret key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.services.infrastructure.runtime import settings
from kb.services.operations.secret_key import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path


def own_files() -> list[Path]:
    """The files of the running application's data folder that a backup has, by name."""
    folder = settings().data_dir
    candidates = [*folder.glob("*.yaml"), folder / FILE_NAME]
    return sorted(path for path in candidates if path.is_file() and not path.name.startswith("."))
