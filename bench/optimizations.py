"""The optimizations of the ablation study, each with the plain code that it replaces.

An optimization is disabled by a context manager that patches an attribute of a module or a class.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import flask_smorest
import orjson
from sqlalchemy import select
from webargs.flaskparser import FlaskParser

from kb.api import search as search_views
from kb.api import smorest
from kb.caches import LruCache
from kb.domain.permissions import may_see
from kb.models import Incident, db
from kb.models.prepared_select import PreparedSelect
from kb.search.highlight import SEPARATOR, highlight_all
from kb.services.core import change_feed
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.incidents.duplicates import likely
from kb.services.search import highlighter, hit_content, response_cache, visible_hits
from kb.services.search import search as search_service
from kb.services.search.search import SearchRequest, SearchResults, search
from kb.services.search.sync import refresh_if_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from flask import Flask

    from kb.domain.permissions import Actor
    from kb.search.engine import ResultPage

NEW, REPEATED, PASSAGE = "new search", "repeated search", "new search, one passage"
READ, WRITE, START = "GET an incident", "POST an incident", "create_app()"
SEARCHES = (NEW, REPEATED, PASSAGE)


@dataclass(frozen=True)
class Optimization:
    """An optimization, the workloads that it is measured with, and a context manager that disables it.

    `same_bytes` is False if the plain code may serialize the same JSON differently.
    """

    name: str
    workloads: tuple[str, ...]
    disabled: Callable[[Flask], AbstractContextManager[object]]
    same_bytes: bool = True


# Prepared statements: SQLAlchemy executes them, as it does all others.


def _rows(self: PreparedSelect, ids: Sequence[int]) -> Sequence[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        statement = self._make(ids)  # type: ignore[arg-type]
        return [tuple(row) for row in connection.execute(statement)]


def _without_prepared(_: Flask) -> AbstractContextManager[object]:
    return patch.object(PreparedSelect, "rows", _rows)


# Parameters: the schema parses them in each request.


def _without_parameter_cache(_: Flask) -> AbstractContextManager[object]:
    return patch.object(smorest.Parser, "parse", FlaskParser.parse)


def _without_schema_instances(_: Flask) -> AbstractContextManager[object]:
    """Instantiate the schema in each request, as webargs does for a schema class."""
    parse = smorest.Parser.parse

    def parse_with_new_schema(self: Any, argmap: Any, *arguments: Any, **options: Any) -> Any:
        type(argmap)()
        return parse(self, argmap, *arguments, **options)

    return patch.object(smorest.Parser, "parse", parse_with_new_schema)


# The result page: its schema serializes it, and Flask encodes it.


@contextmanager
def _without_direct_encoding(_: Flask) -> Iterator[None]:
    pages: list[Any] = []

    def cached_search(actor: Actor, request: SearchRequest, _: Any) -> bytes:
        pages.append(search(actor, request).as_dict())
        return b"{}"

    def response(*_: Any, **__: Any) -> Any:
        return {**pages.pop(), "took_ms": 0.0}

    with (
        patch.object(search_views, "cached_search", cached_search),
        patch.object(search_views, "Response", response),
    ):
        yield


# Content of hits: SQLAlchemy loads the incidents with their relationships.


def _find_visible(actor: Actor, run_search: Callable[[], ResultPage]) -> visible_hits.SearchOutcome:
    page = run_search()
    position = change_feed.position()
    refresh_if_stale(page.position, position)
    ids = [hit.id for hit in page.hits]
    statement = select(Incident).where(Incident.id.in_(ids)).options(*DETAIL_OPTIONS)
    rows = {row.id: row for row in db.session.scalars(statement)}
    hits = [
        visible_hits.VisibleHit.of(hit, hit_content.to_stored(rows[hit.id]))
        for hit in page.hits
        if hit.id in rows and may_see(actor, rows[hit.id])
    ]
    return visible_hits.SearchOutcome(page, hits, page.total - (len(page.hits) - len(hits)), position)


@contextmanager
def _without_stored_content(_: Flask) -> Iterator[None]:
    with ExitStack() as patches:
        for module in (search_service, likely):
            patches.enter_context(patch.object(module, "find_visible", _find_visible))
        yield


def _uncached_search(actor: Actor, request: SearchRequest, encode: Callable[[SearchResults], bytes]) -> bytes:
    return encode(search(actor, request))


def _without_response_cache(_: Flask) -> AbstractContextManager[object]:
    return patch.object(search_views, "cached_search", _uncached_search)


_pages: dict[bytes, Any] = {}


def _cached_page(actor: Actor, request: SearchRequest, encode: Callable[[SearchResults], bytes]) -> bytes:
    """The page as from a cache of objects: encoded in each request."""
    body = response_cache.cached_search(actor, request, encode)
    if body not in _pages:
        _pages[body] = orjson.loads(body)
    return orjson.dumps(_pages[body])


def _without_cached_json(_: Flask) -> AbstractContextManager[object]:
    return patch.object(search_views, "cached_search", _cached_page)


# Passages: texts are highlighted one by one.


def _in_texts(self: Any, texts: dict[str, Any], language: str) -> dict[str, str]:
    passages: dict[str, str] = {}
    for field, text in zip(texts["fields"], texts["joined"].split(SEPARATOR), strict=True):
        if field not in passages and (passage := highlight_all(text, language, self._terms).get(0)):
            passages[field] = passage
            if self._only_first:
                break
    return passages


def _first_term_name(self: Any, names: dict[str, str], preferred: str) -> highlighter.Passage | None:
    for language in sorted(names, key=lambda tag: tag != preferred):
        for name in names[language].split(SEPARATOR):
            if passage := highlight_all(name, language, self._terms).get(0):
                return highlighter.Passage(passage, language)
    return None


def _without_joined(_: Flask) -> AbstractContextManager[object]:
    return patch.object(highlighter.Highlighter, "_in_texts", _in_texts)


def _without_joined_names(_: Flask) -> AbstractContextManager[object]:
    return patch.object(highlighter.Highlighter, "_first_term_name", _first_term_name)


def _first_passage(joined: str, language: str, terms: Any) -> dict[int, str]:
    return dict(list(highlight_all(joined, language, terms).items())[:1])


def _without_early_stop(_: Flask) -> AbstractContextManager[object]:
    return patch.object(highlighter, "highlight_first", _first_passage)


# The engine: each search reads and scores its postings anew.


def _get_or_create(self: Any, key: Any, make: Callable[[], Any], size: Any) -> Any:  # noqa: ARG001
    return make()


def _without_postings(_: Flask) -> AbstractContextManager[object]:
    return patch.object(LruCache, "get_or_create", _get_or_create)


# Startup: all endpoints are documented immediately.


def _without_lazy_document(_: Flask) -> AbstractContextManager[object]:
    return patch.object(
        smorest.Blueprint, "register_views_in_doc", flask_smorest.Blueprint.register_views_in_doc
    )


OPTIMIZATIONS = (
    Optimization("prepared statements", (NEW, REPEATED, WRITE), _without_prepared),
    Optimization("parameter cache", (NEW, REPEATED), _without_parameter_cache),
    Optimization("schema instances reused", (NEW, REPEATED, READ, WRITE), _without_schema_instances),
    Optimization("page encoded past its schema", (NEW,), _without_direct_encoding, same_bytes=False),
    Optimization("content stored with hits", (NEW, WRITE), _without_stored_content),
    Optimization("response cache", (NEW, REPEATED), _without_response_cache),
    Optimization("responses cached as JSON", (REPEATED,), _without_cached_json),
    Optimization("texts highlighted in one pass", (NEW, PASSAGE), _without_joined),
    Optimization("term names highlighted in one pass", (NEW, PASSAGE), _without_joined_names),
    Optimization("stop at the first passage", (PASSAGE, NEW), _without_early_stop),
    Optimization("postings cached by the engine", (NEW, WRITE), _without_postings),
    Optimization("OpenAPI document made on demand", (START,), _without_lazy_document),
)
