"""Likely duplicates: incidents that may report the same failure, in any words and language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, select

from kb.caches import LruCache
from kb.domain.dates import UNKNOWN_DATE, DatePrecision, PartialDate
from kb.domain.incident import Status
from kb.domain.links import link_key
from kb.domain.organization import organization_key
from kb.domain.permissions import Actor, audiences_for
from kb.errors import Unavailable
from kb.models import Incident, db
from kb.models.prepared_select import PreparedSelect
from kb.search.query import Group, SearchQuery
from kb.services.core.authorization import visible_to
from kb.services.core.filter_conditions import cites_any
from kb.services.core.incident_lookup import SUMMARY_OPTIONS, find_incident
from kb.services.core.presenters import summary
from kb.services.incidents.duplicates.distinct import distinct_ids, list_distinct
from kb.services.infrastructure.runtime import engine
from kb.services.search.visible_hits import find_visible
from kb.services.taxonomy.organizations import keys_meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sqlalchemy import BindParameter, ColumnElement, Select

    from kb.search.engine import ResultPage
    from kb.services.search.visible_hits import VisibleHit

SIMILAR_IN_TIME, SAME_TIME = "similar_text_and_time", "same_organization_and_time"
SAME_SOURCE, SIMILAR = "same_source", "similar_text"
_REASONS = (SIMILAR_IN_TIME, SAME_TIME, SAME_SOURCE, SIMILAR)
"""Why two incidents may be duplicates, in ascending order of weight."""

MAX_DAYS_APART = timedelta(days=30)
"""How far apart two incidents of one organization may be to count as the same time."""

_MIN_SHARE, _MIN_SHARE_IN_TIME, _MIN_SHARE_OF_FIRST = 0.38, 0.3, 0.2
"""The minimum shares of words, weighted by rarity, for an incident to be similar: at any time, at the same
time, and at the same time if it stands out.

Second reports of public cases, in other words or in the other language, have 0.2 to 0.65 in common with the
first, and the nearest other case has 0.2 to 0.4, but at least a sixth less (`python -m bench public-cases`).
"""

_MIN_LEAD = 1.15
"""The minimum ratio of the first hit's share to the second's for the first to stand out."""

_DAYS_APART_IN_TIME = timedelta(days=10)
"""How far apart two similar incidents may be to count as the same time, since reports differ in the day."""

_MONTH = timedelta(days=31)

_MIN_SHARE_OF_ANY = _MIN_SHARE_OF_FIRST / _MIN_LEAD
"""The share below which an incident is not similar, nor keeps another one from standing out."""

_MIN_COMMON_WORDS = 12
"""Fewer words in common prove nothing unless the texts are nearly the same."""

_MIN_SHARE_OF_SHORT_TEXTS, _MIN_COMMON_WORDS_OF_SHORT_TEXTS = 0.75, 5

_MAX_QUERY_CHARACTERS = 400
"""How much of a summary is used as a query to the index."""

_MAX_RESULTS, _MAX_CANDIDATES = 5, 10
"""How many duplicates are reported, and how many incidents each reason may contribute."""

_STATEMENT_BYTES = 20_000
"""The size of a statement that finds candidates, with all lengths of the list of its values."""

_statements: LruCache[PreparedSelect] = LruCache(40 * _STATEMENT_BYTES)
"""Prepared statements by what the actor may see: SQLAlchemy takes a hundred times as long to build one as
SQLite to execute it."""


class DuplicateQuery(NamedTuple):
    """The facts of an incident to find duplicates by.

    `incident_id` is None for an incident that is not stored yet; the days are None if the date is unknown.
    """

    incident_id: int | None
    organization: str
    organization_key: str
    first_day: date | None
    last_day: date | None
    source_keys: tuple[str, ...]
    language: str
    title: str
    summary: str


def query_for_input(data: Mapping[str, Any]) -> DuplicateQuery:
    """The query for an incident that is about to be filed, from its validated input."""
    occurred = data.get("occurred_on", UNKNOWN_DATE)
    dated = occurred != UNKNOWN_DATE
    return DuplicateQuery(
        incident_id=None,
        organization=data["organization"],
        organization_key=organization_key(data["organization"]),
        first_day=occurred.first if dated else None,
        last_day=occurred.last if dated else None,
        source_keys=tuple(
            {
                link_key(source[name]): None
                for source in data["sources"]
                for name in ("url", "archive_url")
                if source[name]
            }
        ),
        language=data["language"],
        title=data["title"],
        summary=data["summary"],
    )


def likely_duplicates(actor: Actor, query: DuplicateQuery) -> list[dict[str, Any]]:
    """Find visible incidents that may be the same, as summaries with the reasons, likeliest first."""
    reasons = reasons_by_facts(actor, query)
    known = {}
    for hit, reason in _similar_hits(actor, query):
        add_reasons(reasons, reason, [hit.id])
        known[hit.id] = _summary_of(hit)
    if query.incident_id is not None:
        for other in (query.incident_id, *distinct_ids(query.incident_id)):
            reasons.pop(other, None)
    best = by_likelihood(reasons)[:_MAX_RESULTS]
    known |= _summaries(actor, [key for key, _ in best if key not in known])
    return [{"incident": known[key], "reasons": [*why]} for key, why in best if key in known]


def _summaries(actor: Actor, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The summaries of the given incidents that the actor may see."""
    if not ids:
        return {}
    statement = select(Incident).where(Incident.id.in_(ids), visible_to(actor)).options(*SUMMARY_OPTIONS)
    return {row.id: summary(row) for row in db.session.scalars(statement)}


