"""Merge a duplicate into the incident that reports the same failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.follow_up import FollowUpStatus
from kb.domain.incident import MAX_LESSONS, MAX_SOURCES, Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.text import fold
from kb.domain.workflow import UNPUBLISHED, Step
from kb.errors import Conflict, FieldError
from kb.messages import Message
from kb.models import FollowUp, Incident, Lesson, LessonText, Source, db
from kb.services.core import audit, idempotency
from kb.services.core.authorization import (
    Versions,
    require,
    require_in,
    require_not_duplicate,
    was_ever_public,
)
from kb.services.core.incident_lookup import find_for_change, find_incident
from kb.services.core.presenters import detail
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.changes.edit import change_content
from kb.services.incidents.changes.proposing import discard_proposals
from kb.services.incidents.content.passed_check import take_over_check
from kb.services.incidents.duplicates.merged import resolve_duplicate
from kb.services.infrastructure.locks import advisory_lock
from kb.services.review.four_eyes import unapproved_authors
from kb.services.review.steps import take_step
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Select

    from kb.models import Proposal

LESSONS, SOURCES, ACTIONS = "lessons", "sources", "actions"
"""The parts of a duplicate that a merge can add to the original."""


@sync.coming()
def mark_duplicate(
    actor: Actor,
    incident_id: int,
    versions: Versions | None,
    other_id: int,
    *,
    parts: Sequence[str],
    comment: str | None,
    acknowledged: Collection[str],
) -> WriteResult:
    """Withdraw an incident permanently as a duplicate of another, the original, which is returned.

    If the other is a duplicate itself, its original is used. Earlier duplicates of the incident become
    duplicates of the original too. `parts` (LESSONS, SOURCES, ACTIONS) are added to the original: at once or,
    if its changes need a review, by a proposal, whose id is in the result as `proposal`. The original
    inherits the check that had passed the post. Open proposals to the duplicate are discarded.
    Raises NotFound, Forbidden, PreconditionMissing, StaleVersion, or Conflict for a merge that would hide
    something from its readers.
    """
    require(actor, Action.DISCARD)
    with unit_of_work() as work:
        incident, original = _lock_pair(actor, incident_id, versions, other_id)
        earlier = list(db.session.scalars(_duplicates_of(incident.id)))
        _require_mergeable(incident, original, earlier)
        was_public = is_public(incident.status, incident.visibility)
        proposal = _add_parts(work, actor, incident, original, parts=parts, acknowledged=acknowledged)
        take_over_check(work, actor, incident, original)
        if incident.status is not Status.WITHDRAWN:
            take_step(work, actor, incident, Step.WITHDRAW, comment or f"A duplicate of {original.id}.")
        _record_merge(work, actor, incident, original, parts=parts, comment=comment, was_public=was_public)
        reason = f"Its original was merged into {original.id}."
        for row in earlier:
            _record_merge(work, actor, row, original, parts=parts, comment=reason, was_public=False)
        discard_proposals(work, actor, incident, f"Its incident is a duplicate of {original.id}.")
        body = detail(original)
        if proposal is not None:
            body["proposal"] = proposal.id
        idempotency.store_answer(body, incident_id=original.id)
    return WriteResult(body, created=False, searchable=sync.catch_up(work.seq))


def _record_merge(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    original: Incident,
    *,
    parts: Sequence[str],
    comment: str | None,
    was_public: bool,
) -> None:
    """Make an incident a duplicate of its original, as a revision and in the audit log."""
    incident.duplicate_of_id = original.id
    work.record(incident, Operation.MERGED, actor, comment=comment, was_public=was_public)
    audit.log_event(work, actor, AuditEvent.MERGE, incident=incident, into=original.id, taken=[*parts])


def _lock_pair(
    actor: Actor, incident_id: int, versions: Versions | None, other_id: int
) -> tuple[Incident, Incident]:
    """Lock an incident and its original: the given other one, or the incident that the other duplicates."""
    require_not_duplicate(find_incident(actor, incident_id))
    advisory_lock("merge")  # before any row is locked: merges in opposite directions would deadlock
    original = _lock_rows(incident_id, resolve_duplicate(actor, other_id)[1].id)
    return find_for_change(actor, Action.WITHDRAW, incident_id, versions), original


def _duplicates_of(incident_id: int) -> Select[Incident]:
    return select(Incident).where(Incident.duplicate_of_id == incident_id).order_by(Incident.id)


def _lock_rows(incident_id: int, original_id: int) -> Incident:
    """Lock both incidents and the duplicates of the first; return the second.

    They are locked in the order of their ids, so that two transactions cannot wait for each other.
    """
    duplicate_ids = [row.id for row in db.session.scalars(_duplicates_of(incident_id))]
    ids = {incident_id, original_id, *duplicate_ids}
    statement = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id).with_for_update()
    rows = {row.id: row for row in db.session.scalars(statement.execution_options(populate_existing=True))}
    return rows[original_id]


def _require_mergeable(incident: Incident, original: Incident, earlier: Sequence[Incident]) -> None:
    """Raise Conflict for a merge that makes no sense, or that would hide an incident from its readers."""
    public = is_public(original.status, original.visibility)
    reason = None
    if incident is original:
        reason = Message("An incident is not a duplicate of itself.")
    elif original.duplicate_of_id is not None:
        reason = Message("The other incident was merged meanwhile. Try again.")
    elif original.status is Status.WITHDRAWN:
        reason = Message("Incident {id} is withdrawn. Reopen it first, or choose another.", id=original.id)
    elif incident.status is Status.PUBLISHED and original.status in UNPUBLISHED:
        reason = Message("Readers would lose it: publish incident {id} first.", id=original.id)
    elif is_public(incident.status, incident.visibility) and not public:
        reason = Message("Readers would lose it: incident {id} is visible to its team only.", id=original.id)
    elif not public and any(row.team_id != original.team_id or was_ever_public(row) for row in earlier):
        reason = Message(
            "Its earlier duplicates would lead readers there: make incident {id} public first.",
            id=original.id,
        )
    if reason is not None:
        raise Conflict(reason)


def _add_parts(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    original: Incident,
    *,
    parts: Sequence[str],
    acknowledged: Collection[str],
) -> Proposal | None:
    """Add parts of a duplicate to the original; return the proposal that this became, if any."""
    if not parts:
        return None
    require_in(actor, Action.EDIT, original.team_id)

    def write(target: Incident) -> None:
        if LESSONS in parts:
            _add_lessons(incident, target)
        if SOURCES in parts:
            _add_sources(incident, target)

    result = change_content(
        work,
        actor,
        original,
        write,
        comment=f"Took over from its duplicate {incident.id}: {', '.join(parts)}.",
        acknowledged=acknowledged,
        words_of=unapproved_authors(incident),
    )
    if ACTIONS in parts:
        _move_actions(incident, original)
    return result.proposal


def _add_lessons(incident: Incident, original: Incident) -> None:
    """Add the lessons that the original lacks, and guards to its lessons without one."""
    language = original.language
    known = {lesson.texts[language].text: lesson for lesson in original.lessons}
    if any(language not in lesson.texts for lesson in incident.lessons):
        raise _conflict(
            Message(
                "Translate its lessons into {language}, as in {original}, or omit them.",
                language=language,
                original=original.id,
            )
        )
    new = [lesson for lesson in incident.lessons if lesson.texts[language].text not in known]
    if len(original.lessons) + len(new) > MAX_LESSONS:
        raise _conflict(
            Message("That makes more than {most} lessons. Omit them, or delete some first.", most=MAX_LESSONS)
        )
    for position, lesson in enumerate(new, len(original.lessons)):
        texts = {tag: LessonText(language=tag, text=text.text) for tag, text in lesson.texts.items()}
        original.lessons.append(Lesson(position=position, texts=texts, guard=lesson.guard))
    if new:
        original.texts[language].version = original.version + 1
    for lesson in incident.lessons:
        same = known.get(lesson.texts[language].text)
        if same is not None and same.guard is None:
            same.guard = lesson.guard


def _add_sources(incident: Incident, original: Incident) -> None:
    def identity(source: Source) -> str:
        return source.url_key or fold(source.title)

    known = {identity(source) for source in original.sources}
    new = [source for source in incident.sources if identity(source) not in known]
    if len(original.sources) + len(new) > MAX_SOURCES:
        raise _conflict(
            Message("That makes more than {most} sources. Omit them, or delete some first.", most=MAX_SOURCES)
        )
    for position, source in enumerate(new, len(original.sources)):
        names = ("title", "publisher", "url", "url_key", "archive_url", "archive_key", "published_on", "kind")
        columns = {name: getattr(source, name) for name in names}
        original.sources.append(Source(position=position, **columns))


def _move_actions(incident: Incident, original: Incident) -> None:
    """Move the open actions; completed ones stay with the lesson that they belong to."""
    is_open = (FollowUp.incident_id == incident.id, FollowUp.status == FollowUpStatus.OPEN)
    open_actions = select(FollowUp).where(*is_open).order_by(FollowUp.id)
    for row in db.session.scalars(open_actions.with_for_update(of=FollowUp)):
        row.incident_id, row.lesson_id = original.id, None


def _conflict(detail: Message) -> Conflict:
    return Conflict(detail, [FieldError("/take_over", detail)])
