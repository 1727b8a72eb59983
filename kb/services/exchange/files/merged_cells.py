"""The merged cells of a sheet, which a reader of rows does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO
from xml.etree import ElementTree

from openpyxl.utils.cell import range_boundaries

from kb.services.exchange.files.archives import opened_archive

if TYPE_CHECKING:
    from zipfile import ZipFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RANGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_BLOCK = 1_000_000
_OVERLAP = 200

MAX_CELLS = 20_000
"""How many cells may get the value of the one that they are merged with."""


def merged_ranges(file: BinaryIO, title: str) -> dict[tuple[int, int], tuple[int, int]]:
    """The cells below the first one of merged cells, by row and column from 1, with the place of that one.

    Cells that are merged across columns, as titles are, count once.
    """
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    with opened_archive(file) as archive:
        part = _part(archive, title)
        if part is None:
            return {}
        for found in _ranges(archive, part):
            left, top, _, bottom = range_boundaries(found)
            if None in (left, top, bottom) or len(cells) + bottom - top > MAX_CELLS:  # type: ignore[operator]
                break
            cells |= {(row, left): (top, left) for row in range(top + 1, bottom + 1)}  # type: ignore[operator, misc]
    return cells


def _part(archive: ZipFile, title: str) -> str | None:
    """The name of the part that a sheet is in."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 (expat limits entities)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in book.iter(f"{_MAIN}sheet"):
        if sheet.get("name") == title and (target := targets.get(sheet.get(_ID))):
            name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return name if name in archive.namelist() else None
    return None


def _ranges(archive: ZipFile, part: str) -> set[str]:
    found: set[str] = set()
    with archive.open(part) as stream:
        before = b""
        while block := stream.read(_BLOCK):
            text = before + block
            found.update(match.decode() for match in _RANGE.findall(text))
            before = text[-_OVERLAP:]
    return found
