"""The only commit point: commits a write with its revisions and its changes in the feed, all or nothing."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import String, bindparam, func, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from kb.domain.incident import Operation
from kb.domain.permissions import is_public
from kb.errors import Conflict, KBError, StaleVersion
from kb.messages import Message
from kb.models import Change, ChangeCounter, Incident, Revision, db
from kb.models.base import BUSY_MILLISECONDS, commit_on_sqlite, utc_now
from kb.models.bulk_insert import insert_rows
from kb.models.driver import execute_by_driver
from kb.models.versioned_update import update_row
from kb.services.core import spool
from kb.services.core.preloading import keep_loaded
from kb.services.core.presenters import snapshot
from kb.services.core.write_lock import write_lock
from kb.services.infrastructure import bulk_writes
from kb.services.infrastructure.storage_errors import domain_error_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection, Dialect, Table, UpdateBase

MAX_WAIT = BUSY_MILLISECONDS / 1000
"""How many seconds a transaction on SQLite waits for other writers by default."""

IDLE_SECONDS = 30.0
"""How many seconds a transaction on PostgreSQL may idle while it holds the counter of changes."""

_WRITING = "kb_writing"  # in the `info` of a session that has a writing transaction

CHANNEL = "kb_changes"
"""The PostgreSQL channel that notifies other machines of committed changes."""

# Built once, and without the ORM: they run while other writers wait.
_COUNTER = ChangeCounter.__table__
_ADVANCE = update(_COUNTER).values(seq=_COUNTER.c.seq + bindparam("count")).returning(_COUNTER.c.seq)
_ADVANCE_ON_POSTGRES = _ADVANCE.returning(
    func.set_config("idle_in_transaction_session_timeout", bindparam("milliseconds", type_=String), True)
)
"""Nobody else can write while one transaction holds the counter. If its process is stopped, the transaction
times out: the statement sets the timeout for the rest of the transaction."""
_CHANGES = Change.__table__
_NOTIFY = text(f"NOTIFY {CHANNEL}")
_REVISIONS = Revision.__table__


class Author(Protocol):
    """The author of a revision: an actor, or anything else with a name and a principal."""

    @property
    def name(self) -> str: ...
    @property
    def principal(self) -> str: ...


class UnitOfWork:
    """A writing transaction. `seq` is its last change in the feed; 0 until it ends, or if it has none."""

    def __init__(self) -> None:
        self.at: datetime = utc_now()
        self.seq = 0
        self.discarded = False
        self.changes: list[dict[str, object]] = []

    def record(
        self,
        incident: Incident,
        operation: Operation,
        author: Author,
        *,
        comment: str | None = None,
        was_public: bool = False,
        words_of: Iterable[str] = (),
    ) -> None:
        """Add a revision with the current state of an incident, and a change to the feed.

        `was_public` is whether the incident was visible outside its team before the write; `words_of` names
        the authors, other than `author`, of text that the write adds.
        """
        incident.updated_at = self.at
        self.store(incident)
        self._add_change(incident, operation, was_public=was_public)
        self.insert(_REVISIONS, self._revision(incident, operation, author, comment, words_of))

    def store(self, incident: Incident) -> None:
        """Write an incident and its parts as they are now, as its next version."""
        # Every record is a new version, even the second one in a transaction.
        flag_modified(incident, "updated_at")
        for row in (incident, *incident.texts.values()):
            update_row(row)
        db.session.flush()

    def insert(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert a row that nothing refers to."""
        insert_rows(db.session.connection(), table, [row])

    def execute(self, statement: UpdateBase, subject: str = "", **facts: Any) -> None:  # noqa: ARG002
        """Execute a statement. A `SpooledWork` records its subject and facts for its readers."""
        db.session.execute(statement)

    def record_new(self, incidents: Iterable[tuple[Incident, str | None]], author: Author) -> None:
        """Add the first revision of new incidents, each with its comment, and changes to the feed.

        Inserting them together takes a third of the time.
        """
        db.session.flush()
        revisions = []
        for incident, comment in incidents:
            self._add_change(incident, Operation.CREATED)
            revisions.append(self._revision(incident, Operation.CREATED, author, comment))
        if revisions:
            insert_rows(db.session.connection(), _REVISIONS, revisions)

    def _revision(
        self,
        incident: Incident,
        operation: Operation,
        author: Author,
        comment: str | None,
        words_of: Iterable[str] = (),
    ) -> dict[str, object]:
        return {
            "incident_id": incident.id,
            "number": incident.version,
            "operation": operation,
            "author": author.name,
            "principal": author.principal,
            "words_of": sorted(words_of) or None,
            "comment": comment or None,
            "at": self.at,
            "snapshot": snapshot(incident),
        }

    def _add_change(self, incident: Incident, operation: Operation, *, was_public: bool = False) -> None:
        public = was_public or is_public(incident.status, incident.visibility)
        self.announce(
            incident.id, incident.team_id, operation=operation, version=incident.version, public=public
        )

    def announce(
        self, incident_id: int, team_id: int, *, operation: Operation, version: int, public: bool
    ) -> None:
        """Add a change to the feed without a revision, for an incident whose revision is stored
        separately."""
        self.changes.append(
            {
                "incident_id": incident_id,
                "team_id": team_id,
                "operation": operation,
                "version": version,
                "public": public,
                "at": self.at,
            }
        )

    def discard(self) -> None:
        """Roll back at the end instead of committing, for a dry run."""
        self.discarded = True

    def number_changes(self) -> None:
        """Assign the changes their `seq`.

        Call it last: from here to the commit, it holds the counter's row lock, which orders commits.
        """
        db.session.flush()
        if (count := len(self.changes)) == 0:
            return
        connection = db.session.connection()
        last = _advance(connection, count)
        for seq, change in enumerate(self.changes, last - count + 1):
            change["seq"] = seq
        insert_rows(connection, _CHANGES, self.changes)
        if connection.dialect.name == "postgresql":
            connection.execute(_NOTIFY)
        self.seq = last


