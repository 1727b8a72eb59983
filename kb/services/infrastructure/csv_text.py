"""Write CSV (RFC 4180) that is safe to open in a spreadsheet: no cell with user text becomes a formula.

The rules are those of OWASP's page on CSV injection. Every text is quoted except our own column names: a
spreadsheet that separates cells by semicolons, as in much of Europe, would otherwise begin a new cell within
`a;=1`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb.domain.text import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are full-width characters, which some spreadsheets treat like the ASCII ones."""

_FORMULA = f"[{INVISIBLE}]*[{re.escape(''.join(_FORMULA_PREFIXES))}]"
"""The beginning of a formula; what reads a file may drop invisible characters before it."""

_NEEDS_GUARD = re.compile(f"'*{_FORMULA}")
"""Texts to guard with an apostrophe, including those that begin with some, so that guarding is reversible."""

_GUARDED = re.compile(f"'+{_FORMULA}")
"""Texts that are guarded with an apostrophe, or look as if they were."""


def csv_text(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, raw: bool = False, delimiter: str = ","
) -> str:
    """Write rows as CSV with a header line. Lists are joined by semicolons; keys without columns are dropped.

    A list item that contains a semicolon, or begins with a quotation mark, is quoted. Texts that a
    spreadsheet would take for a formula are guarded with an apostrophe, unless `raw`; `without_guard`
    removes it.
    """
    return "".join(csv_lines(rows, columns, raw=raw, delimiter=delimiter))


def csv_lines(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, raw: bool = False, delimiter: str = ","
) -> Iterator[str]:
    """Yield the lines of `csv_text`, each as soon as its row is available."""
    yield _line(columns, delimiter)
    for row in rows:
        yield csv_line([row.get(column) for column in columns], raw=raw, delimiter=delimiter)


def csv_line(values: Iterable[Any], *, raw: bool = False, delimiter: str = ",") -> str:
    """Write values as a line of CSV, as `csv_text` does."""
    return _line((_cell(value, raw=raw) for value in values), delimiter)


def _line(cells: Iterable[str], delimiter: str) -> str:
    return delimiter.join(cells) + "\r\n"


def _cell(value: Any, *, raw: bool) -> str:
    """A value as a cell: a quoted text, a plain number, or nothing for None, to distinguish it from ""."""
    if type(value) is not str:  # the fast path: most cells are texts, and a table may have 300,000
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (int, float)):
            return str(value)
        value = "; ".join(map(_item, value)) if isinstance(value, (list, tuple)) else str(value)
    return _quoted(value if raw or _NEEDS_GUARD.match(value) is None else f"'{value}")


def without_guard(text: str) -> str:
    """The text of a cell without the apostrophe that `csv_text` added."""
    return text[1:] if _GUARDED.match(text) else text


def _item(value: Any) -> str:
    """An item of a list, in quotes if its end would be ambiguous."""
    text = str(value)
    return _quoted(text) if ";" in text or text.startswith('"') else text


def _quoted(text: str) -> str:
    if '"' in text:
        text = text.replace('"', '""')
    return f'"{text}"'
