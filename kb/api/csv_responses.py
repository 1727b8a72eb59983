"""CSV responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from kb.api.negotiation import CSV
from kb.services.infrastructure.csv_text import csv_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def csv_response(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Response:
    """Return rows as CSV in UTF-8, with these columns."""
    return Response(csv_text(rows, columns), mimetype=CSV.mimetype)
