"""Insert rows in few statements. Values are converted in advance, so that the driver only passes them on."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from kb.models.base import db
from kb.models.driver import execute_by_driver

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table

_MAX_ROWS_AT_ONCE = 50
"""Maximum number of rows that SQLite gets in one statement. After each statement, other threads may run while
the write lock is held. Larger batches are not worth a statement of their own."""

_MANY = 100
"""Minimum number of rows for which PostgreSQL gets a COPY rather than an INSERT."""

_MAX_STATEMENTS = 50

_SEQUENCES = "SELECT name, seq FROM sqlite_sequence"


class BulkInsert:
    """Inserts into columns of a table, for the running application's database or another dialect.

    SQLAlchemy converts rows while it executes a statement. On SQLite that happens under the write lock, and
    converting takes three times as long as inserting. PostgreSQL gets the rows as one COPY, which takes a
    third of the driver's time and two thirds of the server's.
    """

    def __init__(self, table: Table, columns: Sequence[str], dialect: Dialect | None = None) -> None:
        dialect = dialect or db.engine.dialect
        self._dialect = dialect
        if dialect.name == "postgresql":
            quote = dialect.identifier_preparer.quote
            names = ", ".join(map(quote, columns))
            self._text, ordered = f"COPY {quote(table.name)} ({names}) FROM STDIN", columns
        else:
            values: dict[str, Any] = {name: bindparam(name) for name in columns}
            compiled = insert(table).values(values).compile(dialect=dialect)
            self._text, ordered = str(compiled), compiled.positiontup or columns
        self._values = self._text.rpartition(" VALUES ")[2]
        processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in ordered]
        self._by_name = [*zip(ordered, processors, strict=True)]
        self._places: dict[frozenset[str], list[tuple[int, str, Any]]] = {}
        self._by_index = [*zip(map(columns.index, ordered), processors, strict=True)]

    def converted(self, rows: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Convert rows, given as mappings, to driver values."""
        processors = self._by_name
        return [
            tuple(row[name] if process is None else process(row[name]) for name, process in processors)
            for row in rows
        ]

    def completed(
        self, converted: Sequence[tuple[Any, ...]], rows: Sequence[Mapping[str, Any]], late: frozenset[str]
    ) -> list[tuple[Any, ...]]:
        """Converted rows, with the values that the rows now have in the `late` columns."""
        places = self._places_of(late)
        completed = [*map(list, converted)]
        for values, row in zip(completed, rows, strict=True):
            for index, name, process in places:
                values[index] = row[name] if process is None else process(row[name])
        return [*map(tuple, completed)]

    def _places_of(self, names: frozenset[str]) -> list[tuple[int, str, Any]]:
        """The index, the name and the conversion of some columns, found once."""
        if names not in self._places:
            columns = enumerate(self._by_name)
            self._places[names] = [
                (index, name, convert) for index, (name, convert) in columns if name in names
            ]
        return self._places[names]

    def converted_tuples(self, rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Convert rows, given as values in the order of the columns, to driver values."""
        processors = self._by_index
        return [
            tuple(row[index] if process is None else process(row[index]) for index, process in processors)
            for row in rows
        ]

    def index_of(self, column: str) -> int:
        """The index of a column's value in a converted row."""
        return [name for name, _ in self._by_name].index(column)

    def execute(self, connection: Connection, converted: list[tuple[Any, ...]]) -> None:
        """Insert converted rows. Raises DBAPIError, as a statement of SQLAlchemy does."""
        if not converted:
            return
        if self._dialect.name == "postgresql":
            self._copy(connection, converted)
        elif len(converted) <= _MAX_ROWS_AT_ONCE:
            statement = ", ".join([self._text, *[self._values] * (len(converted) - 1)])
            execute_by_driver(connection, statement, tuple(chain.from_iterable(converted)))
        else:
            execute_by_driver(connection, self._text, converted)

    def _copy(self, connection: Connection, converted: list[tuple[Any, ...]]) -> None:
        driver, dbapi = connection.connection.driver_connection, self._dialect.dbapi
        assert driver is not None
        assert dbapi is not None
        try:
            with driver.cursor() as cursor, cursor.copy(self._text) as copy:
                for row in converted:
                    copy.write_row(row)
        except dbapi.Error as error:
            if driver.closed:
                connection.invalidate(error)
            # Leave out the rows, which contain personal data.
            raise DBAPIError.instance(
                self._text,
                None,
                error,
                dbapi.Error,
                hide_parameters=True,
                connection_invalidated=driver.closed,
                dialect=self._dialect,
            ) from error


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns. Raises DBAPIError."""
    if connection.dialect.name == "postgresql" and len(rows) < _MANY:
        connection.execute(insert(table), rows)
        return
    inserting = bulk_insert(table, tuple(rows[0]), connection.dialect)
    inserting.execute(connection, inserting.converted(rows))


@lru_cache(maxsize=_MAX_STATEMENTS)
def bulk_insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> BulkInsert:
    """The statement that inserts into columns of a table, compiled once."""
    return BulkInsert(table, columns, dialect)


def reserve_ids(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """Reserve ids for new rows of a table, and return them in ascending order.

    On SQLite, call it in a writing transaction, for a table with AUTOINCREMENT. Unused ids are lost.
    """
    if count == 0:
        return []
    if connection.dialect.name != "sqlite":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        numbers = func.generate_series(1, count).table_valued("number")
        return sorted(connection.scalars(select(func.nextval(sequence)).select_from(numbers)))
    values = {"name": table.name, "count": count}
    advance = text("UPDATE sqlite_sequence SET seq = seq + :count WHERE name = :name RETURNING seq")
    last = connection.execute(advance, values).scalar()
    if last is None:  # nothing has been inserted yet
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :count)"), values)
        last = count
    return range(last - count + 1, last + 1)


def next_ids(connection: Connection, counts: Mapping[Table, int]) -> list[Sequence[int]]:
    """Ids for the given number of rows per table, ascending; insert them before the transaction ends.

    On SQLite, unlike `reserve_ids`, this takes a single statement and writes nothing.
    """
    if connection.dialect.name != "sqlite":
        return [reserve_ids(connection, table, count) for table, count in counts.items()]
    last = dict(execute_by_driver(connection, _SEQUENCES))
    starts = [last.get(table.name, 0) + 1 for table in counts]
    return [range(start, start + count) for start, count in zip(starts, counts.values(), strict=True)]
