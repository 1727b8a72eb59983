"""SQLite's log of writes, which is put on the disk after the lock is free.

A unit of work commits without waiting for the disk, and has the log on the disk before it ends. Whoever reads
what is not there yet does the same first, so that nothing leaves a process that a power cut could take back.
Decision 0081 says why that is sound.
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

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

_logger = logging.getLogger(__name__)

fdatasync = getattr(os, "fdatasync", None)
"""Puts a file on the disk; None where the system has no such call."""

_KEY = "kb_log"
"""Where a connection has its log."""

_BEGUN, _ENDED, _SYNCED, _FAILED = range(4)
"""What processes share: the number of the last commit that has begun, of one that has ended, of one that is
on the disk, both as have and are all before it; and whether the last attempt to sync has failed."""

_BYTES = 4 * 8
_WAIT_SECONDS = 2.0


class WriteLog:
    """The log of a database, as all processes that have it open see it.

    A sync of a file that has nothing to be synced takes as long as another one. So processes tell each other
    by numbers in a small file, of which only what is in memory matters: what is there after a power cut is on
    the disk. A process that is killed leaves numbers by which the log is synced too often.
    """

    def __init__(self, database: Path) -> None:
        self.database = database
        self._path = log_path(database)
        self._numbers_path = database.with_name(f"{database.name}-synced")
        descriptor = os.open(self._numbers_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _BYTES:
                # Written, not only made long: a page in memory has no place on a disk that is full.
                os.pwrite(descriptor, bytes(_BYTES), 0)
            self._numbers_file = _identity(os.fstat(descriptor))
            self._numbers = memoryview(mmap.mmap(descriptor, _BYTES)).cast("Q")
        finally:
            os.close(descriptor)
        self._file: _File | None = None
        self._commit = 0
        self.unlock()

    def unlock(self) -> None:
        """Forget who syncs: in a process that was forked meanwhile, nobody does."""
        self._syncing = threading.Lock()

    def is_current(self) -> bool:
        """Whether processes that open the database now see the same numbers."""
        try:
            return self._numbers_file == _identity(self._numbers_path.stat())
        except FileNotFoundError:
            return False

    def begin_commit(self) -> None:
        """Note that a transaction is about to be seen by others. Call it while it has the write lock."""
        self._commit = self._numbers[_BEGUN] = self._numbers[_BEGUN] + 1

    def end_commit(self) -> None:
        """Note that the last one has been committed or undone. Call it before this process begins another."""
        self._raise(_ENDED, self._commit)

    def is_synced(self) -> bool:
        """Whether what was committed before is on the disk."""
        return self._numbers[_SYNCED] >= self._numbers[_BEGUN]

    def sync(self, *, has_lock: bool = False) -> None:
        """Have on the disk what was committed before, unless it is.

        `has_lock` says that the caller has the write lock. Raises sqlite3.OperationalError if the disk
        refuses.
        """
        number = self._numbers[_BEGUN]
        if self._numbers[_SYNCED] >= number:
            return
        with self._syncing:
            if self._numbers[_SYNCED] >= number:  # another thread has synced it, too
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
            return  # removed by SQLite, which had synced the database first
        if not self._numbers[_FAILED]:
            file.sync()
        if not self._numbers[_FAILED]:
            return
        # After a failure the system may take for written what it has in memory only: it is written again.
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
        """The log that is there now. SQLite removes it with the last connection, and makes another one."""
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
        """Let a number be at least as high. Too low, because another process wrote it meanwhile, is safe."""
        self._numbers[place] = max(self._numbers[place], number)


class _File:
    """An open log. SQLite's locks are on other files: closing this one releases none."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self.descriptor)
        self.identity = _identity(os.fstat(self.descriptor))
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)  # its name is new
        finally:
            os.close(folder)

    def sync(self) -> None:
        """Put it on the disk. Raises OSError if that refuses."""
        assert fdatasync is not None
        fdatasync(self.descriptor)

    def write_again(self) -> None:
        """Write and sync what the system has of it."""
        for offset in range(0, os.fstat(self.descriptor).st_size, mmap.PAGESIZE):
            os.pwrite(self.descriptor, os.pread(self.descriptor, mmap.PAGESIZE, offset), offset)
        self.sync()


_logs: weakref.WeakSet[WriteLog] = weakref.WeakSet()
_noting = threading.Lock()
"""Held by who reads or changes `_logs`, and by who forks."""


def _unlock_all() -> None:
    for log in list(_logs):
        log.unlock()
    _noting.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_noting.acquire, after_in_parent=_noting.release, after_in_child=_unlock_all)


def log_path(database: Path) -> Path:
    """SQLite's log of writes to a database."""
    return database.with_name(f"{database.name}-wal")


def note(info: MutableMapping[Any, Any], database: Path) -> None:
    """Note the log at a connection to a database that has one.

    Where the system or the disk refuses what that takes, the connection has none: it commits as SQLite does.
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
    """The log that was noted at a connection."""
    return info.get(_KEY)


def sync_log(database: Path) -> None:
    """Have on the disk what others have committed, for who reads a database without an engine.

    Raises sqlite3.OperationalError if the disk refuses.
    """
    info: dict[str, WriteLog] = {}
    note(info, database)
    if (log := log_of(info)) is not None:
        log.sync()


def _refused(error: OSError) -> sqlite3.OperationalError:
    """What SQLite says when the disk refuses."""
    return sqlite3.OperationalError(
        "database or disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk I/O error"
    )


def _identity(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino
