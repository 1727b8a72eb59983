"""Imports over HTTP as rows: create, list, cancel and restart them. `runner.py` does the work.

The file is in the database as long as it may be needed, since machines share no folder.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import delete, or_, select, update

from kb.domain.dates import iso
from kb.domain.import_job import ACTIVE_STATES, ImportPhase, ImportState
from kb.domain.permissions import Action, may_in
from kb.errors import Conflict, MalformedInput, NotFound
from kb.messages import Message
from kb.models import ImportJob, Team, db
from kb.models.base import MAX_INTEGER, utc_now
from kb.services.accounts.teams import filing_team
from kb.services.core import idempotency
from kb.services.core.authorization import require, require_in
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.files.mapping import complete_content, mapping_content
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kb.domain.permissions import Actor

IMPORT = Action.OVERRIDE
"""The permission for imports, besides the one for filing incidents, since they publish without review."""

STALE_AFTER = timedelta(minutes=2)
"""How long without a heartbeat until an import counts as interrupted. A write of another process can delay
the heartbeat for a minute."""

FILE_KEPT_FOR = timedelta(days=1)
"""How long the file of a dry run or an interrupted import is kept."""

KEPT_FOR = timedelta(days=30)
"""How long imports are listed."""

_LEVEL = 1
"""The level at which files are compressed. Higher ones take half a second for one of 8 MB."""

_TRIAL_ONLY = ("columns", "completes")
"""Options of a dry run that an import does not need: what its table looks like, and how much is guessed."""


class Ticket(NamedTuple):
    """One attempt at an import, which may write only as long as the row names it."""

    job_id: int
    attempt: int


def create_job(
    actor: Actor, team: str | None, name: str, content: bytes, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Create an import of a file into a team, and return it.

    Raises InvalidInput or Forbidden for a team that the actor may not import into, MalformedInput without a
    file, the errors of `mapping_content`, and Conflict while the team has another import.
    """
    require(actor, IMPORT)
    team_id = filing_team(actor, team).id
    require_in(actor, IMPORT, team_id)
    if not content:
        raise MalformedInput(Message("Send the file as the body of the request."))
    if options["mapping"] is not None:
        options = {**options, "mapping": mapping_content(options["mapping"])}
    packed = zlib.compress(content, _LEVEL)
    with unit_of_work() as work:
        _clean_up(work.at)
        job = _add(work.at, actor, team_id, _File(name[:200], packed, options))
        return idempotency.store_answer(_present(job, _keys(), work.at), incident_id=None)


def confirm_job(
    actor: Actor, job_id: int, *, attempt: int | None = None, skip_invalid: bool, again: bool
) -> dict[str, Any]:
    """Create an import of the file of a dry run, and return it.

    `attempt` is the one whose report was looked at. Raises Conflict if the file is no longer kept, or was
    read in another way since.
    """
    with unit_of_work() as work:
        tried = _find_trial(actor, job_id, attempt, work.at)
        kept = {name: option for name, option in tried.options.items() if name not in _TRIAL_ONLY}
        options = {**kept, "dry_run": False, "skip_invalid": skip_invalid, "again": again}
        content = cast("bytes", tried.content)
        job = _add(work.at, actor, tried.team_id, _File(tried.name, content, options))
        return _present(job, _keys(), work.at)


def reread_job(
    actor: Actor, job_id: int, mapping: Mapping[str, Any], *, attempt: int | None = None
) -> dict[str, Any]:
    """Queue a dry run again, with the parts of another mapping for the same file, and return it.

    What the mapping does not say of the values in its columns is guessed. Raises InvalidInput for an invalid
    mapping, and Conflict as `confirm_job` does.
    """
    content = complete_content(mapping)
    with unit_of_work() as work:
        job = _find_trial(actor, job_id, attempt, work.at)
        job.options = {**job.options, "mapping": content, "guessed": [], "completes": True}
        job.author, job.principal = actor.name, actor.principal
        _queue_again(job, work.at)
        return _present(job, _keys(), work.at)


def _find_trial(actor: Actor, job_id: int, attempt: int | None, at: datetime) -> ImportJob:
    """Find and lock a dry run. Raises Conflict without its file, and after another attempt."""
    job = _find(actor, job_id, for_update=True)
    require_in(actor, Action.CREATE, job.team_id)
    if not job.options["dry_run"] or not _is_file_kept(job, at):
        raise Conflict(Message("The file of this trial is no longer kept. Send it again."))
    if attempt not in (None, job.attempt):
        raise Conflict(Message("The file was read in another way meanwhile. Look at what it would do now."))
    return job


def mapping_of(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """The parts of the mapping in the options of an import, if it has one."""
    mapping = options["mapping"]
    # Options that an earlier version stored have the text as it was sent.
    return mapping_content(mapping) if isinstance(mapping, str) else mapping


def importing_teams(actor: Actor) -> list[tuple[str, str]]:
    """The keys and names of the teams that the actor may import into, oldest first."""
    require(actor, IMPORT)
    return [
        (team.key, team.name)
        for team in db.session.scalars(select(Team).order_by(Team.id))
        if may_in(actor, IMPORT, team.id) and may_in(actor, Action.CREATE, team.id)
    ]


def keeps_file(actor: Actor, job_id: int) -> bool:
    """Whether the file of an ended import is kept: of a dry run, or of an interrupted import."""
    return _is_file_kept(_find(actor, job_id), utc_now())


def _is_file_kept(job: ImportJob, now: datetime) -> bool:
    state = _state(job, now)
    is_trial = job.options["dry_run"] and state in (ImportState.DONE, ImportState.FAILED)
    if not is_trial and state is not ImportState.INTERRUPTED:
        return False
    # Only the next import deletes expired files.
    if abs(now - job.heartbeat_at) > FILE_KEPT_FOR:
        return False
    kept = select(ImportJob.id).where(ImportJob.id == job.id, ImportJob.content.is_not(None))
    return db.session.scalar(kept) is not None


class _File(NamedTuple):
    """A file to import, compressed, and its options."""

    name: str
    packed: bytes
    options: Mapping[str, Any]


def _add(at: datetime, actor: Actor, team_id: int, file: _File) -> ImportJob:
    """Add a row. Raises Conflict while the team has another import."""
    _require_none_active(team_id, at)
    job = ImportJob(
        team_id=team_id,
        created_at=at,
        heartbeat_at=at,
        author=actor.name,
        principal=actor.principal,
        name=file.name,
        options={**file.options},
        state=ImportState.QUEUED,
        phase=ImportPhase.CHECKING,
        done=0,
        total=0,
        attempt=1,
        is_written=False,
        content=file.packed,
    )
    db.session.add(job)
    db.session.flush()
    return job


def ticket_of(job: Mapping[str, Any]) -> Ticket:
    """The ticket for the current attempt at an import that was just created or restarted."""
    row = db.session.get_one(ImportJob, job["id"])
    return Ticket(row.id, row.attempt)


def list_jobs(actor: Actor, *, limit: int, cursor: str | None) -> Page:
    """List the imports into the teams that the actor administers, latest first."""
    require(actor, IMPORT)
    statement, keys, now = select(ImportJob), _keys(), utc_now()
    if not actor.sees_everything:
        teams = [team for team in actor.roles if may_in(actor, IMPORT, team)]
        statement = statement.where(ImportJob.team_id.in_(teams))
    return id_page(statement, ImportJob.id, lambda job: _present(job, keys, now), limit=limit, cursor=cursor)


def get_job(actor: Actor, job_id: int) -> dict[str, Any]:
    """Return an import into a team that the actor administers. Raises NotFound for any other."""
    return _present(_find(actor, job_id), _keys(), utc_now())


def cancel_job(actor: Actor, job_id: int) -> dict[str, Any]:
    """Cancel an import that has written nothing, and return it. Raises Conflict for any other."""
    with unit_of_work() as work:
        job = _find(actor, job_id, for_update=True)
        state = _state(job, work.at)
        if job.is_written and state is ImportState.RUNNING:
            raise Conflict(
                Message(
                    "The incidents are written already. Wait until the import has ended; what should not be "
                    "there can be withdrawn."
                )
            )
        if state not in (*ACTIVE_STATES, ImportState.INTERRUPTED):
            raise Conflict(Message("This import has ended: nothing is left to cancel."))
        job.state, job.ended_at, job.content = ImportState.CANCELED, work.at, None
        db.session.flush()
        return _present(job, _keys(), work.at)


def restart_job(actor: Actor, job_id: int) -> dict[str, Any]:
    """Queue an interrupted import again, with its kept file. Raises Conflict for any other."""
    with unit_of_work() as work:
        job = _find(actor, job_id, for_update=True)
        require_in(actor, Action.CREATE, job.team_id)
        if _state(job, work.at) is not ImportState.INTERRUPTED or not _is_file_kept(job, work.at):
            raise Conflict(
                Message(
                    "Only an interrupted import whose file is kept can be restarted. Send the file again."
                )
            )
        job.author, job.principal = actor.name, actor.principal
        _queue_again(job, work.at)
        return idempotency.store_answer(_present(job, _keys(), work.at), incident_id=None)


def _queue_again(job: ImportJob, at: datetime) -> None:
    """Queue another attempt at an import. Raises Conflict while the team has another one."""
    _require_none_active(job.team_id, at)
    job.state, job.heartbeat_at, job.ended_at = ImportState.QUEUED, at, None
    job.phase, job.done, job.total = ImportPhase.CHECKING, 0, 0
    job.error = job.report = None
    job.attempt += 1
    db.session.flush()


def _find(actor: Actor, job_id: int, *, for_update: bool = False) -> ImportJob:
    require(actor, IMPORT)
    number = min(job_id, MAX_INTEGER)
    job = db.session.get(ImportJob, number, with_for_update=for_update, populate_existing=for_update)
    if job is None or not may_in(actor, IMPORT, job.team_id):
        raise NotFound(Message("There is no import {number} in your teams.", number=job_id))
    return job


def _require_none_active(team_id: int, now: datetime) -> None:
    """Raise Conflict, naming the import, if one into the team is active. Ends an interrupted one."""
    statement = select(ImportJob).where(ImportJob.team_id == team_id, ImportJob.state.in_(ACTIVE_STATES))
    active = db.session.scalar(statement.with_for_update())
    if active is None:
        return
    state = _state(active, now)
    if state in ACTIVE_STATES:
        raise Conflict(
            Message(
                "Import {number} into this team has not ended. Wait for it, or cancel it "
                "(DELETE /import/{number}).",
                number=active.id,
            )
        )
    active.state, active.ended_at = state, now
    if active.is_written:
        active.content = None
    db.session.flush()


def _clean_up(now: datetime) -> None:
    """Delete expired data: files of dry runs and of interrupted imports, and old imports."""
    db.session.execute(
        update(ImportJob)
        .where(ImportJob.content.is_not(None), ImportJob.heartbeat_at < now - FILE_KEPT_FOR)
        .values(content=None)
    )
    db.session.execute(
        delete(ImportJob).where(
            ImportJob.created_at < now - KEPT_FOR,
            or_(ImportJob.state.not_in(ACTIVE_STATES), ImportJob.heartbeat_at < now - KEPT_FOR),
        )
    )


def _state(job: ImportJob, now: datetime) -> ImportState:
    """The state of an import. A stale heartbeat shows that its process has died."""
    # `abs`, since a time in the future means that the clock was set back.
    if job.state not in ACTIVE_STATES or abs(now - job.heartbeat_at) < STALE_AFTER:
        return job.state
    return ImportState.DONE if job.is_written else ImportState.INTERRUPTED


def _keys() -> dict[int, str]:
    return {team_id: key for team_id, key in db.session.execute(select(Team.id, Team.key))}


def _present(job: ImportJob, keys: Mapping[int, str], now: datetime) -> dict[str, Any]:
    state = _state(job, now)
    return {
        "id": job.id,
        "team": keys[job.team_id],
        "name": job.name,
        "by": job.author,
        "state": state,
        "phase": job.phase,
        "done": job.done,
        "total": job.total,
        "created_at": iso(job.created_at),
        "ended_at": None if job.ended_at is None else iso(job.ended_at),
        **{option: job.options[option] for option in ("dry_run", "skip_invalid", "again")},
        "mapping": mapping_of(job.options),
        "guessed": job.options.get("guessed", []),
        "columns": job.options.get("columns", []),
        "error": job.error,
        "report": job.report,
    }
