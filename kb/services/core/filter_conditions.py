"""Translate filters to SQL conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, union_all

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.filters import UNKNOWN_KEY, GroupFilter, KnownField
from kb.domain.incident import ImpactKind
from kb.domain.taxonomy import NAMESPACES
from kb.models import (
    Collection,
    Impact,
    Incident,
    IncidentTag,
    IncidentTerm,
    IncidentText,
    Response,
    Source,
    Team,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import IncidentFilter, Loss


HAS_DATE: ColumnElement[bool] = Incident.occurred_on > UNKNOWN_DATE.first
"""The condition that an incident has a date. Filters by date leave out incidents without one."""

_LINK_KEYS = (Source.url_key, Source.archive_key)

_KNOWN: dict[KnownField, ColumnElement[bool]] = {
    KnownField.SEVERITY: Incident.severity.is_not(None),
    KnownField.ACKNOWLEDGED: and_(Incident.posted_at.is_not(None), Incident.acknowledged_at.is_not(None)),
    KnownField.REMOVED: and_(Incident.posted_at.is_not(None), Incident.removed_at.is_not(None)),
}


def conditions(filters: IncidentFilter) -> list[ColumnElement[bool]]:
    """The SQL conditions of a filter, to be combined with AND."""
    terms = [has_term(namespace, keys) for namespace, keys in filters.terms.items()]
    clauses = [Incident.status.in_(filters.statuses), *terms]
    if filters.organizations:
        clauses.append(Incident.organization_key.in_(filters.organizations))
    if filters.languages:
        clauses.append(_has_text_in(filters.languages))
    if filters.kinds:
        clauses.append(Incident.kind.in_(filters.kinds))
    if filters.tags:
        tagged = select(IncidentTag.incident_id).where(IncidentTag.key.in_(filters.tags))
        clauses.append(Incident.id.in_(tagged))
    if filters.sources:
        clauses.append(cites_any(filters.source_keys))
    if filters.collections:
        keys = select(Collection.id).where(Collection.key.in_(filters.collections))
        clauses.append(Incident.collection_id.in_(keys))
    if filters.severities is not None:
        clauses.append(Incident.severity.in_(filters.severities))
    if filters.first is not None:
        clauses += [HAS_DATE, Incident.occurred_until >= filters.first]
    if filters.last is not None:
        clauses += [HAS_DATE, Incident.occurred_on <= filters.last]
    return [*clauses, *_drill_down(filters)]


def has_term(namespace: str, keys: Sequence[str]) -> ColumnElement[bool]:
    """The condition that an incident has at least one of some terms of a namespace."""
    return Incident.id.in_(_links(namespace).where(Term.key.in_(keys)))


def cites_any(keys: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a source of an incident, or its archived copy, has one of these keys."""
    # Two index lookups: with OR, PostgreSQL may scan all sources.
    cited = (select(Source.incident_id).where(column.in_(keys)) for column in _LINK_KEYS)
    return Incident.id.in_(union_all(*cited))


def _links(namespace: str) -> Select[int]:
    """The ids of the incidents that have a term of a namespace."""
    link = Response if namespace == "response" else IncidentTerm
    return select(link.incident_id).join(Term, Term.id == link.term_id).where(Term.namespace == namespace)


def _has_text_in(languages: Sequence[str]) -> ColumnElement[bool]:
    tag = IncidentText.language
    has_language = or_(*(or_(tag == name, tag.startswith(f"{name}-")) for name in languages))
    return Incident.id.in_(select(IncidentText.incident_id).where(has_language))


def _drill_down(filters: IncidentFilter) -> list[ColumnElement[bool]]:
    """The conditions of the drill-down filters."""
    bounds: list[tuple[Any, Any]] = [
        (filters.within[0], lambda first: Incident.occurred_on >= first),
        (filters.within[1], lambda last: Incident.occurred_until <= last),
        (filters.published[0], lambda since: Incident.published_at >= since),
        (filters.published[1], lambda before: Incident.published_at < before),
    ]
    return [
        *(_in_group(group) for group in filters.groups),
        *(_KNOWN[known] for known in filters.known),
        *(condition(bound) for bound, condition in bounds if bound is not None),
        *(_has_loss(loss) for loss in filters.losses),
    ]


def _has_loss(loss: Loss) -> ColumnElement[bool]:
    return exists().where(
        Impact.incident_id == Incident.id,
        Impact.kind == ImpactKind.MARKET_VALUE,
        Impact.amount.is_not(None),
        Impact.currency == loss.currency,
        Impact.alleged.is_(loss.alleged),
    )


def _in_group(group: GroupFilter) -> ColumnElement[bool]:
    keys = [unquote(value) for value in group.values if value != UNKNOWN_KEY]
    alternatives = []
    if keys:
        alternatives.append(_has_any(group.dimension, keys))
    if UNKNOWN_KEY in group.values:
        alternatives.append(_has_none(group.dimension))
    condition = or_(*alternatives)
    return ~condition if group.negated else condition


def _has_any(dimension: str, keys: Sequence[str]) -> ColumnElement[bool]:
    if dimension in NAMESPACES:
        return has_term(dimension, keys)
    if dimension == "organization":
        return Incident.organization_key.in_(keys)
    if dimension == "team":
        return Incident.team_id.in_(select(Team.id).where(Team.key.in_(keys)))
    if dimension == "severity":
        return Incident.severity.in_([int(key) for key in keys])
    if dimension == "language":
        return _has_text_in(keys)
    return Incident.kind.in_(keys)


def _has_none(dimension: str) -> ColumnElement[bool]:
    """The condition that a dimension of an incident is unknown; only severity and terms can be."""
    if dimension == "severity":
        return Incident.severity.is_(None)
    if dimension not in NAMESPACES:
        return false()
    return Incident.id.not_in(_links(dimension))
