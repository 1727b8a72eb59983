"""Compare the rows of objects before and after a change, and write the difference.

A flush of the session does the same, but only in the transaction that writes, and one object at a time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, update
from sqlalchemy import inspect as mapper_of

from kb.batches import batched
from kb.models.bulk_insert import bulk_insert
from kb.models.driver import execute_by_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table

    from kb.models.base import Model
    from kb.pauses import Pause

    Row = Mapping[str, Any]
    Identity = tuple[Any, ...]

_OLD = "old_"
"""The prefix of parameters that identify a row."""

_MAX_STATEMENTS = 500
"""The size of the cache of statements, which is limited because clients decide which columns they change."""

_ROWS_AT_ONCE = 2_000
"""How many rows are written between two pauses."""


class RowChange(NamedTuple):
    """A row to delete, to update or to insert. `written` has the names of the columns that are written."""

    kind: str
    table: Table
    row: Row
    written: frozenset[str] = frozenset()


class Rows:
    """Rows by table and identity. Those without an id are kept apart, since they are new."""

    def __init__(self, objects: Iterable[Model]) -> None:
        self.stored: dict[Table, dict[Identity, Row]] = defaultdict(dict)
        self.new: list[tuple[Table, Row]] = []
        for each in objects:
            table, names, identity = _form(type(each))
            row = {name: getattr(each, name) for name in names}
            if (key := tuple(row[name] for name in identity)) == (None,):
                del row[identity[0]]  # the database assigns it
                self.new.append((table, row))
            else:
                self.stored[table][key] = row


def differences(before: Rows, after: Rows, tables: Sequence[Table]) -> list[RowChange]:
    """The changes that turn some rows into others."""
    changes = []
    for table in tables:
        old, new = before.stored[table], after.stored[table]
        changes += [deletion(table, row) for key, row in old.items() if key not in new]
        for key, row in new.items():
            if (earlier := old.get(key)) is None:
                changes.append(insertion(table, row))
            elif changed := frozenset(name for name in row if row[name] != earlier[name]):
                changes.append(RowChange(_UPDATE, table, row, changed))
    return [*changes, *(insertion(table, row) for table, row in after.new)]


def deletion(table: Table, row: Row) -> RowChange:
    """The deletion of a row, which only needs the row's primary key."""
    return RowChange(_DELETE, table, row)


def insertion(table: Table, row: Row) -> RowChange:
    """The insertion of a row. The database assigns an id that the row lacks."""
    return RowChange(_INSERT, table, row, frozenset(row))


class ConvertedChange(NamedTuple):
    """A statement, with the values of a row as the driver takes them."""

    statement: _Statement
    values: Any


def converted(changes: Iterable[RowChange], dialect: Dialect) -> list[ConvertedChange]:
    """Changes of rows as the driver takes them."""
    result = []
    for kind, table, row, written in changes:
        statement = _statement(kind, table, written, dialect)
        result.append(ConvertedChange(statement, statement.convert(row)))
    return result


def execute_changes(
    connection: Connection,
    changes: Iterable[ConvertedChange],
    tables: Sequence[Table],
    pause: Pause,
) -> None:
    """Execute changes of any number of objects, in few statements. `pause` is called between them.

    `tables` are ordered so that rows refer only to rows of earlier tables; other tables come last.
    """
    order = {table: rank for rank, table in enumerate(tables)}
    groups: dict[_Statement, list[Any]] = defaultdict(list)
    for statement, values in changes:
        groups[statement].append(values)
    for statement in sorted(groups, key=lambda each: each.rank(order)):
        for batch in batched(groups[statement], _ROWS_AT_ONCE):
            statement.execute(connection, batch)
            pause()


_DELETE, _UPDATE, _INSERT = "delete", "update", "insert"
_KINDS = (_DELETE, _UPDATE, _INSERT)


class _Statement(ABC):
    """A compiled statement for rows of a table."""

    def __init__(self, kind: str, table: Table) -> None:
        self._kind, self._table = kind, table

    def rank(self, order: Mapping[Table, int]) -> tuple[int, int]:
        """The position among the statements of a transaction: rows are deleted in reverse."""
        rank = order.get(self._table, len(order))
        return _KINDS.index(self._kind), -rank if self._kind == _DELETE else rank

    @abstractmethod
    def convert(self, row: Row) -> Any:
        """The values of a row as the driver takes them."""

    @abstractmethod
    def execute(self, connection: Connection, rows: list[Any]) -> None:
        """Execute it for converted rows. Raises DBAPIError."""


class _Insert(_Statement):
    def __init__(self, table: Table, columns: frozenset[str], dialect: Dialect) -> None:
        super().__init__(_INSERT, table)
        self._insert = bulk_insert(table, tuple(sorted(columns)), dialect)

    def convert(self, row: Row) -> Any:
        return self._insert.converted([row])[0]

    def execute(self, connection: Connection, rows: list[Any]) -> None:
        self._insert.execute(connection, rows)


class _Change(_Statement):
    """Updates columns of rows, or deletes rows."""

    def __init__(self, kind: str, table: Table, columns: frozenset[str], dialect: Dialect) -> None:
        super().__init__(kind, table)
        identified = [column == bindparam(f"{_OLD}{column.name}") for column in table.primary_key]
        if kind == _UPDATE:
            values: dict[str, Any] = {name: bindparam(name) for name in sorted(columns)}
            compiled = update(table).where(*identified).values(values).compile(dialect=dialect)
        else:
            compiled = delete(table).where(*identified).compile(dialect=dialect)
        self._text, self._is_positional = str(compiled), compiled.positional
        names = compiled.positiontup if compiled.positional else [*compiled.params]
        self._converters = [
            (name, name.removeprefix(_OLD), _processor(table, name.removeprefix(_OLD), dialect))
            for name in names or ()
        ]

    def convert(self, row: Row) -> Any:
        values = [
            (parameter, row[name] if process is None else process(row[name]))
            for parameter, name, process in self._converters
        ]
        return tuple(value for _, value in values) if self._is_positional else dict(values)

    def execute(self, connection: Connection, rows: list[Any]) -> None:
        execute_by_driver(connection, self._text, rows)


@lru_cache(maxsize=_MAX_STATEMENTS)
def _statement(kind: str, table: Table, columns: frozenset[str], dialect: Dialect) -> _Statement:
    if kind == _INSERT:
        return _Insert(table, columns, dialect)
    return _Change(kind, table, columns, dialect)


def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)


@cache
def _form(model: type[Model]) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    """The table of a model, its columns, and its primary key."""
    table = model.__table__
    names = tuple(attribute.key for attribute in mapper_of(model).column_attrs)
    return table, names, tuple(column.name for column in table.primary_key)
