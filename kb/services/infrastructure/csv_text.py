"""CSV (RFC 4180) that is safe to open in a spreadsheet: no cell with user text becomes a formula.

The rules are those of OWASP's page on CSV injection.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are full-width, which some spreadsheets take for the usual ones."""


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, raw: bool = False) -> str:
    """Rows as CSV with a header line. Lists are joined by semicolons; keys without a column are left out.

    An apostrophe precedes what a spreadsheet would take for a formula, unless the values are to be `raw`.
    """
    return "".join(csv_lines(rows, columns, raw=raw))


def csv_lines(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, raw: bool = False
) -> Iterator[str]:
    """The lines of `csv_text`, each as soon as there is a row for it."""
    yield _line(columns)
    for row in rows:
        yield csv_line([row.get(column) for column in columns], raw=raw)


def csv_line(values: Iterable[Any], *, raw: bool = False) -> str:
    """Values as a line of CSV, as `csv_text` writes them."""
    return _line([_cell(value, raw=raw) for value in values])


def _line(cells: Sequence[Any]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _cell(value: Any, *, raw: bool) -> Any:
    if isinstance(value, (list, tuple)):
        value = "; ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    if not raw and isinstance(value, str) and value.startswith(_FORMULA_PREFIXES):
        return "'" + value
    return value
