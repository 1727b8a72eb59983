"""What identifies an installation: an id that no other one has, and when it was set up."""

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
        """A URN that is the same for a name in this installation, and different in every other one."""
        return uuid5(self.id, name).urn


def installation() -> Installation:
    """The installation whose database this is. Its first team was created with it."""
    created_at = select(func.min(Team.created_at)).scalar_subquery()
    database, created = db.session.execute(select(ChangeCounter.database, created_at)).one()
    return Installation(UUID(hex=database), created)
