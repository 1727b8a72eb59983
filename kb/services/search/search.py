"""Search: what a person typed is read, the engine finds, and what may be shown is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select

from kb.domain.boosts import ALL_BOOSTS
from kb.domain.language import script_language
from kb.domain.permissions import Action, Actor, audiences_for
from kb.models import Term, db
from kb.models.base import utc_now
from kb.search.engine import ResultPage
from kb.search.highlight import NOTHING_WANTED
from kb.search.parser import parse, write
from kb.search.query import SearchQuery
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import engine
from kb.services.search.hit_content import Highlighter, stored_language
from kb.services.search.response_cache import cached_response
from kb.services.search.visible_hits import VisibleHit, find
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import IncidentFilter
    from kb.search.engine import Position


def search_json(
    actor: Actor,
    text: str,
    wanted_filter: IncidentFilter,
    wanted: Sequence[str],
    *,
    facets: Sequence[str] = (),
    boosts: frozenset[str] = ALL_BOOSTS,
    correct: bool = True,
    highlight: str = "all",
    explain: bool = False,
    limit: int = 10,
    offset: int = 0,
) -> bytes:
    """Find the incidents that match what a person typed; without any word, all that pass the filter.

    Each is shown in the first wanted language that it exists in; without a wish, in that of the query.
    `highlight` says whose passages come along: "all" fields', the "first" one's that matches, or "none".
    The page is JSON: most of it was written into the index as it is.
    Raises Unavailable while the index is being rebuilt.
    """
    started = time.perf_counter()
    require(actor, Action.READ)
    languages = tuple(wanted) or tuple(tag for tag in [script_language(text)] if tag)
    today = utc_now().date()

    def make() -> tuple[bytes, Position | None]:
        parsed = parse(text, _Resolver())
        query = SearchQuery(
            root=parsed.root,
            filter=wanted_filter,
            audiences=audiences_for(actor),
            facets=tuple(dict.fromkeys(facets)),
            boosts=boosts,
            today=today,
            correct=correct,
            explain=explain,
            limit=limit,
            offset=offset,
        )
        # Signs without any word match nothing, which is not the same as no query.
        found = find(actor, lambda: engine().search(query) if parsed.root or not text.strip() else _nothing())
        page = found.page
        highlighter = Highlighter(
            NOTHING_WANTED if highlight == "none" else page.wanted, only_first=highlight == "first"
        )
        did_you_mean = write(page.corrected) if page.corrected is not None else None
        answer = {
            "query": text,
            "interpreted": did_you_mean or parsed.interpreted,
            "did_you_mean": did_you_mean,
            "corrected": page.corrected is not None,
            "total": found.total,
            "items": [_item(shown, languages, highlighter) for shown in found.shown],
            "facets": {key: _labeled(key, page.facets.get(key, ()), languages) for key in query.facets},
        }
        return orjson.dumps(answer), found.position if found.position == page.position else None

    if facets or ":" in text:  # these ask the taxonomy, which may change without any incident
        body, _ = make()
    else:
        key = (
            text, wanted_filter.key, languages, audiences_for(actor), today, boosts, correct, highlight,
            explain, limit, offset,
        )  # fmt: skip
        body = cached_response(key, make)
    took = round((time.perf_counter() - started) * 1_000, 2)
    return b'%b,"took_ms":%.2f}\n' % (body[:-1], took)


def search(*arguments: Any, **options: Any) -> dict[str, Any]:
    """The same page, for those who go on working with it."""
    page: dict[str, Any] = orjson.loads(search_json(*arguments, **options))
    return page


def _nothing() -> ResultPage:
    return ResultPage(position=engine().position(), total=0, hits=())


def _item(shown: VisibleHit, languages: Sequence[str], highlighter: Highlighter) -> dict[str, Any]:
    language = stored_language(shown.incident, languages)
    item = {
        "incident": orjson.Fragment(shown.incident["texts"][language]["card"]),
        "score": shown.hit.score,
        "highlights": highlighter.passages(shown.incident, language),
    }
    if shown.hit.explanation is not None:
        item["explanation"] = shown.hit.explanation
    return item


class _Resolver:
    """Finds the terms that a query names; the taxonomy is read when the first is named."""

    def __init__(self) -> None:
        self._terms: TermLookup | None = None

    def __call__(self, namespace: str, name: str) -> str | None:
        if self._terms is None:
            self._terms = TermLookup()
        term = self._terms.get(namespace, name)
        return None if term is None else term.key


def _labeled(
    namespace: str, counts: Sequence[tuple[str, int]], languages: Sequence[str]
) -> list[dict[str, Any]]:
    terms = {term.key: term for term in db.session.scalars(select(Term).where(Term.namespace == namespace))}
    return [
        {"key": key, "label": label(terms[key].labels, languages) if key in terms else key, "count": count}
        for key, count in counts
    ]
