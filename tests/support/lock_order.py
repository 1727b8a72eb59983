"""Another writer on PostgreSQL that locks incidents in the order of their ids, beside an operation."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import event

from kb.models import db
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LOCKING = ("FOR UPDATE", "FOR KEY SHARE", "UPDATE incident SET", "INSERT INTO audit_entry")
"""What a statement that locks rows of incidents has in its text; an entry locks the incident it names."""


@contextmanager
def beside_a_sorted_lock(url: str, ids: Sequence[int]) -> Iterator[None]:
    """Let somebody else lock incidents, in the order of their ids, as soon as the block has locked any.

    The block goes on when the other one waits for it, or has locked all. A block that locks the same
    incidents in another order deadlocks. Fails unless the other one had to wait, and got all of them
    afterwards.
    """
    writer = _Writer(url, sorted(ids))
    thread = threading.Thread(target=writer.run)
    thread.start()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not writer.may_begin.is_set() and any(each in statement for each in _LOCKING):
            writer.may_begin.set()
            eventually(lambda: writer.has_ended.is_set() or writer.waits())

    event.listen(db.engine, "after_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", note)
        writer.may_begin.set()
        thread.join(PATIENCE)
    assert writer.error is None
    assert writer.had_to_wait


class _Writer:
    def __init__(self, url: str, ids: Sequence[int]) -> None:
        self.may_begin, self.has_ended = threading.Event(), threading.Event()
        self.had_to_wait = False
        self.error: psycopg.Error | None = None
        self._url, self._ids = url, ids

    def run(self) -> None:
        with psycopg.connect(self._url) as connection:
            self.may_begin.wait(PATIENCE)
            try:
                for incident_id in self._ids:
                    connection.execute("SELECT FROM incident WHERE id = %s FOR UPDATE", (incident_id,))
            except psycopg.Error as error:
                self.error = error
            finally:
                self.has_ended.set()

    def waits(self) -> bool:
        """Whether it waits for a lock."""
        self.had_to_wait = waits_for_a_lock(self._url)
        return self.had_to_wait


def waits_for_a_lock(url: str) -> bool:
    """Whether any connection to a database of PostgreSQL waits for a lock of another one."""
    with psycopg.connect(url, autocommit=True) as connection:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        row = connection.execute(waiting).fetchone()
    return bool(row and row[0])
