"""Slugs: readable names of incidents, unique within a team, fixed once an incident has been published."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.incident import Status
from kb.domain.text import MAX_SLUG_LENGTH, slugify
from kb.errors import Conflict, FieldError
from kb.messages import Message
from kb.models import Incident, db
from kb.services.core.authorization import was_ever_published
from kb.services.infrastructure.locks import advisory_lock

if TYPE_CHECKING:
    from collections.abc import Container, Mapping


def new_slug(data: Mapping[str, Any], team_id: int, taken: Container[str]) -> str:
    """The slug in the input, else one made of organization and title that is free in the team.

    Raises Conflict if the slug in the input is among the taken ones.
    """
    chosen: str | None = data.get("slug")
    if chosen is None:
        return _free_in_team(slug_base(data), team_id)
    if chosen in taken:
        raise _taken(chosen)
    return chosen


def choose_slug(incident: Incident, slug: str) -> None:
    """Change the slug of an incident that readers do not see.

    Raises Conflict if it is published, or if another one of its team has that slug.
    """
    if slug == incident.slug:
        return
    if incident.status is Status.PUBLISHED:
        detail = Message("The slug of a published incident is fixed. Reopen it to change its slug.")
        raise Conflict(detail, [FieldError("/slug", detail)])
    holder = select(Incident.id).where(Incident.team_id == incident.team_id, Incident.slug == slug)
    if db.session.scalar(holder) is not None:
        raise _taken(slug)
    incident.slug = slug


def follow_title(incident: Incident, earlier_base: str) -> None:
    """Make the slug of an incident that was never published again after its organization or title changed.

    `earlier_base` is the `current_base` of before the change. A slug that was chosen, and is not made of
    organization and title, stays.
    """
    base = current_base(incident)
    if base == earlier_base or not is_made_of(incident.slug, earlier_base):
        return
    if incident.status is not Status.PUBLISHED and not was_ever_published(incident):
        incident.slug = _free_in_team(base, incident.team_id)


def current_base(incident: Incident) -> str:
    """The `slug_base` of an incident as it is now."""
    return slug_base({"organization": incident.organization, "title": incident.original.title})


def is_made_of(slug: str, base: str) -> bool:
    """Whether a slug is a base, alone or with a number that makes it unique."""
    return re.fullmatch(re.escape(base) + r"(-[0-9]{1,3})?", slug) is not None


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


def _free_in_team(base: str, team_id: int) -> str:
    # A concurrent writer of the same slug waits and takes the next number, instead of failing.
    advisory_lock("slug", f"{team_id} {base}")
    slugs = select(Incident.slug).where(Incident.team_id == team_id)
    if db.session.scalar(slugs.where(Incident.slug == base)) is None:
        return base
    # Reads all slugs of the team, since SQLite has no index for it.
    numbered = slugs.where(Incident.slug.startswith(f"{base}-", autoescape=True))
    return free_slug(base, {base, *db.session.scalars(numbered)})


def _taken(slug: str) -> Conflict:
    detail = Message("The slug {chosen!r} is taken. Choose another, or leave it out.", chosen=slug)
    return Conflict(detail, [FieldError("/slug", detail)])
