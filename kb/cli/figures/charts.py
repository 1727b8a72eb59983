"""A trends report as a chart: SVG without scripts or external resources."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pygal
from pygal.style import Style

from kb.cli.figures import chart_frame, words
from kb.cli.figures.series import bucket_names, format_number, split_series
from kb.domain.filters import OVERLAPPING_DIMENSIONS
from kb.domain.language import text_direction
from kb.domain.metrics import METRICS, Measure, Statistic
from kb.messages import Message
from kb.services.trends.groups import OTHER
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.cli.figures.series import Series
    from kb.domain.filters import QueryParameters

    Values = list[float | None]

COLORS = (
    "#1c4f7c", "#bd4e05", "#71b361", "#5b0495", "#cdaa1d",
    "#ec79ec", "#6d1803", "#6a6afb", "#67323c", "#5f06e5",
)  # fmt: skip
"""Colors of groups, which readers with any kind of color blindness can tell apart."""

OTHER_COLOR, UNKNOWN_COLOR = "#8a857c", "#c9c4ba"
"""The colors of the rest and of unknown values."""

MAX_SERIES = len(COLORS) + 2

_MAX_TICKS = 7
_ROUND = (1, 2, 5, 10)

_GUIDE = "#e2ddd3"
_DASHES = ("none", "9,4", "2,3")
_HEIGHT = 400
_LABEL_SIZE = 12
_PLOT_WIDTH = 860
_MAX_GROUPED_BARS = 80
"""The most bars side by side; more would be too thin, so they are drawn as lines."""


class TooManySeriesError(ValueError):
    """A chart would have more series than colors. The message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A report and its request. `language` is the language of the text in the picture."""

    report: dict[str, Any]
    dimensions: Sequence[str]
    filters: QueryParameters
    language: str


def draw_chart(chart: Chart) -> str:
    """Draw bars for counts and for a single bucket, and lines for everything else, with the words around
    them.

    Counts are stacked only where no incident is in two groups. Raises TooManySeriesError.
    """
    report, language = chart.report, chart.language
    series = split_series(report["rows"], language)
    if len(series) > MAX_SERIES:
        raise TooManySeriesError(
            Message(
                "This chart would have {count} series; readers can tell {most} apart. "
                "Lower --top, group by one dimension, or write a .csv file.",
                count=len(series),
                most=MAX_SERIES,
            )
        )
    kind = _kind(chart, len(series))
    colors = _colors(series, grouped=bool(chart.dimensions))
    dashes = [dash if kind is pygal.Line else None for dash, _ in zip(cycle(_DASHES), series, strict=False)]
    keys = [
        chart_frame.Key(name, color, dash)
        for (name, _), color, dash in zip(series, colors, dashes, strict=True)
    ]
    conditions = words.conditions(chart.filters)
    frame = chart_frame.Frame(
        title=translated(words.title(report, chart.dimensions), language),
        conditions=conditions and translated(conditions, language),
        legend=keys if chart.dimensions or METRICS[report["metric"]].unit is None else [],
        notes=[translated(note, language) for note in words.notes(report, chart.dimensions)],
        language=language,
        direction=text_direction(language),
    )
    return chart_frame.compose(frame, _plot(chart, kind, series, keys), _HEIGHT)


def _kind(chart: Chart, series: int) -> Any:
    """The pygal class for a chart."""
    buckets = len(bucket_names(chart.report["rows"]))
    if buckets <= 1:
        return pygal.Bar
    if METRICS[chart.report["metric"]].statistic is not Statistic.COUNT:
        return pygal.Line
    if OVERLAPPING_DIMENSIONS.isdisjoint(chart.dimensions):
        return pygal.StackedBar
    return pygal.Bar if buckets * series <= _MAX_GROUPED_BARS else pygal.Line


def _colors(series: Sequence[Series], *, grouped: bool) -> list[str]:
    """A color for each series, all different, with grays for the rest and for unknown values."""
    special = {OTHER: OTHER_COLOR, None: UNKNOWN_COLOR} if grouped else {}
    chosen: list[str] = []
    for _, rows in series:
        color = special.get(rows[0]["group"])
        if color is None or color in chosen:
            color = next(each for each in (*COLORS, *special.values(), UNKNOWN_COLOR) if each not in chosen)
        chosen.append(color)
    return chosen


def _plot(chart: Chart, kind: Any, series: Sequence[Series], keys: Sequence[chart_frame.Key]) -> ET.Element:
    """The axes, and the bars or lines, as an SVG element without words."""
    rows, language = chart.report["rows"], chart.language
    buckets = bucket_names(rows)
    labels = buckets if len(buckets) > 1 else [""]  # the title has the period
    rotated = label_step(labels, _PLOT_WIDTH, rotated=False, font_size=_LABEL_SIZE) > 1
    step = label_step(labels, _PLOT_WIDTH, rotated=rotated, font_size=_LABEL_SIZE)
    values = [[row["value"] for row in of_series] for _, of_series in series]
    scale = _scale(chart, values, stacked=kind is pygal.StackedBar)
    graph = kind(
        js=[],
        style=_style([key.color for key in keys], line_width="2.5" if kind is pygal.Line else "0"),
        width=chart_frame.WIDTH,
        height=_HEIGHT,
        margin=24,
        margin_top=12,
        show_legend=False,
        truncate_label=-1,
        x_label_rotation=45 if rotated else 0,
        show_minor_x_labels=False,
        range=(scale[0], scale[-1]),
        value_formatter=format_number,
        allow_interruptions=True,
        dots_size=3.5,
        print_values=len(buckets) == 1,
        print_values_position="top",
        no_data_text=translated(words.no_data_message(chart.report), language),
    )
    graph.show_y_labels = any(row["incidents"] for row in rows)
    if graph.show_y_labels:
        graph.x_labels, graph.x_labels_major_every = labels, step
        graph.y_labels, graph.y_labels_major = scale, scale
        for key, line in zip(keys, values, strict=True):
            graph.add(key.name, line, stroke_style={"dasharray": key.dash or "none"})
    # The id of its styles: equal for equal content, and different for two charts on one page.
    graph.uuid = hashlib.sha256(repr((keys, rows)).encode()).hexdigest()[:12]
    plot = ET.fromstring(graph.render())  # noqa: S314 (not from elsewhere)
    _remove_scripts_and_title(plot)
    return plot


def _scale(chart: Chart, values: Sequence[Values], *, stacked: bool) -> list[float]:
    """The ticks of the y-axis: whole numbers for counts, 0 to 5 for severity."""
    metric = METRICS[chart.report["metric"]]
    if metric.measure is Measure.SEVERITY:
        return [0, 1, 2, 3, 4, 5]
    known = [value or 0 for line in values for value in line]
    if stacked:
        known = [sum(value or 0 for value in bucket) for bucket in zip(*values, strict=True)]
    whole = metric.statistic is Statistic.COUNT
    return ticks(min(known, default=0), max(known, default=0), whole=whole)


def _style(colors: Sequence[str], *, line_width: str) -> Style:
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=chart_frame.MUTED,
        foreground_strong=chart_frame.INK,
        foreground_subtle=_GUIDE,
        guide_stroke_color=_GUIDE,
        major_guide_stroke_color=_GUIDE,
        guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
        font_family=chart_frame.FONT,
        label_font_size=_LABEL_SIZE,
        major_label_font_size=_LABEL_SIZE,
        value_font_size=_LABEL_SIZE,
        no_data_font_size=20,
        opacity="1",
        stroke_opacity="1",
        stroke_width=line_width,
        transition="0s",
        colors=tuple(colors) or COLORS,
    )


def _remove_scripts_and_title(plot: ET.Element) -> None:
    """Remove what pygal adds for its scripts, and its title, since the document has its own."""
    for parent in plot.iter():
        for child in [child for child in parent if str(child.tag).endswith("script")]:
            parent.remove(child)
    for title in plot.findall("{*}title"):
        plot.remove(title)


def ticks(low: float, high: float, *, whole: bool) -> list[float]:
    """Round numbers, evenly spaced, from 0 or below `low` up to `high` or above; only integers if `whole`."""
    low, high = min(low, 0), max(high, 0)
    if low == high:
        high = 1
    raw = (high - low) / (_MAX_TICKS - 1)
    if whole:
        raw = max(raw, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _ROUND if factor * power >= raw * 0.999_999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def label_step(labels: Sequence[str], width: float, *, rotated: bool, font_size: float) -> int:
    """The smallest step between visible labels at which none overlaps the next."""
    longest = max(map(len, labels), default=1)
    needed = font_size * 1.7 if rotated else (longest * 0.62 + 1.2) * font_size
    return max(1, math.ceil(len(labels) * needed / width))
