"""Search: the query, its interpretation, the hits with their passages, facets and filters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import jsonify, render_template, request, url_for

from kb.domain.sorting import HIT_ORDERS, RELEVANCE
from kb.errors import InvalidInput
from kb.pages.api_urls import api_url, filtered_feed_url
from kb.pages.chips import Chip, chips_of
from kb.pages.counted_link import CountedLink, counted_link
from kb.pages.formats import severity_word, title_direction
from kb.pages.language import LANGUAGES, in_interface_language, text_languages
from kb.pages.messages import _, _l, _n
from kb.pages.parameters import load_query, page_url, sent_parameters
from kb.pages.search.order_choices import order_choices
from kb.pages.words.trend_words import incidents_text
from kb.schemas.search import SearchQuerySchema, SuggestQuerySchema
from kb.services.search.finding import SearchRequest
from kb.services.search.search import SearchResults, search
from kb.services.search.suggest import suggest
from kb.services.taxonomy.listing import term_names
from kb.services.taxonomy.query_filters import incident_filter
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText
    from kb.pages.search.order_choices import OrderChoice
    from kb.services.search.query_notes import QueryNote
    from kb.services.search.search import FacetCount

HITS_PER_PAGE = 10

_HITS_WITH_LESSONS = 3
"""How many of the first hits say a lesson: what to do otherwise, before one opens any of them."""

MAX_CSV_ROWS = 1_000
"""The most incidents in a table of results."""

_FACETS: Mapping[str, LazyText] = {
    "category": _l("Category"),
    "platform": _l("Platform"),
    "industry": _l("Industry"),
    "theme": _l("Theme"),
    "failure_mode": _l("How it failed"),
    "severity": _l("Severity"),
    "year": _l("Year"),
    "language": _l("Language"),
    "collection": _l("Collection"),
}
"""The facets of the hits with their headings, in the order of the page."""

_SHOWN_VALUES = 8

_FILTERS: Mapping[str, tuple[str, ...]] = {
    "severity": ("severity", "severity_min", "severity_max"),
    "year": ("from", "to"),
}
"""The parameters that filter by a facet, if they differ from its name."""

_SORTED_FACETS = ("severity", "year")
"""Facets whose values are sorted: the highest first."""

_ORDERS: Mapping[str, LazyText] = {
    RELEVANCE: _l("Best match first"),
    "-occurred_on": _l("Newest first"),
    "-severity": _l("Most severe first"),
    "-updated_at": _l("Last changed first"),
    "title": _l("By title"),
}
"""The orders offered for hits. Without words, all match equally: the newest come first."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/search", view_func=search_page)
    blueprint.add_url_rule("/search/suggest", view_func=search_suggestions)


@with_permission_check
def search_page() -> ResponseReturnValue:
    """Show the hits of a query; invalid parameters of the URL are reported, and the rest is searched."""
    text = request.args.get("q", "")
    try:
        query = load_query(SearchQuerySchema(), limit=str(HITS_PER_PAGE))
        results = search(current_actor(), search_request(query))
    except InvalidInput as error:
        return render_template("search.html", text=text, error=error, chips=_chips()), 422
    return render_template(
        "search.html",
        text=text,
        results=results,
        is_reread=_is_reread(text, results),
        notes=_notes(text, results),
        platform_names=term_names(current_actor(), ("platform",), text_languages())["platform"],
        found_sentence=_found_sentence(results),
        shown_part=_shown_part(results, query),
        facets=_facet_choices(results),
        orders=_order_choices(query) if results.total > 1 else (),
        chips=_chips(),
        csv_url=_csv_url(),
        csv_rows=MAX_CSV_ROWS,
        filtered_feed=filtered_feed_url(sent_parameters()),
        api_url=api_url("/search", SearchQuerySchema(), sent_parameters()),
        first_url=_page(None) if "cursor" in query else None,
        next_url=_page(results.next) if results.next else None,
    )


@with_permission_check
def search_suggestions() -> ResponseReturnValue:
    """Complete the typed text, for the script of the search box."""
    query = load_query(SuggestQuerySchema())
    found = suggest(current_actor(), query["q"], text_languages(), limit=query["limit"])
    return jsonify([_suggestion(item) for item in found["items"]])


def search_request(query: Mapping[str, Any]) -> SearchRequest:
    """Build a search request from validated parameters."""
    return SearchRequest(
        text=query["q"],
        filter=incident_filter(query),
        languages=tuple(text_languages()),
        facets=tuple(_FACETS),
        correct=query["correct"],
        highlight="first",
        lessons=0 if query.get("cursor") else _HITS_WITH_LESSONS,
        limit=query["limit"],
        cursor=query.get("cursor"),
        sort=HIT_ORDERS[query["sort"]],
    )


