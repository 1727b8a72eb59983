"""The same failure filed twice: what may be one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from rapidfuzz import fuzz, utils
from sqlalchemy import select

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.incident import Status
from kb.domain.permissions import Actor, audiences_for
from kb.domain.text import address_key, organization_key
from kb.errors import Unavailable
from kb.models import Incident, Source, db
from kb.search.query import Group, SearchQuery
from kb.services.core.authorization import visible_to
from kb.services.core.incident_lookup import SUMMARY_OPTIONS, find_incident
from kb.services.core.presenters import summary
from kb.services.infrastructure.runtime import engine
from kb.services.search.visible_hits import find_visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

SAME_TIME, SAME_SOURCE, SIMILAR = "same_organization_and_time", "same_source", "similar_text"
REASONS = (SAME_TIME, SAME_SOURCE, SIMILAR)
"""Why two incidents may be one, the more telling ones later."""

NEAR = timedelta(days=30)
"""How far apart two dates of one organization may be, at the most."""

_ALIKE = 75.0
"""From which likeness on (0 to 100, of the words of title and summary) two texts may tell the same."""

_MIN_COMMON_WORDS = 5

_LOOKED_FOR, _COMPARED = 400, 2_000
"""So many characters of a summary are looked for in the index, and compared with what it finds."""

_MAX_OFFERED, _MAX_CANDIDATES = 5, 10


class Probe(NamedTuple):
    """What duplicates are looked for by. `incident_id` is 0 for what is not filed yet."""

    incident_id: int
    organization_key: str
    first: date | None
    last: date | None
    addresses: tuple[str, ...]
    language: str
    title: str
    summary: str


def probe_of_input(data: Mapping[str, Any]) -> Probe:
    """What to look for before something is filed."""
    occurred = data.get("occurred_on", UNKNOWN_DATE)
    dated = occurred != UNKNOWN_DATE
    return Probe(
        0,
        organization_key(data["organization"]),
        occurred.first if dated else None,
        occurred.last if dated else None,
        tuple(address_key(source["url"]) for source in data["sources"] if source["url"]),
        data["language"],
        data["title"],
        data["summary"],
    )


def likely_duplicates(actor: Actor, probe: Probe) -> list[dict[str, Any]]:
    """What the actor may see that may be the same: each as a card, with the reasons; the likeliest first."""
    reasons: dict[int, set[str]] = {}
    for reason, ids in (
        (SAME_TIME, _of_that_time(actor, probe)),
        (SAME_SOURCE, _of_that_source(actor, probe)),
        (SIMILAR, _of_like_text(actor, probe)),
    ):
        for incident_id in ids:
            if incident_id != probe.incident_id:
                reasons.setdefault(incident_id, set()).add(reason)
    # What has several reasons is likelier, and then what shares its source or its words.
    best = sorted(reasons, key=lambda key: (-len(reasons[key]), -max(map(REASONS.index, reasons[key])), key))
    chosen = best[:_MAX_OFFERED]
    statement = select(Incident).where(Incident.id.in_(chosen), visible_to(actor)).options(*SUMMARY_OPTIONS)
    rows = {row.id: row for row in db.session.scalars(statement)}
    return [
        {"incident": summary(rows[key]), "reasons": [reason for reason in REASONS if reason in reasons[key]]}
        for key in chosen
        if key in rows
    ]


def list_duplicates(actor: Actor, incident_id: int) -> dict[str, Any]:
    """What may be the same as an incident."""
    incident = find_incident(actor, incident_id)
    dated = incident.occurred_on != UNKNOWN_DATE.first
    probe = Probe(
        incident.id,
        incident.organization_key,
        incident.occurred_on if dated else None,
        incident.occurred_until if dated else None,
        tuple(source.url_key for source in incident.sources if source.url_key),
        incident.language,
        incident.original.title,
        incident.original.summary,
    )
    db.session.rollback()
    return {"items": likely_duplicates(actor, probe)}


def _candidates(actor: Actor, *conditions: ColumnElement[bool]) -> list[int]:
    statement = select(Incident.id).where(visible_to(actor), Incident.status != Status.WITHDRAWN, *conditions)
    return list(db.session.scalars(statement.order_by(Incident.id.desc()).limit(_MAX_CANDIDATES)))


def _of_that_time(actor: Actor, probe: Probe) -> list[int]:
    """Of what is not dated, nobody knows that it was not at the time."""
    near = []
    if probe.first is not None and probe.last is not None:
        near = [Incident.occurred_on <= probe.last + NEAR, Incident.occurred_until >= probe.first - NEAR]
    return _candidates(actor, Incident.organization_key == probe.organization_key, *near)


def _of_that_source(actor: Actor, probe: Probe) -> list[int]:
    if not probe.addresses:
        return []
    cited = select(Source.incident_id).where(Source.url_key.in_(probe.addresses))
    return _candidates(actor, Incident.id.in_(cited))


def _of_like_text(actor: Actor, probe: Probe) -> list[int]:
    """Those whose title and summary have nearly the same words, in any of their languages."""
    beginning = probe.summary[:_LOOKED_FOR]
    texts = [(probe.language, probe.title), (probe.language, beginning)]
    query = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=_MAX_CANDIDATES)
    try:
        found = find_visible(actor, lambda: engine().similar(probe.incident_id, texts, query))
    except Unavailable:
        return []  # the index is being rebuilt: nobody has to wait for it to file something
    wanted = f"{probe.title} {probe.summary[:_COMPARED]}"
    return [hit.id for hit in found.hits if _is_alike(wanted, hit.content)]


def _is_alike(wanted: str, shown: Mapping[str, Any]) -> bool:
    wanted = utils.default_process(wanted)
    for text in shown["texts"].values():
        title, beginning = text["summary"]["title"], text["summary"]["summary"][:_COMPARED]
        there = utils.default_process(f"{title} {beginning}")
        # All words of a short text may well stand in a long one that tells something else.
        in_common = set(wanted.split()) & set(there.split())
        if len(in_common) >= _MIN_COMMON_WORDS and fuzz.token_set_ratio(wanted, there) >= _ALIKE:
            return True
    return False
