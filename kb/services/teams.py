"""Teams, as far as incidents need an owner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from kb.domain.text import forbidden_character, is_blank, slugify
from kb.errors import Conflict, FieldError, InvalidInput
from kb.models import Team, db
from kb.services.unit_of_work import unit_of_work

MAIN_TEAM = "main"
"""The key of the team that every installation begins with."""


def find_team(key: str) -> Team:
    """The team with a key. Raises InvalidInput when there is none."""
    team = db.session.scalar(select(Team).where(Team.key == key))
    if team is None:
        detail = f"There is no team {key!r}."
        raise InvalidInput([FieldError("/team", detail)], detail)
    return team


def create_team(key: str, name: str | None = None) -> None:
    """Add a team. Raises InvalidInput for a key that is no slug or a bad name, Conflict for a key in use."""
    if not key or key != slugify(key) or len(key) > 80:
        detail = f"Write the key as a slug, such as {slugify(key)[:80] or 'social-media'}."
        raise InvalidInput([FieldError("/key", detail)], detail)
    require_name(name or key)
    with unit_of_work():
        if db.session.scalar(select(Team.id).where(Team.key == key)) is not None:
            raise Conflict(f"There is a team {key!r} already.")
        db.session.add(Team(key=key, name=name or key))


def list_teams() -> list[dict[str, Any]]:
    """All teams, the oldest first."""
    return [
        {"key": team.key, "name": team.name} for team in db.session.scalars(select(Team).order_by(Team.id))
    ]


def require_name(name: str) -> None:
    """Raise InvalidInput unless a name of a team or a token can be stored and shown."""
    if is_blank(name) or len(name) > 200 or forbidden_character(name) or "\n" in name:
        detail = "Give it a name of 1 to 200 printable characters."
        raise InvalidInput([FieldError("/name", detail)], detail)
