"""A trends report as a chart: SVG without scripts, and with nothing to load from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pygal
from pygal.style import LightStyle

from kb.cli.trend_series import bucket_names, split_series

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WIDTH, _HEIGHT = 960, 480
_FONT = "system-ui, sans-serif"


def draw_chart(report: dict[str, Any]) -> str:
    """Stacked bars for counts over time, lines for metrics that cannot be summed, bars for one bucket."""
    buckets = bucket_names(report["rows"])
    kind = pygal.StackedBar if report["metric"] == "count" else pygal.Line
    if len(buckets) == 1:
        kind = pygal.Bar
    chart = kind(
        js=[],
        width=_WIDTH,
        height=_HEIGHT,
        title=f"{report['metric'].replace('_', ' ')}, {report['from']} to {report['to']}",
        style=LightStyle(font_family=_FONT),
        legend_at_bottom=True,
        x_label_rotation=45 if len(buckets) > 12 else 0,
        no_data_text="Nothing is known.",
    )
    chart.x_labels = buckets
    for name, series in split_series(report["rows"]):
        chart.add(name, [row["value"] for row in series])
    chart.add_xml_filter(_remove_scripts)
    svg: str = chart.render(is_unicode=True)
    return svg


def _remove_scripts(root: Element) -> Element:
    for parent in root.iter():
        for child in [child for child in parent if str(child.tag).endswith("script")]:
            parent.remove(child)
    return root
