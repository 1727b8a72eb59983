"""A trends report as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kb.cli.figures.series import bucket_names, format_number, split_series
from kb.cli.figures.words import partial_note, undated_note
from kb.cli.language import localized, say
from kb.cli.text_display import displayable
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_BEFORE = Message("the period before")
_ALL = Message("all")
_WITHOUT_INTERVAL = "all"
"""The name of the only bucket of a report without an interval."""


def print_table(report: dict[str, Any], language: str) -> None:
    """Print a line for each series: its value in each bucket, and a sparkline."""
    rows = report["rows"]
    buckets = [localized(_ALL) if name == _WITHOUT_INTERVAL else name for name in bucket_names(rows)]
    lines = []
    for name, series in split_series(rows, language):
        lines.append((displayable(name), [row["value"] for row in series]))
        if any(row["previous_value"] is not None for row in series):
            lines.append((f"  {localized(_BEFORE)}", [row["previous_value"] for row in series]))
    name_width = max([len(name) for name, _ in lines] + [0])
    cells = [[format_number(value) for value in values] for _, values in lines]
    widths = [
        max(len(bucket), *(len(line[column]) for line in cells)) for column, bucket in enumerate(buckets)
    ]
    click.echo(f"{'':{name_width}}  {_align(buckets, widths)}")
    for (name, values), line in zip(lines, cells, strict=True):
        bars = f"  {sparkline(values)}" if len(buckets) > 1 else ""
        click.echo(f"{name:{name_width}}  {_align(line, widths)}{bars}")
    for note in (*undated_note(report), *partial_note(report)):
        say(note)


def sparkline(values: Sequence[float | None]) -> str:
    """Values as bars in one line of text, with a space for an unknown value."""
    largest = max([value for value in values if value is not None] + [0])
    steps = len(_BARS) - 1
    return "".join(
        " " if value is None else _BARS[round(value / largest * steps) if largest > 0 else 0]
        for value in values
    )


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
