"""From a number to the list of the incidents that it was made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kb.config import API_ROOT
from kb.domain.dates import iso
from kb.domain.periods import midnight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from kb.domain.filters import IncidentFilter
    from kb.domain.periods import Bucket

Pairs = tuple[tuple[str, str], ...]

_OPEN = (None, None)

_MAX_URL_LENGTH = 8_000
"""A longer address is refused by some that it passes."""


class Links:
    """Addresses of lists by bucket: of what occurred in it, or, in a time zone, was published in it."""

    def __init__(
        self, wanted: IncidentFilter, buckets: Sequence[Bucket], published_in: ZoneInfo | None
    ) -> None:
        own = replace(wanted, within=_OPEN) if published_in is None else replace(wanted, published=_OPEN)
        base = f"{API_ROOT}/incidents?{urlencode(parameters(own))}"
        self._buckets = [f"{base}&{urlencode(_bounds(wanted, bucket, published_in))}" for bucket in buckets]
        self._encoded: dict[Pairs, str] = {}
        self._nothing = wanted.severities == ()  # two filters that exclude each other

    def to(self, bucket: int, conditions: Sequence[str | None], known: Pairs | None) -> str | None:
        """The address for a bucket and the conditions of its groups; None where one cannot be said."""
        if known is None or self._nothing or None in conditions:
            return None
        pairs = (*(("group", str(condition)) for condition in conditions), *known)
        if pairs not in self._encoded:
            self._encoded[pairs] = f"&{urlencode(pairs)}" if pairs else ""
        found = self._buckets[bucket] + self._encoded[pairs]
        return found if len(found) <= _MAX_URL_LENGTH else None


def _bounds(wanted: IncidentFilter, bucket: Bucket, published_in: ZoneInfo | None) -> Pairs:
    """What a bucket leaves of the days, or moments, that a filter asks for."""
    first, last = bucket.inside
    if published_in is None:
        names, bounds = ("within_from", "within_to"), _both((first, last), wanted.within)
    else:
        names = ("published_from", "published_before")
        moments = midnight(first, published_in), midnight(last + timedelta(1), published_in)
        bounds = _both(moments, wanted.published)
    return tuple((name, str(iso(bound))) for name, bound in zip(names, bounds, strict=True))


def _both(one: tuple[Any, Any], two: tuple[Any, Any]) -> tuple[Any, Any]:
    """What lies within two pairs of bounds; those of the second may be open."""
    first = one[0] if two[0] is None else max(one[0], two[0])
    return first, one[1] if two[1] is None else min(one[1], two[1])


def parameters(wanted: IncidentFilter) -> list[tuple[str, str]]:
    """A filter as the parameters of a list that say it; without `from` and `to`, which bound the period."""
    several: list[tuple[str, Any]] = [
        ("status", wanted.statuses),
        ("kind", wanted.kinds),
        ("tag", wanted.tags),
        *wanted.terms.items(),
        ("language", wanted.languages),
        ("severity", wanted.severities or ()),
        ("known", wanted.known),
    ]
    found = [(name, ",".join(map(str, values))) for name, values in several if values]
    if wanted.organization_key is not None:
        found.append(("organization", wanted.organization_key))
    found += [("group", str(group)) for group in wanted.groups]
    found += [("lost", str(loss)) for loss in wanted.losses]
    bounds: list[tuple[str, date | datetime | None]] = [
        ("within_from", wanted.within[0]),
        ("within_to", wanted.within[1]),
        ("published_from", wanted.published[0]),
        ("published_before", wanted.published[1]),
    ]
    return [*found, *((name, str(iso(bound))) for name, bound in bounds if bound is not None)]
