"""Build filters from query parameters that a schema has validated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.filters import DEFAULT_STATUSES, IncidentFilter, KnownField
from kb.domain.incident import Kind, Status
from kb.domain.taxonomy import NAMESPACES
from kb.domain.text import organization_key, tag_key
from kb.errors import InvalidInput
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def incident_filter(query: Mapping[str, Any]) -> IncidentFilter:
    """The filter for the parameters of a list or a search. Raises InvalidInput for unknown terms."""
    return IncidentFilter(
        terms=_term_keys({name: query.get(name, ()) for name in NAMESPACES}),
        organizations=tuple(dict.fromkeys(map(organization_key, query.get("organization", ())))),
        languages=tuple(query.get("language", ())),
        statuses=tuple(Status(value) for value in query.get("status", ())) or DEFAULT_STATUSES,
        kinds=tuple(Kind(value) for value in query.get("kind", ())),
        tags=tuple(dict.fromkeys(map(tag_key, query.get("tag", ())))),
        collections=tuple(query.get("collection", ())),
        severities=_severities(query),
        first=query["from_"].first if "from_" in query else None,
        last=query["to"].last if "to" in query else None,
        within=(query.get("within_from"), query.get("within_to")),
        published=(query.get("published_from"), query.get("published_before")),
        groups=tuple(query.get("group", ())),
        known=tuple(KnownField(value) for value in query.get("known", ())),
        losses=tuple(query.get("lost", ())),
    )


def _severities(query: Mapping[str, Any]) -> tuple[int, ...] | None:
    if not query.get("severity") and not query.keys() & {"severity_min", "severity_max"}:
        return None
    low, high = query.get("severity_min", 1), query.get("severity_max", 5)
    return tuple(n for n in (query.get("severity") or range(1, 6)) if low <= n <= high)


def _term_keys(names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Term keys by namespace, for names that may be keys, aliases or labels.

    Raises InvalidInput for unknown names.
    """
    if not any(names.values()):
        return {}
    terms = TermLookup()
    keys = {
        namespace: tuple(term.key for name in values if (term := terms.find(namespace, name, namespace)))
        for namespace, values in names.items()
        if values
    }
    if terms.errors:
        raise InvalidInput(terms.errors)
    return keys
