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
from kb.models.prepared_select import PreparedSelect
from kb.services.core.authorization import was_ever_published
from kb.services.infrastructure.locks import advisory_lock

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping

    from sqlalchemy import Connection


_NUMBER = re.compile(r"(-[0-9]{1,3})?")
"""The suffix that makes a slug unique within a team, after its base."""

_HOLDER = PreparedSelect(
    lambda values: select(Incident.id).where(Incident.team_id == values[0], Incident.slug == values[1])
)
_BETWEEN = PreparedSelect(
    lambda values: select(Incident.slug).where(
        Incident.team_id == values[0], Incident.slug >= values[1], Incident.slug < values[2]
    )
)


def new_slug(data: Mapping[str, Any], team_id: int, taken: Collection[str]) -> str:
    """The slug in the input, or else a free one made from the organization and the title.

    Raises Conflict if the slug in the input is in `taken`.
    """
    chosen: str | None = data.get("slug")
    if chosen is None:
        return free_in_team(slug_base(data), team_id, taken)
    if chosen in taken:
        raise _taken(chosen)
    return chosen


def choose_slug(incident: Incident, slug: str) -> None:
    """Change the slug of an incident that readers do not see.

    Raises Conflict if it is published, or if another incident of its team has that slug.
    """
    if slug == incident.slug:
        return
    if incident.status is Status.PUBLISHED:
        detail = Message("The slug of a published incident is fixed. Reopen it to change its slug.")
        raise Conflict(detail, [FieldError("/slug", detail)])
    require_free(slug, incident.team_id)
    incident.slug = slug


def require_free(slug: str, team_id: int, connection: Connection | None = None) -> None:
    """Raise Conflict if an incident of a team has a slug.

    The transaction is the session's, unless its `connection` is given, which saves asking for it.
    """
    if _HOLDER.rows_in(connection or db.session.connection(), [team_id, slug]):
        raise _taken(slug)


def follow_title(incident: Incident, earlier: tuple[str, str], taken: Collection[str] = ()) -> None:
    """Regenerate the slug of an incident that was never published after its organization or title changed.

    `earlier` are the `slug_words` before the change. A slug that people chose, one not made of these words,
    stays. The new slug is not in `taken`.
    """
    current = slug_words(incident)
    if current == earlier or incident.status is Status.PUBLISHED:
        return
    base, earlier_base = _base_of(*current), _base_of(*earlier)
    if base == earlier_base or not is_made_of(incident.slug, earlier_base):
        return
    if not was_ever_published(incident):
        incident.slug = free_in_team(base, incident.team_id, taken)


def slug_words(incident: Incident) -> tuple[str, str]:
    """The parts of an incident's slug: its organization and its title."""
    return incident.organization, incident.original.title


def is_made_of(slug: str, base: str) -> bool:
    """Whether a slug is a base, alone or with a number that makes it unique."""
    return slug.startswith(base) and _NUMBER.fullmatch(slug, len(base)) is not None


def slug_base(data: Mapping[str, Any]) -> str:
    """The slug for an organization and title, before a number is added to make it unique."""
    return _base_of(data["organization"], data["title"])


def _base_of(organization: str, title: str) -> str:
    first, second = slugify(organization), slugify(title)
    base = second if second.startswith(first) else slugify(organization, title)
    return base[: MAX_SLUG_LENGTH - 8].strip("-") or "incident"


def free_slug(base: str, taken: Container[str]) -> str:
    """The base itself if it is free, else with the first number that makes it free."""
    if base not in taken:
        return base
    return next(slug for number in count(2) if (slug := f"{base}-{number}") not in taken)


def free_in_team(
    base: str, team_id: int, taken: Collection[str] = (), connection: Connection | None = None
) -> str:
    """The base, alone or with a number, that no incident of a team has, and that is not taken.

    It is free until the transaction ends: the session's, whose `connection` may be given.
    """
    connection = connection or db.session.connection()
    # A concurrent writer of the same slug waits and takes the next number, instead of failing.
    advisory_lock("slug", f"{team_id} {base}", connection=connection)
    if base not in taken and not _HOLDER.rows_in(connection, [team_id, base]):
        return base
    return free_slug(base, {base, *_numbered(base, team_id), *taken})


def _numbered(base: str, team_id: int) -> Iterable[str]:
    """The slugs in a team that are a base with a number, and some others."""
    if db.engine.dialect.name != "sqlite":
        slugs = select(Incident.slug).where(Incident.team_id == team_id)
        return db.session.scalars(slugs.where(Incident.slug.startswith(f"{base}-", autoescape=True)))
    # A range uses the index of slugs, which LIKE does not on SQLite; the colon follows the digits.
    rows = _BETWEEN.rows_in(db.session.connection(), [team_id, f"{base}-0", f"{base}-:"])
    return [row[0] for row in rows]


def _taken(slug: str) -> Conflict:
    detail = Message("The slug {chosen!r} is taken. Choose another, or leave it out.", chosen=slug)
    return Conflict(detail, [FieldError("/slug", detail)])
