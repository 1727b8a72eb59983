"""What a duplicate leads to: the incident that stays."""

from __future__ import annotations

from kb.domain.permissions import Action, Actor, may_see
from kb.errors import NotFound
from kb.models import Incident, db
from kb.models.base import MAX_INTEGER
from kb.services.core.authorization import require, was_ever_public


def resolve_duplicate(actor: Actor, incident_id: int) -> tuple[Incident, Incident]:
    """The incident of an id, and the one that stays instead of it, which is mostly itself.

    A duplicate leads there for all who may see that one, and may see this one or could have. Raises NotFound,
    naming the id that was asked for.
    """
    require(actor, Action.READ)
    asked = db.session.get(Incident, incident_id) if incident_id <= MAX_INTEGER else None
    original = asked
    if asked is not None and asked.duplicate_of_id is not None:
        original = db.session.get_one(Incident, asked.duplicate_of_id)
        known = may_see(actor, asked) or was_ever_public(asked)
        if known and may_see(actor, original):
            return asked, original
        # Its own team still reads it where it leads to nothing that they may see.
        original = asked
    if asked is None or original is None or not may_see(actor, asked):
        raise NotFound(f"There is no incident {incident_id}.")
    return asked, original
