"""Build filters from query parameters that a schema has validated."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kb.domain.filters import (
    DEFAULT_STATUSES,
    UNKNOWN_KEY,
    GroupFilter,
    IncidentFilter,
    KnownField,
    group_key,
)
from kb.domain.incident import Kind, Status
from kb.domain.links import link_key
from kb.domain.organization import organization_key
from kb.domain.taxonomy import NAMESPACES
from kb.domain.text import tag_key
from kb.errors import InvalidInput
from kb.services.taxonomy.lookup import TermLookup
from kb.services.taxonomy.organizations import keys_meaning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def incident_filter(query: Mapping[str, Any]) -> IncidentFilter:
    """The filter for the parameters of a list or a search. Raises InvalidInput for unknown terms."""
    groups = tuple(query.get("group", ()))
    names = {name: query.get(name, ()) for name in NAMESPACES}
    # Most queries name no term, and need no taxonomy.
    terms = TermLookup() if any(names.values()) or any(g.dimension in NAMESPACES for g in groups) else None
    return IncidentFilter(
        terms={} if terms is None else _term_keys(terms, names),
        organizations=keys_meaning(map(organization_key, query.get("organization", ()))),
        languages=tuple(query.get("language", ())),
        statuses=tuple(Status(value) for value in query.get("status", ())) or DEFAULT_STATUSES,
        kinds=tuple(Kind(value) for value in query.get("kind", ())),
        tags=tuple(dict.fromkeys(map(tag_key, query.get("tag", ())))),
        sources=tuple({link_key(url): url for url in query.get("source", ())}.values()),
        collections=tuple(query.get("collection", ())),
        severities=_severities(query),
        first=query["from_"].first if "from_" in query else None,
        last=query["to"].last if "to" in query else None,
        within=(query.get("within_from"), query.get("within_to")),
        published=(query.get("published_from"), query.get("published_before")),
        groups=tuple(_with_other_keys(terms, group) for group in groups),
        known=tuple(KnownField(value) for value in query.get("known", ())),
        losses=tuple(query.get("lost", ())),
    )


def _severities(query: Mapping[str, Any]) -> tuple[int, ...] | None:
    if not query.get("severity") and not query.keys() & {"severity_min", "severity_max"}:
        return None
    low, high = query.get("severity_min", 1), query.get("severity_max", 5)
    return tuple(n for n in (query.get("severity") or range(1, 6)) if low <= n <= high)


def _with_other_keys(terms: TermLookup | None, group: GroupFilter) -> GroupFilter:
    """A filter by groups with all keys under which incidents have its terms, or are of its organizations."""
    if group.dimension == "organization":
        names = [unquote(value) for value in group.values if value != UNKNOWN_KEY]
        unknown = [value for value in group.values if value == UNKNOWN_KEY]
        return group._replace(values=(*map(group_key, keys_meaning(names)), *unknown))
    if terms is None or group.dimension not in NAMESPACES:
        return group
    keys = [
        [value]
        if value == UNKNOWN_KEY
        else [group_key(key) for key in terms.keys_meaning(group.dimension, unquote(value))]
        for value in group.values
    ]
    return group._replace(values=tuple(dict.fromkeys(chain.from_iterable(keys))))


def _term_keys(terms: TermLookup, names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Term keys by namespace, given keys, aliases or labels, with the keys of terms that they replaced.

    Raises InvalidInput for unknown names.
    """
    keys = {
        namespace: tuple(
            dict.fromkeys(
                key
                for name in values
                if (term := terms.find(namespace, name, namespace))
                for key in terms.keys_meaning(namespace, term.key)
            )
        )
        for namespace, values in names.items()
        if values
    }
    if terms.errors:
        raise InvalidInput(terms.errors)
    return keys
