"""What transactions do on the way: what is executed, also with SQLite's write lock, and whether one is
open."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Engine, event, text

from kb.models import db


@contextmanager
def with_write_lock() -> Iterator[list[str]]:
    """What SQLite executes with the write lock, in all connections that are opened in the block."""
    statements: list[str] = []
    holds_lock = False

    def note(statement: str) -> None:
        nonlocal holds_lock
        holds_lock = statement.startswith("BEGIN IMMEDIATE") or (
            holds_lock and not statement.startswith(("COMMIT", "ROLLBACK"))
        )
        if holds_lock:
            statements.append(statement)

    def listen(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(note)

    db.engine.dispose()
    event.listen(db.engine, "connect", listen)
    try:
        yield statements
    finally:
        event.remove(db.engine, "connect", listen)
        db.session.remove()
        db.engine.dispose()


@contextmanager
def executed_statements(
    engine: Engine | type[Engine] | None = None, *, when: Callable[[], bool] = lambda: True
) -> Iterator[list[str]]:
    """The statements that an engine executes in the block: by default that of the current application, with
    the class `Engine` any. Those are left out that are executed while `when` is false."""
    statements: list[str] = []
    target = db.engine if engine is None else engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if when():
            statements.append(statement)

    event.listen(target, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(target, "before_cursor_execute", note)


def is_any_transaction_open() -> bool:
    """Whether anybody but this thread has a transaction open."""
    if db.engine.dialect.name == "postgresql":
        others = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND xact_start IS NOT NULL AND backend_xid IS NULL AND pid <> pg_backend_pid()"
        )
        return bool(db.session.scalar(others))
    assert db.engine.url.database is not None
    with closing(sqlite3.connect(db.engine.url.database)) as connection:
        # Only what is written after a transaction has begun to read waits for its end.
        connection.execute("UPDATE change_counter SET seq = seq")
        connection.commit()
        (is_blocked, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(is_blocked)
