"""The spool of an SQLite database: writes that must be durable before an answer while others hold the lock.

Its file is next to the database, and exists only while it has entries. Each line is a batch of statements
that are stored together. Whoever next has the write lock executes the batches in order and records the last
one in the database (`PRAGMA user_version`), in the same transaction, so that none is executed twice. Decision
0107 explains why that is sound.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from filelock import FileLock
from sqlalchemy.exc import DBAPIError

from kb.durable_files import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

POSITION = "SELECT database, user_version FROM change_counter, pragma_user_version"
"""Reads the position of a database: its id, and the last batch that was stored in it."""

_DAMAGED = ""
"""The database of a line that cannot be read."""

_POLL_SECONDS = 0.005
"""How often a process that waits for the lock tries again: the holder writes only a line."""

_MAX_BYTES = 1 << 20
"""Maximum size of the file: some thousand batches, which take 0.2 s to store."""

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


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

    Readers take no lock. They read the spool before the position of the database, or they would miss entries
    that are moved into the database in between.
    """

    def __init__(self, database: str | Path) -> None:
        self._database = os.path.realpath(database)  # as SQLite does for its own files
        self._name = f"{self._database}-spool"

    @property
    def path(self) -> Path:
        """The file, which may not exist."""
        return Path(self._name)

    @property
    def old(self) -> Path:
        """The file to which a damaged spool, or one of another database, is moved for people to inspect."""
        return Path(f"{self._name}-old")

    @property
    def lock(self) -> FileLock:
        """The lock for changing the file. It is reentrant within a thread."""
        name = f"{self._name}.lock"
        if not os.path.exists(name):  # noqa: PTH110 (a third of the time)
            os.close(self._open(name))
        return FileLock(name, is_singleton=True, poll_interval=_POLL_SECONDS)

    def exists(self) -> bool:
        """Whether something may be waiting."""
        return os.path.exists(self._name)  # noqa: PTH110 (a third of the time, for every request)

    def batches(self, subject: str = "") -> list[Batch]:
        """The batches in order, or those with a subject; perhaps also some that have been stored already."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        encoded_subject = subject.encode()
        # Anything after the last line break was not written completely, and so never acknowledged.
        lines = content.split(b"\n")[:-1]
        return [_parsed(line) for line in lines if encoded_subject in line]

    def append(self, position: Position, entries: Sequence[Entry]) -> None:
        """Add a batch, and flush it to disk. Call it with the lock held.

        Raises OSError, adding nothing, also if the file would become too large.
        """
        last = self._last_batch()
        if last is not None and last.database not in (position.database, _DAMAGED):
            self._set_aside()
            last = None
        batch = max(position.last, last.id if last else 0) + 1
        line = json.dumps({"id": batch, "database": position.database, "entries": entries})
        descriptor = self._open(self._name)
        try:
            end = _end_of_lines(descriptor)
            if end + len(line) > _MAX_BYTES:
                raise OSError(errno.EFBIG, "Too much waits for the write lock", self._name)
            os.ftruncate(descriptor, end)
            try:
                os.lseek(descriptor, end, os.SEEK_SET)
                _write(descriptor, f"{line}\n".encode())
                os.fsync(descriptor)
                if not end:
                    sync(self.path.parent)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)

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

    def _last_batch(self) -> Batch | None:
        """The last batch with the highest id, or None if there is none."""
        try:
            *_, last, _rest = self.path.read_bytes().split(b"\n")
        except (FileNotFoundError, ValueError):
            return None
        parsed = _parsed(last)
        return parsed if parsed.database != _DAMAGED else max(self.batches(), key=lambda batch: batch.id)

    def _open(self, name: str) -> int:
        """Open or create a file with the owner and the group of the database, so that all its writers can
        write to it.
        """
        is_new = not os.path.lexists(name)
        descriptor = os.open(name, _FLAGS, 0o600)
        if is_new and hasattr(os, "fchown"):
            database = os.stat(self._database)  # noqa: PTH116
            os.fchmod(descriptor, 0o660 if database.st_mode & stat.S_IWGRP else 0o600)
            if os.geteuid() == 0:
                os.fchown(descriptor, database.st_uid, database.st_gid)
        return descriptor

    def _set_aside(self) -> None:
        """Append the file to the one for people to inspect."""
        log.warning("%s is of another database or damaged, and is kept as %s.", self._name, self.old)
        descriptor = self._open(str(self.old))
        try:
            os.lseek(descriptor, 0, os.SEEK_END)
            _write(descriptor, self.path.read_bytes())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.path.unlink()


def store(batches: Sequence[Batch], position: Position, execute: Callable[..., object]) -> Position:
    """Execute the waiting batches in a writing transaction of their database, and return its new position.

    `execute` gets a statement and its parameters. An entry that the database refuses is logged and left out:
    it must not keep the others from being stored.
    """
    waiting = [batch for batch in batches if batch.waits_at(position)]
    for batch in waiting:
        for entry in batch.entries:
            execute("SAVEPOINT spooled")
            try:
                execute(entry.statement, entry.parameters)
            except (sqlite3.Error, DBAPIError) as error:
                if not _is_refusal(error):
                    raise
                execute("ROLLBACK TO spooled")
                log.exception("An entry of the spool was refused: %s", entry.statement)
            execute("RELEASE spooled")
    if not waiting:
        return position
    last = max(batch.id for batch in waiting)
    execute(f"PRAGMA user_version = {last:d}")
    return position._replace(last=last)


def _is_refusal(error: sqlite3.Error | DBAPIError) -> bool:
    """Whether the database will never take a statement, by a constraint or after a migration."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, sqlite3.IntegrityError) or any(
        words in str(cause) for words in ("no such ", "has no column")
    )


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
