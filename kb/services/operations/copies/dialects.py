"""How SQLite and PostgreSQL differ in a copy: emptiness, foreign keys, id counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, make_url

from kb.messages import Message
from kb.models import db
from kb.models.base import WRITE
from kb.services.operations.backups import postgres, sqlite
from kb.services.operations.errors import CopyError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Table

_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""

ForeignKey = tuple[str, str, str]
"""A table, the name of a constraint, and its definition."""


def require_unused(url: str, file: Path | None) -> None:
    """Raise BackupError while another connection to a database is open, such as a server's."""
    if file is None:
        postgres.require_unused(url)
    else:
        with sqlite.lock_exclusively(file):
            pass


def lock_snapshot(source: Connection, tables: Sequence[Table]) -> Connection:
    """Begin a transaction that sees one snapshot, and during which nobody else can write."""
    if source.dialect.name == "sqlite":
        held = source.execution_options(**WRITE)
        held.begin()
        return held
    source.begin()
    quote = source.dialect.identifier_preparer.quote
    source.exec_driver_sql(f"LOCK TABLE {', '.join(quote(table.name) for table in tables)} IN SHARE MODE")
    return source


def require_empty(target: Connection) -> None:
    """Raise CopyError if there is a table in a database."""
    if inspect(target).get_table_names():
        raise CopyError(
            Message(
                "The database {database} is not empty. Create an empty one, and copy into that.",
                database=str(make_url(str(target.engine.url)).database),
            )
        )


def suspend_foreign_keys(target: Connection) -> list[ForeignKey]:
    """Allow adding rows in any order, since references are circular. On SQLite they are already off."""
    if target.dialect.name == "sqlite":
        return []
    found = [
        (str(table), str(name), str(rule)) for table, name, rule in target.exec_driver_sql(_FOREIGN_KEYS)
    ]
    for table, name, _ in found:
        target.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return found


def restore_foreign_keys(target: Connection, suspended: Sequence[ForeignKey]) -> None:
    """Enforce foreign keys again, for existing rows as well."""
    for table, name, definition in suspended:
        target.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    if target.dialect.name == "sqlite":
        broken = target.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(1)
        if broken:
            raise CopyError(
                Message("A row of {table} refers to nothing. Run kb doctor.", table=str(broken[0][0]))
            )


def counters(connection: Connection) -> dict[str, int]:
    """The last id ever assigned, by table, even to a row that is gone."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        return {str(name): int(seq) for name, seq in found if name in db.metadata.tables}
    last: dict[str, int] = {}
    for table, _, sequence in _sequences(connection):
        value, is_called = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608
        last[table] = int(value) if is_called else 0
    return last


def set_counters(target: Connection, last: dict[str, int]) -> None:
    """Let new ids begin after the last one ever assigned."""
    if target.dialect.name == "sqlite":
        for table, given in counters(target).items():
            target.exec_driver_sql(
                "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (max(given, last.get(table, 0)), table)
            )
        return
    for table, column, sequence in _sequences(target):
        quote = target.dialect.identifier_preparer.quote
        highest = target.exec_driver_sql(f"SELECT max({quote(column)}) FROM {quote(table)}").scalar_one()  # noqa: S608
        if value := max(highest or 0, last.get(table, 0)):
            target.exec_driver_sql("SELECT setval(%(name)s, %(value)s)", {"name": sequence, "value": value})


def _sequences(connection: Connection) -> list[tuple[str, str, Any]]:
    """The tables of PostgreSQL whose ids come from a sequence, the column, and the sequence."""
    found = []
    for table in db.metadata.sorted_tables:
        for column in table.primary_key:
            name = connection.exec_driver_sql(
                "SELECT pg_get_serial_sequence(%(table)s, %(column)s)",
                {"table": connection.dialect.identifier_preparer.quote(table.name), "column": column.name},
            ).scalar_one()
            if name is not None:
                found.append((table.name, column.name, name))
    return found
