"""Finding an incident for somebody, and refusing what they may not do."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, or_, select, true
from sqlalchemy.orm import selectinload

from kb.domain.field_diff import changed_fields
from kb.domain.incident import Status, Visibility
from kb.domain.permissions import (
    PERMISSIONS,
    Action,
    Actor,
    Role,
    belongs_to,
    has_role_for,
    may_in,
    may_see,
    role_in,
    teams_of,
)
from kb.domain.workflow import Step, needed_for
from kb.errors import (
    Conflict,
    FieldError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    PreconditionMissing,
    StaleVersion,
)
from kb.models import Change, Incident, IncidentTerm, Lesson, ReviewEvent, Revision, db
from kb.models.base import LARGEST_INTEGER
from kb.services.core.presenters import snapshot

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm.interfaces import ORMOption

CARD_PARTS: tuple[ORMOption, ...] = (
    selectinload(Incident.texts),
    selectinload(Incident.term_links).joinedload(IncidentTerm.term),
    selectinload(Incident.tag_links),
)
"""What a card needs, loaded with a few queries for a whole page."""

ALL_PARTS: tuple[ORMOption, ...] = (
    *CARD_PARTS,
    selectinload(Incident.lessons).selectinload(Lesson.texts),
    selectinload(Incident.sources),
    selectinload(Incident.responses),
    selectinload(Incident.impacts),
)


Versions = frozenset[int]
"""The versions that a change may be based on; with ANY_VERSION, whatever is current."""

ANY_VERSION = 0

_LATELY = 20
"""So many revisions are looked through for who changed a field."""


def require(actor: Actor, action: Action) -> None:
    """Raise NotAuthenticated or Forbidden unless the actor may do this, somewhere."""
    if has_role_for(actor, action):
        return
    rule = PERMISSIONS[action]
    if actor.role <= Role.ANONYMOUS and not actor.roles:
        raise NotAuthenticated("Send a token: Authorization: Bearer kb_...")
    if rule.scope not in actor.scopes:
        raise Forbidden(f"This token lacks the scope {rule.scope}. Make one that has it.")
    raise Forbidden(f"This needs the role {rule.role.key}; yours is {actor.highest_role.key}.")


def require_in(actor: Actor, action: Action, team_id: int) -> None:
    """Raise NotAuthenticated or Forbidden unless the actor may do this to something of this team."""
    require(actor, action)
    if may_in(actor, action, team_id):
        return
    if not belongs_to(actor, team_id):
        raise Forbidden("This belongs to another team.")
    needed, role = PERMISSIONS[action].role, role_in(actor, team_id)
    raise Forbidden(f"This needs the role {needed.key} in its team; yours is {role.key}.")


def find_incident(actor: Actor, incident_id: int, *, to_change: bool = False) -> Incident:
    """An incident that the actor may see. Raises NotFound, also for one that exists and is hidden.

    With `to_change`, nobody else changes it before the transaction ends.
    """
    require(actor, Action.READ)
    incident = None
    if incident_id <= LARGEST_INTEGER:
        incident = db.session.get(Incident, incident_id, with_for_update=to_change or None)
    if incident is None or not may_see(actor, incident):
        raise NotFound(f"There is no incident {incident_id}.")
    return incident


def find_in_team(actor: Actor, action: Action, incident_id: int, *, to_change: bool = False) -> Incident:
    """An incident of a team in which the actor may do this. Raises NotFound or Forbidden."""
    incident = find_incident(actor, incident_id, to_change=to_change)
    require_in(actor, action, incident.team_id)
    return incident


def find_for_change(actor: Actor, action: Action, incident_id: int, versions: Versions | None) -> Incident:
    """An incident that the actor may change, as of a version that the change is based on.

    Raises NotAuthenticated, NotFound, Forbidden, PreconditionMissing (no versions) or StaleVersion, which
    names the fields that have changed since the version that the actor knows.
    """
    incident = find_incident(actor, incident_id, to_change=True)
    if action is Action.WITHDRAW:
        action = needed_to(incident, Step.WITHDRAW)
    require_in(actor, action, incident.team_id)
    require_no_duplicate(incident)
    if must_know(versions) & {ANY_VERSION, incident.version}:
        return incident
    raise StaleVersion(
        f"It is at version {incident.version} by now. Read it again and repeat the change.",
        partial(_changed_since, incident.id, versions or frozenset()),
    )


def needed_to(incident: Incident, step: Step) -> Action:
    """What one must be allowed to do for a step. What has ever been published is not discarded, also where
    it is a draft again, but withdrawn."""
    needed = needed_for(incident.status, step)
    if needed is not Action.DISCARD:
        return needed
    published = select(ReviewEvent.id).where(
        ReviewEvent.incident_id == incident.id, ReviewEvent.step == Step.PUBLISH
    )
    with db.session.no_autoflush:
        ever = was_ever_public(incident) or db.session.scalar(published.limit(1)) is not None
    return Action.WITHDRAW if ever else needed


def was_ever_public(incident: Incident) -> bool:
    """Whether others than its team could see an incident at some time, as the change feed has told them."""
    told = select(Change.seq).where(Change.incident_id == incident.id, Change.public).limit(1)
    return db.session.scalar(told) is not None


def require_no_duplicate(incident: Incident) -> None:
    """Raise Conflict for what has become a duplicate of another incident."""
    if incident.duplicate_of_id is not None:
        raise Conflict("It is a duplicate of another incident: turn to that one, where its address leads.")


def must_know(versions: Versions | None) -> Versions:
    """The versions that a change may be based on. Raises PreconditionMissing where none was named."""
    if versions is None:
        raise PreconditionMissing("Send If-Match with the ETag of the version that you have read.")
    return versions


def require_version(versions: Versions | None, current: int) -> None:
    """Raise PreconditionMissing or StaleVersion unless a change is based on what is current."""
    if not must_know(versions) & {ANY_VERSION, current}:
        raise StaleVersion(f"It is at version {current} by now. Read it again and repeat the change.")


def _changed_since(incident_id: int, versions: Versions) -> list[FieldError]:
    """The fields that differ from the latest of some versions, each with who changed it last, of late."""
    incident = db.session.get_one(Incident, incident_id)
    known = max((version for version in versions if version < incident.version), default=0)
    ours = select(Revision).where(Revision.incident_id == incident.id)
    base = db.session.scalar(ours.where(Revision.number == known))
    if base is None:
        return []
    recent = ours.where(Revision.number >= max(known, incident.version - _LATELY)).order_by(Revision.number)
    last: dict[str, Revision] = {}
    for before, after in pairwise(db.session.scalars(recent)):
        for pointer in changed_fields(before.snapshot, after.snapshot):
            last[pointer] = after
    return [
        FieldError(
            pointer,
            f"Changed in version {last[pointer].number} by {last[pointer].author}."
            if pointer in last
            else f"Changed since version {known}.",
        )
        for pointer in changed_fields(base.snapshot, snapshot(incident))
    ]


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The SQL condition for `may_see`."""
    if actor.sees_everything:
        return true()
    if not has_role_for(actor, Action.READ):
        return false()
    public = and_(Incident.status == Status.PUBLISHED, Incident.visibility == Visibility.ORGANIZATION)
    if teams := teams_of(actor):
        return or_(public, Incident.team_id.in_(teams))
    return public
