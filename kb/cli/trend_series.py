"""The series of a trends report, as the table and the chart show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]


def bucket_names(rows: Iterable[Row]) -> list[str]:
    """The names of the buckets, in order."""
    return list(dict.fromkeys(row["bucket"] for row in rows))


def split_series(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """The name of each series and its rows, one for each bucket."""
    series: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:  # by key: two groups may have the same label
        key = (row["group"], row["group_2"], row["unit"], row["alleged"])
        series.setdefault(key, []).append(row)
    return [(_name(of_series[0]), of_series) for of_series in series.values()]


def _name(row: Row) -> str:
    name = " / ".join(label for label in (row["group_label"], row["group_2_label"]) if label)
    if row["alleged"] is not None:
        name += f" ({row['unit']}{', alleged' if row['alleged'] else ''})"
    return name
