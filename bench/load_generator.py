"""The load generator: a minimal HTTP/1.1 client, with one closed loop for latency and one for throughput."""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import time
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

_CHUNKED = b"transfer-encoding: chunked"
_CLOSES = b"\r\nconnection: close"
_LENGTH = b"content-length:"
_TIMEOUT_SECONDS = 60


class Response(NamedTuple):
    """A response's status and body; the status is 0 if no response arrived.

    `closes` is whether the server closes the connection after it.
    """

    status: int
    body: bytes
    closes: bool = False


class Connection:
    """A keep-alive connection. A library's client would take longer than the empty endpoint itself."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._buffer = b""
        self._connect()

    def _connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), _TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._is_closing = False

    def send(self, path: bytes) -> None:
        """Send a GET request for a path, without waiting for the response."""
        self._send(get_request(path))

    def _send(self, request: bytes) -> None:
        if self._is_closing:
            self.reconnect()
        self.socket.sendall(request)

    def receive(self) -> Response | None:
        """Read once: the response if complete, else None. Raises ConnectionError if the server hung up."""
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise ConnectionResetError("The server closed the connection.")
        self._buffer += chunk
        response = parse(self._buffer)
        if response is not None:
            self._buffer = b""
            self._is_closing = response.closes
        return response

    def get(self, path: bytes) -> Response:
        """Get a path, and wait for the response; reconnects once if the server closed the idle connection."""
        return self.exchange(get_request(path))

    def exchange(self, request: bytes) -> Response:
        """Send a whole request, and wait for the response; reconnects once, as `get` does."""
        for _ in range(2):
            try:
                return self._exchange(request)
            except ConnectionError:
                self.reconnect()
            except TimeoutError:
                self.reconnect()
                break
        return Response(0, b"")

    def _exchange(self, request: bytes) -> Response:
        self._send(request)
        while (response := self.receive()) is None:
            pass
        return response

    def reconnect(self) -> None:
        """Close the connection, and open a new one."""
        self.close()
        self._connect()

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def post_request(path: str, body: object, token: str | None = None) -> bytes:
    """A POST request with a body in JSON, by the owner of a token or by nobody known."""
    return _json_request("POST", path, body, token)


def patch_request(path: str, body: object, token: str) -> bytes:
    """A PATCH request with a body in JSON, whatever the version of what it changes."""
    return _json_request("PATCH", path, body, token, "If-Match: *\r\n")


def _json_request(method: str, path: str, body: object, token: str | None, headers: str = "") -> bytes:
    content = json.dumps(body, ensure_ascii=False).encode()
    authorization = "" if token is None else f"Authorization: Bearer {token}\r\n"
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nContent-Type: application/json\r\n"
        f"{authorization}{headers}Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def get_request(path: bytes, token: str | None = None) -> bytes:
    """A GET request, by the owner of a token or by nobody known."""
    authorization = b"" if token is None else f"Authorization: Bearer {token}\r\n".encode()
    return b"GET " + path + b" HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n" + authorization + b"\r\n"


def parse(data: bytes) -> Response | None:
    """Parse a response, or return None while it is incomplete. Raises ValueError if it has no length."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    headers = head.lower()
    status, closes = int(head[9:12]), _CLOSES in headers
    start = headers.find(_LENGTH)
    if start >= 0:
        length = int(headers[start + len(_LENGTH) :].split(b"\r\n", 1)[0])
        return Response(status, body, closes) if len(body) >= length else None
    if _CHUNKED in headers:
        return Response(status, b"".join(_chunks(body)), closes) if body.endswith(b"0\r\n\r\n") else None
    raise ValueError("The response has neither a Content-Length nor chunks.")


def _chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, rest = body.partition(b"\r\n")
        yield rest[: int(size, 16)]
        body = rest[int(size, 16) + 2 :]


class Sample(NamedTuple):
    """One timed request."""

    ns: int
    response: Response


def interleaved(
    connections: Sequence[Connection], paths: Sequence[Sequence[bytes]]
) -> Iterator[list[Sample]]:
    """Yield, for each query, one sample per server, in the order of `connections`; one request at a time.

    `paths` has one list per server: its URLs for the same queries. Servers alternate within a query, and the
    first one rotates, so that noise on the machine affects all of them alike.
    """
    count = len(connections)
    for query_index in range(len(paths[0])):
        samples: dict[int, Sample] = {}
        for offset in range(count):
            server = (query_index + offset) % count
            path = paths[server][query_index]
            started = time.perf_counter_ns()
            response = connections[server].get(path)
            samples[server] = Sample(time.perf_counter_ns() - started, response)
        yield [samples[server] for server in range(count)]


class Throughput(NamedTuple):
    """The successful requests and the errors of a run, and its duration."""

    requests: int
    errors: int
    seconds: float


def measure_throughput(port: int, paths: Sequence[bytes], clients: int, seconds: float) -> Throughput:
    """Run a closed loop of `clients` connections: each sends its next request when its response is complete.

    One thread multiplexes all of them: threads would contend for the interpreter lock.
    """
    next_paths = cycle(paths)
    requests = errors = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            connection = Connection(port)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(next_paths))
        started = time.perf_counter()
        deadline = started + seconds
        while (now := time.perf_counter()) < deadline:
            for key, _ in selector.select(deadline - now):
                response, connection = _receive(key.data)
                if connection is not key.data:
                    selector.unregister(key.fileobj)
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                if response is not None:
                    requests += response.status == 200
                    errors += response.status != 200
                    connection.send(next(next_paths))
        elapsed = time.perf_counter() - started
        for key in list(selector.get_map().values()):
            _drain(key.data)
    return Throughput(requests, errors, elapsed)


def _receive(connection: Connection) -> tuple[Response | None, Connection]:
    """Read from a connection: the response, if complete, and the connection to use next, new if closed."""
    try:
        response = connection.receive()
    except ConnectionError:
        return Response(0, b""), Connection(connection.port)
    if response is None or not response.closes:
        return response, connection
    connection.close()
    return response, Connection(connection.port)


def _drain(connection: Connection) -> None:
    """Wait for the response in flight, so that the server is idle when the next one is measured."""
    with connection, contextlib.suppress(OSError):
        while connection.receive() is None:
            pass
