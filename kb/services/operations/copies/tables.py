"""Read the tables of the models in batches, as rows that are equal in both kinds of database."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Column,
    Dialect,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    create_engine,
    func,
    select,
)
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator, TypeEngine

from kb.models import db
from kb.models.base import EnumText, engine_options
from kb.services.operations.backups.facts import DatabaseFacts, RowDigest, TableState, database_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Engine

BATCH_ROWS = 500
"""How many rows are in memory at a time."""

BATCH_FILES = 4
"""How many rows of a table that keeps files are in memory at a time."""

_OPTIONS = ("isolation_level", "connect_args", "hide_parameters")
"""The engine options that do not concern its pool."""


def portable_engine(url: str) -> Engine:
    """An engine that passes JSON through as text, so that no digit or space changes."""
    options = engine_options(url)
    own = {name: options[name] for name in _OPTIONS if name in options}
    return create_engine(url, poolclass=NullPool, json_serializer=_text, json_deserializer=_text, **own)


def portable_tables() -> list[Table]:
    """The tables of the models with types whose values are equal in Python, whatever the database."""
    metadata = MetaData()
    return [
        Table(
            table.name, metadata, *[Column(column.name, _portable(column.type)) for column in table.columns]
        )
        for table in db.metadata.sorted_tables
    ]


def batches(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """The rows of a table, a few at a time."""
    has_files = any(isinstance(column.type, LargeBinary) for column in table.columns)
    size = BATCH_FILES if has_files else BATCH_ROWS
    yield from connection.execute(select(table), execution_options={"yield_per": size}).partitions()


def count_rows(connection: Connection, tables: Sequence[Table]) -> int:
    """How many rows some tables have together."""
    return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def portable_facts(
    connection: Connection, tables: Sequence[Table], report: Callable[[int], object]
) -> DatabaseFacts:
    """The facts of a database, equal on every kind. `report` gets the number of rows read so far."""
    states: dict[str, TableState] = {}
    done = 0
    for table in tables:
        digest = RowDigest()
        for rows in batches(connection, table):
            for row in rows:
                digest.add(tuple(row))
            done += len(rows)
            report(done)
        states[table.name] = digest.state()
    return facts_of(connection, states)


def facts_of(connection: Connection, states: dict[str, TableState]) -> DatabaseFacts:
    """The facts of a database whose tables have been read on this connection."""
    return database_facts(
        lambda statement: [tuple(row) for row in connection.exec_driver_sql(statement)], states
    )


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _portable(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, JSON):
        return JSON(none_as_null=True)
    if isinstance(kind, Numeric):
        return _Amount(kind.precision, kind.scale)
    # Without a length: too long a text is then refused by the column, rather than cut off.
    return String() if isinstance(kind, (EnumText, String)) else kind


class _Amount(TypeDecorator[Decimal]):
    """A number with digits after the point, exact on the way to a database that counts in decimals."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int | None, scale: int | None) -> None:
        super().__init__(precision, scale, asdecimal=False)
        self.digits = scale or 0

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(f"{value:.{self.digits}f}")