def _summary_of(hit: VisibleHit) -> dict[str, Any]:
    """The summary of a hit in its original language."""
    fields: dict[str, Any] = hit.content["texts"][hit.content["language"]]["summary"]
    return fields


def reasons_by_facts(actor: Actor, query: DuplicateQuery, ids: range | None = None) -> dict[int, set[str]]:
    """Ids of visible incidents that agree in organization and time, or in a source, with the reasons.

    The latest ones, among some `ids` if given, a limited number for each reason.
    """
    reasons: dict[int, set[str]] = {}
    add_reasons(reasons, SAME_TIME, _at_same_time(actor, query, ids))
    add_reasons(reasons, SAME_SOURCE, _with_same_source(actor, query, ids))
    return reasons


def add_reasons(reasons: dict[int, set[str]], reason: str, ids: Iterable[int]) -> None:
    """Add a reason to each incident of some ids."""
    for incident_id in ids:
        reasons.setdefault(incident_id, set()).add(reason)


def by_likelihood(reasons: Mapping[int, set[str]]) -> list[tuple[int, tuple[str, ...]]]:
    """The ids with their reasons, the strongest last; ids with the most and strongest reasons come first."""
    weights = {key: sorted(map(_REASONS.index, found)) for key, found in reasons.items()}
    ids = sorted(weights, key=lambda key: (-len(weights[key]), -weights[key][-1], key))
    return [(key, tuple(_REASONS[weight] for weight in weights[key])) for key in ids]


def list_duplicates(actor: Actor, incident_id: int) -> dict[str, Any]:
    """List the likely duplicates of a stored incident, and those marked as distinct. Raises NotFound."""
    query = query_for_incident(find_incident(actor, incident_id))
    db.session.rollback()
    return {"items": likely_duplicates(actor, query), "distinct": list_distinct(actor, incident_id)}


def query_for_incident(incident: Incident) -> DuplicateQuery:
    """The query for the likely duplicates of a stored incident."""
    dated = incident.occurred_on != UNKNOWN_DATE.first
    return DuplicateQuery(
        incident_id=incident.id,
        organization=incident.organization,
        organization_key=incident.organization_key,
        first_day=incident.occurred_on if dated else None,
        last_day=incident.occurred_until if dated else None,
        source_keys=tuple({key: None for source in incident.sources for key in sorted(source.link_keys)}),
        language=incident.language,
        title=incident.original.title,
        summary=incident.original.summary,
    )


def _at_same_time(actor: Actor, query: DuplicateQuery, ids: range | None) -> list[int]:
    """Incidents of the same organization around the same days; an unknown date matches every day."""
    days = []
    if query.first_day is not None and query.last_day is not None:
        days = [query.last_day + MAX_DAYS_APART, query.first_day - MAX_DAYS_APART]
    keys = keys_meaning([query.organization_key])
    condition = _has_organization_near if days else Incident.organization_key.in_
    return _candidates(actor, condition, [*(day.isoformat() for day in days), *keys], ids)


