"""A checked draft, and the places of findings in its file."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.time_zones import ZoneReading

STANDARD_INPUT = "-"

LINE_ENDS = ("\r\n", "\n", "\r")
"""The line terminators of a file, as for the CSV reader, the longest first."""

_LINE_END = re.compile("|".join(LINE_ENDS))

_SENTENCE_END = re.compile('[.!?…:][”"״)]?$')


class Region(NamedTuple):
    """A part of a file: lines and columns from 1, in code points; the end column is exclusive.

    `offset` counts the code points before it in the file.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    offset: int
    length: int


@dataclass(frozen=True)
class SourceFile:
    """A file of drafts: its path as given, its text without a byte order mark, and for a calendar, the zone
    in which times without an offset were read, if there are any.
    """

    path: str
    text: str
    zone: ZoneReading | None = None

    @property
    def name(self) -> str:
        """The name of the file in messages."""
        return "stdin" if self.path == STANDARD_INPUT else self.path

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset at which each line begins."""
        return (0, *(end.end() for end in _LINE_END.finditer(self.text)))

    def position(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1


@dataclass(frozen=True, kw_only=True)
class CheckedDraft:
    """A draft with the result of its check.

    `result` is the response to POST /checks, or a line of that to POST /checks/batch; `error` says in a
    sentence why the draft could not be checked. `row` is the row of a calendar, `column` the heading of the
    text if a row may have several; `start` is the offset of the text in the file, None if the file does not
    contain it verbatim; `line` is the first line of the draft.
    """

    file: SourceFile
    text: str
    result: Mapping[str, Any] | None = None
    error: str | None = None
    row: int | None = None
    column: str | None = None
    start: int | None = 0
    line: int = 1

    @property
    def name(self) -> str:
        """The file, with the row and the column of a calendar: `posts.csv:3`, `posts.csv:3 (Copy EN)`."""
        row = "" if self.row is None else f":{self.row}"
        column = "" if self.column is None else f" ({self.column})"
        return f"{self.file.name}{row}{column}"

    @property
    def verdict(self) -> str | None:
        """The verdict; None for a draft that could not be checked."""
        return None if self.result is None else self.result["verdict"]

    def region(self, span: Mapping[str, int] | None) -> Region | None:
        """The region of a span of the draft in the file; None if only the line of the draft is known."""
        if span is None or self.start is None:
            return None
        start, end = self.start + span["start"], self.start + span["end"]
        return Region(*self.file.position(start), *self.file.position(end), start, end - start)


def finding_text(finding: Mapping[str, Any]) -> str:
    """What a finding says and advises, as sentences of one text."""
    parts = [part for part in (finding["message"], finding["suggestion"]) if part]
    ended = [part if _SENTENCE_END.search(part) else f"{part}." for part in parts[:-1]]
    return " ".join([*ended, *parts[-1:]])
