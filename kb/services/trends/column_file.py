"""The columns on disk, so that a process that starts need not read a large database first.

The file may be deleted at any time. It is taken only whole, of the same database, and not from its future.
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

    from kb.services.trends.column_queries import Array

log = logging.getLogger(__name__)

VERSION = 2
"""Raise it when the columns change: a file of another version is not read."""

_NOTES = "notes"


def save(path: Path, arrays: dict[str, Array], notes: dict[str, Any]) -> None:
    """Write the file in one step, for its owner only. A failure is logged: it costs time only."""
    text = json.dumps({**notes, "version": VERSION}).encode()
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            held: dict[str, Any] = {**arrays, _NOTES: np.frombuffer(text, np.uint8)}
            np.savez(file, **held)
        fresh.replace(path)
    except OSError as error:
        log.warning("The columns could not be kept: %s", error)
        fresh.unlink(missing_ok=True)


def load(path: Path) -> tuple[dict[str, Array], dict[str, Any]] | None:
    """What was saved; None where there is nothing that can be used."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}  # a digest of each is compared
        notes: dict[str, Any] = json.loads(arrays.pop(_NOTES).tobytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s cannot be read, and is made anew: %s", path.name, error)
        return None
    return (arrays, notes) if notes.get("version") == VERSION else None
