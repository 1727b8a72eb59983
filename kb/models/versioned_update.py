"""Update the row of an object in the session without a flush.

A flush examines all relationships of an object, which takes ten times as long as the statement; on SQLite,
all other writers wait.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, inspect, literal_column, update
from sqlalchemy.orm import make_transient, make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError

from kb.models.base import db
from kb.models.driver import execute_by_driver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect, Update

    from kb.models.base import Model

_OLD = "old_"
"""The prefix of parameters that identify the row."""


_MAX_STATEMENTS = 200
"""The size of the statement cache, which is limited because clients decide which columns they change."""


class _Update(NamedTuple):
    """A statement, and the name and converter of each parameter."""

    text: str
    parameters: tuple[tuple[str, Callable[[Any], Any] | None], ...]


def update_row(row: Model) -> bool:
    """Write the changed columns of a row, and increment its version, if it has one, as a flush does.

    Returns False, and does nothing, if that would not be enough (the row is new, or related rows were added
    or removed), or if the database is not SQLite. Raises StaleDataError if the row was deleted, or its
    version was changed, in the meantime.
    """
    state = inspect(row)
    model, connection = type(row), db.session.connection()
    if not state.persistent or connection.dialect.name != "sqlite":
        return False
    if not (changed := frozenset(state.committed_state)):
        return not state.modified
    if not changed <= _columns(model):
        return False
    values = {name: getattr(row, name) for name in changed}
    values |= {f"{_OLD}{name}": getattr(row, name) for name in _identity(model)}
    if (version := values.get(f"{_OLD}version")) is not None:
        changed |= {"version"}
        values["version"] = version + 1
    statement = _prepare(model, changed, connection.dialect)
    converted = [
        values[name] if convert is None else convert(values[name]) for name, convert in statement.parameters
    ]
    if not execute_by_driver(connection, statement.text, tuple(converted)):
        raise StaleDataError(f"A row of {model.__tablename__} is no longer as it was loaded.")
    if version is not None:
        row.version = values["version"]  # type: ignore[attr-defined]
    # Let the session treat it as loaded in this state.
    make_transient(row)
    make_transient_to_detached(row)
    db.session.add(row)
    return True


@cache
def _columns(model: type[Model]) -> frozenset[str]:
    """The columns that an update may change: all but the primary key."""
    mapper = inspect(model)
    return frozenset(mapper.column_attrs.keys()) - {column.name for column in mapper.primary_key}


@cache
def _identity(model: type[Model]) -> tuple[str, ...]:
    """The columns that identify a row and its version."""
    mapper = inspect(model)
    version = () if mapper.version_id_col is None else (mapper.version_id_col,)
    return tuple(column.name for column in (*mapper.primary_key, *version))


@lru_cache(maxsize=_MAX_STATEMENTS)
def _prepare(model: type[Model], names: frozenset[str], dialect: Dialect) -> _Update:
    """Compile the statement that updates these columns of a row."""
    table = model.__table__
    meant = [table.c[name] == bindparam(f"{_OLD}{name}") for name in _identity(model)]
    values: dict[str, Any] = {name: bindparam(name) for name in sorted(names)}
    statement: Update = update(table).where(*meant).values(values).returning(literal_column("1"))
    compiled = statement.compile(dialect=dialect)
    converters = {
        name: table.c[name.removeprefix(_OLD)].type.dialect_impl(dialect).bind_processor(dialect)
        for name in compiled.positiontup or ()
    }
    return _Update(str(compiled), tuple(converters.items()))
