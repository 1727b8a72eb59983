"""Private folders for files that are being written."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb.services.infrastructure import process_identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """A private folder in `parent`, removed at the end along with folders left by killed processes."""
    for left in parent.glob(f".{name}.{'[0-9a-f]' * process_identity.LENGTH}.*"):
        if process_identity.has_ended(left.name.split(".")[-2]):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f".{name}.{process_identity.process_identity()}.{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
