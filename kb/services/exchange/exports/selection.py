"""Select the incidents of an export, those that match a filter and that the actor may see, page by page, and
present them to formats with one document per incident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from kb.domain.dates import DatePrecision
from kb.domain.permissions import Action, Actor
from kb.models import Change, Incident, db
from kb.services.core.authorization import require, visible_to
from kb.services.core.change_feed import visible_changes
from kb.services.core.filter_conditions import conditions
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.core.presenters import detail
from kb.services.exchange.exports.changed_since import changed_since
from kb.services.incidents.read import visible_originals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement

    from kb.domain.filters import IncidentFilter

PAGE_SIZE = 100
"""How many incidents are in memory at a time."""


class Selection(NamedTuple):
    """The incidents to export: those that match a filter.

    With `since`, only those that changed after that `seq` of the change feed; with `first_day`, only those
    with a date on or after it.
    """

    filters: IncidentFilter
    since: int | None = None
    first_day: date | None = None


def count_incidents(actor: Actor, selection: Selection) -> int:
    """The number of incidents in an export."""
    statement = select(func.count()).select_from(Incident).where(*_conditions(actor, selection))
    return db.session.scalar(statement) or 0


def incident_pages(actor: Actor, selection: Selection) -> Iterator[list[Incident]]:
    """Yield the incidents by ascending id, in pages whose rows are expunged before the next page is read.

    All pages are read in the session's transaction, so they show one state of the database. The caller
    must not commit before the last page.
    """
    require(actor, Action.READ)
    clauses, last = _conditions(actor, selection), 0
    while True:
        statement = (
            select(Incident)
            .where(*clauses, Incident.id > last)
            .order_by(Incident.id)
            .limit(PAGE_SIZE)
            .options(*DETAIL_OPTIONS, joinedload(Incident.team))
        )
        page = list(db.session.scalars(statement))
        if page:
            last = page[-1].id
            yield page
        db.session.expunge_all()
        if len(page) < PAGE_SIZE:
            return


def gone_ids(actor: Actor, selection: Selection) -> Iterator[int]:
    """Yield the incidents that were written since but are not in the export, so they may have been in an
    earlier one.

    Only changes that the actor may learn of are included.
    """
    if selection.since is None:
        return
    held = select(Incident.id).where(visible_to(actor), *conditions(selection.filters))
    statement = (
        select(Change.incident_id)
        .where(Change.seq > selection.since, visible_changes(actor), Change.incident_id.not_in(held))
        .distinct()
        .order_by(Change.incident_id)
    )
    yield from db.session.scalars(statement.execution_options(yield_per=PAGE_SIZE))


def visible_details(
    actor: Actor, pages: Iterable[Sequence[Incident]], languages: Sequence[str]
) -> Iterator[tuple[Incident, dict[str, Any]]]:
    """Yield each incident that the actor may see, with its detail.

    It is in the first available of `languages`, else in the original language. A duplicate names its original
    only if the actor may see that, too.
    """
    for page in pages:
        originals = visible_originals(actor, page)
        for incident in page:
            fields = detail(incident, languages)
            if fields["duplicate_of"] not in originals:
                fields["duplicate_of"] = None
            yield incident, fields


def with_float_amounts(impacts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Impacts with amounts as floats, whatever number type the database returns."""
    return [
        {**impact, "amount": None if impact["amount"] is None else float(impact["amount"])}
        for impact in impacts
    ]


def _conditions(actor: Actor, selection: Selection) -> list[ColumnElement[bool]]:
    clauses = [visible_to(actor), *conditions(selection.filters)]
    if selection.since is not None:
        clauses.append(changed_since(actor, selection.since))
    if selection.first_day is not None:
        clauses += [
            Incident.occurred_precision != DatePrecision.UNKNOWN,
            Incident.occurred_on >= selection.first_day,
        ]
    return clauses
