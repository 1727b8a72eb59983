"""Tables as files that spreadsheets open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from kb.services.infrastructure.csv_text import csv_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheets on Windows take UTF-8 for another encoding."""


def csv_file(name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Response:
    """Rows as a file of CSV with a name, which a browser stores."""
    response = Response(_BYTE_ORDER_MARK + csv_text(rows, columns), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
