"""A replica of the database: what is read from it, and whether it follows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from kb.models import db
from kb.models.base import REPLICA
from kb.services.core import replica as replica_reads
from tests.support.postgres import Cluster
from tests.support.waiting import eventually


class StatementsOnReplica:
    """The statements that the replica has executed for an application."""

    def __init__(self, app: Flask) -> None:
        self._texts: list[str] = []
        with app.app_context():
            event.listen(db.engines[REPLICA], "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self._texts.append(statement)

    def reading(self, table: str) -> int:
        """How many statements have read a table since the last call."""
        count = sum(f"FROM {table}" in text for text in self._texts)
        self._texts.clear()
        return count


def replay(standby: Cluster, what: str) -> None:
    """Let a replica stop following (`pause`), or go on (`resume`)."""
    with psycopg.connect(f"{standby.url}/postgres", autocommit=True) as connection:
        connection.execute(f"SELECT pg_wal_replay_{what}()")


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a replica that is behind be waited for no longer than needed."""
    monkeypatch.setattr(replica_reads, "_PATIENCE_SECONDS", 0.1)


def follow_again(standby: Cluster) -> None:
    """Let a replica follow that was stopped or paused, or does so anyway."""
    if not standby.is_running():
        standby.start()
    replay(standby, "resume")


def wait_until_replayed(primary: Cluster, standby: Cluster) -> None:
    """Wait until a replica has everything that was committed before, new databases included."""
    with psycopg.connect(f"{primary.url}/postgres") as connection:
        (place,) = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone() or (None,)
    with psycopg.connect(f"{standby.url}/postgres", autocommit=True) as connection:
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        eventually(lambda: connection.execute(replayed, [place]).fetchone() == (True,))
