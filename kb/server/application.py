"""Run a WSGI application behind granian's RSGI interface.

The event loop reads request bodies, and threads run the application (docs/decisions/0049).
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from kb.server.bodies import Body
from kb.server.pacing import Pacer, limit_stalled_readers
from kb.thread_priority import let_others_first
from kb.web.headers import UNREADABLE
from kb.web.worker_loads import BEAT_SECONDS

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

    from kb.server.bodies import BodyReader
    from kb.server.large_bodies import LargeBodies
    from kb.server.pacing import PacedStream
    from kb.web.worker_loads import WorkerLoad

_NO_BODY = 0


class ThreadedApplication:
    """Runs a WSGI application in `threads` threads, each request once its body has arrived.

    A body that `large` accepts is read lazily, while the application runs. `load` counts the requests, and
    says which connections to close.
    """

    def __init__(
        self,
        app: WSGIApplication,
        bodies: BodyReader,
        large: LargeBodies,
        load: WorkerLoad,
        *,
        threads: int,
        proxies: int,
    ) -> None:
        self._app, self._bodies, self._large, self._load = app, bodies, large, load
        self._proxies = proxies
        self._pacer = Pacer(threads)
        self._threads = ThreadPoolExecutor(threads, "request", initializer=let_others_first)
        self._loop: asyncio.AbstractEventLoop

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # By the time the loop runs, the server is listening.
        loop.call_soon(limit_stalled_readers, self._bodies.seconds)
        loop.call_soon(self._beat)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        body = Body(BytesIO(), 0)
        length = _body_length(scope)
        if self._large.accepts(length):
            with self._large.deferred(protocol, length or 0, self._loop) as body:
                await self._run(scope, protocol, body)
            return
        if length != _NO_BODY:
            body = await self._bodies.read(protocol, length, self._client(scope))
        await self._run(scope, protocol, body)

    async def _run(self, scope: Scope, protocol: HTTPProtocol, body: Body) -> None:
        self._load.begin()
        try:
            # Connections of HTTP/2 have no such header.
            closes = scope.http_version.startswith("1") and self._load.should_close_connection()
            await self._loop.run_in_executor(self._threads, self._respond, scope, protocol, body, closes)
        finally:
            self._load.end()

    def _beat(self) -> None:
        self._load.beat()
        self._loop.call_later(BEAT_SECONDS, self._beat)

    def _respond(self, scope: Scope, protocol: HTTPProtocol, body: Body, closes: bool) -> None:
        """Run the application and send its response, after which the connection may be closed."""
        response = _Response(protocol, lambda: self._pacer.paced(scope.client), closes=closes)
        chunks = self._app(_environ(scope, body), response.start)
        try:
            response.send(chunks)
        finally:
            if (close := getattr(chunks, "close", None)) is not None:
                close()

    def _client(self, scope: Scope) -> str:
        """The address of the client, as reported by the outermost trusted proxy."""
        if self._proxies:
            values = (value for name, value in scope.headers.items() if name == "x-forwarded-for")
            forwarded = ",".join(values).split(",")
            if self._proxies <= len(forwarded) and (address := forwarded[-self._proxies].strip()):
                return address
        return scope.client.rpartition(":")[0]


class _Response:
    """The response to a request, sent in one piece if the application knows its length, else as a stream."""

    def __init__(
        self,
        protocol: HTTPProtocol,
        pace: Callable[[], AbstractContextManager[PacedStream]],
        *,
        closes: bool,
    ) -> None:
        self._protocol, self._pace = protocol, pace
        self._connection = [("Connection", "close")] if closes else []
        self._status = 500
        self._headers: list[tuple[str, str]] = []

    def start(self, status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        self._status, self._headers = int(status[:3]), [*headers, *self._connection]
        return None

    def send(self, chunks: Iterable[bytes]) -> None:
        if not any(name.lower() == "content-length" for name, _ in self._headers):
            with self._pace() as pace:
                self._stream(chunks, pace)
        elif body := b"".join(chunks):
            self._protocol.response_bytes(self._status, self._headers, body)
        else:
            self._protocol.response_empty(self._status, self._headers)

    def _stream(self, chunks: Iterable[bytes], pace: PacedStream) -> None:
        transport = None
        for chunk in chunks:
            if transport is None:
                transport = self._protocol.response_stream(self._status, self._headers)
            try:
                # The awaitable completes at once, with an error if the client has gone.
                for _ in transport.send_bytes(chunk).__await__():
                    pass
            except ProtocolClosed:
                return
            pace.wait_after(len(chunk))
        if transport is None:
            self._protocol.response_empty(self._status, self._headers)


def _body_length(scope: Scope) -> int | None:
    """The length of a request's body in bytes; None if it is not announced."""
    if "transfer-encoding" in scope.headers:
        return None
    length = scope.headers.get("content-length", "0")
    return int(length) if length.isdigit() else _NO_BODY


def _headers(scope: Scope) -> Iterable[tuple[str, str]]:
    """The headers of a request, with UNREADABLE as the value of those that are not ASCII."""
    # Granian lists their names, but leaves them out of the items, as if they had not been sent.
    readable = scope.headers.items()
    names = {name for name, _ in readable}
    sent = scope.headers.keys()
    return [*readable, *((name, UNREADABLE) for name in sent if name not in names)]


def _environ(scope: Scope, body: Body) -> WSGIEnvironment:
    """The WSGI environment of a request (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body.stream,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope.authority:  # HTTP/2 has no Host header
        environ["HTTP_HOST"] = scope.authority
    for name, value in _headers(scope):
        if "_" in name:  # could spoof the hyphenated name, such as a header that a proxy sets
            continue
        key = f"HTTP_{name.upper().replace('-', '_')}"
        separator = ";" if name == "cookie" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if (kind := environ.pop("HTTP_CONTENT_TYPE", None)) is not None:
        environ["CONTENT_TYPE"] = kind
    if environ.pop("HTTP_CONTENT_LENGTH", None) is not None or body.length:
        environ["CONTENT_LENGTH"] = str(body.length)
    return environ
