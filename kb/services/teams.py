"""Teams, as far as incidents need an owner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from kb.domain.text import slugify
from kb.errors import Conflict, FieldError, InvalidInput
from kb.models import Team, db
from kb.services.unit_of_work import unit_of_work


def create_team(key: str, name: str | None = None) -> None:
    """Add a team. Raises InvalidInput for a key that is no slug, Conflict for one that is taken."""
    if not key or key != slugify(key) or len(key) > 80:
        detail = f"Write the key as a slug, such as {slugify(key)[:80] or 'social-media'}."
        raise InvalidInput([FieldError("/key", detail)], detail)
    with unit_of_work():
        if db.session.scalar(select(Team.id).where(Team.key == key)) is not None:
            raise Conflict(f"There is a team {key!r} already.")
        db.session.add(Team(key=key, name=name or key))


def list_teams() -> list[dict[str, Any]]:
    """All teams, the oldest first."""
    return [
        {"key": team.key, "name": team.name} for team in db.session.scalars(select(Team).order_by(Team.id))
    ]
