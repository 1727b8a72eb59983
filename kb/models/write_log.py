"""SQLite's write-ahead log, which is synced after the write lock is released.

A unit of work commits without waiting for the disk, and syncs the log before it ends. Readers of data that is
not on disk yet sync it first, so no process reveals anything that a power cut could undo. Decision 0081
explains why that is sound.
"""

from __future__ import annotations

import errno
import logging
import mmap
import os
import sqlite3
import threading
import weakref
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kb.durable_files import sync

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

_logger = logging.getLogger(__name__)

fdatasync = getattr(os, "fdatasync", None)
"""Syncs a file to disk; None if the system has no such call."""

_KEY = "kb_log"
"""The key of the log in a connection's `info`."""

_BEGUN, _ENDED, _SYNCED, _FAILED = range(4)
"""The numbers that processes share about commits and the disk.

They are the last commit that has begun, one up to which all have ended, one up to which all are on disk, and
whether the last sync failed.
"""

_BYTES = 4 * 8
_WAIT_SECONDS = 2.0


class WriteLog:
    """The log of a database, shared by all processes that have it open.

    Syncing an unchanged file takes as long as any sync. So processes share numbers in a small mapped file.
    Only its content in memory matters: after a power cut, whatever is in the log is on disk. If a process is
    killed, its numbers at most cause unneeded syncs.
    """

    def __init__(self, database: Path) -> None:
        self.database = database
        self._path = log_path(database)
        self._numbers_path = database.with_name(f"{database.name}-synced")
        descriptor = os.open(self._numbers_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _BYTES:
                # Written rather than truncated to size, so that the page has space even on a full disk.
                os.pwrite(descriptor, bytes(_BYTES), 0)
            self._numbers_file = _identity(os.fstat(descriptor))
            self._numbers = memoryview(mmap.mmap(descriptor, _BYTES)).cast("Q")
        finally:
            os.close(descriptor)
        self._file: _File | None = None
        self._commit = 0
        self.unlock()

    def unlock(self) -> None:
        """Reset the sync lock, which nobody holds in a newly forked process."""
        self._syncing = threading.Lock()

    def is_current(self) -> bool:
        """Whether processes that open the database now share these numbers."""
        try:
            return self._numbers_file == _identity(self._numbers_path.stat())
        except FileNotFoundError:
            return False

    def begin_commit(self) -> None:
        """Record that a transaction is about to become visible. Call it while holding the write lock."""
        self._commit = self._numbers[_BEGUN] = self._numbers[_BEGUN] + 1

    def end_commit(self) -> None:
        """Record that the transaction has committed or rolled back, before this process begins another."""
        self._raise(_ENDED, self._commit)

    def sync(self, *, has_lock: bool = False) -> None:
        """Sync everything committed so far to disk, unless it is there already.

        `has_lock` says whether the caller holds the write lock. Raises sqlite3.OperationalError if it fails.
        """
        number = self._numbers[_BEGUN]
        if self._numbers[_SYNCED] >= number:
            return
        with self._syncing:
            if self._numbers[_SYNCED] >= number:  # another thread has already synced it
                return
            ended = self._numbers[_ENDED]
            try:
                self._sync(has_lock=has_lock)
            except OSError as error:
                if not self._numbers[_FAILED]:
                    self._numbers[_FAILED] = 1
                    _logger.exception("The log of the database could not be written to the disk.")
                raise _refused(error) from error
            self._raise(_SYNCED, ended)

    def _sync(self, *, has_lock: bool) -> None:
        if (file := self._opened()) is None:
            return  # removed by SQLite, which has synced the database
        if not self._numbers[_FAILED]:
            file.sync()
        if not self._numbers[_FAILED]:
            return
        # After a failed sync, the system may consider unwritten pages clean, so they are rewritten.
        if has_lock:
            file.write_again()
        else:
            with closing(
                sqlite3.connect(self.database, isolation_level=None, timeout=_WAIT_SECONDS)
            ) as writer:
                writer.execute("BEGIN IMMEDIATE")
                file.write_again()
        self._numbers[_FAILED] = 0

    def _opened(self) -> _File | None:
        """The current log file. SQLite removes it with the last connection, and later creates another one."""
        try:
            present = _identity(self._path.stat())
        except FileNotFoundError:
            return None
        if self._file is None or self._file.identity != present:
            try:
                self._file = _File(self._path)
            except FileNotFoundError:
                return None
        return self._file

    def _raise(self, place: int, number: int) -> None:
        """Raise a shared number to at least this. A race that leaves it too low is safe."""
        self._numbers[place] = max(self._numbers[place], number)


class _File:
    """An open log file. Closing it releases no locks of SQLite, which are on other files."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self.descriptor)
        self.identity = _identity(os.fstat(self.descriptor))
        sync(path.parent)  # its directory entry is new

    def sync(self) -> None:
        """Sync it to disk. Raises OSError."""
        assert fdatasync is not None
        fdatasync(self.descriptor)

    def write_again(self) -> None:
        """Rewrite its content from the system's cache, and sync it."""
        for offset in range(0, os.fstat(self.descriptor).st_size, mmap.PAGESIZE):
            os.pwrite(self.descriptor, os.pread(self.descriptor, mmap.PAGESIZE, offset), offset)
        self.sync()


_logs: weakref.WeakSet[WriteLog] = weakref.WeakSet()
_noting = threading.Lock()
"""Held while reading or changing `_logs`, and during a fork."""


def _unlock_all() -> None:
    for log in list(_logs):
        log.unlock()
    _noting.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_noting.acquire, after_in_parent=_noting.release, after_in_child=_unlock_all)


def log_path(database: Path) -> Path:
    """The path of a database's write-ahead log."""
    return database.with_name(f"{database.name}-wal")


def note(info: MutableMapping[Any, Any], database: Path) -> None:
    """Store the log in the `info` of a connection.

    If the system or the disk does not allow it, the connection has none, and commits as SQLite does by
    default.
    """
    if fdatasync is None:
        return
    with _noting:
        log = next((log for log in _logs if log.database == database and log.is_current()), None)
        if log is None:
            try:
                log = WriteLog(database)
            except OSError as error:
                _logger.warning("%s-synced cannot be written (%s): writes wait longer.", database, error)
                return
            _logs.add(log)
    info[_KEY] = log


def log_of(info: MutableMapping[Any, Any]) -> WriteLog | None:
    """The log of a connection, if it has one."""
    return info.get(_KEY)


def sync_log(database: Path) -> None:
    """Sync what others have committed, before reading a database without an engine.

    Raises sqlite3.OperationalError if the disk refuses.
    """
    info: dict[str, WriteLog] = {}
    note(info, database)
    if (log := log_of(info)) is not None:
        log.sync()


def _refused(error: OSError) -> sqlite3.OperationalError:
    """The error that SQLite raises in this case."""
    return sqlite3.OperationalError(
        "database or disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk I/O error"
    )


def _identity(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino
