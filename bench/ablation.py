"""What each optimization saves of a request: each way in turns with the plain one, in one process."""

from __future__ import annotations

import json
import logging
import random
import re
import statistics
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote_plus

import numpy as np
from sqlalchemy import select
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from bench import corpus
from bench.plain import FIRST, OPTIMIZATIONS, PASSAGE, READ, REPEATED, SEARCHES, START, WRITE, Optimization
from bench.report import machine, number, say, table, versions, write
from kb.config import API_ROOT, Settings
from kb.domain.incident import Status
from kb.domain.permissions import Role
from kb.factory import create_app
from kb.models import Incident, db
from kb.search.cache import Cache
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.accounts.tokens import create_token
from kb.services.exchange import jsonl
from kb.services.infrastructure.runtime import settings
from kb.services.operations import bootstrap
from kb.services.search import response_cache, sync

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from flask import Flask

_MIN_BLOCKS = 15
_PRECISION = 0.02
"""Half the width of the 95 % interval at which a figure is good enough, as a part of its ratio."""

_LONGER = {WRITE: 3}
"""How many times as long as others a kind of request may take to be measured."""

_TOOK = re.compile(rb'"took_ms":[0-9.]+')
_OF_ONE_WRITE = frozenset("id url slug created_at updated_at likely_duplicates lessons".split())

_COLUMNS = (
    "optimization", "request", "with p50 ms", "p90", "without p50 ms", "p90",
    "without / with, CPU", "wall", "saves",
)  # fmt: skip


class Cost(NamedTuple):
    """What one request took: nanoseconds of wall clock, and of this thread's processor time."""

    wall: int
    cpu: int


class Mix(Protocol):
    """A kind of request: `count` of them; `block` of these are asked one way, then the other way."""

    count: int
    block: int

    def ask(self, place: int) -> Cost:
        """Ask, timed."""

    def answer(self, place: int) -> bytes:
        """What is answered, without what differs from one time to the next."""


