"""Select the incidents of a report: those that pass a filter and that the reader may see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from kb.domain.filters import IncidentFilter
from kb.domain.language import in_language
from kb.domain.permissions import Action, Actor, has_role_for, teams_of
from kb.models import Incident, Term
from kb.services.core.filter_conditions import conditions
from kb.services.trends.columns import KINDS, STATUSES, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from kb.services.trends.columns import Array, Columns


def select_rows(
    columns: Columns, connection: Connection, actor: Actor, incident_filter: IncidentFilter
) -> Array:
    """The rows of the incidents that a filter selects and an actor may see.

    `connection` sees the state that the columns hold. The period (`first`, `last`) is not applied.
    """
    mask = np.ones(columns.size, bool)
    for condition in (
        _visible(columns, actor),
        *_column_conditions(columns, incident_filter),
        *_slot_conditions(columns, connection, incident_filter),
        *_database_conditions(columns, connection, incident_filter),
    ):
        mask &= condition
    return np.flatnonzero(mask)


def _visible(columns: Columns, actor: Actor) -> Array:
    if actor.sees_everything:
        return np.ones(columns.size, bool)
    visible = columns.facts["public"] if has_role_for(actor, Action.READ) else np.zeros(columns.size, bool)
    mask: Array = visible | np.isin(columns.facts["team"], [*teams_of(actor)])
    return mask


def _column_conditions(columns: Columns, incident_filter: IncidentFilter) -> Iterator[Array]:
    """The conditions on single-valued facts."""
    facts = columns.facts
    yield np.isin(facts["status"], [*map(STATUSES.index, incident_filter.statuses)])
    if incident_filter.kinds:
        yield np.isin(facts["kind"], [*map(KINDS.index, incident_filter.kinds)])
    if incident_filter.severities is not None:
        yield np.isin(facts["severity"], incident_filter.severities)
    if incident_filter.organizations:
        codes = {columns.organizations.find(key) for key in incident_filter.organizations} - {UNKNOWN}
        yield np.isin(facts["organization"], [*codes])


def _slot_conditions(
    columns: Columns, connection: Connection, incident_filter: IncidentFilter
) -> Iterator[Array]:
    """The conditions on multi-valued data."""
    for namespace, keys in incident_filter.terms.items():
        terms = select(Term.id).where(Term.namespace == namespace, Term.key.in_(keys))
        yield _has_any(columns.slots[namespace], connection.scalars(terms).all())
    if incident_filter.languages:
        codes = [
            code
            for code, tag in enumerate(columns.languages.values)
            if any(in_language(tag, language) for language in incident_filter.languages)
        ]
        yield _has_any(columns.slots["language"], codes)


def _has_any(slots: Array, values: Sequence[int]) -> Array:
    return np.asarray(np.isin(slots, values).any(axis=0))


def _database_conditions(
    columns: Columns, connection: Connection, incident_filter: IncidentFilter
) -> Iterator[Array]:
    """The conditions of rarely used filters, which the columns lack, so the database evaluates them."""
    rest = replace(
        incident_filter,
        statuses=tuple(STATUSES),
        kinds=(),
        severities=None,
        organizations=(),
        terms={},
        languages=(),
        first=None,
        last=None,
    )
    if rest != IncidentFilter(statuses=tuple(STATUSES)):
        ids = connection.scalars(select(Incident.id).where(*conditions(rest))).all()
        mask = np.zeros(columns.size, bool)
        mask[columns.rows(ids)] = True
        yield mask
