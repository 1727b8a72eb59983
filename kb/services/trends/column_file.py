"""Save the columns on disk, so that a new process need not read a large database first.

The file may be deleted at any time. A damaged file, or one of another version, is not used.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from kb.services.trends.columns import Array

log = logging.getLogger(__name__)

VERSION = 5
"""Increment it whenever the columns change: a file of another version is ignored."""

_METADATA = "metadata"


def save(path: Path, arrays: dict[str, Array], metadata: dict[str, Any]) -> None:
    """Write the file atomically, readable by its owner only. A failure is logged: it only costs time."""
    text = json.dumps({**metadata, "version": VERSION}).encode()
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            entries: dict[str, Any] = {**arrays, _METADATA: np.frombuffer(text, np.uint8)}
            np.savez(file, **entries)
        temporary.replace(path)
    except OSError as error:
        log.warning("The columns could not be saved: %s", error)
        temporary.unlink(missing_ok=True)


def load(path: Path) -> tuple[dict[str, Array], dict[str, Any]] | None:
    """The saved arrays and metadata; None without a usable file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}  # this verifies the checksum of each
        metadata: dict[str, Any] = json.loads(arrays.pop(_METADATA).tobytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s cannot be read and will be rebuilt: %s", path.name, error)
        return None
    return (arrays, metadata) if metadata.get("version") == VERSION else None
