"""Copy an SQLite database, and lock it exclusively so that it can be exchanged."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from kb.durable_files import sync
from kb.messages import Message
from kb.models.spool import POSITION, Position, Spool, store
from kb.models.write_log import sync_log
from kb.services.operations.backups.facts import DatabaseFacts, RowDigest, database_facts
from kb.services.operations.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kb.models.spool import Batch
    from kb.services.operations.backups.facts import TableState
    from kb.services.search.documents import Progress

_PAGES = 4_096
"""How many pages are copied between two reports of progress: 16 MB."""

_WAIT_SECONDS = 30.0
"""How long a copy waits for a lock, which others hold only briefly."""


def copy_database(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database as of one moment, while others read and write, into one self-contained file.

    Without a transaction, the copy would restart after each write of another process. Entries in the spool
    are stored in the copy, too. They are read first, since they may be moved into the database at any time.
    """
    waiting = Spool(source).batches()
    with _readable(source), closing(_connect(source)) as database, closing(sqlite3.connect(target)) as copy:
        database.execute("BEGIN")
        database.execute("SELECT seq FROM change_counter").fetchall()  # the transaction begins by reading
        sync_log(source)
        database.backup(
            copy, pages=_PAGES, progress=lambda _, remaining, total: progress(total - remaining, total)
        )
        if waiting:
            _store(waiting, copy)
        make_self_contained(copy)


def _store(batches: Sequence[Batch], copy: sqlite3.Connection) -> None:
    copy.isolation_level = None  # the transaction is begun and ended here
    copy.execute("PRAGMA foreign_keys = ON")
    copy.execute("BEGIN IMMEDIATE")
    store(batches, Position(*copy.execute(POSITION).fetchone()), copy.execute)
    copy.execute("COMMIT")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn an SQLite error into one with advice."""
    try:
        yield
    except sqlite3.Error as error:
        raise BackupError(
            Message(
                "The database {file} cannot be copied ({reason}). If the disk is full, free some space; if "
                "the database is damaged, restore the last backup.",
                file=str(path),
                reason=str(error),
            )
        ) from error


def make_self_contained(connection: sqlite3.Connection) -> None:
    """Checkpoint a database's journal into its file, so that the file can be copied and renamed."""
    ((mode,),) = connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    if mode != "delete":
        raise sqlite3.OperationalError("database is locked")


def finish(path: Path) -> None:
    """Make an unused database self-contained, and flush it to disk."""
    with closing(_connect(path)) as connection:
        make_self_contained(connection)
    sync(path)


def facts_of(path: Path) -> DatabaseFacts:
    """The facts of a database file. Raises BackupError if it cannot be read."""
    with _readable(path), closing(_connect(path)) as connection:
        # Texts written by other programs may be invalid.
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        connection.execute("BEGIN")

        def query(statement: str) -> list[tuple[object, ...]]:
            return connection.execute(statement).fetchall()

        names = query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return database_facts(query, {str(name): _table_state(connection, str(name)) for (name,) in names})


def count_rows(path: Path, tables: Iterable[str]) -> dict[str, int]:
    """How many rows some tables of a database file have."""
    with closing(_connect(path)) as connection:
        statements = {table: f'SELECT count(*) FROM "{table}"' for table in tables}  # noqa: S608
        return {table: connection.execute(each).fetchone()[0] for table, each in statements.items()}


def problems_of(path: Path) -> list[str]:
    """The integrity problems of a database file; empty for a sound one."""
    with closing(_connect(path)) as connection:
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(10)
        except sqlite3.DatabaseError as error:
            return [str(error)]
        problems = [] if found == ["ok"] else found
        return problems + [f"{table} {row} refers to {other}" for table, row, other, _ in broken]


@contextmanager
def lock_exclusively(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Lock a database exclusively; yields None for a file that is damaged or empty.

    Raises BackupError while another connection is open, such as a server's. A process that opens the database
    while it is locked gets an error.
    """
    if not path.exists() or not path.stat().st_size:
        yield None
        return
    connection: sqlite3.Connection | None = _connect(path, wait=0)
    try:
        try:
            assert connection is not None
            # Where it is exclusive from the start, the write-ahead log is locked for readers, too.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise BackupError(
                Message(
                    "A server or another program uses the database {file}. Stop it, and try again.",
                    file=str(path),
                )
            ) from error
        except sqlite3.DatabaseError:  # it is no database, or a damaged one
            assert connection is not None
            connection.close()
            connection = None
        yield connection
    finally:
        if connection is not None:
            connection.close()


def _connect(path: Path, *, wait: float = _WAIT_SECONDS) -> sqlite3.Connection:
    """A connection without implicit transactions to a file that exists: none is created."""
    uri = f"{path.resolve().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=wait)


def _table_state(connection: sqlite3.Connection, table: str) -> TableState:
    digest = RowDigest()
    for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 (a name of the schema)
        digest.add(row)
    return digest.state()