def _advance(connection: Connection, count: int) -> int:
    """Reserve numbers for changes, and return the last one. Other writers wait until the commit."""
    if connection.dialect.name == "postgresql":
        values = {"count": count, "milliseconds": f"{IDLE_SECONDS * 1000:.0f}"}
        return int(connection.execute(_ADVANCE_ON_POSTGRES, values).scalar_one())
    ((last,),) = execute_by_driver(connection, _advance_text(connection.dialect), (count,))
    return int(last)


@lru_cache(maxsize=2)
def _advance_text(dialect: Dialect) -> str:
    return str(_ADVANCE.compile(dialect=dialect))


@contextmanager
def unit_of_work(
    *,
    wait: float = MAX_WAIT,
    bulk: bool = False,
    persistent: bool = True,
    loaded: Incident | None = None,
) -> Iterator[UnitOfWork]:
    """Run the block in one writing transaction: commit at its end, roll back on any error.

    On SQLite it waits at most `wait` seconds for other writers and, if `persistent`, a minute for a `bulk`
    write, such as an import, which itself waits as long for its turn. First it stores what waits in the
    spool. An incident that was `loaded` beforehand stays loaded: lock it in the block, which reloads it if it
    has changed. Raises Conflict, StaleVersion, StorageFull or Unavailable if the database refuses.
    """
    # An open read transaction sees an older state, and on SQLite prevents taking the write lock.
    if loaded is None:
        db.session.rollback()
    else:
        keep_loaded(loaded)
    work, waiting = UnitOfWork(), spool.current_spool()
    try:
        seconds = bulk_writes.MAX_WAIT if bulk else wait
        locked = write_lock(seconds, persistent=persistent)
        with _bulk_lock() if bulk else nullcontext(), locked as connection, _writing():
            stored, work.at = spool.store_waiting(connection, waiting), utc_now()
            yield work
            if work.discarded:
                db.session.rollback()
                return
            work.number_changes()
            commit_on_sqlite(connection)
            db.session.commit()
        spool.remove_stored(stored)
    except BaseException as error:
        db.session.rollback()
        if (refusal := _refusal(error)) is None:
            raise
        raise refusal from error


def is_writing() -> bool:
    """Whether the session has a writing transaction."""
    return _WRITING in db.session.info


@contextmanager
def _writing() -> Iterator[None]:
    db.session.info[_WRITING] = True
    try:
        yield
    finally:
        db.session.info.pop(_WRITING, None)


def _refusal(error: BaseException) -> KBError | None:
    """The domain error for a write refused by the database; None if the error is of another kind."""
    if isinstance(error, StaleDataError):
        return StaleVersion(
            Message("Somebody else changed it in the meantime. Read it again and repeat the change.")
        )
    if isinstance(error, IntegrityError):
        return Conflict(Message("This conflicts with what somebody else stored in the meantime. Try again."))
    return domain_error_for(error) if isinstance(error, DBAPIError) else None


def _bulk_lock() -> AbstractContextManager[None]:
    return bulk_writes.bulk_write() if db.engine.dialect.name == "sqlite" else nullcontext()
