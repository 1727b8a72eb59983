"""Folders of data that a benchmark measures: temporary ones, and the files below one."""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is removed once no merge of index segments writes to it from this process."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        try:
            yield Path(name)
        finally:
            for thread in threading.enumerate():
                if thread.name == "merge-index":
                    thread.join()


def files_below(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Each file at any depth, with what the system knows of it; those removed meanwhile are left out.

    `Path.rglob` fails when a folder is removed under it, as one of a merge is.
    """
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            with suppress(FileNotFoundError):
                yield path, path.stat()
