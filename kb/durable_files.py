"""Flush files and folders to disk, so that they survive a power cut."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """Replace a file with another one on the same disk, so that one of them exists even after a power cut."""
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
