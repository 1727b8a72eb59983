"""Temporary folders for data that a benchmark measures."""

from __future__ import annotations

import tempfile
import threading
from contextlib import contextmanager
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
