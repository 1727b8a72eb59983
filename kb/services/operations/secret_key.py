"""The key that signs the tokens of forms: a setting, or made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from kb.services.infrastructure.runtime import settings

FILE_NAME = "secret-key"


def secret_key() -> str:
    """The key of this installation. Where several machines share a database, they need the same setting."""
    if settings().secret_key:
        return settings().secret_key
    path = settings().data_dir / FILE_NAME
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    # Whoever makes the file may not have written it yet.
    key = path.read_text().strip()
    return key if len(key) == 64 else secret_key()
