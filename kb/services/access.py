"""Finding an incident for somebody, and refusing what they may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, false, or_, true
from sqlalchemy.orm import selectinload

from kb.domain.incident import Status, Visibility
from kb.domain.permissions import (
    PERMISSIONS,
    Action,
    Actor,
    Role,
    has_role_for,
    may_change,
    may_see,
)
from kb.errors import Forbidden, NotAuthenticated, NotFound, PreconditionMissing, StaleVersion
from kb.models import Incident, IncidentTerm, Lesson, db
from kb.models.base import LARGEST_INTEGER

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


def require(actor: Actor, action: Action) -> None:
    """Raise NotAuthenticated or Forbidden unless the actor's role is enough for this, somewhere."""
    if has_role_for(actor, action):
        return
    if actor.role <= Role.ANONYMOUS:
        raise NotAuthenticated("Send a token: Authorization: Bearer kb_...")
    raise Forbidden(f"This needs the role {PERMISSIONS[action].key}; yours is {actor.role.key}.")


def find_incident(actor: Actor, incident_id: int) -> Incident:
    """An incident that the actor may see. Raises NotFound, also for one that exists and is hidden."""
    require(actor, Action.READ)
    incident = db.session.get(Incident, incident_id) if incident_id <= LARGEST_INTEGER else None
    if incident is None or not may_see(actor, incident):
        raise NotFound(f"There is no incident {incident_id}.")
    return incident


def find_for_change(actor: Actor, action: Action, incident_id: int, versions: Versions | None) -> Incident:
    """An incident that the actor may change, as of a version that the change is based on.

    Raises NotAuthenticated, NotFound, Forbidden, PreconditionMissing (no versions) or StaleVersion.
    """
    incident = find_incident(actor, incident_id)
    if action is Action.WITHDRAW and incident.status is Status.DRAFT:
        action = Action.DISCARD
    require(actor, action)
    if not may_change(actor, action, incident):
        raise Forbidden("This incident belongs to another team.")
    if versions is None:
        raise PreconditionMissing("Send If-Match with the ETag of the version that you have read.")
    if not versions & {ANY_VERSION, incident.version}:
        raise StaleVersion(
            f"It is at version {incident.version} by now. Read it again and repeat the change."
        )
    return incident


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The SQL condition for `may_see`."""
    if actor.sees_everything:
        return true()
    if not has_role_for(actor, Action.READ):
        return false()
    public = and_(Incident.status == Status.PUBLISHED, Incident.visibility == Visibility.ORGANIZATION)
    if actor.role >= Role.READER and actor.team_id is not None:
        return or_(public, Incident.team_id == actor.team_id)
    return public
