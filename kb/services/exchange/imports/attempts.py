"""One attempt at an import over HTTP, as recorded in the database by the process that works on it.

Each statement applies only to the attempt that the row names: one that was canceled, or presumed interrupted
and restarted, can no longer change anything.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select, update

from kb.domain.import_job import ACTIVE_STATES, ImportState
from kb.models import ImportJob, Team, db
from kb.models.base import utc_now
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

    from kb.domain.import_job import ImportPhase
    from kb.services.exchange.imports.jobs import Ticket


class StoppedError(Exception):
    """The attempt was canceled, or another one has replaced it."""


class ImportTask(NamedTuple):
    """A file to import, with its options and its team."""

    content: bytes
    name: str
    options: Mapping[str, Any]
    team: str
    team_id: int


def begin(ticket: Ticket) -> ImportTask:
    """Begin an attempt. Raises StoppedError."""
    with unit_of_work():
        _change(ticket, state=ImportState.RUNNING, heartbeat_at=utc_now())
        statement = select(ImportJob.content, ImportJob.name, ImportJob.options, Team.key, Team.id)
        row = db.session.execute(
            statement.join(Team, Team.id == ImportJob.team_id).where(ImportJob.id == ticket.job_id)
        ).one()
    if row.content is None:
        raise StoppedError
    return ImportTask(zlib.decompress(row.content), row.name, row.options, row.key, row.id)


def record_progress(ticket: Ticket, phase: ImportPhase, done: int, total: int) -> None:
    """Record a heartbeat and the progress of an attempt. Raises StoppedError."""
    with unit_of_work():
        _change(ticket, heartbeat_at=utc_now(), phase=phase, done=done, total=total)


def record_reading(ticket: Ticket, options: Mapping[str, Any]) -> None:
    """Record the options of an attempt with how its table is read. Raises StoppedError."""
    with unit_of_work():
        _change(ticket, options={**options})


def mark_written(ticket: Ticket, report: Mapping[str, Any]) -> None:
    """Mark the import as written, in the transaction that stores the incidents. Raises StoppedError."""
    _change(ticket, is_written=True, report={**report}, content=None, heartbeat_at=utc_now())


def end(
    ticket: Ticket,
    state: ImportState,
    phase: ImportPhase,
    *,
    error: str | None = None,
    report: Mapping[str, Any] | None = None,
    keeps_file: bool = False,
) -> None:
    """Record how an attempt has ended, and whether its file is kept for another one. Raises StoppedError.

    A written import has not failed, even if the attempt thinks so: a connection may break after a commit.
    """
    conditions = [ImportJob.is_written.is_(False)] if state is ImportState.FAILED else []
    values: dict[str, Any] = {} if report is None else {"report": {**report}}
    with unit_of_work() as work:
        values |= {"state": state, "phase": phase, "ended_at": work.at, "error": error}
        values |= {} if keeps_file else {"content": None}
        _change(ticket, *conditions, **values)


def _change(ticket: Ticket, *conditions: ColumnElement[bool], **values: Any) -> None:
    result = db.session.execute(update(ImportJob).where(*_of(ticket), *conditions).values(**values))
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise StoppedError


def _of(ticket: Ticket) -> tuple[ColumnElement[bool], ...]:
    return (
        ImportJob.id == ticket.job_id,
        ImportJob.attempt == ticket.attempt,
        ImportJob.state.in_(ACTIVE_STATES),
    )
