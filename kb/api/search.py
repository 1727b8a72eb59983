"""Endpoints for search, suggestions and similar incidents."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response

from kb.api.csv_responses import incidents_response
from kb.api.negotiation import CSV, offers, requests_format
from kb.api.responses import INDEX_HEADERS, LINK_HEADER, page_response
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.sorting import HIT_ORDERS
from kb.schemas.links import incident_url
from kb.schemas.search import (
    SearchPageSchema,
    SearchQuerySchema,
    SimilarQuerySchema,
    SimilarSchema,
    SuggestionsSchema,
    SuggestQuerySchema,
)
from kb.services.incidents.read import rows_of
from kb.services.infrastructure.pagination import Page
from kb.services.search import suggest as suggest_service
from kb.services.search.finding import SearchRequest
from kb.services.search.response_cache import cached_search
from kb.services.search.search import SearchResults
from kb.services.search.search import search as run_search
from kb.services.search.similar import find_similar
from kb.services.taxonomy.query_filters import incident_filter
from kb.translation import translated
from kb.web.current_actor import current_actor
from kb.web.languages import message_language, reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("search", __name__, url_prefix=API_ROOT, description="Find precedents before a launch.")


@blueprint.route("/search", methods=["GET"])
@blueprint.arguments(SearchQuerySchema, location="query")
@blueprint.response(200, SearchPageSchema, headers={**INDEX_HEADERS, **LINK_HEADER})
@offers(CSV)
def search(query: Mapping[str, Any]) -> Any:
    """Search incidents by their text.

    Texts may be in any language. The query language has words, "phrases", +must, -not, field:word, org:,
    category:, before:, after:, beginning*, AND, OR, NOT and parentheses. Anything else is searched for as
    plain words.
    """
    if requests_format(query, CSV):
        return _search_csv(query)
    started = time.perf_counter()
    body = cached_search(current_actor(), _search_request(query), _encode)
    return Response(_with_duration(body, time.perf_counter() - started), mimetype="application/json")


@blueprint.route("/suggest", methods=["GET"])
@blueprint.arguments(SuggestQuerySchema, location="query")
@blueprint.response(200, SuggestionsSchema, headers=INDEX_HEADERS)
def suggest(query: Mapping[str, Any]) -> Any:
    """Complete a partial query. Completions are organizations, taxonomy terms and titles."""
    return suggest_service.suggest(current_actor(), query["q"], reader_languages(query), limit=query["limit"])


@blueprint.route("/incidents/<int:incident_id>/similar", methods=["GET"])
@blueprint.arguments(SimilarQuerySchema, location="query")
@blueprint.response(200, SimilarSchema, headers=INDEX_HEADERS)
def list_similar(query: Mapping[str, Any], incident_id: int) -> Any:
    """List the most similar incidents. Each has the words and terms that both share."""
    return find_similar(current_actor(), incident_id, reader_languages(query), limit=query["limit"])


def _search_request(query: Mapping[str, Any]) -> SearchRequest:
    return SearchRequest(
        text=query["q"],
        filter=incident_filter(query),
        languages=tuple(reader_languages(query)),
        facets=tuple(query["facets"]),
        boosts=frozenset(query["boosts"]) - {"none"},
        correct=query["correct"],
        highlight=query["highlight"],
        explain=query["explain"],
        limit=query["limit"],
        offset=query["offset"],
        cursor=query.get("cursor"),
        sort=HIT_ORDERS[query["sort"]],
    )


def _search_csv(query: Mapping[str, Any]) -> Any:
    """A page of hits as CSV, best first, with a link to the next one."""
    search_request = replace(_search_request(query), facets=(), highlight="none", explain=False)
    results = run_search(current_actor(), search_request)
    ids = [hit.incident["id"] for hit in results.hits]
    rows = rows_of(current_actor(), ids, reader_languages(query))
    _, headers = page_response(Page([], results.next))
    return incidents_response(rows, query), headers


def _encode(results: SearchResults) -> bytes:
    """Encode a page as JSON, without `took_ms`. `SearchPageSchema` would take longer than the search."""
    page = results.as_dict()
    for note in page["notes"]:
        note["detail"] = translated(note["detail"], message_language())
    for item in page["items"]:
        item["incident"] = {**item["incident"], "url": incident_url(item["incident"]["id"])}
    return orjson.dumps(page)


def _with_duration(body: bytes, seconds: float) -> bytes:
    """The encoded page with `took_ms` added, which differs each time."""
    return b'%b,"took_ms":%.2f}\n' % (body[:-1], seconds * 1_000)
