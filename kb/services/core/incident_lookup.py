"""Find incidents for an actor, with loader options for their relations."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from kb.domain.field_diff import changed_fields
from kb.domain.permissions import Action, Actor, may_see
from kb.domain.workflow import Step
from kb.errors import FieldError, NotFound, StaleVersion
from kb.messages import Message
from kb.models import Incident, IncidentTerm, Lesson, Revision, db
from kb.models.base import MAX_INTEGER
from kb.services.core.authorization import (
    ANY_VERSION,
    Versions,
    require,
    require_in,
    require_not_duplicate,
    require_versions,
    required_action,
    stale_message,
)
from kb.services.core.preloading import lock_incident
from kb.services.core.presenters import snapshot

if TYPE_CHECKING:
    from sqlalchemy.orm.interfaces import ORMOption

SUMMARY_OPTIONS: tuple[ORMOption, ...] = (
    selectinload(Incident.texts),
    selectinload(Incident.term_links).joinedload(IncidentTerm.term),
    selectinload(Incident.tag_links),
    joinedload(Incident.collection),
)
"""Loader options for the fields of a summary: a page of any length takes only a few queries."""

DETAIL_OPTIONS: tuple[ORMOption, ...] = (
    *SUMMARY_OPTIONS,
    selectinload(Incident.lessons).selectinload(Lesson.texts),
    selectinload(Incident.sources),
    selectinload(Incident.responses),
    selectinload(Incident.impacts),
)

WHOLE_OPTIONS: tuple[ORMOption, ...] = (*DETAIL_OPTIONS, joinedload(Incident.team))
"""Loader options for all relations of an incident."""

RECENT_REVISIONS = 20
"""How many revisions are searched for the last change of a field."""


def find_incident(actor: Actor, incident_id: int, *, for_update: bool = False) -> Incident:
    """Return an incident that the actor may see. Raises NotFound, also for one that exists but is hidden.

    With `for_update`, it is locked until the transaction ends.
    """
    require(actor, Action.READ)
    return _visible(actor, load_incident(incident_id, for_update=for_update), incident_id)


def _visible(actor: Actor, incident: Incident | None, incident_id: int) -> Incident:
    """Return the incident. Raises NotFound if it is None, or the actor may not see it."""
    if incident is None or not may_see(actor, incident):
        raise NotFound(Message("There is no incident {incident_id}.", incident_id=incident_id))
    return incident


def load_incident(incident_id: int, *, for_update: bool = False) -> Incident | None:
    """Return the row with this id without checking access; None if there is none."""
    if incident_id > MAX_INTEGER:
        return None
    return lock_incident(incident_id) if for_update else db.session.get(Incident, incident_id)


def load_ahead(actor: Actor, incident_id: int) -> Incident:
    """Load an incident that the actor may see, with all its relations, ahead of a `unit_of_work` that locks
    it (`find_for_change`). Raises NotFound."""
    require(actor, Action.READ)
    known = incident_id <= MAX_INTEGER
    incident = db.session.get(Incident, incident_id, options=WHOLE_OPTIONS) if known else None
    return _visible(actor, incident, incident_id)


def find_in_team(actor: Actor, action: Action, incident_id: int, *, for_update: bool = False) -> Incident:
    """Return an incident of a team in which the actor may do this. Raises NotFound or Forbidden."""
    incident = find_incident(actor, incident_id, for_update=for_update)
    require_in(actor, action, incident.team_id)
    return incident


def find_for_change(actor: Actor, action: Action, incident_id: int, versions: Versions | None) -> Incident:
    """Lock and return an incident that the actor may change, at one of the versions the change is based on.

    For Action.WITHDRAW, an incident that was never published needs only DISCARD (`required_action`).
    Raises NotAuthenticated, NotFound, Forbidden, Conflict (it is a duplicate), PreconditionMissing (no
    versions) or StaleVersion, which names the fields that changed since the latest of the versions.
    """
    incident = find_incident(actor, incident_id, for_update=True)
    if action is Action.WITHDRAW:
        action = required_action(incident, Step.WITHDRAW)
    require_in(actor, action, incident.team_id)
    require_not_duplicate(incident)
    accepted = require_versions(versions)
    if accepted & {ANY_VERSION, incident.version}:
        return incident
    message = stale_message(accepted, incident.version)
    raise StaleVersion(message, partial(_changed_since, incident.id, accepted))


def _changed_since(incident_id: int, versions: Versions) -> list[FieldError]:
    """The fields that differ from the latest of some versions, each with the author of its last change.

    The author is left out if the change is more than RECENT_REVISIONS back.
    """
    incident = db.session.get_one(Incident, incident_id)
    base_version = max((version for version in versions if version < incident.version), default=0)
    revisions = select(Revision).where(Revision.incident_id == incident.id)
    base = db.session.scalar(revisions.where(Revision.number == base_version))
    if base is None:
        return []
    oldest = max(base_version, incident.version - RECENT_REVISIONS)
    recent = revisions.where(Revision.number >= oldest).order_by(Revision.number)
    last: dict[str, Revision] = {}
    for before, after in pairwise(db.session.scalars(recent)):
        for pointer in changed_fields(before.snapshot, after.snapshot):
            last[pointer] = after
    return [
        FieldError(
            pointer,
            Message(
                "Changed in version {number} by {author}.",
                number=last[pointer].number,
                author=last[pointer].author,
            )
            if pointer in last
            else Message("Changed since version {number}.", number=base_version),
        )
        for pointer in changed_fields(base.snapshot, snapshot(incident))
    ]
