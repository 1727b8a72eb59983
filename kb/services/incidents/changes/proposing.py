"""Make and edit proposals within a transaction: proposed states of published incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from kb.domain.field_diff import content
from kb.domain.proposal import STATUS_AFTER, ProposalStatus, ProposalStep
from kb.domain.three_way_merge import edited_fields, edited_language, merge
from kb.errors import Conflict, FieldError
from kb.messages import Message
from kb.models import Lesson, Proposal, ProposalEvent, ProposalRevision, db
from kb.services.core.presenters import snapshot
from kb.services.incidents.changes.history import find_revision
from kb.services.incidents.content.states import detached_copy
from kb.services.incidents.content.texts import count_characters, require_size
from kb.services.review.completeness import require_complete

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from kb.domain.permissions import Actor
    from kb.models import Incident
    from kb.services.core.unit_of_work import UnitOfWork

    ContentWriter = Callable[[Incident], bool | None]
    """Writes content into an incident. Returns True if equal content is a change, too: it confirms an
    outdated translation."""


class ProposedState(NamedTuple):
    """The state of an incident with a proposal applied, and the fields that others changed meanwhile."""

    snapshot: dict[str, Any]
    conflicts: list[str]


def propose(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    write: ContentWriter,
    *,
    comment: str | None,
    words_of: Collection[str],
) -> Proposal | None:
    """Propose the changes that `write` makes to a copy of a published incident; None if there are none.

    Raises the errors of `write`, Conflict if there is an open proposal in the same language, or InvalidInput
    for a result that is too incomplete to be published.
    """
    copy = detached_copy(incident)
    before = snapshot(copy)
    state, confirmed = _apply(copy, write)
    fields = edited_fields(before, state)
    if not confirmed and content(before) == content(state):
        return None
    language = edited_language(fields, incident.language)
    _require_none_open(incident, language)
    require_complete(copy)
    proposal = Proposal(
        incident=incident,
        language=language,
        status=ProposalStatus.OPEN,
        author=actor.name,
        principal=actor.principal,
        created_at=work.at,
        updated_at=work.at,
        version=1,
    )
    revision = _revision(work, actor, incident, state, number=1, comment=comment, words_of=words_of)
    proposal.revisions.append(revision)
    db.session.add(proposal)
    db.session.flush()
    return proposal


def revise(
    work: UnitOfWork,
    actor: Actor,
    proposal: Proposal,
    write: ContentWriter,
    *,
    resolves: Collection[str],
    comment: str | None,
) -> bool:
    """Let `write` change the proposed state of an incident; False if that changes nothing.

    A new revision of the proposal is based on the current version of the incident. `resolves` holds the JSON
    pointers of the fields that `write` decides on. Raises the errors of `write`, Conflict for conflicts in
    other fields or for a change beyond the proposed translation, or InvalidInput for an incomplete result.
    """
    incident, latest = proposal.incident, proposal.revisions[-1]
    merged, conflicts = proposed_state(proposal)
    _require_resolved(conflicts, resolves)
    copy = detached_copy(incident, merged)
    before = snapshot(copy)
    state, _ = _apply(copy, write)
    if not edited_fields(before, state) and not conflicts:
        return False
    _require_same_language(proposal, state)
    require_complete(copy)
    proposal.version = latest.number + 1
    proposal.updated_at = work.at
    revision = _revision(work, actor, incident, state, number=proposal.version, comment=comment)
    proposal.revisions.append(revision)
    db.session.flush()
    return True


def _require_resolved(conflicts: Collection[str], resolves: Collection[str]) -> None:
    """Raise Conflict, naming the fields, for conflicts that an edit of the proposal does not decide on."""
    unresolved = [pointer for pointer in conflicts if pointer not in resolves]
    if unresolved:
        raise Conflict(
            Message(
                "Others have changed the incident in fields that this proposal changes, too. "
                "Send them again, or name them in `keep`."
            ),
            conflict_errors(unresolved),
        )


def _require_same_language(proposal: Proposal, state: dict[str, Any]) -> None:
    """Raise Conflict if a state changes more than the language that a proposed translation is in."""
    incident = proposal.incident
    language = edited_language(edited_fields(snapshot(incident), state), incident.language)
    if proposal.language not in (language, incident.language):
        detail = Message(
            "This proposal is a translation into {language}. Propose other changes separately.",
            language=proposal.language,
        )
        raise Conflict(detail)


def conflict_errors(pointers: Collection[str]) -> list[FieldError]:
    """The errors that name conflicts between a proposal and the published incident."""
    return [FieldError(pointer, Message("Changed in the published incident, too.")) for pointer in pointers]


def proposed_state(proposal: Proposal, number: int | None = None) -> ProposedState:
    """The state of the incident with a revision of a proposal applied, by default the latest.

    An open proposal is applied to the current incident, a closed one to the version that it was based on.
    """
    revision = proposal.revisions[-1 if number is None else number - 1]
    if proposal.status is not ProposalStatus.OPEN:
        return ProposedState(revision.snapshot, [])
    base = find_revision(proposal.incident_id, revision.base_version).snapshot
    return ProposedState(*merge(base, snapshot(proposal.incident), revision.snapshot))


def record_proposal_step(
    work: UnitOfWork,
    actor: Actor,
    proposal: Proposal,
    step: ProposalStep,
    *,
    comment: str | None,
    overridden: str | None = None,
) -> None:
    """Set the status of a proposal after a step, and add the step to its events."""
    proposal.status, proposal.updated_at = STATUS_AFTER[step], work.at
    proposal.events.append(
        ProposalEvent(
            version=proposal.version,
            step=step,
            author=actor.name,
            principal=actor.principal,
            comment=comment or None,
            overridden=overridden,
            at=work.at,
        )
    )
    db.session.flush()


def discard_proposals(work: UnitOfWork, actor: Actor, incident: Incident, comment: str) -> None:
    """Discard the open proposals to an incident."""
    statement = select(Proposal).where(
        Proposal.incident_id == incident.id, Proposal.status == ProposalStatus.OPEN
    )
    for proposal in db.session.scalars(statement):
        record_proposal_step(work, actor, proposal, ProposalStep.DISCARD, comment=comment)


def _apply(copy: Incident, write: ContentWriter) -> tuple[dict[str, Any], bool]:
    """Write into a copy; return its snapshot, with ids for new lessons, and what `write` returned."""
    characters = count_characters(copy)
    with db.session.no_autoflush:
        confirmed = bool(write(copy))
        require_size(copy, characters)
        for lesson in copy.lessons:
            if lesson.id is None:
                lesson.id = _reserve_lesson_id(copy)
    return snapshot(copy), confirmed


def _reserve_lesson_id(incident: Incident) -> int:
    """Reserve an id for a lesson that is not stored yet, by a row that is deleted: ids are never reused."""
    lesson = insert(Lesson).values(incident_id=incident.id, position=0).returning(Lesson.id)
    lesson_id: int = db.session.execute(lesson).scalar_one()
    db.session.execute(delete(Lesson).where(Lesson.id == lesson_id))
    return lesson_id


def _require_none_open(incident: Incident, language: str) -> None:
    statement = select(Proposal).where(
        Proposal.incident_id == incident.id,
        Proposal.language == language,
        Proposal.status == ProposalStatus.OPEN,
    )
    earlier = db.session.scalar(statement)
    if earlier is None:
        return
    what = (
        Message("a change")
        if language == incident.language
        else Message("a translation into {language}", language=language)
    )
    raise Conflict(
        Message(
            "Proposal {id} by {author} is open already: {what} that waits for a review. "
            "PATCH it to add your change, or publish or discard it first.",
            id=earlier.id,
            author=earlier.author,
            what=what,
        )
    )


def _revision(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    state: dict[str, Any],
    *,
    number: int,
    comment: str | None,
    words_of: Collection[str] = (),
) -> ProposalRevision:
    return ProposalRevision(
        number=number,
        base_version=incident.version,
        author=actor.name,
        principal=actor.principal,
        words_of=sorted(words_of) or None,
        comment=comment or None,
        at=work.at,
        snapshot=state,
    )
