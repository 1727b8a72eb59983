"""The workloads of the ablation study: requests as WSGI calls to the application in this process."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote_plus

from sqlalchemy import select
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from bench import corpus
from bench.optimizations import NEW, PASSAGE, READ, REPEATED, START, WRITE
from kb.caches import LruCache
from kb.config import API_ROOT
from kb.domain.incident import Status
from kb.domain.permissions import Role
from kb.factory import create_app
from kb.models import Incident, db
from kb.services.accounts.tokens import create_team_token
from kb.services.infrastructure.runtime import settings
from kb.services.search import response_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Flask

_TOOK_MS = re.compile(rb'"took_ms":[0-9.]+')

_VOLATILE = frozenset("id url slug created_at updated_at lessons".split())
"""Fields that differ between two incidents of the same content."""


class Cost(NamedTuple):
    """The wall-clock time and the CPU time of this thread that a request took, in nanoseconds."""

    wall: int
    cpu: int


class Workload(Protocol):
    """Requests of one kind, with numbers below `count`; optimizations are switched after each `block`."""

    count: int
    block: int

    def time(self, number: int) -> Cost:
        """Send a request, and return its cost."""

    def response(self, number: int) -> bytes:
        """The body of the response, without what varies between identical requests."""


def make_workloads(app: Flask) -> dict[str, Workload]:
    """The workloads by name. A new search misses the response cache, but may hit the postings cache."""
    queries = [quote_plus(query) for query in corpus.queries(200)]
    with app.app_context():
        ids = db.session.scalars(select(Incident.id).where(Incident.status == Status.PUBLISHED)).all()
        token = create_team_token(f"ablation {time.time_ns()}", Role.CONTRIBUTOR).secret
        db.session.remove()
    searches = [f"/search?q={query}" for query in queries]
    return {
        NEW: _Reads(app, searches, _empty_response_cache),
        REPEATED: _Reads(app, searches[:50]),
        PASSAGE: _Reads(app, [f"{search}&highlight=first" for search in searches], _empty_response_cache),
        READ: _Reads(app, [f"/incidents/{incident_id}" for incident_id in ids[-100:]]),
        WRITE: _Writes(app, token),
        START: _Starts(app),
    }


def _empty_response_cache() -> None:
    response_cache._responses = LruCache(response_cache.MAX_BYTES)  # noqa: SLF001


class _Reads:
    """GET requests; `prepare` runs before each, outside the timing."""

    block = 12

    def __init__(
        self, app: Flask, paths: Sequence[str], prepare: Callable[[], object] = lambda: None
    ) -> None:
        self._app = app
        self._prepare = prepare
        self._environments = [EnvironBuilder(API_ROOT + path).get_environ() for path in paths]
        self.count = len(paths)

    def time(self, number: int) -> Cost:
        return self._send(number)[0]

    def response(self, number: int) -> bytes:
        return _TOOK_MS.sub(b'"took_ms":0', self._send(number)[1])

    def _send(self, number: int) -> tuple[Cost, bytes]:
        environment = dict(self._environments[number])
        self._prepare()
        return _send(self._app, environment)


class _Writes:
    """POST requests that create drafts, each with a different text."""

    count, block = 5, 4

    def __init__(self, app: Flask, token: str) -> None:
        self._app = app
        self._headers = Headers({"Authorization": f"Bearer {token}", "If-Match": "*"})
        self._drafts = _drafts(1_000_000, seed=time.time_ns())

    def time(self, _: int) -> Cost:
        return self._send("/incidents", method="POST", json=next(self._drafts))[0]

    def response(self, number: int) -> bytes:
        """The response to a draft that depends only on the number; the corpus has a duplicate of number 0."""
        draft = next(_drafts(1, seed=number + 1))
        body = json.loads(self._send("/incidents", method="POST", json=draft)[1])
        self._send(f"/incidents/{body['id']}", method="DELETE")  # or it would be a duplicate of the next
        return json.dumps({name: value for name, value in body.items() if name not in _VOLATILE}).encode()

    def _send(self, path: str, **options: Any) -> tuple[Cost, bytes]:
        return _send(
            self._app, EnvironBuilder(API_ROOT + path, headers=self._headers, **options).get_environ()
        )


def _drafts(count: int, seed: int) -> Iterator[dict[str, Any]]:
    for incident in corpus.incidents(count, seed):
        del incident["external_id"], incident["status"]
        yield {**incident, "language": "en"}


class _Starts:
    """Calls of `create_app`, the startup cost of every command and every test."""

    count, block = 1, 2

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._settings = settings()

    def time(self, _: int) -> Cost:
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        create_app(self._settings)
        return Cost(time.perf_counter_ns() - wall, time.thread_time_ns() - cpu)

    def response(self, _: int) -> bytes:
        """The OpenAPI document."""
        app = create_app(self._settings)
        with app.app_context():
            document = _send(app, EnvironBuilder("/openapi.yaml").get_environ())[1]
            db.engine.dispose()
        return document


def _send(app: Flask, environment: dict[str, Any]) -> tuple[Cost, bytes]:
    """Call the application as a WSGI server does. Raises RuntimeError unless the status is 2xx."""
    statuses: list[str] = []

    def start_response(status: str, *_: Any) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda _: None

    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    response = app.wsgi_app(environment, start_response)
    body = b"".join(response)
    response.close()  # type: ignore[attr-defined]
    cost = Cost(time.perf_counter_ns() - wall, time.thread_time_ns() - cpu)
    if not statuses[0].startswith("2"):
        raise RuntimeError(f"{statuses[0]}: {body.decode()}")
    return cost, body
