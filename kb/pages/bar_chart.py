"""The geometry of a small bar chart, which a template draws as unstyled SVG with a link behind each bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 480, 130
"""The size of the drawing, in its own units."""

_TOP, _BAR_SHARE = 16, 0.66
_MAX_LABELS, _MAX_YEARS = 8, 15


class Bar(NamedTuple):
    """A bar: its left edge, top, width and height, and the labels below and above it. Its link spans the
    full height of the chart, from `left` and as wide as `step`."""

    left: float
    step: float
    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    is_labeled: bool
    is_highest: bool
    parameters: Mapping[str, str]


class BarChart(NamedTuple):
    """A chart of one series; `highest` is the label of its highest bar."""

    bars: Sequence[Bar]
    highest: str
    first: str
    last: str


def yearly_chart(
    rows: Sequence[Mapping[str, Any]],
    bounds: tuple[str, str] = ("from", "to"),
    filters: Mapping[str, str] | None = None,
) -> BarChart | None:
    """Draw the rows of a report by year, from the first year with a value to the last, at most
    _MAX_YEARS of them; None if all are empty.

    `bounds` and `filters` are the parameters that link a bar to the incidents of its year.
    """
    known = [place for place, row in enumerate(rows) if row["value"]]
    if not known:
        return None
    shown = rows[known[0] : known[-1] + 1][-_MAX_YEARS:]
    highest = max(range(len(shown)), key=lambda place: shown[place]["value"] or 0)
    step = WIDTH / len(shown)
    label_step = -(-len(shown) // _MAX_LABELS)
    scale = (HEIGHT - _TOP) / (shown[highest]["value"] or 1)
    bars = [
        Bar(
            left=round(place * step, 1),
            step=round(step, 1),
            x=round(place * step + step * (1 - _BAR_SHARE) / 2, 1),
            y=round(HEIGHT - (row["value"] or 0) * scale, 1),
            width=round(step * _BAR_SHARE, 1),
            height=round((row["value"] or 0) * scale, 1),
            label=row["bucket"],
            value=f"{row['value']:g}" if row["value"] else "",
            is_labeled=place % label_step == 0,
            is_highest=place == highest,
            parameters={**(filters or {}), **dict.fromkeys(bounds, row["bucket"])},
        )
        for place, row in enumerate(shown)
    ]
    return BarChart(bars, bars[highest].label, bars[0].label, bars[-1].label)