@dataclass
class Measured:
    """The costs with an optimization and without it, block by block."""

    on: list[list[Cost]] = field(default_factory=list)
    off: list[list[Cost]] = field(default_factory=list)

    def ratios(self, kind: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        """For each block the median of what its requests took without, divided by what they took with."""
        return np.array(
            [
                statistics.median(plain[kind] / fast[kind] for fast, plain in zip(on, off, strict=True))
                for on, off in zip(self.on, self.off, strict=True)
            ]
        )

    def interval(self, kind: int) -> tuple[float, float, float]:
        """The median ratio of the blocks, and the ends of its 95 % interval by bootstrap."""
        ratios = self.ratios(kind)
        drawn = np.random.default_rng(1).choice(ratios, (1_000, len(ratios)))
        low, high = np.percentile(np.median(drawn, axis=1), [2.5, 97.5])
        return float(np.median(ratios)), float(low), float(high)

    def precise(self) -> bool:
        """Whether the ratio of processor times is known well enough."""
        if len(self.on) < _MIN_BLOCKS:
            return False
        ratio, low, high = self.interval(1)
        return (high - low) / 2 <= _PRECISION * ratio


def run(options: argparse.Namespace) -> int:
    """Fill, compare the answers, measure, and print one table."""
    logging.disable(logging.WARNING)
    # Writes come last: the engine goes on merging when they are done.
    chosen = [
        (optimization, mix)
        for mixes in (SEARCHES, (READ, START), (WRITE,))
        for optimization in OPTIMIZATIONS
        for mix in optimization.mixes
        if mix in mixes and options.only in f"{optimization.name}, {mix}"
    ]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        app = _filled(options.folder or Path(folder), options.documents)
        requests = _mixes(app)
        rows = [_row(app, optimization, mix, requests[mix], options.seconds) for optimization, mix in chosen]
        with app.app_context():
            db.engine.dispose()
    write(f"{options.documents:,} documents; requests through WSGI, in one process, each way in turns.")
    write("Ratios: medians of blocks of requests, with their 95 % interval; saves: of a request's CPU time.")
    write(f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}\n")
    write(table(_COLUMNS, rows))
    return 0


def _filled(folder: Path, documents: int) -> Flask:
    """The application on so many incidents, which stay where they are found."""
    app = create_app(Settings(data_dir=folder))
    with app.app_context():
        bootstrap.prepare()
        if len(db.session.scalars(select(Incident.id)).all()) >= documents:
            return app
        say(f"Importing {documents:,} incidents")
        lines, errors = jsonl.check_lines(
            (json.dumps(incident).encode() for incident in corpus.incidents(documents)), MAIN_TEAM
        )
        assert not errors
        jsonl.write_lines(lines, MAIN_TEAM, lambda *_: None)
        sync.ensure(timeout=600)
    return app


def _row(app: Flask, optimization: Optimization, name: str, mix: Mix, seconds: float) -> list[str]:
    say(f"{optimization.name}: {name}")
    _compare(app, optimization, mix)
    measured = _measure(app, optimization, mix, seconds * _LONGER.get(name, 1))
    cells = [optimization.name, name]
    for blocks in (measured.on, measured.off):
        times = sorted(cost.wall / 1e6 for block in blocks for cost in block)
        cells += [number(statistics.median(times), 2), number(times[int(len(times) * 0.9)], 2)]
    ratio, low, high = measured.interval(1)
    wall, *_ = measured.interval(0)
    cells += [f"{ratio:.3f} ({low:.3f} to {high:.3f})", number(wall, 3), f"{1 - 1 / ratio:.1%}"]
    say(" | ".join(cells))
    return cells


def _compare(app: Flask, optimization: Optimization, mix: Mix) -> None:
    """Raise RuntimeError unless both ways answer the same."""
    for place in range(mix.count):
        expected = mix.answer(place)
        with optimization.off(app):
            found = mix.answer(place)
        if not optimization.same_bytes:
            expected, found = json.loads(expected), json.loads(found)
        if found != expected:
            raise RuntimeError(f"{optimization.name}: answer {place} differs:\n{expected!r}\n{found!r}")


def _measure(app: Flask, optimization: Optimization, mix: Mix, seconds: float) -> Measured:
    """Ask blocks of requests in both ways, in an order that chance decides, until the ratio is known."""
    measured = Measured()
    source = random.Random(5)  # noqa: S311 (nothing secret)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not measured.precise():
        places = [source.randrange(mix.count) for _ in range(mix.block)]
        ways: list[tuple[list[list[Cost]], AbstractContextManager[object]]]
        ways = [(measured.on, nullcontext()), (measured.off, optimization.off(app))]
        source.shuffle(ways)
        for blocks, way in ways:
            with way:
                mix.ask(places[0])  # what has just been switched is not in the processor's caches
                blocks.append([mix.ask(place) for place in places])
    return measured


def _mixes(app: Flask) -> dict[str, Mix]:
    """All kinds of requests. A first search finds no answer in the cache, but its words in the engine's."""
    queries = corpus.queries(200)
    searches = [_get(f"/search?q={quote_plus(query)}") for query in queries]
    passages = [_get(f"/search?q={quote_plus(query)}&highlight=first") for query in queries]
    with app.app_context():
        ids = db.session.scalars(select(Incident.id).where(Incident.status == Status.PUBLISHED)).all()
        writer = create_token(f"ablation {time.time_ns()}", Role.CONTRIBUTOR).secret
        db.session.remove()
    return {
        FIRST: _Requests(app, searches, forget),
        REPEATED: _Requests(app, searches[:50]),
        PASSAGE: _Requests(app, passages, forget),
        READ: _Requests(app, [_get(f"/incidents/{number}") for number in ids[-100:]]),
        WRITE: _Writes(app, writer),
        START: _Starts(app),
    }


def forget() -> None:
    """Empty the response cache."""
    response_cache._answers = Cache(response_cache._BYTES)  # noqa: SLF001


def _get(path: str) -> dict[str, Any]:
    return EnvironBuilder(API_ROOT + path).get_environ()


def _post(incident: dict[str, Any], token: str) -> dict[str, Any]:
    headers = Headers({"Authorization": f"Bearer {token}"})
    return EnvironBuilder(
        f"{API_ROOT}/incidents", method="POST", json=incident, headers=headers
    ).get_environ()


class _Requests:
    """Requests that are made again and again; before each something may be done that is not timed."""

    block = 12

    def __init__(
        self, app: Flask, environments: Sequence[dict[str, Any]], before: Callable[[], object] | None = None
    ) -> None:
        self._app = app
        self._before = before or (lambda: None)
        self._environments = environments
        self.count = len(environments)

    def ask(self, place: int) -> Cost:
        """Ask as a server does: call the application, and take what it gives."""
        environment = dict(self._environments[place])
        self._before()
        return _asked(self._app, environment)[0]

    def answer(self, place: int) -> bytes:
        """The body, without how long it took."""
        self._before()
        return _TOOK.sub(b'"took_ms":0', _asked(self._app, dict(self._environments[place]))[1])


class _Writes:
    """Incidents that are filed, each another one."""

    count, block = 5, 4

    def __init__(self, app: Flask, token: str) -> None:
        self._app = app
        self._token = token
        self._incidents = _without_ids(corpus.incidents(1_000_000, seed=time.time_ns()))

    def ask(self, _: int) -> Cost:
        """File the next one."""
        return _asked(self._app, _post(next(self._incidents), self._token))[0]

    def answer(self, place: int) -> bytes:
        """What is answered to one that is always the same, without what each filing has of its own."""
        incident = next(_without_ids(corpus.incidents(1, seed=place)))
        body = json.loads(_asked(self._app, _post(incident, self._token))[1])
        return json.dumps({key: value for key, value in body.items() if key not in _OF_ONE_WRITE}).encode()


def _without_ids(incidents: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for incident in incidents:
        del incident["external_id"], incident["status"]
        yield {**incident, "language": "en"}


class _Starts:
    """The application, made."""

    count, block = 1, 2

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._settings = settings()

    def ask(self, _: int) -> Cost:
        """Make it, timed."""
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        create_app(self._settings)
        return Cost(time.perf_counter_ns() - wall, time.thread_time_ns() - cpu)

    def answer(self, _: int) -> bytes:
        """Its OpenAPI document."""
        app = create_app(self._settings)
        with app.app_context():
            document = _asked(app, EnvironBuilder("/openapi.yaml").get_environ())[1]
            db.engine.dispose()
        return document


def _asked(app: Flask, environment: dict[str, Any]) -> tuple[Cost, bytes]:
    """What one request took, and the body of its answer."""
    statuses: list[str] = []

    def start(status: str, *_: Any) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda _: None

    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    answer = app.wsgi_app(environment, start)
    body = b"".join(answer)
    answer.close()  # type: ignore[attr-defined]
    cost = Cost(time.perf_counter_ns() - wall, time.thread_time_ns() - cpu)
    if not statuses[0].startswith("2"):
        raise RuntimeError(f"{statuses[0]}: {body.decode()}")
    return cost, body
