"""From a filter to SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.filters import UNKNOWN_KEY, GroupFilter, KnownField
from kb.domain.incident import NAMESPACES, ImpactKind
from kb.models import Impact, Incident, IncidentTag, IncidentTerm, IncidentText, Response, Team, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import IncidentFilter


DATED: ColumnElement[bool] = Incident.occurred_on > UNKNOWN_DATE.first
"""Of what has no date yet, nobody asks by date."""


def conditions(wanted: IncidentFilter) -> list[ColumnElement[bool]]:
    """What must hold of the incidents that a filter lets through."""
    found: list[ColumnElement[bool]] = [Incident.status.in_(wanted.statuses)]
    found += [_has_term(namespace, keys) for namespace, keys in wanted.terms.items()]
    if wanted.organization_key is not None:
        found.append(Incident.organization_key == wanted.organization_key)
    if wanted.languages:
        in_language = select(IncidentText.incident_id).where(IncidentText.language.in_(wanted.languages))
        found.append(Incident.id.in_(in_language))
    if wanted.kinds:
        found.append(Incident.kind.in_(wanted.kinds))
    if wanted.tags:
        tagged = select(IncidentTag.incident_id).where(IncidentTag.tag.in_(wanted.tags))
        found.append(Incident.id.in_(tagged))
    if wanted.severities is not None:
        found.append(Incident.severity.in_(wanted.severities))
    if wanted.first is not None:
        found += [DATED, Incident.occurred_until >= wanted.first]
    if wanted.last is not None:
        found += [DATED, Incident.occurred_on <= wanted.last]
    return [*found, *_drill_down(wanted)]


def _has_term(namespace: str, keys: Sequence[str]) -> ColumnElement[bool]:
    link = Response if namespace == "response" else IncidentTerm
    having = (
        select(link.incident_id)
        .join(Term, Term.id == link.term_id)
        .where(Term.namespace == namespace, Term.key.in_(keys))
    )
    return Incident.id.in_(having)


def _drill_down(wanted: IncidentFilter) -> list[ColumnElement[bool]]:
    """What leads from a number to the incidents that it was made of."""
    found = [_in_group(group) for group in wanted.groups]
    found += [_KNOWN[known] for known in wanted.known]
    bounds: list[tuple[Any, Any]] = [
        (wanted.within[0], lambda first: Incident.occurred_on >= first),
        (wanted.within[1], lambda last: Incident.occurred_until <= last),
        (wanted.published[0], lambda since: Incident.published_at >= since),
        (wanted.published[1], lambda before: Incident.published_at < before),
    ]
    found += [make(bound) for bound, make in bounds if bound is not None]
    for loss in wanted.losses:
        found.append(
            exists().where(
                Impact.incident_id == Incident.id,
                Impact.kind == ImpactKind.MARKET_VALUE,
                Impact.amount.is_not(None),
                Impact.currency == loss.currency,
                Impact.alleged.is_(loss.alleged),
            )
        )
    return found


_KNOWN: dict[KnownField, ColumnElement[bool]] = {
    KnownField.SEVERITY: Incident.severity.is_not(None),
    KnownField.ACKNOWLEDGED: and_(Incident.posted_at.is_not(None), Incident.acknowledged_at.is_not(None)),
    KnownField.REMOVED: and_(Incident.posted_at.is_not(None), Incident.removed_at.is_not(None)),
}


def _in_group(group: GroupFilter) -> ColumnElement[bool]:
    keys = [unquote(value) for value in group.values if value != UNKNOWN_KEY]
    any_of = []
    if keys:
        any_of.append(_has_any(group.dimension, keys))
    if UNKNOWN_KEY in group.values:
        any_of.append(_has_none(group.dimension))
    condition = or_(*any_of)
    return ~condition if group.negated else condition


def _has_any(dimension: str, keys: Sequence[str]) -> ColumnElement[bool]:
    if dimension in NAMESPACES:
        return _has_term(dimension, keys)
    if dimension == "organization":
        return Incident.organization_key.in_(keys)
    if dimension == "team":
        return Incident.team_id.in_(select(Team.id).where(Team.key.in_(keys)))
    if dimension == "severity":
        return Incident.severity.in_([int(key) for key in keys])
    if dimension == "language":
        return Incident.id.in_(select(IncidentText.incident_id).where(IncidentText.language.in_(keys)))
    return Incident.kind.in_(keys)


def _has_none(dimension: str) -> ColumnElement[bool]:
    """Incidents of which a dimension is not known; of most dimensions it always is."""
    if dimension == "severity":
        return Incident.severity.is_(None)
    if dimension not in NAMESPACES:
        return false()
    link = Response if dimension == "response" else IncidentTerm
    having = select(link.incident_id).join(Term, Term.id == link.term_id).where(Term.namespace == dimension)
    return Incident.id.not_in(having)
