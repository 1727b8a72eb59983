"""Find similar incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.caches import word_cache
from kb.domain.permissions import Action, Actor, audiences_for
from kb.domain.taxonomy import NAMESPACES
from kb.models import Term, db
from kb.search.analysis import is_hebrew, normalize
from kb.search.concepts import incident_concepts
from kb.search.engine import Likeness
from kb.search.hebrew import strip_particles
from kb.search.query import Group, SearchQuery
from kb.search.word_lists import MAX_CENTIBELS, spelling_key, word_list
from kb.services.core.authorization import require
from kb.services.core.incident_lookup import find_incident
from kb.services.infrastructure.runtime import concepts, engine
from kb.services.search.hit_content import searched_texts, summary_for, to_stored
from kb.services.search.visible_hits import VisibleHit, find_visible
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    TermKey = tuple[str, str]
    """Namespace and key."""

_FIELDS = {
    "category": ("category", "secondary_categories"),
    "failure_mode": ("failure_modes",),
    "theme": ("themes",),
    "platform": ("platforms",),
    "industry": ("industry",),
}
"""The fields of a summary that hold the terms of each namespace."""

MOVE_WEIGHT, SUBJECT_WEIGHT = 0.5, 1.0
"""The weights of a marketing move and of a sensitive subject, relative to a word of the same rarity."""

TERM_WEIGHTS = {"failure_mode": 2.5, "theme": 1.5, "category": 1.0}
"""The weights of terms, relative to a word of the same rarity. Platform and industry do not count."""

DISTINCTIVE_CENTIBELS = 430
"""A word more frequent than one in twenty thousand is not reported as shared by two incidents."""


def find_similar(actor: Actor, incident_id: int, languages: Sequence[str], *, limit: int) -> dict[str, Any]:
    """Find the incidents most like one, by subject and failure mode, then by words, with the terms and the
    distinctive words that they share.

    Raises NotFound for an incident that the actor may not see.
    """
    require(actor, Action.READ)
    content = to_stored(find_incident(actor, incident_id))
    db.session.rollback()
    likeness = _likeness(content, languages)
    query = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=limit)
    outcome = find_visible(actor, lambda: engine().similar(incident_id, likeness, query))
    rows = db.session.execute(select(Term.namespace, Term.key, Term.labels))
    labels = {(namespace, key): texts for namespace, key, texts in rows}
    terms = _terms(summary_for(content, languages))
    return {
        "total": outcome.total,
        "items": [_similar_hit(hit, terms, languages, labels) for hit in outcome.hits],
    }


def _likeness(content: dict[str, Any], languages: Sequence[str]) -> Likeness:
    """The features to find similar incidents by: texts, concepts and terms.

    The texts leave out the names of its terms, since the terms themselves count, and its sources, since the
    same papers report other incidents, too.
    """
    texts = searched_texts(content)
    names, _, _ = texts.pop("organization"), texts.pop("terms"), texts.pop("sources")
    terms: dict[str, list[str]] = {}
    for namespace, key in sorted(_terms(summary_for(content, languages))):
        terms.setdefault(namespace, []).append(key)
    table = concepts()
    keywords = {
        ("concept", key): SUBJECT_WEIGHT if table.concepts[key].risky else MOVE_WEIGHT
        for key in incident_concepts(table, texts, terms)
    }
    for namespace, weight in TERM_WEIGHTS.items():
        keywords |= {(f"term_{namespace}", key): weight for key in terms.get(namespace, ())}
    return Likeness(
        texts=tuple(pair for pairs in texts.values() for pair in pairs), names=tuple(names), keywords=keywords
    )


def _similar_hit(
    hit: VisibleHit,
    terms: set[TermKey],
    languages: Sequence[str],
    labels: Mapping[TermKey, Mapping[str, str]],
) -> dict[str, Any]:
    summary = summary_for(hit.content, languages)
    shared = sorted(terms & _terms(summary), key=lambda pair: (NAMESPACES.index(pair[0]), pair[1]))
    return {
        "incident": summary,
        "score": hit.score,
        "shared_words": list(filter(_is_distinctive, hit.shared_words)),
        "shared_terms": [
            {"namespace": namespace, "key": key, "label": label(labels[namespace, key], languages)}
            for namespace, key in shared
            if (namespace, key) in labels
        ],
    }


def _terms(summary: Mapping[str, Any]) -> set[TermKey]:
    """The terms that a summary names."""
    terms = set()
    for namespace, fields in _FIELDS.items():
        for field in fields:
            value = summary[field] or []
            terms |= {(namespace, key) for key in ([value] if isinstance(value, str) else value)}
    return terms


@word_cache(10_000)
def _is_distinctive(word: str) -> bool:
    """Whether a word is rare in English or Hebrew, in all of its forms, and not a number."""
    key = spelling_key(normalize(word))
    listed = word_list("he" if is_hebrew(key) else "en")
    if listed is None or not key.isalpha():
        return key.isalpha()
    bases = strip_particles(key) if is_hebrew(key) else (key, key.removesuffix("s"))
    return all((listed.centibels(base) or MAX_CENTIBELS) > DISTINCTIVE_CENTIBELS for base in bases)
