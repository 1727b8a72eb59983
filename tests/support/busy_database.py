"""Another program that holds the write lock of SQLite, and what waits for it meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.models import AuditEntry, db
from kb.services.core import brief_work
from kb.services.core.unit_of_work import unit_of_work
from tests.support.accounts import sign_in, sign_up
from tests.support.api import callers, people, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from kb.config import Settings

RECORDED = ("login", "login_failed", "logout", "export")
"""Events that are recorded even while somebody holds the lock."""


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the write lock of a database, as another program does, while the block runs."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def nothing_in_background() -> Iterator[None]:
    """Let this process store what waits only when it writes, as if it had been killed meanwhile."""
    with brief_work._storing:
        yield


def leave_a_session_waiting(settings: Settings) -> None:
    """Let Dana sign in while the lock is held, and stop before her session is stored."""
    for app in running(settings):
        sign_up(people(app)("Ada Admin", site_admin=True))
        with nothing_in_background(), locked(settings.sqlite_path):
            assert sign_in(callers(app)()).status_code == 201
    assert spool_of(settings.sqlite_path).exists()


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
