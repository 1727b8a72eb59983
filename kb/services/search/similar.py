"""Incidents that are like one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.permissions import Action, Actor, audiences_for
from kb.domain.taxonomy import NAMESPACES
from kb.models import Term, db
from kb.search.query import Group, SearchQuery
from kb.services.core.authorization import require
from kb.services.core.incident_lookup import find_incident
from kb.services.infrastructure.runtime import engine
from kb.services.search.hit_content import searched_texts, stored_summary, to_stored
from kb.services.search.visible_hits import VisibleHit, find
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FIELDS = {
    "category": ("category", "secondary_categories"),
    "failure_mode": ("failure_modes",),
    "theme": ("themes",),
    "platform": ("platforms",),
    "industry": ("industry",),
}
"""Where a summary holds the terms of each namespace."""


def find_similar(actor: Actor, incident_id: int, wanted: Sequence[str], *, limit: int) -> dict[str, Any]:
    """The incidents that share the most telling words of one, with the words and terms that they share.

    Raises NotFound for one that the actor may not see.
    """
    require(actor, Action.READ)
    incident = to_stored(find_incident(actor, incident_id))
    db.session.rollback()
    texts = [pair for pairs in searched_texts(incident).values() for pair in pairs]
    query = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=limit)
    found = find(actor, lambda: engine().similar(incident_id, texts, query))
    labels = {(term.namespace, term.key): term.labels for term in db.session.scalars(select(Term))}
    own = _terms(stored_summary(incident, wanted))
    return {
        "total": found.total,
        "items": [_item(shown, own, wanted, labels) for shown in found.shown],
    }


def _item(
    shown: VisibleHit,
    own: set[tuple[str, str]],
    wanted: Sequence[str],
    labels: Mapping[tuple[str, str], Mapping[str, str]],
) -> dict[str, Any]:
    summary = stored_summary(shown.incident, wanted)
    shared = sorted(own & _terms(summary), key=lambda pair: (NAMESPACES.index(pair[0]), pair[1]))
    return {
        "incident": summary,
        "score": shown.hit.score,
        "shared_words": list(shown.hit.shared_words),
        "shared_terms": [
            {"namespace": namespace, "key": key, "label": label(labels[namespace, key], wanted)}
            for namespace, key in shared
            if (namespace, key) in labels
        ],
    }


def _terms(summary: Mapping[str, Any]) -> set[tuple[str, str]]:
    found = set()
    for namespace, fields in _FIELDS.items():
        for name in fields:
            value = summary[name] or []
            found |= {(namespace, key) for key in ([value] if isinstance(value, str) else value)}
    return found
