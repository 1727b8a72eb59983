"""Updating the row of an object of the session without a flush.

A flush looks at all that belongs to an object, which takes ten times as long as the statement; on SQLite,
everybody waits for whoever writes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import bindparam, inspect, update
from sqlalchemy.orm import make_transient, make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError

from kb.models.base import db
from kb.models.driver import execute_by_driver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect, Table

    from kb.models.incident import Incident

_ID, _VERSION = "its_id", "its_version"


class _Update(NamedTuple):
    """A statement, and for each of its parameters the name and what converts its value."""

    text: str
    parameters: tuple[tuple[str, Callable[[Any], Any] | None], ...]


def update_incident(incident: Incident) -> bool:
    """Write the columns of an incident that have changed, and raise its version, as `session.flush` does.

    Returns False, and does nothing, where that is not all: if it is new, or rows were added to it or removed
    from it. Raises StaleDataError if the version is another one meanwhile.
    """
    state = inspect(incident)
    connection = db.session.connection()
    changed = frozenset(state.committed_state)
    if not state.persistent or connection.dialect.name != "sqlite" or not changed <= _columns(type(incident)):
        return False
    version = incident.version + 1
    statement = _prepare(type(incident), changed | {"version"}, connection.dialect)
    values = {name: getattr(incident, name) for name in changed}
    values |= {"version": version, _ID: incident.id, _VERSION: incident.version}
    converted = [
        values[name] if convert is None else convert(values[name]) for name, convert in statement.parameters
    ]
    if not execute_by_driver(connection, statement.text, tuple(converted)):
        raise StaleDataError(f"The incident {incident.id} is no longer version {incident.version}.")
    incident.version = version
    # The session takes it for one that was loaded like this.
    make_transient(incident)
    make_transient_to_detached(incident)
    db.session.add(incident)
    return True


@cache
def _columns(model: Any) -> frozenset[str]:
    return frozenset(inspect(model).column_attrs.keys())


@cache
def _prepare(model: Any, names: frozenset[str], dialect: Dialect) -> _Update:
    """The statement that updates some columns of the row with an id and a version."""
    table = cast("Table", model.__table__)
    is_this_version = (table.c.id == bindparam(_ID), table.c.version == bindparam(_VERSION))
    values: dict[str, Any] = {name: bindparam(name) for name in sorted(names)}
    statement = update(table).where(*is_this_version).values(values).returning(table.c.id)
    compiled = statement.compile(dialect=dialect)
    converters = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    return _Update(str(compiled), tuple((name, converters.get(name)) for name in compiled.positiontup or ()))
