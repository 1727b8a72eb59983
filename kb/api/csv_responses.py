"""CSV responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from kb.api.negotiation import CSV
from kb.services.infrastructure.csv_text import csv_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def csv_response(rows: Sequence[Mapping[str, Any]], query: Mapping[str, Any]) -> Response:
    """Return rows as CSV in UTF-8, with the `columns` of a query; `raw` leaves the values as they are.

    The `url` of a row becomes absolute, because a file does not know where it came from.
    """
    base = request.host_url.rstrip("/")
    table = [{**row, "url": base + row["url"]} if row.get("url") else row for row in rows]
    return Response(csv_text(table, query["columns"], raw=query["raw"]), mimetype=CSV.mimetype)
