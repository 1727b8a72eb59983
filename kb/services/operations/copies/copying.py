"""Copy the running application's knowledge base into an empty database, and verify that both are equal."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert, make_url
from sqlalchemy.exc import DataError, IntegrityError

from kb.domain.audit import AuditEvent
from kb.durable_files import replace_durably
from kb.messages import Message
from kb.models import AuditEntry, db
from kb.models.base import utc_now
from kb.models.bulk_insert import BulkInsert
from kb.services.core import spool
from kb.services.core.system_actors import OPERATOR
from kb.services.infrastructure.locks import advisory_lock
from kb.services.infrastructure.process_identity import account_and_machine
from kb.services.infrastructure.runtime import settings
from kb.services.infrastructure.scratch_folders import scratch_folder
from kb.services.operations import bootstrap
from kb.services.operations.backups import sqlite
from kb.services.operations.backups.facts import DatabaseFacts, RowDigest, TableState, differing_tables
from kb.services.operations.copies import dialects
from kb.services.operations.copies.tables import (
    batches,
    count_rows,
    facts_of,
    portable_engine,
    portable_facts,
    portable_tables,
)
from kb.services.operations.errors import CopyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Row, Table

    from kb.config import Settings
    from kb.services.search.documents import Progress


class Copy(NamedTuple):
    """A finished copy: the facts of both sides, and the location of the new one, without a password."""

    facts: DatabaseFacts
    location: str


def copy_database(target: Settings, *, copying: Progress, comparing: Progress) -> Copy:
    """Copy everything into the empty database of `target`, in one transaction.

    The copy is the same knowledge base: it keeps the id, the counters, tokens and sessions. Nobody can write
    to the source during the copy. The audit logs of both databases record it. Raises CopyError or
    BackupError, and leaves the target empty, if it is not empty, a server is running, or a row cannot be
    stored there.
    """
    db.session.remove()
    db.engine.dispose()
    with bootstrap.preparation_lock():
        dialects.require_unused(settings().sqlalchemy_url, settings().database_file)
        with (
            portable_engine(settings().sqlalchemy_url).connect() as connection,
            _opened(target) as target_connection,
        ):
            tables = portable_tables()
            source = dialects.lock_snapshot(connection, tables)
            stored = spool.store_waiting(source, spool.current_spool())
            facts = _copy(source, target_connection, tables, copying, comparing)
            _record(facts, target.location, (source, target_connection))
            source.commit()  # first: nothing is copied that is not recorded
            spool.remove_stored(stored)
            target_connection.commit()
    return Copy(facts, target.location)


def _record(facts: DatabaseFacts, location: str, sides_of_copy: Sequence[Connection]) -> None:
    """Record the copy in the audit logs of both sides, which stay equal."""
    detail = {
        "from": settings().location,
        "to": location,
        "incidents": facts.tables["incident"].rows,
        "change_seq": facts.seq,
        "digest": facts.digest,
        "run_by": account_and_machine(),
    }
    entry = {
        "at": utc_now(),
        "event": AuditEvent.COPY,
        "actor": OPERATOR.name,
        "principal": OPERATOR.principal,
        "detail": json.dumps(detail),  # a portable engine passes JSON on as text
    }
    for side in sides_of_copy:
        side.execute(insert(AuditEntry.__table__), entry)


@contextmanager
def _opened(target: Settings) -> Iterator[Connection]:
    """A connection in a transaction to the database of some settings. A file appears complete, or not."""
    file = target.database_file
    if file is None:
        with portable_engine(target.sqlalchemy_url).connect() as connection:
            # Sees what others have committed: another copy may be made at the same time.
            yield connection.execution_options(isolation_level="READ COMMITTED")
        return
    if file.exists() and file.stat().st_size:
        raise CopyError(Message("{file} exists. Choose another name.", file=str(file)))
    if not file.parent.is_dir():
        raise CopyError(
            Message("The folder {folder} does not exist. Create it first.", folder=str(file.parent))
        )
    with scratch_folder(file.parent, file.name) as folder:
        fresh = folder / "database"
        fresh.touch(mode=0o600)
        with portable_engine(f"sqlite:///{fresh.resolve()}").connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")  # within a transaction it would do nothing
            yield connection
        sqlite.finish(fresh)
        replace_durably(fresh, file)


def _copy(
    source: Connection, target: Connection, tables: Sequence[Table], copying: Progress, comparing: Progress
) -> DatabaseFacts:
    """Copy within a transaction of each side, and return what both hold."""
    advisory_lock("migration", connection=target)
    dialects.require_empty(target)
    bootstrap.upgrade_database(target)
    foreign_keys = dialects.suspend_foreign_keys(target)
    total = count_rows(source, tables)
    states = _copy_rows(source, target, tables, lambda rows: copying(rows, total))
    dialects.restore_foreign_keys(target, foreign_keys)
    dialects.set_counters(target, dialects.counters(source))
    target.exec_driver_sql("ANALYZE")
    expected = facts_of(source, states)
    copied = portable_facts(target, tables, lambda rows: comparing(rows, total))
    if expected != copied:
        raise CopyError(
            Message(
                "What was copied differs in {tables}. Nothing was stored; report this.",
                tables=", ".join(differing_tables(expected, copied)) or "alembic_version",
            )
        )
    return expected


def _copy_rows(
    source: Connection, target: Connection, tables: Sequence[Table], progress: Callable[[int], object]
) -> dict[str, TableState]:
    """Copy the rows of all tables, and return the state of each. `progress` counts rows."""
    states: dict[str, TableState] = {}
    done = 0
    for table in tables:
        if count_rows(target, [table]):  # rows from migrations
            target.execute(delete(table))
        digest = RowDigest()
        inserting = BulkInsert(table, table.columns.keys(), target.dialect)
        for rows in batches(source, table):
            _insert(target, table, inserting, rows)
            for row in rows:
                digest.add(tuple(row))
            done += len(rows)
            progress(done)
        states[table.name] = digest.state()
    return states


def _insert(
    target: Connection, table: Table, inserting: BulkInsert, rows: Sequence[Row[tuple[object, ...]]]
) -> None:
    if target.dialect.name == "postgresql":
        for row in rows:
            _require_storable(table, row)
    try:
        inserting.execute(target, inserting.converted_tuples(rows))
    except (DataError, IntegrityError) as error:
        raise CopyError(
            Message(
                "The database {database} refuses a row of {table} ({reason}). Nothing was stored.",
                database=str(make_url(str(target.engine.url)).database),
                table=table.name,
                reason=str(error.orig).partition("\n")[0].rstrip("."),
            )
        ) from error


def _require_storable(table: Table, row: Row[tuple[object, ...]]) -> None:
    """Raise CopyError for a text with the NUL character, which PostgreSQL cannot store."""
    for column, value in row._asdict().items():
        if isinstance(value, str) and "\0" in value:
            raise CopyError(
                Message(
                    "PostgreSQL stores no text with a NUL, and {column} of {table} {key} has one. Remove "
                    "it first; nothing was stored.",
                    column=column,
                    table=table.name,
                    key=str(row[0]),
                )
            )
