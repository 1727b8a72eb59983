"""The cache of each database's columns in this process, brought up to date before each use.

The columns of a large database are saved on disk, too, so that a new process need not read it first. The file
may be deleted at any time. A damaged file, or one of another version, is not used.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from kb.models import db
from kb.services.infrastructure.runtime import settings
from kb.services.trends.column_loading import read_change, refresh
from kb.services.trends.columns import UNKNOWN, Columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from kb.services.trends.columns import Array
    from kb.services.trends.snapshot import Snapshot

log = logging.getLogger(__name__)

VERSION = 5
"""Increment it whenever the columns change: a file of another version is ignored."""

_METADATA = "metadata"

_FILE = "trends.npz"

MIN_INCIDENTS_TO_SAVE = 10_000
"""Below this size, loading from the database is fast enough that a file is not worth writing."""

_by_engine: WeakKeyDictionary[Engine, tuple[Columns, threading.Lock]] = WeakKeyDictionary()
_registry_lock = threading.Lock()


@contextmanager
def columns_of(snapshot: Snapshot) -> Iterator[Columns]:
    """Yield the columns of the running application's database as of a snapshot, for one caller at a time.

    The snapshot is renewed if another caller has already loaded later changes.
    """
    with _registry_lock:
        columns, lock = _by_engine.setdefault(db.engine, (Columns(), threading.Lock()))
    with lock:
        path = settings().data_dir / _FILE
        if columns.seq == UNKNOWN:
            _restore(columns, path, snapshot.connection)
        elif columns.database_id == snapshot.database_id and columns.seq > snapshot.seq:
            snapshot.renew()
        if refresh(columns, snapshot) and columns.size >= MIN_INCIDENTS_TO_SAVE:
            save(path, *columns.dump())
        yield columns


def _restore(columns: Columns, path: Path, connection: Connection) -> None:
    """Load the columns from a file, if there is one that matches the state that a connection sees."""
    saved = load(path)
    if saved is None:
        return
    arrays, metadata = saved
    try:
        if metadata["last_change"] == read_change(connection, metadata["seq"]):
            columns.restore(arrays, metadata)
    except (KeyError, ValueError, IndexError) as error:  # the file is corrupt, or `save` did not write it
        log.warning("%s is not usable and will be rebuilt: %r", path.name, error)


def save(path: Path, arrays: dict[str, Array], metadata: dict[str, Any]) -> None:
    """Write a file of columns atomically, readable by its owner only.

    A failure is logged: it only costs time.
    """
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
