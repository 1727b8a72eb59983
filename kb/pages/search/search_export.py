"""Incidents as a table, for spreadsheets: the results of a search, and those that filters select."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import request, url_for

from kb import pauses
from kb.domain.sorting import LIST_ORDERS
from kb.pages.csv_files import csv_stream
from kb.pages.language import text_languages
from kb.pages.parameters import load_query
from kb.pages.search.incident_list import listed_filter
from kb.pages.search.search import MAX_CSV_ROWS, search_request
from kb.schemas.filters import ListQuerySchema
from kb.schemas.incident import INCIDENT_COLUMNS
from kb.schemas.pagination import MAX_LIMIT
from kb.schemas.search import SearchQuerySchema
from kb.services.core.reading import reading
from kb.services.incidents.read import list_ids, log_export, stream_rows
from kb.services.search.finding import find_ids
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint, Response


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/search.csv", view_func=search_results_csv)
    blueprint.add_url_rule("/incidents.csv", view_func=incident_list_csv)


@with_permission_check
def search_results_csv() -> Response:
    """Send the hits of a search with all their fields, best first, MAX_CSV_ROWS at most."""
    ids = _hit_ids()
    reading(pauses.rest)()  # before the first rows are read, which takes as long
    return _table(ids)


@with_permission_check
def incident_list_csv() -> Response:
    """Send the incidents that filters select with all fields, in list order, MAX_CSV_ROWS at most."""
    query = load_query(ListQuerySchema())
    filters, order = listed_filter(query), LIST_ORDERS[query["sort"]]
    return _table(
        list_ids(current_actor(), filters, text_languages(), limit=MAX_CSV_ROWS, order=order),
    )


def _table(ids: Sequence[int]) -> Response:
    """Return a CSV file of incidents. A signed-in caller's export is recorded in the audit log."""
    log_export(current_actor(), request.full_path, len(ids))
    rows = stream_rows(current_actor(), ids, text_languages())
    return csv_stream("incidents.csv", ({**row, "url": _url(row)} for row in rows), INCIDENT_COLUMNS)


def _hit_ids() -> list[int]:
    """Return the ids of the hits, found in one search: pages of them would each take as long."""
    query = load_query(SearchQuerySchema(), limit=str(MAX_LIMIT))
    found = replace(search_request(query), facets=(), cursor=None, limit=MAX_CSV_ROWS)
    return find_ids(current_actor(), found)


def _url(row: dict[str, Any]) -> str:
    return url_for("pages.incident_page", incident_id=row["id"], lang=None, _external=True)
