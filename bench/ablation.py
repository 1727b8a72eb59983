"""An ablation study: the same requests with and without each optimization, alternating, in one process.

Requests are WSGI calls: a server would add the same overhead to both, which would only dilute the savings.
The measure is the CPU time of the requesting thread, which excludes other programs, waiting for the disk, and
merges of index segments in the background.
"""

from __future__ import annotations

import json
import logging
import random
import statistics
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from bench import corpus
from bench.folders import temporary_folder
from bench.optimizations import OPTIMIZATIONS, READ, SEARCHES, START, WRITE, Optimization
from bench.report import format_number, log, machine, table, versions, write
from bench.workloads import Cost, Workload, make_workloads
from kb.config import Settings
from kb.factory import create_app
from kb.models import Incident, db
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange.entries import read_entries
from kb.services.exchange.imports import importing
from kb.services.operations import bootstrap
from kb.services.search import sync

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from flask import Flask
    from numpy.typing import NDArray

_ORDER = (*SEARCHES, READ, START, WRITE)
"""Writes come last: the engine merges segments for a while after them."""

_MIN_BLOCKS = 15
_RELATIVE_ERROR = 0.02
"""A ratio is measured until the half-width of its 95 % confidence interval is at most this share of it."""

_TIME_LIMIT_FACTORS = {WRITE: 3}
"""Workloads with a longer time limit than the others, and how many times as long it is."""

_COLUMNS = (
    "optimization", "request", "with p50 ms", "p90", "without p50 ms", "p90",
    "without / with, CPU", "wall", "saves",
)  # fmt: skip


@dataclass
class Measurement:
    """The costs of requests with an optimization and without it: blocks of the same requests."""

    enabled: list[list[Cost]] = field(default_factory=list)
    disabled: list[list[Cost]] = field(default_factory=list)

    def ratio(self, clock: int) -> tuple[float, float, float]:
        """The cost without the optimization divided by that with it, and its 95 % confidence interval.

        `clock` is 0 for wall-clock time, 1 for CPU time. The ratio is the median over blocks of the median
        over the requests of a block; the interval is by bootstrap.
        """
        blocks = self._block_ratios(clock)
        samples = np.random.default_rng(1).choice(blocks, (1_000, len(blocks)))
        low, high = np.percentile(np.median(samples, axis=1), [2.5, 97.5])
        return float(np.median(blocks)), float(low), float(high)

    def _block_ratios(self, clock: int) -> NDArray[np.float64]:
        return np.array(
            [
                statistics.median(
                    plain[clock] / optimized[clock] for plain, optimized in zip(*pair, strict=True)
                )
                for pair in zip(self.disabled, self.enabled, strict=True)
            ]
        )

    def is_precise(self) -> bool:
        """Whether the confidence interval of the CPU ratio is narrow enough to stop."""
        if len(self.enabled) < _MIN_BLOCKS:
            return False
        ratio, low, high = self.ratio(1)
        return (high - low) / 2 <= _RELATIVE_ERROR * ratio


def run(options: argparse.Namespace) -> int:
    """Import the corpus, compare responses, measure, and print one table; the exit code is 0."""
    logging.disable(logging.WARNING)
    with temporary_folder() as folder:
        app = make_app(options.folder or folder, options.documents)
        workloads = make_workloads(app)
        rows = [
            _row(app, optimization, name, workloads[name], options.seconds * _TIME_LIMIT_FACTORS.get(name, 1))
            for name in _ORDER
            for optimization in OPTIMIZATIONS
            if name in optimization.workloads and options.only in f"{optimization.name}, {name}"
        ]
        with app.app_context():
            db.engine.dispose()
    write(f"{options.documents:,} documents; WSGI requests in one process, alternating with and without.")
    write("Ratios: medians of blocks of requests, with a 95 % confidence interval; saves: of CPU time.")
    write(f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}\n")
    order = [optimization.name for optimization in OPTIMIZATIONS]
    rows.sort(key=lambda row: order.index(row[0]))
    write(table(_COLUMNS, rows))
    return 0


def make_app(folder: Path, documents: int, database_url: str = "") -> Flask:
    """Create the application, and import the corpus unless the database already has that many incidents."""
    app = create_app(Settings(data_dir=folder, database_url=database_url))
    with app.app_context():
        bootstrap.prepare()
        if (db.session.scalar(select(func.count(Incident.id))) or 0) < documents:
            log(f"Importing {documents:,} incidents")
            lines = (json.dumps(incident).encode() for incident in corpus.incidents(documents))
            checked = importing.check_entries(read_entries(lines), MAIN_TEAM)
            assert not checked.errors
            importing.write_lines(checked.lines, MAIN_TEAM, lambda *_: None)
            sync.ensure_current(timeout=600)
    return app


def _row(
    app: Flask, optimization: Optimization, name: str, workload: Workload, seconds: float
) -> Sequence[str]:
    require_same_responses(app, optimization, workload, workload.count)
    measurement = _measure(app, optimization, workload, seconds)
    cells = [optimization.name, name]
    for blocks in (measurement.enabled, measurement.disabled):
        times = sorted(cost.wall / 1e6 for block in blocks for cost in block)
        cells += [format_number(statistics.median(times), 2), format_number(times[int(len(times) * 0.9)], 2)]
    ratio, low, high = measurement.ratio(1)
    wall, *_ = measurement.ratio(0)
    cells += [f"{ratio:.3f} ({low:.3f} to {high:.3f})", format_number(wall, 3), f"{1 - 1 / ratio:.1%}"]
    log(" | ".join(cells))
    return cells


def require_same_responses(app: Flask, optimization: Optimization, workload: Workload, count: int) -> None:
    """Raise RuntimeError unless the first responses are the same with and without the optimization."""
    for index in range(min(count, workload.count)):
        expected: Any = workload.response(index)
        with optimization.disabled(app):
            plain: Any = workload.response(index)
        if not optimization.same_bytes:
            expected, plain = json.loads(expected), json.loads(plain)
        if plain != expected:
            raise RuntimeError(f"{optimization.name}: response {index} differs:\n{expected!r}\n{plain!r}")


def _measure(app: Flask, optimization: Optimization, workload: Workload, seconds: float) -> Measurement:
    """Time blocks with and without the optimization, in random order, until the ratio is precise."""
    measurement = Measurement()
    rng = random.Random(5)  # noqa: S311 (nothing secret)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not measurement.is_precise():
        indexes = [rng.randrange(workload.count) for _ in range(workload.block)]
        order = [True, False]
        rng.shuffle(order)
        for enabled in order:
            with nullcontext() if enabled else optimization.disabled(app):
                workload.time(indexes[0])  # warm-up: the code just patched in is in no CPU cache
                block = [workload.time(index) for index in indexes]
            (measurement.enabled if enabled else measurement.disabled).append(block)
    return measurement
