"""The query of a report: a metric, by time and by dimension, of the incidents that a filter selects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.domain.incident import Status
from kb.domain.periods import Interval, too_late
from kb.errors import FieldError, InvalidInput
from kb.services.taxonomy.query_filters import incident_filter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from kb.domain.filters import IncidentFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendsQuery:
    """A metric of the incidents that `filter` selects, by `interval` and by up to two `dimensions`.

    `first` and `last` bound the period; an open one begins with the first incident, and ends today or with
    the last one. An incident belongs to the days on which it may have occurred or, where `by_publication`, to
    the moment of its publication in `zone`. The `top` largest groups are named; `other` keeps the rest as one
    group; `compare` adds the values of the previous period.
    """

    metric: str = "count"
    dimensions: tuple[str, ...] = ()
    interval: Interval = Interval.NONE
    first: date | None = None
    last: date | None = None
    by_publication: bool = False
    zone: ZoneInfo
    top: int = 10
    other: bool = True
    compare: bool = False
    filter: IncidentFilter


def parse_query(parameters: Mapping[str, Any]) -> TrendsQuery:
    """Build the query from parameters loaded by `TrendsQuerySchema`; published incidents by default.

    Raises InvalidInput for terms that do not exist and for days that are too far in the future.
    """
    filters = {name: value for name, value in parameters.items() if name not in {"from_", "to"}}
    first, last = parameters.get("from_"), parameters.get("to")
    query = TrendsQuery(
        metric=parameters["metric"],
        dimensions=tuple(parameters["group_by"]),
        interval=Interval(parameters["interval"]),
        first=first.first if first else None,
        last=last.last if last else None,
        by_publication=parameters["date_field"] == "published_at",
        zone=parameters["tz"],
        top=parameters["top"],
        other=parameters["other"],
        compare=parameters["compare"] is not None,
        filter=incident_filter({**filters, "status": parameters.get("status") or [Status.PUBLISHED]}),
    )
    for name, day in (("from", query.first), ("to", query.last)):
        if error := too_late(day):
            raise InvalidInput([FieldError(name, error)])
    return query
