"""Trends: how often, how bad, is it getting better? Flat rows, each with the way to what it was made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from kb import __version__
from kb.domain.dates import iso
from kb.domain.filters import IncidentFilter
from kb.domain.incident import Status
from kb.domain.periods import Interval
from kb.domain.permissions import Action, Actor, has_role_for, teams_of
from kb.errors import FieldError, InvalidInput
from kb.models import Incident, Namespace, Team, Term, db
from kb.models.base import utc_now
from kb.services.core import change_feed
from kb.services.core.authorization import require
from kb.services.core.filter_conditions import conditions
from kb.services.taxonomy.query_filters import incident_filter
from kb.services.trends.aggregation import Answer, Question
from kb.services.trends.columns import KINDS, STATUSES, UNKNOWN, Columns, current_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from kb.services.trends.column_queries import Array

_LAST_YEAR = 2199


def question(query: Mapping[str, Any]) -> Question:
    """What the parameters of `TrendsQuerySchema` ask: of what is published, unless they say otherwise."""
    given = dict(query)
    first, last = given.pop("from_", None), given.pop("to", None)
    given["status"] = given.get("status") or [Status.PUBLISHED]
    return Question(
        metric=given["metric"],
        group_by=tuple(given["group_by"]),
        interval=Interval(given["interval"]),
        first=first.first if first else None,
        last=last.last if last else None,
        zone=given["tz"],
        top=given["top"],
        other=given["other"],
        compare=given["compare"] is not None,
        date_field=given["date_field"],
        filter=incident_filter(given),
    )


def trends(actor: Actor, question: Question, wanted: Sequence[str]) -> dict[str, Any]:
    """Rows by bucket and group, and what makes them reproducible.

    An incident is in the bucket in which all days lie on which it may have occurred; where there is none, it
    is `undated`. Raises InvalidInput for what would be too many rows.
    """
    require(actor, Action.READ)
    for name, day in (("from", question.first), ("to", question.last)):
        if day is not None and day.year > _LAST_YEAR:
            raise InvalidInput([FieldError(name, f"The period must end by {_LAST_YEAR}.")])
    as_of = utc_now()
    today = as_of.astimezone(question.zone).date()
    # Terms and teams are read after the columns, which must know of no others.
    db.session.rollback()
    with current_columns() as (columns, connection):
        rows = _selected(columns, connection, actor, question.filter)
        answer = Answer(columns, rows, question, today, wanted)
        found = {"rows": answer.rows(), "undated": answer.undated}
        seq = columns.seq
    return {
        "metric": question.metric,
        "interval": question.interval,
        "timezone": question.zone.key,
        "from": iso(answer.period.first),
        "to": iso(answer.period.last),
        "as_of": iso(as_of),
        "seq": seq,
        "taxonomy": taxonomy_versions(),
        **found,
    }


def state(question: Question) -> tuple[object, ...]:
    """What an answer depends on, beside the question and who asks it."""
    today = utc_now().astimezone(question.zone).date()
    position = change_feed.position()
    teams = [tuple(row) for row in db.session.execute(select(Team.key, Team.name))]
    labels = select(Term.key, Term.labels).where(Term.namespace.in_(question.group_by))
    terms = [(key, sorted(found.items())) for key, found in db.session.execute(labels)]
    versions = sorted(taxonomy_versions().items())
    return (__version__, position.database_id, position.seq, versions, teams, terms, today)


def taxonomy_versions() -> dict[str, str]:
    """The version of each namespace."""
    return {key: version for key, version in db.session.execute(select(Namespace.key, Namespace.version))}


def _selected(columns: Columns, connection: Connection, actor: Actor, wanted: IncidentFilter) -> Array:
    """The rows that the actor may see and the filter lets through."""
    facts = columns.facts
    status = facts["status"]
    mask = np.isin(status, [STATUSES.index(each) for each in wanted.statuses])
    if not actor.sees_everything:
        visible = facts["public"] if has_role_for(actor, Action.READ) else np.zeros(columns.size, bool)
        if teams := teams_of(actor):
            visible = visible | np.isin(facts["team"], [*teams])
        mask &= visible
    if wanted.kinds:
        mask &= np.isin(facts["kind"], [KINDS.index(kind) for kind in wanted.kinds])
    if wanted.severities is not None:
        mask &= np.isin(facts["severity"], wanted.severities)
    if wanted.organization_key is not None:
        mask &= facts["organization"] == columns.organizations.find(wanted.organization_key)
    for namespace, keys in wanted.terms.items():
        terms = select(Term.id).where(Term.namespace == namespace, Term.key.in_(keys))
        mask &= _any(columns.slots[namespace], connection.scalars(terms).all())
    if wanted.languages:
        mask &= _any(columns.slots["language"], [columns.languages.find(tag) for tag in wanted.languages])
    # The rest is rare enough to be asked of the database.
    rest = replace(
        wanted,
        statuses=tuple(STATUSES),
        kinds=(),
        severities=None,
        organization_key=None,
        terms={},
        languages=(),
        first=None,
        last=None,
    )
    if rest != IncidentFilter(statuses=tuple(STATUSES)):
        ids = connection.scalars(select(Incident.id).where(*conditions(rest))).all()
        chosen = np.zeros(columns.size, bool)
        chosen[columns.rows(ids)] = True
        mask &= chosen
    return np.flatnonzero(mask)


def _any(slots: Array, numbers: Sequence[int]) -> Any:
    """Which incidents have any of some numbers in their slots; UNKNOWN is none."""
    wanted = [number for number in numbers if number != UNKNOWN]
    return np.isin(slots, wanted).any(axis=0)
