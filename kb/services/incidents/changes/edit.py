"""Change incidents within a transaction, for the API, the import and the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.audit import AuditEvent
from kb.domain.field_diff import content
from kb.domain.incident import Operation, Status, Visibility
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import OPERATIONS, Step
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import Message, word
from kb.models import Incident, db
from kb.services.core import audit
from kb.services.core.authorization import require_in
from kb.services.core.incident_lookup import load_ahead
from kb.services.core.presenters import snapshot
from kb.services.core.system_actors import is_operator
from kb.services.incidents.changes.proposing import propose
from kb.services.incidents.content.facts import write_facts
from kb.services.incidents.content.slugs import choose_slug, follow_title, slug_words
from kb.services.incidents.content.texts import (
    change_texts_and_lessons,
    count_characters,
    require_size,
    require_translated_texts,
)
from kb.services.review.completeness import require_complete
from kb.services.review.concerns import (
    require_acknowledged,
    scan,
    text_concerns,
)
from kb.services.review.four_eyes import must_propose
from kb.services.review.steps import take_step

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kb.models import Proposal
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.incidents.changes.proposing import ContentWriter
    from kb.services.review.concerns import Reason
    from kb.services.taxonomy.lookup import TermLookup

_STEP_TO = {Status.IN_REVIEW: Step.SUBMIT, Status.PUBLISHED: Step.PUBLISH}
"""The step to each status that a write may request; other steps are taken through the events."""


def load_for_edit(actor: Actor, incident_id: int, *, publishes: bool = False) -> Incident:
    """Load an incident, and scan it for concerns if it is or will be published, before a transaction begins,
    since other writers would wait for the scan. Raises NotFound."""
    incident = load_ahead(actor, incident_id)
    if publishes or incident.status is Status.PUBLISHED:
        scan(snapshot(incident))
    return incident


class ChangeResult(NamedTuple):
    """Whether an incident has changed, and the proposal that the change became instead, if any."""

    changed: bool
    proposal: Proposal | None = None


def change_incident(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    data: Mapping[str, Any],
    terms: TermLookup,
    *,
    spellings: dict[str, str] | None = None,
    taken_slugs: Collection[str] = (),
) -> ChangeResult:
    """Write the input into an incident (`change_content`), then take the step to `data["status"]`.

    `spellings` has its tags (`write_tags`), `taken_slugs` the slugs that it cannot get. Raises InvalidInput
    for a language without texts and for unknown terms, Conflict or Forbidden.
    """
    comment, acknowledged = data.get("comment"), data.get("acknowledge", ())
    step = _step_to(incident, data.get("status"))
    result = change_content(
        work,
        actor,
        incident,
        lambda target: write_changes(target, data, terms, spellings, taken_slugs),
        comment=comment,
        acknowledged=acknowledged,
    )
    if step is None:
        return result
    # A separate revision, so that approvers still see the authors of the content.
    take_step(work, actor, incident, step, comment, acknowledged=acknowledged)
    work.record(incident, OPERATIONS[step], actor, comment=comment)
    return ChangeResult(changed=True)


def write_changes(
    target: Incident,
    data: Mapping[str, Any],
    terms: TermLookup,
    spellings: dict[str, str] | None = None,
    taken_slugs: Collection[str] = (),
) -> None:
    """Write the fields of an input into an incident, and update its slug.

    Raises InvalidInput for a language without texts, or Conflict for a slug that it cannot get.
    """
    language = data.get("language", target.language)
    if language not in target.texts:
        detail = Message(
            "There is no text in {language} yet. PUT it to translations/{language} first.", language=language
        )
        raise InvalidInput([FieldError("/language", detail)])
    earlier = slug_words(target)
    write_facts(target, data, terms, spellings=spellings)
    change_texts_and_lessons(target, language, data)
    if data.get("slug") is None:
        follow_title(target, earlier, taken_slugs)
    else:
        choose_slug(target, data["slug"])
    if language != target.language:
        require_translated_texts(target, language, data)


def change_content(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    write: ContentWriter,
    *,
    operation: Operation = Operation.UPDATED,
    comment: str | None,
    acknowledged: Collection[str],
    words_of: Collection[str] = (),
) -> ChangeResult:
    """Let `write` change the content of an incident, and record it as a revision if anything changed.

    A change to a published incident by an actor who may not publish without a review becomes a proposal:
    `write` gets a copy, and the incident stays unchanged. `words_of` names authors, other than the actor, of
    text that the change adds. Raises the errors of `write`, Conflict for a second proposal or an
    unacknowledged concern, Forbidden for a change of visibility that is up to reviewers, or InvalidInput for
    a published incident that would become incomplete.
    """
    if must_propose(actor, incident):
        proposal = propose(work, actor, incident, write, comment=comment, words_of=words_of)
        return ChangeResult(changed=False, proposal=proposal)
    was_public = is_public(incident.status, incident.visibility)
    published = snapshot(incident) if incident.status is Status.PUBLISHED else None
    before, characters = content_of(incident), count_characters(incident)
    with db.session.no_autoflush:
        changed = write(incident) or before != content_of(incident)
    require_size(incident, characters)
    if not changed:
        discard_changes(incident)
        return ChangeResult(changed=False)
    if published is not None:
        check_published_content(
            work, actor, incident, published, was_public=was_public, acknowledged=acknowledged
        )
    work.record(incident, operation, actor, comment=comment, was_public=was_public, words_of=words_of)
    return ChangeResult(changed=True)


def check_published_content(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    published: Mapping[str, Any],
    *,
    was_public: bool,
    acknowledged: Collection[str],
    open_comments: Collection[Reason] = (),
) -> None:
    """Check the new state of an incident whose state was `published`, before readers see it.

    Raises Forbidden, InvalidInput or Conflict; see `change_content`.
    """
    _check_visibility(work, actor, incident, was_public=was_public)
    require_complete(incident)
    # The operator is exempt, so their texts are not scanned.
    added = [] if is_operator(actor) else added_concerns(published, snapshot(incident))
    reasons = [*open_comments, *added]
    require_acknowledged(work, actor, incident, reasons, acknowledged)


def added_concerns(published: Mapping[str, Any], state: Mapping[str, Any]) -> list[Reason]:
    """The concerns that a new state of a published incident raises for its future readers.

    Opening it to more readers shows them all of it, so all its concerns count.
    """
    opened = state["visibility"] != published["visibility"] == Visibility.TEAM
    return text_concerns(state, None if opened else published)


def discard_changes(incident: Incident) -> None:
    """Expire an incident and its texts after a write that changed no content, so that no row is updated.

    A detached incident stays as it is, since it is never written.
    """
    if incident in db.session:
        for row in (*incident.texts.values(), incident):
            db.session.expire(row)


def content_of(incident: Incident) -> object:
    """The editable content, in a form that can be compared before and after a write."""
    return content(snapshot(incident)), [lesson.id for lesson in incident.lessons]


def _check_visibility(work: UnitOfWork, actor: Actor, incident: Incident, *, was_public: bool) -> None:
    """Require the right to publish to open an incident to all readers, the right to withdraw to close it."""
    is_public_now = is_public(incident.status, incident.visibility)
    if is_public_now and not was_public:
        require_in(actor, Action.PUBLISH, incident.team_id)
    if was_public and not is_public_now:
        require_in(actor, Action.WITHDRAW, incident.team_id)
        audit.log_event(work, actor, AuditEvent.WITHDRAWAL, incident=incident, by="visibility")


def _step_to(incident: Incident, status: str | None) -> Step | None:
    if status is None or status == incident.status:
        return None
    step = _STEP_TO.get(Status(status))
    if step is None:
        detail = Message(
            "POST a step to /events to make an incident that is {status} a draft again.",
            status=word(incident.status),
        )
        raise Conflict(detail, [FieldError("/status", detail)])
    return step
