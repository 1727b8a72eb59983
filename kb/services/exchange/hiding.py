"""Hide incidents that the reader of another knowledge base no longer sees there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.incident import Operation, Status, Visibility
from kb.domain.permissions import is_public
from kb.models import Incident, db

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.core.unit_of_work import UnitOfWork

_BATCH_SIZE = 500


def hide_incidents(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Withdraw the given incidents that exist here, restrict them to their team, and free their names.

    They are not deleted, since the change feed still refers to them, and a later line may restore them.
    """
    for start in range(0, len(ids), _BATCH_SIZE):
        some = ids[start : start + _BATCH_SIZE]
        for incident in db.session.scalars(select(Incident).where(Incident.id.in_(some))):
            public = is_public(incident.status, incident.visibility)
            incident.status, incident.visibility = Status.WITHDRAWN, Visibility.TEAM
            incident.slug, incident.external_id = f"gone-{incident.id}", None
            db.session.flush()
            work.announce(
                incident.id,
                incident.team_id,
                operation=Operation.WITHDRAWN,
                version=incident.version,
                public=public,
            )
        db.session.expunge_all()
