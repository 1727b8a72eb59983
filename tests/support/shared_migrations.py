"""What migrations do to an empty database, recorded the first time, for tests that copy into many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event, inspect

from kb.services.operations import bootstrap

_READS = ("SELECT", "PRAGMA")

Upgrade = Callable[..., None]


def migrating_once(upgrade: Upgrade) -> Upgrade:
    """`bootstrap.upgrade_database`, which repeats the statements that made the tables in the first empty
    database of a kind. It does so for given connections alone: to any other database, a migration gives an id
    of its own.
    """
    recorded: dict[Any, list[tuple[str, Any]]] = {}

    def upgrade_database(connection: Connection | None = None) -> None:
        if connection is None or inspect(connection).get_table_names():
            upgrade(connection)
            return
        kind = (connection.dialect.name, bootstrap.MIGRATIONS)
        if (statements := recorded.get(kind)) is None:
            recorded[kind] = _statements_of(upgrade, connection)
            return
        for statement, parameters in statements:
            connection.exec_driver_sql(statement, parameters)

    return upgrade_database


def _statements_of(upgrade: Upgrade, connection: Connection) -> list[tuple[str, Any]]:
    """Migrate, and return the statements that changed something, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def record(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.lstrip().startswith(_READS):
            statements.append((statement, parameters or None))

    event.listen(connection, "before_cursor_execute", record)
    try:
        upgrade(connection)
    finally:
        event.remove(connection, "before_cursor_execute", record)
    return statements
