"""The series of a trends report, for the table and the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
Series = tuple[str, list[Row]]
"""The name of a series and its rows, one for each bucket."""

_ALLEGED = {"en": "alleged", "he": "לפי הטענה"}


def bucket_names(rows: Iterable[Row]) -> list[str]:
    """The names of the buckets, in order."""
    return list(dict.fromkeys(row["bucket"] for row in rows))


def split_series(rows: Iterable[Row], language: str) -> list[Series]:
    """The series of a report, with names in a language: `en` or `he`."""
    series: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:  # by key: two groups may have the same label
        key = (row["group"], row["group_2"], row["unit"], row["alleged"])
        series.setdefault(key, []).append(row)
    return [(_name(of_series[0], language), of_series) for of_series in series.values()]


def format_number(value: float | None) -> str:
    """A number with at most two decimal places; `-` if it is unknown."""
    return "-" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _name(row: Row, language: str) -> str:
    name = " / ".join(label for label in (row["group_label"], row["group_2_label"]) if label)
    if row["alleged"] is not None:
        name += f" ({row['unit']}{f', {_ALLEGED[language]}' if row['alleged'] else ''})"
    return name
