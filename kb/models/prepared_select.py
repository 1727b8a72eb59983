"""Statements of every search, compiled once and executed directly by the driver.

SQLAlchemy's overhead per statement (a transaction, a cache key, types, a result) is several times the time
that SQLite takes to answer one of these. Figures: docs/decisions/0027.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam

from kb.models.base import db
from kb.models.driver import execute_by_driver
from kb.models.write_log import log_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import BindParameter, Connection, Dialect, Select
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql.compiler import SQLCompiler

    Values = Sequence[int] | Sequence[str] | Sequence[int | str]


class _Compiled(NamedTuple):
    """A compiled statement: its text, the names of its parameters in their order if they have no names in the
    text, and the values of those that the statement itself has."""

    text: str
    names: Sequence[str] | None
    constants: Mapping[str, Any]


class PreparedSelect:
    """A SELECT with a list of integer or text parameters, compiled once for each length of the list.

    `make` builds it from that many bind parameters; other values are converted by their types, once. Rows
    hold the driver's values, without column type conversions. Each execution has a transaction of its own and
    sees what is committed.
    """

    def __init__(self, make: Callable[[Sequence[BindParameter[Any]]], Select[*tuple[Any, ...]]]) -> None:
        self._make = make
        self._compiled: dict[tuple[str, int], _Compiled] = {}

    def rows(self, values: Values) -> Sequence[tuple[Any, ...]]:
        """Execute the statement with these values, and return its rows."""
        engine = db.engine
        text, parameters = self._prepare(engine.dialect, values)
        assert engine.dialect.dbapi is not None
        try:
            connection = engine.raw_connection()
            try:
                with _as_single_statement(connection, engine.dialect.name):
                    cursor = connection.cursor()
                    cursor.execute(text, parameters)
                    rows = list(cursor.fetchall())
                if (log := log_of(connection.info)) is not None:
                    log.sync()
                return rows
            finally:
                connection.close()
        except engine.dialect.dbapi.Error:
            # Retry with SQLAlchemy, which translates errors: a lost connection, a lock, a full disk.
            with engine.connect() as sqlalchemy_connection:
                statement = self._statement(len(values))
                bound = {_name(n): value for n, value in enumerate(values)}
                return [tuple(row) for row in sqlalchemy_connection.execute(statement, bound)]

    def rows_in(self, connection: Connection, values: Values) -> Sequence[tuple[Any, ...]]:
        """Execute the statement in the transaction of a connection, and return its rows."""
        text, parameters = self._prepare(connection.dialect, values)
        return execute_by_driver(connection, text, parameters)

    def _prepare(self, dialect: Dialect, values: Values) -> tuple[str, Any]:
        """The statement and its parameters as the driver takes them."""
        key = (dialect.name, len(values))
        if key not in self._compiled:
            compiled = self._statement(len(values)).compile(
                dialect=dialect, compile_kwargs={"render_postcompile": True}
            )
            order = compiled.positiontup if compiled.positional else None
            self._compiled[key] = _Compiled(str(compiled), order, _constants(compiled))
        text, names, constants = self._compiled[key]
        bound = {**constants, **{_name(n): value for n, value in enumerate(values)}}
        return text, bound if names is None else tuple([bound[name] for name in names])

    def _statement(self, length: int) -> Select[*tuple[Any, ...]]:
        return self._make([bindparam(_name(n), None) for n in range(length)])


def _constants(compiled: SQLCompiler) -> dict[str, Any]:
    """The values of the parameters that the statement has itself, or that the dialect has added, such as the
    offset that SQLite needs with a limit, as the driver takes them."""
    constants = dict(compiled.params)
    for name, parameter in compiled.binds.items():
        convert = parameter.type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)
        if convert is not None and constants.get(name) is not None:
            constants[name] = convert(constants[name])
    return constants


@contextmanager
def _as_single_statement(connection: PoolProxiedConnection, dialect: str) -> Iterator[None]:
    """Use autocommit on PostgreSQL, because beginning and ending a transaction takes two round trips."""
    driver: Any = connection.driver_connection
    if dialect != "postgresql":
        yield
        return
    driver.autocommit = True
    try:
        yield
    finally:
        if not driver.closed:
            driver.autocommit = False


def _name(number: int) -> str:
    return f"value_{number}"
