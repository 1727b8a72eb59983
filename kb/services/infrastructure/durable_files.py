"""Write files that survive a power cut: written beside their place, flushed to disk, then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb.services.infrastructure import process_identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk. Folders are skipped if the system cannot."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(fresh: Path, path: Path) -> None:
    """Replace a file with another one on the same disk, so that after a power cut, one of them exists."""
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """A private folder in `parent` that is removed at the end, together with those of killed processes."""
    for left in parent.glob(f".{name}.{'[0-9a-f]' * process_identity.LENGTH}.*"):
        if process_identity.has_ended(left.name.split(".")[-2]):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f".{name}.{process_identity.process_identity()}.{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
