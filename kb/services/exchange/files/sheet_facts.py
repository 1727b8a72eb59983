"""Facts about a sheet that reading its rows does not show: merged cells, and formulas without a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from xml.etree import ElementTree

from openpyxl.utils.cell import range_boundaries

from kb.services.exchange.files.archives import open_archive

if TYPE_CHECKING:
    from zipfile import ZipFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RANGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_FORMULA = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]{1,3}\d{1,7})"[^>]{0,100}>'
    rb"<(?:\w+:)?f\b[^>]{0,500}(?:/>|>[^<]{0,8200}</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v\s?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_BLOCK = 1_000_000
_OVERLAP = 10_000

MAX_CELLS = 20_000
"""How many cells may get the value of the cell that they are merged with."""


_MAX_NAMED = 5


class SheetFacts(NamedTuple):
    """Facts about cells besides their values.

    `merged` maps the cells below the first one of merged cells, by row and column from 1, to the first one;
    cells merged across columns, such as titles, count once. `formulas` are the first cells with a formula
    that has no computed value.
    """

    merged: dict[tuple[int, int], tuple[int, int]]
    formulas: list[str]


def sheet_facts(file: BinaryIO, title: str) -> SheetFacts:
    """Read the facts from the XML of a sheet. Raises MalformedInput for a damaged file."""
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    with open_archive(file) as archive:
        part = _part(archive, title)
        if part is None:
            return SheetFacts({}, [])
        ranges, formulas = _scan(archive, part)
    for found in ranges:
        left, top, _, bottom = range_boundaries(found)
        if left is None or top is None or bottom is None or len(cells) + bottom - top > MAX_CELLS:
            break
        cells |= {(row, left): (top, left) for row in range(top + 1, bottom + 1)}
    return SheetFacts(cells, formulas)


def _part(archive: ZipFile, title: str) -> str | None:
    """The name of the archive part that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 (expat limits entities)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in book.iter(f"{_MAIN}sheet"):
        if sheet.get("name") == title and (target := targets.get(sheet.get(_ID))):
            name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return name if name in archive.namelist() else None
    return None


def _scan(archive: ZipFile, part: str) -> tuple[set[str], list[str]]:
    """Find the ranges of merged cells, and the first cells with a formula that has no value."""
    ranges: set[str] = set()
    formulas: dict[str, None] = {}
    with archive.open(part) as stream:
        before = b""
        while block := stream.read(_BLOCK):
            text = before + block
            ranges.update(match.decode() for match in _RANGE.findall(text))
            if len(formulas) < _MAX_NAMED and b"<" in text:
                formulas |= dict.fromkeys(match.decode() for match in _FORMULA.findall(text))
            before = text[-_OVERLAP:]
    return ranges, list(formulas)[:_MAX_NAMED]
