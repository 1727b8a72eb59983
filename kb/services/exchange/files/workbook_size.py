"""Refuse a spreadsheet that would take too much memory or time, before its XML is turned into objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

from kb.services.exchange.files.archives import open_archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zipfile import ZipFile, ZipInfo

MAX_HELD = 500_000
"""How many elements and attributes of a part may be in memory at a time."""

MAX_FREED = 2_000_000
"""How many rows or shared texts a part may have. Their content does not stay in memory."""

MAX_SHEETS = 500

_MAX_TAG = 1_000_000
_BLOCK = 1_000_000

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FREED = frozenset((f"{_MAIN} row", f"{_MAIN} si"))
_SHEET = f"{_MAIN} sheet"

_UNREAD = re.compile(r"(?:.*/)?(?:calcChain\.xml|pivotCache/[^/]+)")
"""Parts with an element for each formula, or for each row behind a pivot table, which nobody reads."""

_READ = re.compile(r"worksheet|sharedstrings|styles|sheet\.main", re.IGNORECASE)
"""Types of parts that are read, whatever their names."""


def require_readable_size(file: BinaryIO) -> None:
    """Raise ValueError for a spreadsheet with a part that is too large.

    Parts that are not XML are ignored, as is what follows the first error of one. Raises MalformedInput for
    a file that cannot be unpacked.
    """
    with open_archive(file) as archive:
        parts = archive.infolist()
        read: set[str] = set()
        for part in (each for each in parts if not _UNREAD.fullmatch(each.filename)):
            read |= _count(archive, part)
        for part in (each for each in parts if _UNREAD.fullmatch(each.filename)):
            if _base_name(part.filename) in read:
                _count(archive, part)


def _count(archive: ZipFile, part: ZipInfo) -> set[str]:
    """The names of the files that a part says are read for their rows, texts or formats."""
    counter = _Counter(part.filename)
    with archive.open(part) as stream:
        while (block := stream.read(_BLOCK)) and counter.feed(block):
            pass
    return counter.read


def _base_name(path: str) -> str:
    return path.rpartition("/")[2].lower()


class _Counter:
    """Counts what a reader of a part has in memory."""

    def __init__(self, part: str) -> None:
        self._part = part
        self.read: set[str] = set()
        """The names of files that the part relates to as ones that are read."""
        self._held = self._freed = self._sheets = self._fed = 0
        self._outside: list[int] = []
        """How much was held before each open element that is freed at its end."""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, block: bytes) -> bool:
        """Count a block; False if it is not XML. Raises ValueError for too much."""
        self._fed += len(block)
        try:
            self._parser.Parse(block)
        except (expat.ExpatError, LookupError):  # the latter for an unknown encoding
            return False
        # A tag is in memory until it is complete.
        self._require(self._fed - self._parser.CurrentByteIndex <= _MAX_TAG)
        return True

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _FREED:
            self._outside.append(self._held)
        self._sheets += name == _SHEET
        target = attributes.get("Target") or attributes.get("PartName")
        if target and _READ.search(attributes.get("Type") or attributes.get("ContentType") or ""):
            self.read.add(_base_name(target))
        self._held += 1 + len(attributes)
        self._require(self._held <= MAX_HELD and self._sheets <= MAX_SHEETS)

    def _end(self, name: str) -> None:
        if name in _FREED:
            self._held = self._outside.pop()
            self._freed += 1
            self._require(self._freed <= MAX_FREED)

    def _require(self, is_small: bool) -> None:
        if not is_small:
            raise ValueError(f"{self._part} is too large")
