"""Making one incident of two that tell of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.follow_up import FollowUpStatus
from kb.domain.incident import Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import UNPUBLISHED, Step
from kb.errors import Conflict, FieldError
from kb.models import FollowUp, Incident, Lesson, LessonText, Source, db
from kb.services.core import audit, idempotency
from kb.services.core.authorization import (
    Versions,
    require,
    require_in,
    require_no_duplicate,
    was_ever_public,
)
from kb.services.core.incident_lookup import find_for_change, find_incident
from kb.services.core.presenters import detail
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.edit import require_for_audience
from kb.services.incidents.merged import resolve_duplicate
from kb.services.infrastructure.locks import advisory_lock
from kb.services.review.four_eyes import require_editable, unapproved_authors
from kb.services.review.steps import take_step
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

LESSONS, SOURCES, ACTIONS = "lessons", "sources", "actions"
TAKEN_OVER = (LESSONS, SOURCES, ACTIONS)
"""What the incident that stays can get of the other one."""

MAX_LESSONS, MAX_SOURCES = 50, 100


def mark_duplicate(
    actor: Actor,
    incident_id: int,
    versions: Versions | None,
    other_id: int,
    *,
    take_over: Sequence[str] = (),
    comment: str | None = None,
) -> WriteResult:
    """Withdraw an incident as a duplicate of another, for ever; the answer is that other one.

    Where the other is a duplicate itself, what it is a duplicate of is meant; what was one of this becomes
    one of that. `take_over` names what the other gets as well, of TAKEN_OVER.
    """
    require(actor, Action.DISCARD)
    with unit_of_work() as work:
        require_no_duplicate(find_incident(actor, incident_id))
        advisory_lock("merge")  # before any row is locked: merges in opposite directions would deadlock
        target = _locked(incident_id, resolve_duplicate(actor, other_id)[1].id)
        incident = find_for_change(actor, Action.WITHDRAW, incident_id, versions)
        earlier = list(db.session.scalars(_duplicates_of(incident.id)))
        _require_sensible(incident, target, earlier)
        was_public = is_public(incident.status, incident.visibility)
        if take_over:
            _take_over(work, actor, incident, target, take_over)
        if incident.status is not Status.WITHDRAWN:
            take_step(work, actor, incident, Step.WITHDRAW, comment or f"A duplicate of {target.id}.")
        for row in (incident, *earlier):
            row.duplicate_of_id = target.id
            own = row is incident
            said = comment if own else f"What it is a duplicate of is one of {target.id}."
            work.record(row, Operation.MERGED, actor, comment=said, was_public=was_public and own)
            audit.log_event(work, actor, AuditEvent.MERGE, incident=row, into=target.id, taken=[*take_over])
        view = idempotency.keep(detail(target))
    return WriteResult(view, created=False, searchable=sync.catch_up(work.seq))


def _duplicates_of(incident_id: int) -> Select[Incident]:
    return select(Incident).where(Incident.duplicate_of_id == incident_id).order_by(Incident.id)


def _locked(incident_id: int, target_id: int) -> Incident:
    """Lock two incidents, and what is a duplicate of the first, in the order of their ids, so that nobody who
    locks several waits for us while we wait for them; the second of them."""
    all_of_them = {
        incident_id,
        target_id,
        *(row.id for row in db.session.scalars(_duplicates_of(incident_id))),
    }
    statement = select(Incident).where(Incident.id.in_(all_of_them)).order_by(Incident.id).with_for_update()
    rows = {row.id: row for row in db.session.scalars(statement.execution_options(populate_existing=True))}
    return rows[target_id]


def _require_sensible(incident: Incident, target: Incident, earlier: Sequence[Incident]) -> None:
    """Raise Conflict for a merge after which somebody would miss what they could read."""
    public = is_public(target.status, target.visibility)
    why = None
    if incident is target:
        why = "An incident is no duplicate of itself."
    elif target.duplicate_of_id is not None:
        why = "Somebody has made it a duplicate meanwhile. Try again."
    elif target.status is Status.WITHDRAWN:
        why = f"Incident {target.id} is withdrawn. Reopen it first, or choose another."
    elif incident.status is Status.PUBLISHED and target.status in UNPUBLISHED:
        why = f"Readers would lose it: publish incident {target.id} first."
    elif is_public(incident.status, incident.visibility) and not public:
        why = f"Readers would lose it: incident {target.id} is for its team only."
    elif not public and any(row.team_id != target.team_id or was_ever_public(row) for row in earlier):
        why = f"What is a duplicate of it leads there: incident {target.id} must be public."
    if why is not None:
        raise Conflict(why)


def _take_over(
    work: UnitOfWork, actor: Actor, incident: Incident, target: Incident, what: Sequence[str]
) -> None:
    require_in(actor, Action.EDIT, target.team_id)
    taken, words_of = 0, unapproved_authors(incident)
    with db.session.no_autoflush:
        if LESSONS in what:
            taken += _take_lessons(incident, target, target.version + 1)
        if SOURCES in what:
            taken += _take_sources(incident, target)
    if ACTIONS in what:
        _take_actions(incident, target)
    if taken:
        require_editable(actor, target)
        public = is_public(target.status, target.visibility)
        require_for_audience(work, actor, target, public)
        comment = f"Took over from its duplicate {incident.id}: {', '.join(what)}."
        work.record(target, Operation.UPDATED, actor, comment=comment, was_public=public, words_of=words_of)


def _take_lessons(incident: Incident, target: Incident, version: int) -> int:
    language = target.language
    known = {lesson.texts[language].text for lesson in target.lessons}
    if any(language not in lesson.texts for lesson in incident.lessons):
        raise _refused(f"Translate its lessons into {language}, the language of {target.id}, or leave them.")
    new = [lesson for lesson in incident.lessons if lesson.texts[language].text not in known]
    if len(target.lessons) + len(new) > MAX_LESSONS:
        raise _refused(f"These would be more than {MAX_LESSONS} lessons. Leave them, or drop some first.")
    for position, lesson in enumerate(new, len(target.lessons)):
        texts = {tag: LessonText(language=tag, text=text.text) for tag, text in lesson.texts.items()}
        target.lessons.append(Lesson(position=position, texts=texts))
    if new:
        target.texts[language].version = version
    return len(new)


def _take_sources(incident: Incident, target: Incident) -> int:
    def identity(source: Source) -> str:
        return source.url_key or source.title.casefold()

    known = {identity(source) for source in target.sources}
    new = [source for source in incident.sources if identity(source) not in known]
    if len(target.sources) + len(new) > MAX_SOURCES:
        raise _refused(f"These would be more than {MAX_SOURCES} sources. Leave them, or drop some first.")
    for position, source in enumerate(new, len(target.sources)):
        names = ("title", "publisher", "url", "url_key", "archive_url", "published_on", "kind")
        copied = {name: getattr(source, name) for name in names}
        target.sources.append(Source(position=position, **copied))
    return len(new)


def _take_actions(incident: Incident, target: Incident) -> None:
    """Move what is still open; what is done stays where its lesson is."""
    pending = select(FollowUp).where(
        FollowUp.incident_id == incident.id, FollowUp.status == FollowUpStatus.OPEN
    )
    for row in db.session.scalars(pending.with_for_update(of=FollowUp)):
        row.incident_id, row.lesson_id = target.id, None


def _refused(detail: str) -> Conflict:
    return Conflict(detail, [FieldError("/take_over", detail)])
