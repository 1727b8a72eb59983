"""The size and the cost of compressed responses, by coding and level."""

from __future__ import annotations

import json
import statistics
import time
import zlib
from functools import partial
from typing import TYPE_CHECKING

from backports import zstd

from bench import corpus
from bench.folders import temporary_folder
from bench.report import format_number, log, machine, table, write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

REQUESTS = {
    "a search": f"search?q={corpus.WORDS[20]}+{corpus.WORDS[30]}&facets=category",
    "an incident": "incidents/100",
    "100 incidents": "incidents?limit=100",
    "trends by month": "trends?group_by=category&interval=month",
    "the same as CSV": "trends?group_by=category&interval=month&format=csv",
    "openapi.yaml": "openapi.yaml",
}

_CODINGS = {"gzip": (1, 6, 9), "zstd": (1, 3, 9)}
_REPEATS = 50
_DOCUMENTS = 200
_TEAM = "main"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser(
        "compression", help="size and cost of compressed responses", description=__doc__
    )
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Compress each response by each coding and level, and print one table; the exit code is 0."""
    rows = [_measure(name, body) for name, body in _bodies().items()]
    header = ["response", "kB", *(f"{name} {level}" for name, levels in _CODINGS.items() for level in levels)]
    write(f"Milliseconds, median of {_REPEATS}, and the percentage of the size that is left.\n{machine()}\n")
    write(table(header, rows))
    return 0


def _bodies() -> dict[str, bytes]:
    """The responses of an installation with some incidents."""
    from kb.config import API_ROOT, Settings  # noqa: PLC0415 (imports the whole service)
    from kb.factory import create_app  # noqa: PLC0415
    from kb.services.exchange.entries import read_entries  # noqa: PLC0415
    from kb.services.exchange.imports import importing  # noqa: PLC0415
    from kb.services.operations import bootstrap  # noqa: PLC0415
    from kb.services.search import sync  # noqa: PLC0415

    log(f"{_DOCUMENTS} incidents")
    with temporary_folder() as folder:
        app = create_app(Settings(data_dir=folder))
        with app.app_context():
            bootstrap.prepare()
            documents = (json.dumps(each).encode() for each in corpus.incidents(_DOCUMENTS))
            checked = importing.check_entries(read_entries(documents), _TEAM)
            assert not checked.errors
            importing.write_lines(checked.lines, _TEAM, lambda *_: None)
            sync.ensure_current(timeout=60)
        client = app.test_client()
        return {name: client.get(f"{API_ROOT}/{path}").data for name, path in REQUESTS.items()}


def _measure(name: str, body: bytes) -> list[object]:
    cells = []
    for coding, levels in _CODINGS.items():
        for level in levels:
            compress: Callable[[], bytes] = (
                partial(zlib.compress, body, level, wbits=31)
                if coding == "gzip"
                else partial(zstd.compress, body, level)
            )
            share = 100 * len(compress()) / len(body)
            milliseconds = statistics.median(_milliseconds(compress) for _ in range(_REPEATS))
            cells.append(f"{format_number(milliseconds, 2)}, {share:.0f}%")
    return [name, format_number(len(body) / 1e3, 1), *cells]


def _milliseconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1e3
