"""Tables as files that spreadsheets open."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from flask import Response, stream_with_context

from kb.pages.messages import _
from kb.services.infrastructure.csv_text import csv_line, csv_lines
from kb.web.compression import compress_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheets on Windows take UTF-8 for another encoding."""

LINES_AT_ONCE = 100
"""How many lines of a stream are generated before other requests are served."""


def csv_file(name: str, content: str | Iterator[str]) -> Response:
    """Return a CSV file, whole or in pieces, to be saved under a name. It begins with BYTE_ORDER_MARK."""
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csv_stream(name: str, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Response:
    """Return rows as a CSV file with a name, for download. They are read while they are sent.

    A failure at the beginning is still answered as an error. After that, the last line says that the table
    is cut off.
    """
    lines = csv_lines(rows, columns)
    first = "".join(islice(lines, LINES_AT_ONCE))
    pieces = chain([BYTE_ORDER_MARK + first], _pieces(lines))
    return compress_stream(csv_file(name, stream_with_context(pieces)))


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    try:
        while piece := "".join(islice(lines, LINES_AT_ONCE)):
            yield piece
    except Exception:
        yield csv_line([_("This table is cut off. Download it again.")])
        raise
