"""A WSGI application that answers what it was asked, behind the server of `kb serve`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from kb.server.application import ThreadedApplication
from kb.server.bodies import BodyReader
from kb.server.large_bodies import LargeBodies
from kb.web.worker_loads import worker_load

MAX_BYTES = 10_000

MAX_LARGE_BYTES = 1_000_000
"""How large a body may be that is sent to `/large`."""


BODY_SECONDS = "ECHO_BODY_SECONDS"
"""The variable that says how long a body may take to arrive."""

CHUNK = b"x" * 64_000
CHUNKS = 1_500
"""How many chunks the answer of `/long` has."""

counts = {"made": 0, "ended": 0}
"""The chunks of all long answers that were made, and the answers that ended."""


def _long_answer() -> Iterator[bytes]:
    try:
        for _ in range(CHUNKS):
            counts["made"] += 1
            yield CHUNK
    finally:
        counts["ended"] += 1


def _awaited_answer() -> Iterator[bytes]:
    """Nothing but empty chunks, until the client has gone or five minutes have passed."""
    try:
        yield b"begun\n"
        for _ in range(30_000):
            time.sleep(0.01)
            yield b""
    finally:
        counts["ended"] += 1


_STREAMS: dict[str, Callable[[], Iterator[bytes]]] = {
    "/stream": lambda: (b"%d\n" % number for number in range(3)),
    "/pauses": lambda: iter([b"", b"0\n", b"", b"", b"1\n", b""]),
    "/awaited": _awaited_answer,
    "/long": _long_answer,
}


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    request = Request(environ)
    request.max_content_length = MAX_LARGE_BYTES if request.path == "/large" else MAX_BYTES
    if (stream := _STREAMS.get(request.path)) is not None:
        return Response(stream())(environ, start_response)
    if request.path == "/counts":
        return Response(json.dumps(counts), mimetype="application/json")(environ, start_response)
    if request.path == "/slow":
        time.sleep(0.02)
    if request.path == "/empty":
        response = Response(status=204)
        del response.headers["Content-Type"]
        return response(environ, start_response)
    try:
        body = request.get_data().decode()
    except HTTPException as error:
        return error.get_response(environ)(environ, start_response)
    answer = {
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode(),
        "headers": dict(request.headers),
        "body": body,
        "address": request.remote_addr,
        "process": os.getpid(),
        "policy": os.sched_getscheduler(0) if hasattr(os, "sched_getscheduler") else None,
    }
    return Response(json.dumps(answer), mimetype="application/json")(environ, start_response)


def create() -> ThreadedApplication:
    seconds = float(os.environ[BODY_SECONDS])
    bodies = BodyReader(max_bytes=MAX_BYTES, seconds=seconds)
    large = LargeBodies(min_bytes=MAX_BYTES, max_bytes=MAX_LARGE_BYTES, seconds=seconds)
    return ThreadedApplication(validator(echo), bodies, large, worker_load(), threads=4, proxies=0)
