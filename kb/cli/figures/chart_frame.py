"""The frame of a chart: title, conditions, legend and notes around a plot, in either direction of text."""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 960
FONT = "system-ui, 'Noto Sans', 'Noto Sans Hebrew', sans-serif"
INK, MUTED, PAPER = "#1d1c1a", "#625e57", "#ffffff"

_SVG = "http://www.w3.org/2000/svg"
_MARGIN = 24
_SWATCH, _LINE, _SWATCH_GAP, _COLUMN_GAP = 12, 26, 8, 24
"""In the legend: the side of a square, the length of a line, the gap after either, and the gap between
columns."""


class Key(NamedTuple):
    """An entry of the legend. `dash` is the dash pattern of a line, None for a bar."""

    name: str
    color: str
    dash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The words around a plot, in `language`, whose text runs in `direction`: `ltr` or `rtl`."""

    title: str
    conditions: str | None
    legend: Sequence[Key]
    notes: Sequence[str]
    language: str
    direction: str


def compose(frame: Frame, plot: ET.Element, height: float) -> str:
    """Compose an SVG document of the plot, which is `WIDTH` wide, and the frame's words around it.

    Nothing is cut off: long texts are wrapped.
    """
    ET.register_namespace("", _SVG)
    root = ET.Element(f"{{{_SVG}}}svg", {"lang": frame.language, "role": "img"})
    _child(root, "title").text = frame.title
    background = _child(root, "rect", width="100%", height="100%", fill=PAPER)
    y = _text(root, frame, frame.title, 40.0, size=20, color=INK, weight="600")
    if frame.conditions is not None:
        y = _text(root, frame, frame.conditions, y, size=14, color=MUTED)
    plot.attrib.update({"x": "0", "y": _number(y - 16), "width": str(WIDTH), "height": _number(height)})
    plot.set("direction", "ltr")  # of numbers
    root.append(plot)
    y = _legend(root, frame, y + height + 2)
    for note in frame.notes:
        y = _text(root, frame, note, y + 4, size=13, color=MUTED)
    size = {"width": str(WIDTH), "height": _number(y)}
    root.attrib.update({**size, "viewBox": f"0 0 {WIDTH} {_number(y)}"})
    background.attrib.update(size)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ET.tostring(root, encoding='unicode')}\n"


def text_width(text: str, size: float) -> float:
    """The width of a text in pixels, estimated so that it is rarely too small."""
    return size * sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.6 for c in text)


def _legend(root: ET.Element, frame: Frame, y: float) -> float:
    """Draw the legend in as many columns as its longest name allows. Returns the next y."""
    size, room = 14, WIDTH - 2 * _MARGIN
    if not frame.legend:
        return y
    indent = _SWATCH_GAP + (_SWATCH if frame.legend[0].dash is None else _LINE)
    widest = indent + max(text_width(key.name, size) for key in frame.legend)
    columns = max(1, min(4, len(frame.legend), int((room + _COLUMN_GAP) // (widest + _COLUMN_GAP))))
    column_width = (room + _COLUMN_GAP) / columns
    for start in range(0, len(frame.legend), columns):
        bottom = y
        for column, key in enumerate(frame.legend[start : start + columns]):
            offset = _MARGIN + column * column_width
            _swatch(root, frame, key, offset, y)
            end = _text(root, frame, key.name, y, size=size, color=INK, offset=offset + indent)
            bottom = max(bottom, end)
        y = bottom
    return y + 4


def _swatch(root: ET.Element, frame: Frame, key: Key, offset: float, y: float) -> None:
    width = _SWATCH if key.dash is None else _LINE
    x = offset if frame.direction == "ltr" else WIDTH - offset - width
    if key.dash is None:
        _child(root, "rect", x=x, y=y - 11, width=width, height=width, fill=key.color)
        return
    line = {"stroke": key.color, "stroke-width": "2.5", "stroke-dasharray": key.dash}
    _child(root, "line", x1=x, x2=x + width, y1=y - 5, y2=y - 5).attrib.update(line)


def _text(
    root: ET.Element,
    frame: Frame,
    text: str,
    y: float,
    *,
    size: float,
    color: str,
    weight: str = "400",
    offset: float = _MARGIN,
) -> float:
    """Write a text at `offset` from the side where lines begin. Returns the y of the next line."""
    x = offset if frame.direction == "ltr" else WIDTH - offset
    characters = int((WIDTH - offset - _MARGIN) * len(text) / text_width(text, size)) if text else 1
    style = {"fill": color, "font-family": FONT, "font-size": str(size), "font-weight": weight}
    for line in textwrap.wrap(text, characters) or [""]:
        element = _child(root, "text", x=x, y=y)
        element.attrib.update({**style, "direction": frame.direction, "unicode-bidi": "plaintext"})
        element.text = line
        y += size * 1.45
    return y


def _child(parent: ET.Element, tag: str, **attributes: float | str) -> ET.Element:
    values = {name: value if isinstance(value, str) else _number(value) for name, value in attributes.items()}
    return ET.SubElement(parent, f"{{{_SVG}}}{tag}", values)


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
