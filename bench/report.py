"""The output of the benchmarks: progress, times, the environment, and a Markdown table."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import sys
import time
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


def subset_of(names: Sequence[str]) -> Callable[[str], list[str]]:
    """An argparse type for `a,b`: a list of some of the names, in the order of `names`."""

    def parse(text: str) -> list[str]:
        if unknown := set(text.split(",")) - set(names):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return [name for name in names if name in text.split(",")]

    return parse


def log(text: str) -> None:
    """Print progress to standard error: standard output is for the results alone."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def write(text: str) -> None:
    """Print a line of the results to standard output."""
    print(text, flush=True)  # noqa: T201


def machine() -> str:
    """The cores, the processor, the version of Python and the system, in one line."""
    model = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux, or an architecture without a model name
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({model}), Python {platform.python_version()}, {platform.system()}"


def versions() -> dict[str, str]:
    """The versions of the installed packages that affect the results."""
    installed = {}
    for name in _DISTRIBUTIONS:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def environment() -> str:
    """The machine and the versions that the results are from, in one line."""
    return f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}"


def milliseconds(function: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1e3


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table, padded for reading as plain text: the first column aligned left, the others right."""
    cells = [[*map(str, header)], *([*map(str, row)] for row in rows)]
    widths = [max(3, *(len(line[column]) for line in cells)) for column in range(len(header))]
    separator = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    aligned = (
        [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        for line in [cells[0], separator, *cells[1:]]
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in aligned)


def format_number(value: float | None, digits: int = 1) -> str:
    """Format a number for a table; None becomes a dash."""
    return "-" if value is None else f"{value:,.{digits}f}"
