"""From parameters, as the schemas read them, to the filter that they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.filters import DEFAULT_STATUSES, IncidentFilter, KnownField
from kb.domain.incident import NAMESPACES, Kind, Status
from kb.domain.text import organization_key
from kb.errors import InvalidInput
from kb.services.taxonomy.lookup import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def incident_filter(query: Mapping[str, Any]) -> IncidentFilter:
    """The filter that a list's or a search's parameters mean."""
    severities = None
    if query.get("severity") or query.keys() & {"severity_min", "severity_max"}:
        low, high = query.get("severity_min", 1), query.get("severity_max", 5)
        severities = tuple(n for n in (query.get("severity") or range(1, 6)) if low <= n <= high)
    organization = query.get("organization")
    return IncidentFilter(
        terms=_filter_terms({name: query.get(name, ()) for name in NAMESPACES}),
        organization_key=None if organization is None else organization_key(organization),
        languages=tuple(query.get("language", ())),
        statuses=tuple(Status(value) for value in query.get("status", ())) or DEFAULT_STATUSES,
        kinds=tuple(Kind(value) for value in query.get("kind", ())),
        tags=tuple(query.get("tag", ())),
        severities=severities,
        first=query["from_"].first if "from_" in query else None,
        last=query["to"].last if "to" in query else None,
        within=(query.get("within_from"), query.get("within_to")),
        published=(query.get("published_from"), query.get("published_before")),
        groups=tuple(query.get("group", ())),
        known=tuple(KnownField(value) for value in query.get("known", ())),
        losses=tuple(query.get("lost", ())),
    )


def _filter_terms(chosen: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The terms that a filter's keys or aliases mean, by namespace. Raises InvalidInput for unknown ones."""
    if not any(chosen.values()):
        return {}
    terms = Terms()
    found = {
        namespace: tuple(term.key for key in keys if (term := terms.find(namespace, key, namespace)))
        for namespace, keys in chosen.items()
        if keys
    }
    if terms.errors:
        raise InvalidInput(terms.errors)
    return found
