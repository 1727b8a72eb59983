"""Advisory locks of PostgreSQL, all numbered in one place."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from kb.models import db

if TYPE_CHECKING:
    from sqlalchemy import Connection


def advisory_lock(scope: str, key: str = "", *, connection: Connection | None = None) -> None:
    """Wait until no other transaction holds the lock of this scope and key; hold it until ours ends.

    Locks the session's transaction, or that of `connection`. Does nothing on SQLite, which lets only one
    transaction write. Take several locks in a fixed order, or two transactions may wait for each other.
    """
    executor = connection if connection is not None else db.session
    dialect = connection.dialect if connection is not None else db.engine.dialect
    if dialect.name == "postgresql":
        executor.execute(select(func.pg_advisory_xact_lock(_lock_number(scope, key))))


def _lock_number(scope: str, key: str) -> int:
    """A signed 64-bit number. Two names may share one: their holders then wait for each other, needlessly."""
    digest = hashlib.sha256(f"{scope}\0{key}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
