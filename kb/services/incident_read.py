"""Reading incidents: one, a filtered page, a history."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, select, tuple_

from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, belongs_to
from kb.errors import FieldError, Forbidden, InvalidInput
from kb.models import Incident, Revision, db
from kb.models.base import LARGEST_INTEGER
from kb.services.access import CARD_PARTS, find_incident, require, visible_to
from kb.services.conditions import conditions
from kb.services.views import card, flat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import IncidentFilter


class Page(NamedTuple):
    """Some items of a list; `next` leads to those that follow, None at the end."""

    items: list[dict[str, Any]]
    next: str | None


def get_incident(actor: Actor, incident_id: int, wanted: Sequence[str]) -> dict[str, Any]:
    """A whole incident, in the first wanted language that it exists in."""
    return flat(find_incident(actor, incident_id), wanted)


def list_incidents(
    actor: Actor, wanted_filter: IncidentFilter, wanted: Sequence[str], *, limit: int, cursor: str | None
) -> Page:
    """The visible incidents that pass a filter, the latest to occur first."""
    require(actor, Action.READ)
    statement = (
        select(Incident)
        .where(visible_to(actor), *conditions(wanted_filter))
        .order_by(Incident.occurred_on.desc(), Incident.id.desc())
        .options(*CARD_PARTS)
        .limit(limit + 1)
    )
    rows: list[Incident] = list(db.session.scalars(_after(statement, cursor)))
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if more else None
    following = _write_cursor([last.occurred_on.isoformat(), last.id]) if last else None
    return Page([card(row, wanted) for row in rows], following)


def list_revisions(actor: Actor, incident_id: int, *, limit: int, cursor: str | None) -> Page:
    """The history of an incident, for its team: the latest write first."""
    incident = find_incident(actor, incident_id)
    require(actor, Action.READ_HISTORY)
    if not belongs_to(actor, incident.team_id):
        raise Forbidden("The history of an incident is for its team.")
    statement = select(Revision).where(Revision.incident_id == incident_id)
    if cursor is not None:
        (number,) = _read_cursor(cursor, _whole)
        statement = statement.where(Revision.number < number)
    rows = list(db.session.scalars(statement.order_by(Revision.number.desc()).limit(limit + 1)))
    following = _write_cursor([rows[limit - 1].number]) if len(rows) > limit else None
    return Page([_revision(row) for row in rows[:limit]], following)


def _after(statement: Select[Any], cursor: str | None) -> Select[Any]:
    if cursor is None:
        return statement
    day, incident_id = _read_cursor(cursor, date.fromisoformat, _whole)
    return statement.where(tuple_(Incident.occurred_on, Incident.id) < tuple_(day, incident_id))


def _write_cursor(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, *kinds: Any) -> list[Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [kind(value) for kind, value in zip(kinds, place, strict=True)]
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        detail = "This is no cursor of ours. Take it from `next` of the page before."
        raise InvalidInput([FieldError("cursor", detail)]) from error


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_INTEGER:
        raise ValueError(value)
    return value


def _revision(row: Revision) -> dict[str, Any]:
    return {
        "number": row.number,
        "operation": row.operation,
        "author": row.author,
        "comment": row.comment,
        "at": iso(row.at),
        "snapshot": row.snapshot,
    }
