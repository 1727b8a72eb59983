"""Read one incident, or a filtered page of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from kb.batches import batched
from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor
from kb.domain.sorting import LATEST_FIRST
from kb.domain.text import forbidden_character
from kb.errors import Moved, NotFound
from kb.messages import Message
from kb.models import Incident, Team, db
from kb.services.core import audit
from kb.services.core.authorization import require, visible_to
from kb.services.core.brief_work import brief_work
from kb.services.core.filter_conditions import conditions
from kb.services.core.incident_lookup import DETAIL_OPTIONS, SUMMARY_OPTIONS
from kb.services.core.list_orders import Sorting
from kb.services.core.presenters import detail, summary
from kb.services.incidents.content.passed_check import with_passed_check
from kb.services.incidents.duplicates.merged import resolve_duplicate
from kb.services.incidents.table import table_row
from kb.services.infrastructure.own_session import in_own_session
from kb.services.infrastructure.pagination import Page

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from sqlalchemy.orm.interfaces import ORMOption

    from kb.domain.filters import IncidentFilter
    from kb.domain.sorting import ListOrder

ROWS_AT_ONCE = 100
"""How many rows of a stream are read before other requests are served."""


def get_incident(actor: Actor, incident_id: int, languages: Sequence[str]) -> dict[str, Any]:
    """Return the detail of an incident, in the first available of `languages`, else in the original language.

    Raises NotFound, or Moved for a duplicate whose original the actor may see.
    """
    incident, original = resolve_duplicate(actor, incident_id)
    if original is not incident:
        raise Moved(
            Message("Incident {id} is a duplicate of {original}.", id=incident.id, original=original.id),
            original.id,
        )
    body = with_passed_check(actor, incident, detail(incident, languages))
    # The id of a hidden original would reveal that it exists.
    return {**body, "duplicate_of": None} if incident.duplicate_of_id is not None else body


def get_incident_by_slug(actor: Actor, team: str, slug: str, languages: Sequence[str]) -> dict[str, Any]:
    """Return the detail of the incident of a team with this slug, as `get_incident` does.

    Raises NotFound, or Moved for a duplicate whose original the actor may see.
    """
    require(actor, Action.READ)
    statement = select(Incident.id).join(Team).where(Team.key == team, Incident.slug == slug)
    incident_id = None if forbidden_character(team + slug) else db.session.scalar(statement)
    missing = NotFound(
        Message("There is no incident {slug!r} of a team {team!r}.", slug=slug[:200], team=team[:100])
    )
    if incident_id is None:
        raise missing
    try:
        return get_incident(actor, incident_id, languages)
    except NotFound as error:  # which would give away its id
        raise missing from error


def list_incidents(
    actor: Actor,
    filters: IncidentFilter,
    languages: Sequence[str],
    *,
    limit: int,
    cursor: str | None,
    order: ListOrder = LATEST_FIRST,
    as_rows: bool = False,
) -> Page:
    """List the visible incidents that match the filters, as summaries or as rows with every field
    (`table_row`).

    An incident that does not move in the order while pages are read is on exactly one of them.
    """
    options = DETAIL_OPTIONS if as_rows else SUMMARY_OPTIONS
    sorting = Sorting(order, languages)
    incidents, next_cursor = _read_page(actor, filters, options, sorting, limit=limit, cursor=cursor)
    if as_rows:
        return Page(_table(incidents, actor, languages), next_cursor)
    return Page([summary(incident, languages) for incident in incidents], next_cursor)


def count_incidents(actor: Actor, filters: IncidentFilter) -> int:
    """Count the incidents that match the filters and are visible to the actor."""
    require(actor, Action.READ)
    statement = select(func.count()).select_from(Incident)
    return db.session.scalars(statement.where(visible_to(actor), *conditions(filters))).one()


def list_ids(
    actor: Actor, filters: IncidentFilter, languages: Sequence[str], *, limit: int, order: ListOrder
) -> list[int]:
    """List the ids of the first visible incidents that match the filters, ordered as in `list_incidents`."""
    require(actor, Action.READ)
    statement = select(Incident.id).where(visible_to(actor), *conditions(filters))
    return [*db.session.scalars(statement.order_by(*Sorting(order, languages).ordering).limit(limit))]


def stream_rows(
    actor: Actor, incident_ids: Sequence[int], languages: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield `rows_of`, read ROWS_AT_ONCE at a time, even after the view that requested them has returned."""
    return in_own_session(_row_pages(actor, incident_ids, languages))


def _row_pages(
    actor: Actor, incident_ids: Sequence[int], languages: Sequence[str]
) -> Generator[dict[str, Any]]:
    for batch in batched(incident_ids, ROWS_AT_ONCE):
        yield from rows_of(actor, batch, languages)
        db.session.expunge_all()


def rows_of(actor: Actor, incident_ids: Sequence[int], languages: Sequence[str]) -> list[dict[str, Any]]:
    """The visible incidents with these ids, in this order, as rows with every field (`table_row`)."""
    require(actor, Action.READ)
    statement = select(Incident).where(Incident.id.in_(incident_ids), visible_to(actor))
    found = {incident.id: incident for incident in db.session.scalars(statement.options(*DETAIL_OPTIONS))}
    return _table([found[each] for each in incident_ids if each in found], actor, languages)


def _table(incidents: Sequence[Incident], actor: Actor, languages: Sequence[str]) -> list[dict[str, Any]]:
    """Incidents as rows; a duplicate names its original only if the actor may see that."""
    originals = visible_originals(actor, incidents)
    return [table_row(incident, languages, originals) for incident in incidents]


def visible_originals(actor: Actor, incidents: Iterable[Incident]) -> set[int]:
    """The ids of the originals of duplicates that the actor may see: the id of a hidden one would reveal that
    it exists."""
    originals = {incident.duplicate_of_id for incident in incidents} - {None}
    if not originals:
        return set()
    return set(db.session.scalars(select(Incident.id).where(Incident.id.in_(originals), visible_to(actor))))


def _read_page(
    actor: Actor,
    filters: IncidentFilter,
    options: Sequence[ORMOption],
    sorting: Sorting,
    *,
    limit: int,
    cursor: str | None,
) -> tuple[list[Incident], str | None]:
    """A page of the visible incidents that match the filters, and the cursor of the next one."""
    require(actor, Action.READ)
    statement = select(Incident, *sorting.columns).where(visible_to(actor), *conditions(filters))
    if cursor is not None:
        statement = statement.where(sorting.after(cursor))
    statement = statement.order_by(*sorting.ordering).options(*options)
    rows = list(db.session.execute(statement.limit(limit + 1)))
    next_cursor = sorting.cursor(rows[limit - 1][1:]) if len(rows) > limit else None
    return [row[0] for row in rows[:limit]], next_cursor


def log_export(actor: Actor, request_path: str, row_count: int) -> None:
    """Record the export of a list of incidents in the audit log.

    Anonymous exports hold only public data and are not recorded. Raises Unavailable if that is impossible, so
    that nothing is exported without a record.
    """
    if actor.token_id is None:
        return
    with brief_work() as work:
        audit.log_event(work, actor, AuditEvent.EXPORT, what=request_path[:500], rows=row_count)
