"""The results of a search as a table, for spreadsheets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Response, request, url_for

from kb.pages.language import text_languages
from kb.pages.parameters import load_query
from kb.pages.search import MAX_CSV_ROWS, search_request
from kb.schemas.incident import INCIDENT_COLUMNS
from kb.schemas.pagination import MAX_LIMIT
from kb.schemas.search import SearchQuerySchema
from kb.services.incidents.read import log_export, rows_of
from kb.services.infrastructure.csv_text import csv_text
from kb.services.search.search import search
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint

_BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheets on Windows take UTF-8 for another encoding."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/search.csv", view_func=search_csv)


@with_permission_check
def search_csv() -> Response:
    """Send the hits of a search with all their fields, best first, MAX_CSV_ROWS at most.

    A signed-in caller's export is recorded in the audit log.
    """
    actor = current_actor()
    rows = rows_of(actor, _hit_ids(), text_languages())
    log_export(actor, request.full_path, len(rows))
    table = [{**row, "url": _url(row)} for row in rows]
    response = Response(_BYTE_ORDER_MARK + csv_text(table, INCIDENT_COLUMNS), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=incidents.csv"
    return response


def _hit_ids() -> list[int]:
    """The ids of the hits, from as many pages of results as are needed."""
    query = load_query(SearchQuerySchema(), limit=str(MAX_LIMIT))
    page = replace(search_request(query), facets=(), highlight="none", offset=0)
    ids: list[int] = []
    while len(ids) < MAX_CSV_ROWS:
        found = search(current_actor(), replace(page, offset=len(ids)))
        ids += [hit.incident["id"] for hit in found.hits]
        if len(found.hits) < page.limit:
            break
    return ids[:MAX_CSV_ROWS]


def _url(row: dict[str, Any]) -> str:
    return url_for("pages.incident_page", incident_id=row["id"], lang=None, _external=True)
