"""Follow a duplicate to the incident that it was merged into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.permissions import may_see
from kb.models import Incident, db
from kb.services.core.authorization import was_ever_public
from kb.services.core.incident_lookup import find_incident, load_incident

if TYPE_CHECKING:
    from kb.domain.permissions import Actor


def resolve_duplicate(actor: Actor, incident_id: int) -> tuple[Incident, Incident]:
    """Return the incident with this id, and its original; the same incident twice if it is not a duplicate.

    Actors who may see the original are led to it if they may see the duplicate or could while it was public.
    Members of the duplicate's team who may not see the original read the duplicate itself. Raises NotFound,
    which names the requested id.
    """
    duplicate = load_incident(incident_id)
    original = None if duplicate is None else _original(actor, duplicate)
    if duplicate is not None and original is not None:
        return duplicate, original
    incident = find_incident(actor, incident_id)
    return incident, incident


def _original(actor: Actor, incident: Incident) -> Incident | None:
    """The original of an incident; None if it has none that the actor may be led to."""
    if incident.duplicate_of_id is None:
        return None
    original = db.session.get_one(Incident, incident.duplicate_of_id)
    knew_duplicate = may_see(actor, incident) or was_ever_public(incident)
    return original if knew_duplicate and may_see(actor, original) else None
