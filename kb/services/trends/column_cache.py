"""The cache of each database's columns in this process, brought up to date before each use."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kb.models import db
from kb.services.infrastructure.runtime import settings
from kb.services.trends import column_file
from kb.services.trends.column_loading import read_change, refresh
from kb.services.trends.columns import UNKNOWN, Columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from kb.services.trends.snapshot import Snapshot

log = logging.getLogger(__name__)

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
            column_file.save(path, *columns.dump())
        yield columns


def _restore(columns: Columns, path: Path, connection: Connection) -> None:
    """Load the columns from a file, if there is one that matches the state that a connection sees."""
    saved = column_file.load(path)
    if saved is None:
        return
    arrays, metadata = saved
    try:
        if metadata["last_change"] == read_change(connection, metadata["seq"]):
            columns.restore(arrays, metadata)
    except (KeyError, ValueError, IndexError) as error:  # the file is corrupt, or `save` did not write it
        log.warning("%s is not usable and will be rebuilt: %r", path.name, error)
