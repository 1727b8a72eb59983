"""The spool of an SQLite database: what must be stored before an answer while others hold the write lock.

Its file is beside the database, and exists only while something waits in it. Each line is a batch of
statements that are stored together. Whoever next has the write lock executes them in order, and the database
notes the last one (`PRAGMA user_version`) in the same transaction, so that none is executed twice. Decision
0107 explains why that is sound.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from filelock import FileLock
from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

POSITION = "SELECT database, user_version FROM change_counter, pragma_user_version"
"""Reads the position of a database: its id, and the last batch that was stored in it."""

_DAMAGED = ""
"""The database of a line that cannot be read."""

_POLL_SECONDS = 0.005
"""How often whoever waits for the lock tries again: its holder writes one line."""


class Position(NamedTuple):
    """The id of a database, and the id of the last batch that was stored in it."""

    database: str
    last: int


class Entry(NamedTuple):
    """A statement for the driver. Until it is executed, readers look up its facts by its subject."""

    subject: str
    facts: dict[str, Any]
    statement: str
    parameters: list[Any]


class Batch(NamedTuple):
    """Entries that are stored together in the database with the id."""

    id: int
    database: str
    entries: list[Entry]

    def waits_at(self, position: Position) -> bool:
        """Whether the batch belongs to the database, and has not been stored in it yet."""
        return self.database == position.database and self.id > position.last


class Spool:
    """The spool of the database at a path.

    Readers take no lock. They read the spool first and the position of the database after it, or they would
    miss what is moved in between.
    """

    def __init__(self, database: str | Path) -> None:
        self._name = f"{database}-spool"

    @property
    def path(self) -> Path:
        """The file, which may not exist."""
        return Path(self._name)

    @property
    def old(self) -> Path:
        """The file that keeps a spool of another database, or with damage, for people to see."""
        return Path(f"{self._name}-old")

    @property
    def lock(self) -> FileLock:
        """The lock of whoever changes the file; a thread that holds it may take it again."""
        return FileLock(f"{self._name}.lock", mode=0o600, is_singleton=True, poll_interval=_POLL_SECONDS)

    def exists(self) -> bool:
        """Whether something may be waiting."""
        return os.path.exists(self._name)  # noqa: PTH110 (a third of the time, for every request)

    def batches(self, subject: str = "") -> list[Batch]:
        """The batches in order, or those with a subject; perhaps also some that have been stored already."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        wanted = subject.encode()
        # What follows the last line break was not written to its end, and so never acknowledged.
        lines = content.split(b"\n")[:-1]
        return [_parsed(line) for line in lines if wanted in line]

    def append(self, position: Position, entries: Sequence[Entry]) -> None:
        """Add a batch, and flush it to disk. Call it with the lock held. Raises OSError, adding nothing."""
        batches = self.batches()
        if any(batch.database not in (position.database, _DAMAGED) for batch in batches):
            self._set_aside()
            batches = []
        batch = max([position.last, *(batch.id for batch in batches)]) + 1
        line = json.dumps({"id": batch, "database": position.database, "entries": entries})
        descriptor = os.open(self._name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            end = _end_of_lines(descriptor)
            os.ftruncate(descriptor, end)
            try:
                _write(descriptor, f"{line}\n".encode())
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)
        if not batches:
            _sync_folder(self.path.parent)

    def remove(self, position: Position) -> None:
        """Remove the file, unless a batch still waits. Call it after a sync of the database."""
        with self.lock.acquire(timeout=0):
            batches = self.batches()
            if any(batch.waits_at(position) for batch in batches):
                return
            if any(batch.database != position.database for batch in batches):
                self._set_aside()
            else:
                self.path.unlink(missing_ok=True)

    def _set_aside(self) -> None:
        log.warning("%s is of another database or damaged, and is kept as %s.", self._name, self.old)
        self.path.replace(self.old)


def store(batches: Sequence[Batch], position: Position, execute: Callable[..., object]) -> Position:
    """Execute the batches that wait, in a writing transaction of their database, and return its new position.

    `execute` gets a statement and its parameters. An entry that the database refuses is logged and left out:
    it must not keep everybody from writing.
    """
    waiting = [batch for batch in batches if batch.waits_at(position)]
    for batch in waiting:
        for entry in batch.entries:
            execute("SAVEPOINT spooled")
            try:
                execute(entry.statement, entry.parameters)
            except (sqlite3.IntegrityError, IntegrityError):
                execute("ROLLBACK TO spooled")
                log.exception("An entry of the spool was refused: %s", entry.statement)
            execute("RELEASE spooled")
    if not waiting:
        return position
    last = max(batch.id for batch in waiting)
    execute(f"PRAGMA user_version = {last:d}")
    return position._replace(last=last)


def _parsed(line: bytes) -> Batch:
    try:
        content = json.loads(line)
        entries = [Entry(*entry) for entry in content["entries"]]
        return Batch(content["id"], content["database"], entries)
    except (ValueError, KeyError, TypeError):
        log.exception("A line of the spool is damaged.")
        return Batch(0, _DAMAGED, [])


def _end_of_lines(descriptor: int) -> int:
    """Where the last complete line ends."""
    content, position = b"", 0
    end = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    while position < end and (part := os.read(descriptor, end - position)):
        content += part
        position += len(part)
    return content.rfind(b"\n") + 1


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _sync_folder(folder: Path) -> None:
    """Flush the entry of a new file to disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
