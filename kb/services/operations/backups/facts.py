"""What a database holds, in figures that tell whether a copy is equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Query = Callable[[str], Sequence[tuple[Any, ...]]]
    """Executes a statement and returns its rows."""


class TableState(NamedTuple):
    """The rows of a table: how many there are, and a digest of them that does not depend on their order."""

    rows: int
    digest: str


class DatabaseFacts(NamedTuple):
    """A state of a database: its id, the `seq` of its last change, its migration, and its tables by name."""

    database_id: str
    seq: int
    revision: str
    tables: dict[str, TableState]


def database_facts(query: Query, tables: dict[str, TableState]) -> DatabaseFacts:
    """The facts of a database whose tables have been read in the transaction of `query`."""
    ((database_id, seq),) = query("SELECT database, seq FROM change_counter")
    ((revision,),) = query("SELECT version_num FROM alembic_version")
    return DatabaseFacts(database_id, seq, revision, tables)


def differing_tables(before: DatabaseFacts, after: DatabaseFacts) -> list[str]:
    """The names of tables that are not the same in both, in alphabetical order."""
    names = before.tables.keys() | after.tables.keys()
    return sorted(name for name in names if before.tables.get(name) != after.tables.get(name))
