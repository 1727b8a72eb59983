"""PostgreSQL advisory locks, named by scope and key."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from kb.models import db

if TYPE_CHECKING:
    from sqlalchemy import Connection


def advisory_lock(scope: str, key: str = "", *, connection: Connection | None = None) -> None:
    """Take the lock for a scope and key until the end of the transaction, waiting for it if needed.

    The transaction is the session's, unless `connection` is given. Does nothing on SQLite, which has one
    writing transaction at a time. Take several locks in a fixed order, or two transactions may deadlock.
    """
    executor = connection if connection is not None else db.session
    dialect = connection.dialect if connection is not None else db.engine.dialect
    if dialect.name == "postgresql":
        executor.execute(select(func.pg_advisory_xact_lock(_lock_number(scope, key))))


def _lock_number(scope: str, key: str) -> int:
    """A signed 64-bit digest. If two names collide, their holders only wait for each other needlessly."""
    digest = hashlib.sha256(f"{scope}\0{key}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