def _has_organization_near(values: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
    """The condition of a time and an organization, given a last day, a first day, and keys."""
    last, first, *keys = values
    return and_(
        Incident.organization_key.in_(keys), Incident.occurred_on <= last, Incident.occurred_until >= first
    )


def _with_same_source(actor: Actor, query: DuplicateQuery, ids: range | None) -> list[int]:
    return _candidates(actor, cites_any, query.source_keys, ids) if query.source_keys else []


def _candidates(
    actor: Actor, condition: Callable[..., ColumnElement[bool]], values: Sequence[str], ids: range | None
) -> list[int]:
    """The latest visible incidents that meet a condition on these values."""
    statement = _statements.get_or_create(
        (audiences_for(actor), condition.__name__, ids is None),
        lambda: _select_candidates(actor, condition, within=ids is not None),
        lambda _: _STATEMENT_BYTES,
    )
    bounds = [] if ids is None else [ids.start, ids.stop]
    return [row[0] for row in statement.rows_in(db.session.connection(), [*bounds, *values])]


def _select_candidates(
    actor: Actor, condition: Callable[..., ColumnElement[bool]], *, within: bool
) -> PreparedSelect:
    """The statement of `_candidates`. It takes the bounds of the ids, if any, then the condition's values."""
    visible = and_(visible_to(actor), Incident.status != Status.WITHDRAWN)

    def make(values: Sequence[BindParameter[Any]]) -> Select[int]:
        bounds, others = (values[:2], values[2:]) if within else ((), values)
        limits = [Incident.id >= bounds[0], Incident.id < bounds[1]] if bounds else []
        found = select(Incident.id).where(visible, condition(others), *limits)
        return found.order_by(Incident.id.desc()).limit(_MAX_CANDIDATES)

    return PreparedSelect(make)


def similar_texts(actor: Actor, query: DuplicateQuery) -> dict[int, str]:
    """Ids of visible incidents with similar texts, in any words and language, each with the reason.

    SIMILAR if they share much, SIMILAR_IN_TIME if they share less and happened at nearly the same time.
    """
    return {hit.id: reason for hit, reason in _similar_hits(actor, query)}


def _similar_hits(actor: Actor, query: DuplicateQuery) -> list[tuple[VisibleHit, str]]:
    """The results of `similar_texts`, as hits."""
    texts = [
        (query.language, text)
        for text in (query.organization, query.title, query.summary[:_MAX_QUERY_CHARACTERS])
    ]
    search = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=_MAX_CANDIDATES)

    def ask() -> ResultPage:
        page = engine().near_duplicates(query.incident_id, texts, search)
        # Most incidents have only such hits, which would be decoded in vain.
        return replace(page, hits=tuple(hit for hit in page.hits if hit.score >= _MIN_SHARE_OF_ANY))

    try:
        outcome = find_visible(actor, ask)
    except Unavailable:
        return []  # the index is being rebuilt: filing does not wait for it
    hits = outcome.hits
    stands_out = len(hits) == 1 or (len(hits) > 1 and hits[0].score >= _MIN_LEAD * hits[1].score)
    found = []
    for place, hit in enumerate(hits):
        least = _MIN_SHARE_OF_FIRST if place == 0 and stands_out else _MIN_SHARE_IN_TIME
        if (reason := _similarity(query, hit, least)) is not None:
            found.append((hit, reason))
    return found


def _similarity(query: DuplicateQuery, hit: VisibleHit, least_in_time: float) -> str | None:
    common = len(hit.shared_words)
    if hit.score >= _MIN_SHARE_OF_SHORT_TEXTS and common >= _MIN_COMMON_WORDS_OF_SHORT_TEXTS:
        return SIMILAR
    if common < _MIN_COMMON_WORDS:
        return None
    if hit.score >= _MIN_SHARE:
        return SIMILAR
    is_near = hit.score >= least_in_time and _is_at_same_time(query, hit.content)
    return SIMILAR_IN_TIME if is_near else None


def _is_at_same_time(query: DuplicateQuery, stored: Mapping[str, Any]) -> bool:
    """Whether both dates are known at least to the month, and near each other."""
    known = next(iter(stored["texts"].values()))["summary"]
    if query.first_day is None or query.last_day is None or known["occurred_on"] is None:
        return False
    first = date.fromisoformat(known["occurred_on"])
    last = PartialDate(first, DatePrecision(known["occurred_precision"])).last
    if max(query.last_day - query.first_day, last - first) > _MONTH:
        return False
    return query.first_day - last <= _DAYS_APART_IN_TIME and first - query.last_day <= _DAYS_APART_IN_TIME
