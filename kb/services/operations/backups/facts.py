"""Facts about a database, to verify that a copy is equal."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Query = Callable[[str], Sequence[tuple[Any, ...]]]
    """Executes a statement and returns its rows."""

_DIGEST_BYTES = 8


class TableState(NamedTuple):
    """The number of rows in a table, and a digest that does not depend on their order."""

    rows: int
    digest: str


class DatabaseFacts(NamedTuple):
    """A state of a database: its id, the `seq` of its last change, its migration, and its tables by name."""

    database_id: str
    seq: int
    revision: str
    tables: dict[str, TableState]

    @property
    def digest(self) -> str:
        """A digest of all tables."""
        states = "".join(
            f"{name} {state.rows} {state.digest}\n" for name, state in sorted(self.tables.items())
        )
        return hashlib.sha256(states.encode()).hexdigest()


def database_facts(query: Query, tables: dict[str, TableState]) -> DatabaseFacts:
    """The facts of a database whose tables have been read in the transaction of `query`."""
    ((database_id, seq),) = query("SELECT database, seq FROM change_counter")
    ((revision,),) = query("SELECT version_num FROM alembic_version")
    return DatabaseFacts(database_id, seq, revision, tables)


def differing_tables(before: DatabaseFacts, after: DatabaseFacts) -> list[str]:
    """The names of the tables that differ, in alphabetical order."""
    names = before.tables.keys() | after.tables.keys()
    return sorted(name for name in names if before.tables.get(name) != after.tables.get(name))


class RowDigest:
    """Counts the rows of a table, and sums their digests, so that their order does not matter."""

    def __init__(self) -> None:
        self._rows = self._total = 0

    def add(self, row: tuple[Any, ...]) -> None:
        """Add a row. Values are digested in the form of `repr`."""
        digest = hashlib.blake2b(repr(row).encode("utf-8", "backslashreplace"), digest_size=_DIGEST_BYTES)
        self._rows += 1
        self._total += int.from_bytes(digest.digest(), "big")

    def state(self) -> TableState:
        """The state of a table with the added rows."""
        return TableState(self._rows, f"{self._total % 256**_DIGEST_BYTES:0{2 * _DIGEST_BYTES}x}")
