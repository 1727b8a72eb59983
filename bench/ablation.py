"""What each optimization saves: the same requests with and without it, in turns, in one process.

Requests are WSGI calls: what a server adds is the same in both cases, and would only make savings look
smaller. They are judged by the processor time of their thread, in which neither other programs, nor waiting
for the disk, nor the merging of index segments in the background counts.
"""

from __future__ import annotations

import json
import logging
import random
import statistics
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from bench import corpus
from bench.optimizations import OPTIMIZATIONS, READ, SEARCHES, START, WRITE, Optimization
from bench.report import machine, number, say, table, versions, write
from bench.workloads import Cost, Workload, make_workloads
from kb.config import Settings
from kb.factory import create_app
from kb.models import Incident, db
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange import jsonl
from kb.services.operations import bootstrap
from kb.services.search import sync

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from flask import Flask
    from numpy.typing import NDArray

_ORDER = (*SEARCHES, READ, START, WRITE)
"""Writes come last: the engine merges segments for a while after them."""

_MIN_BLOCKS = 15
_PRECISION = 0.02
"""A ratio is measured until its 95 % confidence interval is within this part of it, to both sides."""

_PATIENCE = {WRITE: 3}
"""By how much more than the other workloads some are measured at most."""

_COLUMNS = (
    "optimization", "request", "with p50 ms", "p90", "without p50 ms", "p90",
    "without / with, CPU", "wall", "saves",
)  # fmt: skip


@dataclass
class Measurement:
    """What requests cost with an optimization and without it: blocks of the same requests."""

    enabled: list[list[Cost]] = field(default_factory=list)
    disabled: list[list[Cost]] = field(default_factory=list)

    def ratio(self, kind: int) -> tuple[float, float, float]:
        """How many times as much requests cost without it, and the 95 % confidence interval by bootstrap.

        `kind` is 0 for the time by the clock, 1 for processor time. It is the median of the blocks' ratios,
        each of which is the median of its requests' ratios.
        """
        blocks = self._block_ratios(kind)
        samples = np.random.default_rng(1).choice(blocks, (1_000, len(blocks)))
        low, high = np.percentile(np.median(samples, axis=1), [2.5, 97.5])
        return float(np.median(blocks)), float(low), float(high)

    def _block_ratios(self, kind: int) -> NDArray[np.float64]:
        return np.array(
            [
                statistics.median(plain[kind] / fast[kind] for plain, fast in zip(*pair, strict=True))
                for pair in zip(self.disabled, self.enabled, strict=True)
            ]
        )

    def is_precise(self) -> bool:
        """Whether the ratio of processor times is known well enough."""
        if len(self.enabled) < _MIN_BLOCKS:
            return False
        ratio, low, high = self.ratio(1)
        return (high - low) / 2 <= _PRECISION * ratio


def run(options: argparse.Namespace) -> int:
    """Import the corpus, compare responses, measure, and print one table."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        app = make_app(options.folder or Path(folder), options.documents)
        workloads = make_workloads(app)
        rows = [
            _row(app, optimization, name, workloads[name], options.seconds * _PATIENCE.get(name, 1))
            for name in _ORDER
            for optimization in OPTIMIZATIONS
            if name in optimization.workloads and options.only in f"{optimization.name}, {name}"
        ]
        with app.app_context():
            db.engine.dispose()
    write(
        f"{options.documents:,} documents; requests through WSGI in one process, with and without in turns."
    )
    write("Ratios: medians of blocks of requests, with a 95 % confidence interval; saves: of CPU time.")
    write(f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}\n")
    names = [optimization.name for optimization in OPTIMIZATIONS]
    rows.sort(key=lambda row: names.index(row[0]))
    write(table(_COLUMNS, rows))
    return 0


def make_app(folder: Path, documents: int) -> Flask:
    """The application, with the corpus unless the folder has as many incidents."""
    app = create_app(Settings(data_dir=folder))
    with app.app_context():
        bootstrap.prepare()
        if (db.session.scalar(select(func.count(Incident.id))) or 0) < documents:
            say(f"Importing {documents:,} incidents")
            lines = (json.dumps(incident).encode() for incident in corpus.incidents(documents))
            checked, errors = jsonl.check_lines(lines, MAIN_TEAM)
            assert not errors
            jsonl.write_lines(checked, MAIN_TEAM, lambda *_: None)
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
        cells += [number(statistics.median(times), 2), number(times[int(len(times) * 0.9)], 2)]
    ratio, low, high = measurement.ratio(1)
    wall, *_ = measurement.ratio(0)
    cells += [f"{ratio:.3f} ({low:.3f} to {high:.3f})", number(wall, 3), f"{1 - 1 / ratio:.1%}"]
    say(" | ".join(cells))
    return cells


def require_same_responses(app: Flask, optimization: Optimization, workload: Workload, count: int) -> None:
    """Raise RuntimeError unless the first responses are the same with and without the optimization."""
    for place in range(min(count, workload.count)):
        expected: Any = workload.response(place)
        with optimization.disabled(app):
            plain: Any = workload.response(place)
        if not optimization.same_bytes:
            expected, plain = json.loads(expected), json.loads(plain)
        if plain != expected:
            raise RuntimeError(f"{optimization.name}: response {place} differs:\n{expected!r}\n{plain!r}")


def _measure(app: Flask, optimization: Optimization, workload: Workload, seconds: float) -> Measurement:
    """Time blocks of requests with and without it, in random order, until the ratio is precise."""
    measurement = Measurement()
    source = random.Random(5)  # noqa: S311 (nothing secret)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not measurement.is_precise():
        places = [source.randrange(workload.count) for _ in range(workload.block)]
        turns = [True, False]
        source.shuffle(turns)
        for enabled in turns:
            with nullcontext() if enabled else optimization.disabled(app):
                workload.time(places[0])  # code that was just switched is in no cache of the processor
                block = [workload.time(place) for place in places]
            (measurement.enabled if enabled else measurement.disabled).append(block)
    return measurement
