"""Slugs: readable names of incidents, unique within a team."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.text import MAX_SLUG_LENGTH, slugify
from kb.errors import Conflict, FieldError
from kb.messages import Message
from kb.models import Incident, db
from kb.services.infrastructure.locks import advisory_lock

if TYPE_CHECKING:
    from collections.abc import Container, Mapping


def new_slug(data: Mapping[str, Any], team_id: int, taken: Container[str]) -> str:
    """The slug in the input, else one made of organization and title that is free in the team.

    Raises Conflict if the slug in the input is among the taken ones.
    """
    chosen: str | None = data.get("slug")
    if chosen is not None:
        if chosen in taken:
            detail = Message("The slug {chosen!r} is taken. Choose another, or leave it out.", chosen=chosen)
            raise Conflict(detail, [FieldError("/slug", detail)])
        return chosen
    base = slug_base(data)
    # A concurrent writer of the same slug waits and takes the next number, instead of failing.
    advisory_lock("slug", f"{team_id} {base}")
    slugs = select(Incident.slug).where(Incident.team_id == team_id)
    if db.session.scalar(slugs.where(Incident.slug == base)) is None:
        return base
    # Reads all slugs of the team, since SQLite has no index for it.
    numbered = slugs.where(Incident.slug.startswith(f"{base}-", autoescape=True))
    return free_slug(base, {base, *db.session.scalars(numbered)})


def slug_base(data: Mapping[str, Any]) -> str:
    """The slug for an organization and title, before a number is added to make it unique."""
    organization, title = slugify(data["organization"]), slugify(data["title"])
    base = title if title.startswith(organization) else slugify(data["organization"], data["title"])
    return base[: MAX_SLUG_LENGTH - 8].strip("-") or "incident"


def free_slug(base: str, taken: Container[str]) -> str:
    """The base itself if it is free, else with the first number that makes it so."""
    if base not in taken:
        return base
    return next(slug for number in count(2) if (slug := f"{base}-{number}") not in taken)
