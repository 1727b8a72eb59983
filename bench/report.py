"""What the benchmarks print: progress, where and with what they ran, and a table."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DISTRIBUTIONS = (
    "brand-postmortems",
    "flask",
    "granian",
    "whoosh-reloaded",
    "tantivy",
    "datasette",
    "psycopg",
)


def chosen_from(names: Sequence[str]) -> Callable[[str], list[str]]:
    """A reader of a command line's `a,b`: the names that it chooses, in our order."""

    def read(text: str) -> list[str]:
        if unknown := set(text.split(",")) - set(names):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return [name for name in names if name in text.split(",")]

    return read


def say(text: str) -> None:
    """Tell the person who waits; standard output is for the results alone."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def write(text: str) -> None:
    """A line of the results."""
    print(text, flush=True)  # noqa: T201


def machine() -> str:
    """The machine in a few words."""
    model = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not every system tells
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({model}), Python {platform.python_version()}, {platform.system()}"


def versions() -> dict[str, str]:
    """The versions of what is measured, where installed."""
    found = {}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table that can also be read as it is: the first column to the left, numbers to the right."""
    cells = [[*map(str, header)], *([*map(str, row)] for row in rows)]
    widths = [max(3, *(len(line[column]) for line in cells)) for column in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    aligned = (
        [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        for line in [cells[0], rule, *cells[1:]]
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in aligned)


def number(value: float | None, digits: int = 1) -> str:
    """A number as a table shows it, with a dash where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"
