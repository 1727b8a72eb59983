"""Reading incidents: one, a filtered page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select, tuple_

from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor
from kb.errors import Moved
from kb.models import Incident, db
from kb.services.core import audit
from kb.services.core.authorization import require, visible_to
from kb.services.core.filter_conditions import conditions
from kb.services.core.incident_lookup import SUMMARY_OPTIONS
from kb.services.core.presenters import detail, summary
from kb.services.core.unit_of_work import unit_of_work
from kb.services.incidents.merged import resolve_duplicate
from kb.services.infrastructure.pagination import Page, cursor_integer, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import IncidentFilter


def get_incident(actor: Actor, incident_id: int, wanted: Sequence[str]) -> dict[str, Any]:
    """A whole incident, in the first wanted language that it exists in.

    Raises Moved for one that is a duplicate of another.
    """
    asked, kept = resolve_duplicate(actor, incident_id)
    if kept is not asked:
        raise Moved(f"Incident {asked.id} is a duplicate of {kept.id}.", kept.id)
    view = detail(asked, wanted)
    # What one may not see has no number either.
    return {**view, "duplicate_of": None} if asked.duplicate_of_id is not None else view


def list_incidents(
    actor: Actor, wanted_filter: IncidentFilter, wanted: Sequence[str], *, limit: int, cursor: str | None
) -> Page:
    """The visible incidents that pass a filter, the latest to occur first, those without a date last."""
    require(actor, Action.READ)
    statement = (
        select(Incident)
        .where(visible_to(actor), *conditions(wanted_filter))
        .order_by(Incident.occurred_on.desc(), Incident.id.desc())
        .options(*SUMMARY_OPTIONS)
        .limit(limit + 1)
    )
    rows: list[Incident] = list(db.session.scalars(_after(statement, cursor)))
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if more else None
    following = encode_cursor([last.occurred_on.isoformat(), last.id]) if last else None
    return Page([summary(row, wanted) for row in rows], following)


def log_export(actor: Actor, what: str, rows: int) -> None:
    """Keep in the audit log that somebody took a table of incidents away. What is public anybody may take."""
    if actor.token_id is None:
        return
    with unit_of_work() as work:
        audit.log_event(work, actor, AuditEvent.EXPORT, what=what[:500], rows=rows)


def _after(statement: Select[Any], cursor: str | None) -> Select[Any]:
    if cursor is None:
        return statement
    day, incident_id = decode_cursor(cursor, date.fromisoformat, cursor_integer)
    return statement.where(tuple_(Incident.occurred_on, Incident.id) < tuple_(day, incident_id))
