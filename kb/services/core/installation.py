"""The identity of an installation: a unique id, and the time when it was set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import func, select

from kb.models import ChangeCounter, Team, db

if TYPE_CHECKING:
    from datetime import datetime


class Installation(NamedTuple):
    """An installation. Both values are stored in its database, and never change."""

    id: UUID
    created_at: datetime

    def urn(self, name: str) -> str:
        """A URN for a name: stable within this installation, and different in every other."""
        return uuid5(self.id, name).urn


def installation() -> Installation:
    """The installation that the database belongs to; its first team was created with it."""
    created_at = select(func.min(Team.created_at)).scalar_subquery()
    database, created = db.session.execute(select(ChangeCounter.database, created_at)).one()
    return Installation(UUID(hex=database), created)
