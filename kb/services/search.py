"""Search: the engine finds ids, the database shows them, and says once more what may be shown."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.language import script_language
from kb.domain.permissions import Action, Actor, audiences_for, may_see
from kb.errors import Unavailable
from kb.models import Incident, Term, db
from kb.search.engine import TEXT_WEIGHTS, IndexUnusableError, ResultPage
from kb.search.highlight import highlight
from kb.search.query import SearchQuery, parse_words
from kb.services.access import ALL_PARTS, require
from kb.services.index_documents import searchable_texts
from kb.services.index_sync import follow, mend_in_background
from kb.services.runtime import engine
from kb.services.taxonomy import label
from kb.services.views import card

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kb.domain.filters import IncidentFilter


log = logging.getLogger(__name__)

_SHARED = ("organization", "tags", "terms")
_TRANSLATED = tuple(field for field in TEXT_WEIGHTS if field not in _SHARED)


def search(
    actor: Actor,
    text: str,
    wanted_filter: IncidentFilter,
    wanted: Sequence[str],
    *,
    facets: Sequence[str] = (),
    limit: int = 10,
    offset: int = 0,
) -> dict[str, Any]:
    """Find the incidents that match what a person typed; without any word, all that pass the filter.

    Each is shown in the first wanted language that it exists in; without a wish, in that of the query.
    Raises Unavailable while the index is being rebuilt.
    """
    started = time.perf_counter()
    require(actor, Action.READ)
    languages = list(wanted) or [tag for tag in [script_language(text)] if tag]
    query = SearchQuery(
        words=parse_words(text),
        filter=wanted_filter,
        audiences=audiences_for(actor),
        facets=tuple(dict.fromkeys(facets)),
        limit=limit,
        offset=offset,
    )
    page = _ask(query) if query.words or not text.strip() else ResultPage(0, (), {}, frozenset())
    rows = _load(page)
    shown = [
        (rows[hit.id], hit.score) for hit in page.hits if hit.id in rows and may_see(actor, rows[hit.id])
    ]
    return {
        "query": text,
        "total": page.total - (len(page.hits) - len(shown)),
        "items": [_item(incident, score, languages, page.matched) for incident, score in shown],
        "facets": {key: _labeled(key, page.facets.get(key, ()), languages) for key in query.facets},
        "took_ms": round((time.perf_counter() - started) * 1_000, 2),
    }


def _item(
    incident: Incident, score: float, languages: Sequence[str], matched: Collection[str]
) -> dict[str, Any]:
    shown = card(incident, languages)
    return {
        "incident": shown,
        "score": round(score, 4),
        "highlights": _highlights(incident, shown["language"], matched),
    }


def _ask(query: SearchQuery) -> ResultPage:
    """Ask the engine. An index that is behind answers all the same, and is brought up to date meanwhile:
    other machines on the same database write too."""
    try:
        follow()
        return engine().search(query)
    except IndexUnusableError as error:
        log.warning("Search fails: %s", error)
        mend_in_background()
        raise Unavailable("The search index is being rebuilt. Try again in a few seconds.") from error


def _load(page: ResultPage) -> dict[int, Incident]:
    if not page.hits:
        return {}
    statement = select(Incident).where(Incident.id.in_([hit.id for hit in page.hits])).options(*ALL_PARTS)
    return {row.id: row for row in db.session.scalars(statement)}


def _highlights(incident: Incident, language: str, matched: Collection[str]) -> dict[str, str]:
    """By field, the passage that matches: in the language shown, else in another that the incident has."""
    if not matched:
        return {}
    for tag in dict.fromkeys([language, *incident.languages]):
        found = _passages(incident, _TRANSLATED, matched, tag)
        if found:
            break
    return {**found, **_passages(incident, _SHARED, matched, None)}


def _passages(
    incident: Incident, fields: Iterable[str], matched: Collection[str], language: str | None
) -> dict[str, str]:
    """By field, the first passage that matches; in one language, or in any where that is None."""
    found = {}
    for field in fields:
        for tag, text in searchable_texts(incident, field):
            if language in (None, tag) and field not in found:
                passage = highlight(text, tag, matched)
                if passage is not None:
                    found[field] = passage
    return found


def _labeled(
    namespace: str, counts: Sequence[tuple[str, int]], languages: Sequence[str]
) -> list[dict[str, Any]]:
    terms = {term.key: term for term in db.session.scalars(select(Term).where(Term.namespace == namespace))}
    return [
        {"key": key, "label": label(terms[key].labels, languages) if key in terms else key, "count": count}
        for key, count in counts
    ]