def _is_reread(text: str, results: SearchResults) -> bool:
    """Whether a query, after spelling correction, was read as other words than it has."""
    asked = results.did_you_mean if results.corrected and results.did_you_mean else text
    read, typed = (set(words.casefold().split()) for words in (results.interpreted, asked))
    return bool(read and typed) and read != typed


def _notes(text: str, results: SearchResults) -> list[tuple[str, str | None]]:
    """Return the notes on the query, each with the query as it was probably meant."""
    return [(in_interface_language(note.detail), _as_meant(text, note)) for note in results.notes]


def _as_meant(text: str, note: QueryNote) -> str | None:
    """Return a query with the suggestion of a note instead of the unknown term."""
    if note.suggestion is None:
        return None
    value = rf"(?<=:)([\"“״]?){re.escape(note.value)}(?:[\"”״]|(?!\w))"
    meant = re.sub(value, note.suggestion, text, count=1)
    return None if meant == text else meant


def _found_sentence(results: SearchResults) -> str:
    """Describe how many incidents were found, and how many of them are relevant."""
    found = incidents_text(results.total)
    if not request.args.get("q") or results.relevant >= results.total:
        return _("%(incidents)s.", incidents=found)
    if not results.relevant:
        return _n(
            "Nothing matches well. %(num)s incident has some of the words.",
            "Nothing matches well. %(num)s incidents have some of the words.",
            results.total,
        )
    return _n(
        "%(incidents)s, %(num)s of them matches well.",
        "%(incidents)s, %(num)s of them match well.",
        results.relevant,
        incidents=found,
    )


def _suggestion(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the text, direction and URL of a suggestion."""
    text = item["text"]
    return {"text": text, "direction": title_direction(text), "url": _suggestion_url(item)}


def _suggestion_url(item: Mapping[str, Any]) -> str:
    if item["incident"] is not None:
        return url_for("pages.incident_page", incident_id=item["incident"])
    if item["kind"] == "term":
        return url_for("pages.search_page", **{item["namespace"]: item["key"]})
    return url_for("pages.search_page", q=item["query"])


def _facet_choices(results: SearchResults) -> list[tuple[str, list[CountedLink]]]:
    """Return the headings of the facets with the values that narrow the hits.

    A facet that already filters has no values: another value of it would add hits.
    """
    filtered = {name for name, _value in sent_parameters()}
    facets = []
    for name, heading in _FACETS.items():
        if filtered.intersection(_FILTERS.get(name, (name,))):
            continue
        counts = [count for count in results.facets[name] if count.count < results.total][:_SHOWN_VALUES]
        if name in _SORTED_FACETS:
            counts.sort(key=lambda count: int(count.key), reverse=True)
        if counts:
            facets.append((str(heading), [_choice(name, count, results.total) for count in counts]))
    return facets


def _choice(facet: str, count: FacetCount, total: int) -> CountedLink:
    """Return a value of a facet as a link that adds it to the filters."""
    label = LANGUAGES.get(count.label, count.label)
    if facet == "severity":
        label = f"{count.key}: {severity_word(int(count.key))}"
    added = [("from", count.key), ("to", count.key)] if facet == "year" else [(facet, count.key)]
    url = page_url([*_without_place(sent_parameters()), *added])
    return counted_link(label, count.count, url, full=total)


def _order_choices(query: Mapping[str, Any]) -> list[OrderChoice]:
    """Return the orders offered for the hits. Without words, all match equally."""
    names, current = {**_ORDERS}, query["sort"]
    if not query["q"]:
        del names[RELEVANCE]
        current = "-occurred_on" if current == RELEVANCE else current
    return order_choices(names, current, _without_place(sent_parameters()))


def _chips() -> list[Chip]:
    """Return the active filters, each with the URL without it."""
    return chips_of(_without_place(sent_parameters()))


def _shown_part(results: SearchResults, query: Mapping[str, Any]) -> str | None:
    """Say for print which of the hits a page has; None if it has all of them."""
    count, total = len(results.hits), results.total
    if not count or count >= total:
        return None
    if "cursor" in query:  # whose place is not known
        return _("%(count)s of %(total)s hits. The others are on other pages.", count=count, total=total)
    return _(
        "Hits %(first)s to %(last)s of %(total)s. The others are on other pages.",
        first=1,
        last=count,
        total=total,
    )


def _without_place(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in pairs if pair[0] not in ("offset", "cursor")]


def _csv_url() -> str:
    query = urlencode(_without_place(sent_parameters()))
    return f"{url_for('pages.search_results_csv', lang=None)}{'?' if query else ''}{query}"


def _page(cursor: str | None) -> str:
    return page_url([*_without_place(sent_parameters()), ("cursor", cursor)])
