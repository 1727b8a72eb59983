"""The folder in which the workers of `kb serve` share their metrics (`kb.web.metrics`)."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from kb.web.metrics import FOLDER_VARIABLE, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "kb-figures-"

_MEMORY = Path("/dev/shm")  # noqa: S108 (only used for a private folder in it)
"""A file system in memory: writing to a mapped file on a full disk would kill a worker."""


@contextmanager
def shared_figures() -> Iterator[None]:
    """Create a folder for the metrics, and remove it at the end. Without one, each worker reports only its
    own.

    Folders of servers that were killed are removed, too.
    """
    if FOLDER_VARIABLE in os.environ:
        yield
        return
    root = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in root.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX)
        if pid.isdigit() and not is_running(int(pid)):
            rmtree(left, ignore_errors=True)
    folder = root / f"{_PREFIX}{os.getpid()}"
    with suppress(OSError):
        rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(FOLDER_VARIABLE, None)
        rmtree(folder, ignore_errors=True)
