"""Drill-down: query parameters of `GET /incidents` that list the incidents behind a value."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kb.domain.dates import iso
from kb.domain.periods import start_of_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from kb.domain.filters import IncidentFilter, QueryParameters
    from kb.domain.periods import Bucket


_UNBOUNDED = (None, None)


def bucket_parameters(
    incident_filter: IncidentFilter, buckets: Sequence[Bucket], publication_zone: ZoneInfo | None
) -> list[QueryParameters]:
    """For each bucket, the parameters that list the incidents of the bucket that match the filter.

    A bucket bounds the days on which an incident may have occurred or, given a time zone, its publication.
    """
    if publication_zone is None:
        unbounded = replace(incident_filter, within=_UNBOUNDED)
    else:
        unbounded = replace(incident_filter, published=_UNBOUNDED)
    shared = filter_parameters(unbounded)
    return [(*shared, *_bounds(incident_filter, bucket, publication_zone)) for bucket in buckets]


def group_parameters(
    incident_filter: IncidentFilter, conditions: Sequence[str | None], series: QueryParameters | None
) -> QueryParameters | None:
    """The parameters that select a series' incidents in some groups; None if no parameters can.

    `conditions` are the conditions of the groups. A filter whose severities exclude each other selects
    nothing.
    """
    if series is None or None in conditions or incident_filter.severities == ():
        return None
    return (*(("group", str(condition)) for condition in conditions), *series)


def _bounds(
    incident_filter: IncidentFilter, bucket: Bucket, publication_zone: ZoneInfo | None
) -> QueryParameters:
    """The bounds of a bucket within the filter's period."""
    first, last = bucket.clipped
    if publication_zone is None:
        names, bounds = ("within_from", "within_to"), _intersect((first, last), incident_filter.within)
    else:
        names = ("published_from", "published_before")
        moments = start_of_day(first, publication_zone), start_of_day(last + timedelta(1), publication_zone)
        bounds = _intersect(moments, incident_filter.published)
    return tuple((name, str(iso(bound))) for name, bound in zip(names, bounds, strict=True))


def _intersect(bounds: tuple[Any, Any], others: tuple[Any, Any]) -> tuple[Any, Any]:
    """The intersection of two ranges; `others` may be open on either side."""
    first = bounds[0] if others[0] is None else max(bounds[0], others[0])
    return first, bounds[1] if others[1] is None else min(bounds[1], others[1])


def filter_parameters(incident_filter: IncidentFilter) -> QueryParameters:
    """A filter as query parameters; without `from` and `to`, which bound the period instead."""
    lists: list[tuple[str, Any]] = [
        ("status", incident_filter.statuses),
        ("kind", incident_filter.kinds),
        ("tag", incident_filter.tags),
        ("collection", incident_filter.collections),
        *incident_filter.terms.items(),
        ("language", incident_filter.languages),
        ("severity", incident_filter.severities or ()),
        ("known", incident_filter.known),
    ]
    parameters = [(name, ",".join(map(str, values))) for name, values in lists if values]
    parameters += [("organization", key) for key in incident_filter.organizations]
    parameters += [("source", address) for address in incident_filter.sources]
    parameters += [("group", str(group)) for group in incident_filter.groups]
    parameters += [("lost", str(loss)) for loss in incident_filter.losses]
    bounds: list[tuple[str, date | datetime | None]] = [
        ("within_from", incident_filter.within[0]),
        ("within_to", incident_filter.within[1]),
        ("published_from", incident_filter.published[0]),
        ("published_before", incident_filter.published[1]),
    ]
    parameters += [(name, str(iso(bound))) for name, bound in bounds if bound is not None]
    return tuple(parameters)
