"""The most recently changed incidents, for a feed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload

from kb.domain.dates import iso
from kb.domain.language import choose_language
from kb.domain.permissions import Action, Actor
from kb.models import Incident, db
from kb.services.core.authorization import require, visible_to
from kb.services.core.filter_conditions import conditions
from kb.services.core.incident_lookup import SUMMARY_OPTIONS
from kb.services.infrastructure.pagination import Page, cursor_integer, decode_cursor, encode_cursor
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from kb.domain.filters import IncidentFilter

_POSITION = (Incident.updated_at, Incident.id)
_LATEST_FIRST = tuple(column.desc() for column in _POSITION)


def recent_incidents(
    actor: Actor, filters: IncidentFilter, languages: Sequence[str], *, limit: int, cursor: str | None
) -> Page:
    """List the visible incidents that match the filters, most recently changed first, each with its terms.

    Texts are in the first available of `languages`, else in the original language; labels of terms are
    in the first that they exist in, else in English.
    """
    require(actor, Action.READ)
    # Ids first: sorting whole rows takes four times as long (66 ms against 15 ms with 10,000 incidents).
    ids = select(Incident.id).where(visible_to(actor), *conditions(filters))
    statement = (
        select(Incident)
        .where(Incident.id.in_(_after(ids, cursor).order_by(*_LATEST_FIRST).limit(limit + 1)))
        .order_by(*_LATEST_FIRST)
        .options(*SUMMARY_OPTIONS, joinedload(Incident.team))
    )
    rows = list(db.session.scalars(statement))
    next_cursor = None
    if len(rows) > limit:
        next_cursor = encode_cursor([rows[limit - 1].updated_at.isoformat(), rows[limit - 1].id])
    return Page([_present(row, languages) for row in rows[:limit]], next_cursor)


def _after(statement: Select[Any], cursor: str | None) -> Select[Any]:
    if cursor is None:
        return statement
    position = decode_cursor(cursor, _moment, cursor_integer)
    types = [column.type for column in _POSITION]
    return statement.where(tuple_(*_POSITION) < tuple_(*position, types=types))


def _moment(value: str) -> datetime:
    """Parse a moment in UTC. Raises ValueError for any other text."""
    moment = datetime.fromisoformat(value)
    if moment.utcoffset() != timedelta(0):
        raise ValueError(value)
    return moment


def _present(incident: Incident, languages: Sequence[str]) -> dict[str, Any]:
    language = choose_language(languages, incident.languages, incident.language)
    text = incident.texts[language]
    return {
        "id": incident.id,
        "title": text.title,
        "summary": text.summary,
        "language": language,
        "team": incident.team.name,
        "published_at": iso(incident.published_at),
        "updated_at": iso(incident.updated_at),
        "terms": [
            {
                "namespace": link.term.namespace,
                "key": link.term.key,
                "label": label(link.term.labels, languages),
            }
            for link in incident.term_links
        ],
    }
