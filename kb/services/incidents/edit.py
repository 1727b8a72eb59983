"""What is done to incidents within a transaction: by the API, by an import, by the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.audit import AuditEvent
from kb.domain.dates import UNKNOWN_DATE
from kb.domain.field_diff import content
from kb.domain.incident import TEXT_FIELDS, Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import OPERATIONS, Step
from kb.errors import Conflict, FieldError, InvalidInput
from kb.models import Incident, db
from kb.services.core import audit
from kb.services.core.authorization import require_in
from kb.services.core.presenters import snapshot
from kb.services.incidents.content import fill, translate_lessons, write_lessons, write_texts
from kb.services.incidents.slugs import new_slug
from kb.services.review.completeness import require_complete
from kb.services.review.four_eyes import may_publish_directly, require_editable
from kb.services.review.steps import record_step, take_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.taxonomy.lookup import Terms

_STEPS = {Status.IN_REVIEW: Step.SUBMIT, Status.PUBLISHED: Step.PUBLISH}
"""The steps that a wanted status stands for; the others are taken by name."""


def add_incident(
    work: UnitOfWork, actor: Actor, data: Mapping[str, Any], terms: Terms, team_id: int
) -> Incident:
    """Add a new incident for a team. What it wants to be, but may not, it is as a draft."""
    incident = Incident(
        slug=new_slug(data, team_id),
        external_id=data.get("external_id"),
        status=Status.DRAFT,
        language=data["language"],
        team_id=team_id,
        author=actor.name,
        created_at=work.at,
        occurred_on=UNKNOWN_DATE.first,
        occurred_until=UNKNOWN_DATE.last,
        occurred_precision=UNKNOWN_DATE.precision,
    )
    with db.session.no_autoflush:
        fill(incident, data, terms)
        write_texts(incident, incident.language, data, version=1)
        write_lessons(incident, incident.language, data["lessons"], version=1)
        for language, translation in data.get("translations", {}).items():
            write_translation(incident, language, translation, version=1)
    publish = data["status"] == Status.PUBLISHED and may_publish_directly(actor, team_id)
    if publish:
        require_complete(incident)
        incident.status, incident.published_at = Status.PUBLISHED, work.at
    db.session.add(incident)
    comment = data.get("comment")
    work.record(incident, Operation.CREATED, actor, comment=comment)
    if publish:
        record_step(work, actor, incident, Step.PUBLISH, Status.DRAFT, comment)
    if data["status"] == Status.IN_REVIEW:
        take_step(work, actor, incident, Step.SUBMIT, comment)
        work.record(incident, OPERATIONS[Step.SUBMIT], actor, comment=comment)
    return incident


def write_translation(incident: Incident, language: str, data: Mapping[str, Any], version: int) -> None:
    """Write all texts in one more language, within a transaction."""
    write_texts(incident, language, {**dict.fromkeys(TEXT_FIELDS, ""), **data}, version)
    translate_lessons(incident, language, data.get("lessons", ()))


def change_incident(
    work: UnitOfWork, actor: Actor, incident: Incident, data: Mapping[str, Any], terms: Terms
) -> bool:
    """Apply the input and record it, unless it changes nothing; then take the step that it asks for."""
    language = data.get("language", incident.language)
    if language not in incident.texts:
        detail = f"There is no text in {language} yet. PUT it to translations/{language} first."
        raise InvalidInput([FieldError("/language", detail)])
    was_public = is_public(incident.status, incident.visibility)
    before = content_of(incident)
    with db.session.no_autoflush:
        fill(incident, data, terms)
        _write_language(incident, language, data)
        changed = before != content_of(incident)
    step, comment = _wanted_step(incident, data.get("status")), data.get("comment")
    if changed:
        require_editable(actor, incident)
        require_for_audience(work, actor, incident, was_public)
        work.record(incident, Operation.UPDATED, actor, comment=comment, was_public=was_public)
    else:
        for row in (*incident.texts.values(), incident):
            db.session.expire(row)
    if step is not None:
        # A write of its own: who approves must be able to tell who wrote what.
        take_step(work, actor, incident, step, comment)
        work.record(incident, OPERATIONS[step], actor, comment=comment)
    return changed or step is not None


def require_for_audience(work: UnitOfWork, actor: Actor, incident: Incident, was_public: bool) -> None:
    """To open an incident to all is to publish it; to close it to others is to withdraw it from them, which
    is answered for. What is published stays complete."""
    is_public_now = is_public(incident.status, incident.visibility)
    if is_public_now and not was_public:
        require_in(actor, Action.PUBLISH, incident.team_id)
    if was_public and not is_public_now:
        require_in(actor, Action.WITHDRAW, incident.team_id)
        audit.log_event(work, actor, AuditEvent.WITHDRAWAL, incident=incident, by="visibility")
    if incident.status is Status.PUBLISHED:
        require_complete(incident)


def content_of(incident: Incident) -> object:
    """What a change can change, to be compared before and after."""
    return content(snapshot(incident)), [lesson.id for lesson in incident.lessons]


def _write_language(incident: Incident, language: str, data: Mapping[str, Any]) -> None:
    version = incident.version + 1
    text_version = incident.texts[language].version
    was_outdated = text_version < incident.original.version
    write_texts(incident, language, data, version)
    if "lessons" in data and language == incident.language:
        write_lessons(incident, language, data["lessons"], version)
    elif "lessons" in data:
        translate_lessons(incident, language, data["lessons"])
        incident.texts[language].version = version
    if was_outdated:
        # A part of a translation says nothing of the rest: it is up to date once all of it is written.
        incident.texts[language].version = text_version
    for tag, translation in data.get("translations", {}).items():
        write_translation(incident, tag, translation, version)
        if incident.original.version == version:
            incident.texts[tag].version = version


def _wanted_step(incident: Incident, wanted: str | None) -> Step | None:
    if wanted is None or wanted == incident.status:
        return None
    step = _STEPS.get(Status(wanted))
    if step is None:
        detail = f"An incident that is {incident.status} becomes a draft by a step: POST it to /events."
        raise Conflict(detail, [FieldError("/status", detail)])
    return step
