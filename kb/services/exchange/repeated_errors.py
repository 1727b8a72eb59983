"""Errors that several lines of a file have in common, so that people read each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.services.exchange.line_checks import LineError

MAX_NAMED = 6
"""How many ranges of lines, or files, are named; the rest is counted."""


class RepeatedError(NamedTuple):
    """An error or a remark, and all lines of its file that have it or, where each document is a file of its
    own, all files."""

    error: LineError
    lines: list[int]
    files: list[str]


def repeated_errors(errors: Iterable[LineError], unit: str) -> list[RepeatedError]:
    """Each different error of a file, in the order of its first line; `unit` is that of `CheckedFile`."""
    found: dict[tuple[str, ...], RepeatedError] = {}
    for error in errors:
        file = "" if unit == "document" else error.file
        key = (file, error.column or "", error.pointer, error.detail, str(error.line == 0))
        lines, files = found.setdefault(key, RepeatedError(error, [], []))[1:]
        lines.append(error.line)
        files.append(error.file)
    return list(found.values())


def line_ranges(lines: Sequence[int]) -> tuple[list[str], int]:
    """The first ranges of line numbers, such as "2–5" and "7", and the count of the other lines."""
    ranges: list[tuple[int, int]] = []
    for line in sorted(lines):
        if ranges and line - ranges[-1][1] <= 1:
            ranges[-1] = ranges[-1][0], line
        else:
            ranges.append((line, line))
    named = [str(first) if first == last else f"{first}–{last}" for first, last in ranges[:MAX_NAMED]]
    return named, sum(last - first + 1 for first, last in ranges[MAX_NAMED:])
