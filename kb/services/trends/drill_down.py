"""From a number to the incidents behind it: the parameters that select them in a list of incidents."""

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

    from kb.domain.filters import IncidentFilter
    from kb.domain.periods import Bucket

Parameters = tuple[tuple[str, str], ...]
"""Names and values of query parameters; a name may be there several times."""

_OPEN = (None, None)


def bucket_parameters(
    incident_filter: IncidentFilter, buckets: Sequence[Bucket], published_in: ZoneInfo | None
) -> list[Parameters]:
    """For each bucket, the parameters that select what the filter lets through of it.

    A bucket bounds the days on which an incident may have occurred or, given a time zone, its publication.
    """
    if published_in is None:
        unbounded = replace(incident_filter, within=_OPEN)
    else:
        unbounded = replace(incident_filter, published=_OPEN)
    shared = filter_parameters(unbounded)
    return [(*shared, *_bounds(incident_filter, bucket, published_in)) for bucket in buckets]


def group_parameters(
    incident_filter: IncidentFilter, conditions: Sequence[str | None], series: Parameters | None
) -> Parameters | None:
    """The parameters that select a series' incidents in some groups; None where no parameters can.

    `conditions` are those of the groups. A filter whose severities exclude each other selects nothing.
    """
    if series is None or None in conditions or incident_filter.severities == ():
        return None
    return (*(("group", str(condition)) for condition in conditions), *series)


def _bounds(incident_filter: IncidentFilter, bucket: Bucket, published_in: ZoneInfo | None) -> Parameters:
    """The bounds of a bucket, as far as the filter's own leave them open."""
    first, last = bucket.clipped
    if published_in is None:
        names, bounds = ("within_from", "within_to"), _intersect((first, last), incident_filter.within)
    else:
        names = ("published_from", "published_before")
        moments = start_of_day(first, published_in), start_of_day(last + timedelta(1), published_in)
        bounds = _intersect(moments, incident_filter.published)
    return tuple((name, str(iso(bound))) for name, bound in zip(names, bounds, strict=True))


def _intersect(bounds: tuple[Any, Any], others: tuple[Any, Any]) -> tuple[Any, Any]:
    """The bounds of what lies within both; `others` may be open on either side."""
    first = bounds[0] if others[0] is None else max(bounds[0], others[0])
    return first, bounds[1] if others[1] is None else min(bounds[1], others[1])


def filter_parameters(incident_filter: IncidentFilter) -> Parameters:
    """The query parameters that mean a filter; without `from` and `to`, which bound the period instead."""
    several: list[tuple[str, Any]] = [
        ("status", incident_filter.statuses),
        ("kind", incident_filter.kinds),
        ("tag", incident_filter.tags),
        *incident_filter.terms.items(),
        ("language", incident_filter.languages),
        ("severity", incident_filter.severities or ()),
        ("known", incident_filter.known),
    ]
    parameters = [(name, ",".join(map(str, values))) for name, values in several if values]
    if incident_filter.organization_key is not None:
        parameters.append(("organization", incident_filter.organization_key))
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
