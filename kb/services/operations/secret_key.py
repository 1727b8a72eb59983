"""The key that signs the tokens of forms: a setting, or made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "secret-key"


def secret_key() -> str:
    """The key of this installation. Where several machines share a database, they need the same setting."""
    if settings().secret_key:
        return settings().secret_key
    path = settings().data_dir / FILE_NAME
    if not path.exists():
        _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    """Write a key to a file, unless another process is faster. It appears there complete, or not at all."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
