"""CSV responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from kb.api.negotiation import CSV
from kb.domain.export import Delimiter
from kb.domain.taxonomy import NAMESPACES
from kb.pauses import Pauses, in_pieces
from kb.schemas.links import incident_url
from kb.services.exchange.exports.rows import labeled_row
from kb.services.incidents.read import log_export
from kb.services.infrastructure.csv_text import csv_text
from kb.services.taxonomy.listing import term_names
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def csv_response(rows: Sequence[Mapping[str, Any]], query: Mapping[str, Any]) -> Response:
    """Return rows as CSV in UTF-8, with the `columns` of a query; `raw` leaves texts unguarded.

    `delimiter` separates the cells, and `bom` adds a byte order mark, if the endpoint has these parameters.
    The `url` of a row becomes absolute, because a file has no base URL. Others are served between two rows of
    a long table.
    """
    base = request.host_url.rstrip("/")
    table = [{**row, "url": base + row["url"]} if row.get("url") else row for row in rows]
    delimiter = Delimiter(query.get("delimiter") or Delimiter.COMMA).character
    text = csv_text(in_pieces(table, Pauses()), query["columns"], raw=query["raw"], delimiter=delimiter)
    return Response(f"\ufeff{text}" if query.get("bom") else text, mimetype=CSV.mimetype)


def incidents_response(rows: Sequence[Mapping[str, Any]], query: Mapping[str, Any]) -> Response:
    """Return incidents as CSV, optionally with the labels of terms. The audit log records the export."""
    actor = current_actor()
    log_export(actor, request.full_path, len(rows))
    if query["labels"]:
        names = term_names(actor, NAMESPACES, reader_languages(query))
        rows = [labeled_row(row, names) for row in rows]
    return csv_response([{**row, "url": incident_url(row["id"])} for row in rows], query)
