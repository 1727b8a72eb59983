"""What the columns of trends are read by: statements over all incidents, or some, quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import BigInteger, Date, Integer, String, cast, func, literal_column, type_coerce

from kb.models import Incident

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Engine, Select

Array = np.ndarray[Any, np.dtype[Any]]

_AT_ONCE = 10_000
"""How many rows are fetched at once."""


def _fetch(
    connection: Connection, statement: Select[*tuple[Any, ...]], owner: Any, ids: list[int] | None
) -> Iterator[Sequence[Any]]:
    """The rows that a statement gives, of all incidents or of some, part after part.

    By the driver's own cursor, in the transaction of the connection: rows of SQLAlchemy take twice the time.
    """
    if ids is not None:
        statement = statement.where(owner.in_(ids))
    text = str(statement.compile(connection.engine, compile_kwargs={"literal_binds": True}))
    cursor = connection.connection.cursor()
    cursor.execute(text)
    while part := cursor.fetchmany(_AT_ONCE):
        yield part


def column_parts(
    connection: Connection, statement: Select[*tuple[Any, ...]], owner: Any, ids: list[int] | None
) -> Iterator[tuple[Any, ...]]:
    """The same as parallel columns."""
    for part in _fetch(connection, statement, owner, ids):
        yield tuple(zip(*part, strict=True))


def column_lines(
    connection: Connection, statement: Select[*tuple[Any, ...]], owner: Any, ids: list[int] | None
) -> Array:
    """The same as lines of numbers, all in one."""
    parts = [np.array(part, np.int64) for part in _fetch(connection, statement, owner, ids)]
    return np.concatenate(parts) if parts else np.zeros((0, 3), np.int64)


def fact_columns(engine: Engine) -> list[ColumnElement[Any]]:
    """The columns that `Columns` takes of each incident, days and moments as numbers."""
    sqlite = engine.dialect.name == "sqlite"

    def day(column: Any) -> ColumnElement[int]:
        if sqlite:
            return cast(func.julianday(column) - 1721424.5, Integer)
        return type_coerce(column - cast(literal_column("'0001-01-01'"), Date), Integer) + 1

    def second(column: Any) -> ColumnElement[int]:
        if sqlite:
            return cast(func.strftime("%s", func.substr(column, 1, 19)), BigInteger)  # it would round up
        return cast(func.floor(func.extract("epoch", column)), BigInteger)

    moments = (Incident.published_at, Incident.posted_at, Incident.acknowledged_at, Incident.removed_at)
    return [
        Incident.id.expression,
        Incident.team_id.expression,
        # As they are stored: making members of enumerations would take most of the time.
        *(type_coerce(column, String) for column in (Incident.status, Incident.visibility, Incident.kind)),
        Incident.severity.expression,
        day(Incident.occurred_on),
        day(Incident.occurred_until),
        *map(second, moments),
        Incident.organization_key.expression,
        Incident.organization.expression,
    ]
