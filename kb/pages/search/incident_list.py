"""Lists of incidents: exactly those behind a number of a chart or a table, by default the latest first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from flask import render_template, request, url_for

from kb.domain.incident import Status
from kb.domain.sorting import LIST_ORDERS
from kb.errors import InvalidInput
from kb.pages.api_urls import api_url, filtered_feed_url
from kb.pages.chips import chips_of
from kb.pages.counted_link import CountedLink, counted_link
from kb.pages.language import text_languages
from kb.pages.messages import _, _l
from kb.pages.parameters import TREND, load_query, page_url, sent_parameters
from kb.pages.search.order_choices import order_choices
from kb.pages.search.search import MAX_CSV_ROWS
from kb.pages.words.incident_words import status_count_text
from kb.pages.words.trend_words import incidents_text, isolated
from kb.schemas.export import ExportQuerySchema
from kb.schemas.filters import ListQuerySchema
from kb.services.incidents.read import count_incidents, list_incidents
from kb.services.taxonomy.listing import get_namespace, term_names
from kb.services.taxonomy.query_filters import incident_filter
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.domain.filters import IncidentFilter
    from kb.pages.messages import LazyText
    from kb.pages.parameters import Pairs

INCIDENTS_PER_PAGE = 20
_MOST_IN_TITLE = 3
"""The most filters in a title: more would make it longer than their list."""

_ORDERS: Mapping[str, LazyText] = {
    "-occurred_on": _l("Newest first"),
    "occurred_on": _l("Oldest first"),
    "-severity": _l("Most severe first"),
    "-published_at": _l("Last published first"),
    "-updated_at": _l("Last changed first"),
    "title": _l("By title"),
}
"""The orders that readers want, the usual one first."""

_NO_FILTERS = ("sort", "limit", "lang", TREND)
"""Parameters that leave all published incidents in the list."""

_OF_TEAMS = "team:"
"""How the filter begins that leaves the incidents of some teams."""

_BY_DATE = ("-occurred_on", "occurred_on")
"""The orders in which the incidents of a year follow each other."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/incidents", view_func=incident_list_page)


@with_permission_check
def incident_list_page() -> ResponseReturnValue:
    """List the published incidents that the filters select, or those of another status if they name one."""
    sent = [pair for pair in sent_parameters() if pair[0] != "cursor"]
    chips = chips_of(sent)
    try:
        query = load_query(ListQuerySchema(), limit=str(INCIDENTS_PER_PAGE))
        chosen = listed_filter(query)
        page = list_incidents(
            current_actor(),
            chosen,
            text_languages(),
            limit=query["limit"],
            cursor=query.get("cursor"),
            order=LIST_ORDERS[query["sort"]],
        )
    except InvalidInput as error:
        return render_template("incident_list.html", error=error, chips=chips), 422
    names = term_names(current_actor(), ("platform", "category"), text_languages())
    return render_template(
        "incident_list.html",
        title=_title(count_incidents(current_actor(), chosen), sent),
        trend_url=_trend_url(),
        incidents=page.items,
        groups=_by_year(page.items) if query["sort"] in _BY_DATE else [(None, page.items)],
        platform_names=names["platform"],
        category_names=names["category"],
        categories=() if _is_filtered(sent) else _categories(),
        chips=chips,
        lists_drafts=_lists_drafts(sent),
        orders=order_choices(_ORDERS, query["sort"], sent) if len(page.items) > 1 else (),
        csv_url=_csv_url(sent),
        csv_rows=MAX_CSV_ROWS,
        filtered_feed=filtered_feed_url(sent),
        api_url=api_url("/incidents", ListQuerySchema(), sent),
        documents_url=api_url("/export.zip", ExportQuerySchema(), sent),
        is_first="cursor" not in request.args,
        first_url=page_url(sent),
        next_url=page_url([*sent, ("cursor", page.next)]) if page.next else None,
    )


def _by_year(incidents: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return incidents in order of their dates under the years in which they happened."""
    years = groupby(incidents, lambda incident: (incident["occurred_on"] or "")[:4])
    return [(year or _("date unknown"), list(group)) for year, group in years]


def _is_filtered(pairs: Pairs) -> bool:
    return any(name not in _NO_FILTERS for name, _value in pairs)


def _lists_drafts(pairs: Pairs) -> bool:
    """Whether the list has all drafts that the reader may see, or all of some teams."""
    filters = [
        (name, value)
        for name, value in pairs
        if name not in _NO_FILTERS and not (name == "group" and value.startswith(_OF_TEAMS))
    ]
    return filters == [("status", Status.DRAFT)]


def _categories() -> list[CountedLink]:
    """Return the categories that have incidents, with the most first, each with the list of its own."""
    terms = get_namespace(current_actor(), "category", text_languages())["terms"]
    used = sorted((term for term in terms if term["count"]), key=lambda term: (-term["count"], term["label"]))
    return [
        counted_link(
            term["label"],
            term["count"],
            url_for("pages.incident_list_page", category=term["key"]),
            full=used[0]["count"],
        )
        for term in used
    ]


def _title(count: int, pairs: Pairs) -> str:
    """Return the number of incidents, or of drafts and the like, followed by the other filters if they are
    few."""
    statuses = ",".join(value for name, value in pairs if name == "status")
    number, chips = status_count_text(count, statuses), chips_of(pairs)
    if number is None:
        number = incidents_text(count)
    else:
        chips = chips_of([(name, value) for name, value in pairs if name != "status"])
    if not 0 < len(chips) <= _MOST_IN_TITLE:
        return number
    filters = ", ".join(isolated(chip.label) for chip in chips)
    return _("%(incidents)s: %(filters)s", incidents=number, filters=filters)


def _trend_url() -> str | None:
    """Return the URL of the trend that linked here, as given in the list's URL."""
    parameters = parse_qsl(request.args.get(TREND, ""))
    return f"{url_for('pages.trends_page')}?{urlencode(parameters)}" if parameters else None


def listed_filter(query: Mapping[str, Any]) -> IncidentFilter:
    """Build the filter of a list from validated parameters: published incidents by default."""
    return incident_filter({**query, "status": query.get("status") or [Status.PUBLISHED]})


def _csv_url(pairs: Pairs) -> str:
    return f"{url_for('pages.incident_list_csv', lang=None)}{'?' if pairs else ''}{urlencode(pairs)}"
