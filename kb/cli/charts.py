"""A trend as a picture: SVG, without script and without anything from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pygal
from pygal.style import LightStyle

from kb.cli.common import series_name

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WIDTH, _HEIGHT = 960, 480
_FONT = "system-ui, sans-serif"


def draw(answer: dict[str, Any]) -> str:
    """Stacked bars for counts over time, lines for what cannot be added up, bars for one bucket."""
    rows = answer["rows"]
    buckets = list(dict.fromkeys(row["bucket"] for row in rows))
    series: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = (row["group"], row["group_2"], row["unit"], row["alleged"])
        series.setdefault(key, []).append(row)
    kind = pygal.StackedBar if answer["metric"] == "count" else pygal.Line
    if len(buckets) == 1:
        kind = pygal.Bar
    chart = kind(
        js=[],
        width=_WIDTH,
        height=_HEIGHT,
        title=f"{answer['metric'].replace('_', ' ')}, {answer['from']} to {answer['to']}",
        style=LightStyle(font_family=_FONT),
        legend_at_bottom=True,
        x_label_rotation=45 if len(buckets) > 12 else 0,
        no_data_text="Nothing is known.",
    )
    chart.x_labels = buckets
    for found in series.values():
        chart.add(series_name(found[0]), [row["value"] for row in found])
    chart.add_xml_filter(_without_script)
    picture: str = chart.render(is_unicode=True)
    return picture


def _without_script(root: Element) -> Element:
    for parent in root.iter():
        for child in [child for child in parent if str(child.tag).endswith("script")]:
            parent.remove(child)
    return root
