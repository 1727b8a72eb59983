"""CSV (RFC 4180) that is safe to open in a spreadsheet: no cell with user text becomes a formula.

The rules are those of OWASP's page on CSV injection. Every text is quoted, save the names of columns, which
are ours: a spreadsheet that separates cells by semicolons, as in much of Europe, would begin a new one within
`a;=1`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are full-width, which some spreadsheets take for the usual ones."""

_NEEDS_GUARD = re.compile(f"'*[{re.escape(''.join(_FORMULA_PREFIXES))}]")
"""How a text begins that gets an apostrophe: also one that has some, so that it can be taken away again."""

_GUARDED = re.compile(f"'+[{re.escape(''.join(_FORMULA_PREFIXES))}]")
"""How a text begins that has an apostrophe for safety, or looks as if it had."""


def csv_text(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, raw: bool = False, delimiter: str = ","
) -> str:
    """Rows as CSV with a header line. Lists are joined by semicolons; keys without a column are left out.

    An item of a list that has a semicolon, or begins with a quotation mark, is in quotes. An
    apostrophe precedes what a spreadsheet would take for a formula, unless the values are to be `raw`;
    `without_guard` takes it away.
    """
    return "".join(csv_lines(rows, columns, raw=raw, delimiter=delimiter))


def csv_lines(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, raw: bool = False, delimiter: str = ","
) -> Iterator[str]:
    """The lines of `csv_text`, each as soon as there is a row for it."""
    yield _line(columns, delimiter)
    for row in rows:
        yield csv_line([row.get(column) for column in columns], raw=raw, delimiter=delimiter)


def csv_line(values: Iterable[Any], *, raw: bool = False, delimiter: str = ",") -> str:
    """Values as a line of CSV, as `csv_text` writes them."""
    return _line((_cell(value, raw=raw) for value in values), delimiter)


def _line(cells: Iterable[str], delimiter: str) -> str:
    return delimiter.join(cells) + "\r\n"


def _cell(value: Any, *, raw: bool) -> str:
    """A value as a cell: a text in quotes, a number as it is, nothing for None, which so differs from ""."""
    if type(value) is not str:  # as most cells are, of which a table may have 300,000
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (int, float)):
            return str(value)
        value = "; ".join(map(_item, value)) if isinstance(value, (list, tuple)) else str(value)
    return _quoted(value if raw or _NEEDS_GUARD.match(value) is None else f"'{value}")


def without_guard(text: str) -> str:
    """A text of a cell without the apostrophe that `csv_text` has put before it."""
    return text[1:] if _GUARDED.match(text) else text


def _item(value: Any) -> str:
    """An item of a list, in quotes if its end could not be told."""
    text = str(value)
    return _quoted(text) if ";" in text or text.startswith('"') else text


def _quoted(text: str) -> str:
    if '"' in text:
        text = text.replace('"', '""')
    return f'"{text}"'
