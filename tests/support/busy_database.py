"""Another program that holds the write lock of SQLite, and what waits for it meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.models import AuditEntry, db
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

RECORDED = ("login", "login_failed", "logout", "export")
"""Events that are recorded even while somebody holds the lock."""


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the write lock of a database, as another program does, while the block runs."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def spool_of(database: Path) -> Path:
    """The file of what waits for the lock of a database."""
    return database.with_name(f"{database.name}-spool")


def store_what_waits(app: Flask) -> None:
    """Write, as the next writer does."""
    with app.app_context(), unit_of_work():
        pass


def recorded(app: Flask) -> list[str]:
    """The events in the audit log that are among `RECORDED`, oldest first."""
    with app.app_context():
        events = db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.id))
        return [event.value for event in events if event.value in RECORDED]
