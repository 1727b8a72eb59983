"""The load: a small HTTP client that costs little itself, and the two ways in which it asks."""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

_CHUNKED = b"transfer-encoding: chunked"
_LENGTH = b"content-length:"
_SECONDS_TO_ANSWER = 60


class Answer(NamedTuple):
    """An answer's status and body; the status is 0 where none came."""

    status: int
    body: bytes


class Connection:
    """A connection that is kept open; a library's client would take longer than the emptiest endpoint."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._received = b""
        self._connect()

    def _connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), _SECONDS_TO_ANSWER)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self, path: bytes) -> None:
        """Ask for a path."""
        self.socket.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n\r\n")

    def receive(self) -> Answer | None:
        """Take what has arrived: the answer if it is whole; ConnectionError if the server hung up."""
        arrived = self.socket.recv(1 << 18)
        if not arrived:
            raise ConnectionResetError("The server closed the connection.")
        self._received += arrived
        answer = parse(self._received)
        if answer is not None:
            self._received = b""
        return answer

    def ask(self, path: bytes) -> Answer:
        """The answer to a path; a connection that the server closed while it was idle is opened again."""
        for _ in range(2):
            try:
                return self._ask(path)
            except ConnectionError:
                self.reconnect()
            except TimeoutError:
                self.reconnect()
                break
        return Answer(0, b"")

    def _ask(self, path: bytes) -> Answer:
        self.send(path)
        while (answer := self.receive()) is None:
            pass
        return answer

    def reconnect(self) -> None:
        """Hang up, and connect anew."""
        self.close()
        self._connect()

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def parse(received: bytes) -> Answer | None:
    """The answer that some bytes are, or None while there is more to come."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    lowered = head.lower()
    status = int(head[9:12])
    start = lowered.find(_LENGTH)
    if start >= 0:
        length = int(lowered[start + len(_LENGTH) :].split(b"\r\n", 1)[0])
        return Answer(status, body) if len(body) >= length else None
    if _CHUNKED in lowered:
        return Answer(status, b"".join(_chunks(body))) if body.endswith(b"0\r\n\r\n") else None
    raise ValueError("An answer without a length.")


def _chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, rest = body.partition(b"\r\n")
        yield rest[: int(size, 16)]
        body = rest[int(size, 16) + 2 :]


class Sample(NamedTuple):
    """One timed request."""

    ns: int
    answer: Answer


def interleaved(
    connections: Sequence[Connection], paths: Sequence[Sequence[bytes]]
) -> Iterator[list[Sample]]:
    """For each query, the samples of all servers; they take turns at being the first.

    `paths` holds for each server its addresses of the same queries. What disturbs the machine disturbs all.
    """
    count = len(connections)
    for number in range(len(paths[0])):
        samples: dict[int, Sample] = {}
        for turn in range(count):
            place = (number + turn) % count
            path = paths[place][number]
            started = time.perf_counter_ns()
            answer = connections[place].ask(path)
            samples[place] = Sample(time.perf_counter_ns() - started, answer)
        yield [samples[place] for place in range(count)]


class Throughput(NamedTuple):
    """Requests that were answered well within some seconds, and those that were not."""

    requests: int
    errors: int
    seconds: float


def saturated(port: int, paths: Sequence[bytes], clients: int, seconds: float) -> Throughput:
    """Ask over several connections at once, each as soon as it has its answer.

    One thread waits for all of them: clients in threads would wait for each other.
    """
    following = cycle(paths)
    requests = errors = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            connection = Connection(port)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(following))
        started = time.perf_counter()
        deadline = started + seconds
        while (now := time.perf_counter()) < deadline:
            for key, _ in selector.select(deadline - now):
                answer, connection = _received(key.data)
                if connection is not key.data:
                    selector.unregister(key.fileobj)
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                if answer is not None:
                    requests += answer.status == 200
                    errors += answer.status != 200
                    connection.send(next(following))
        elapsed = time.perf_counter() - started
        for key in list(selector.get_map().values()):
            _finish(key.data)
    return Throughput(requests, errors, elapsed)


def _received(connection: Connection) -> tuple[Answer | None, Connection]:
    """What has arrived, and where to ask next: over a new connection if the server hung up."""
    try:
        return connection.receive(), connection
    except ConnectionError:
        return Answer(0, b""), Connection(connection.port)


def _finish(connection: Connection) -> None:
    """Wait for the last answer: what is still being worked on must not burden whoever is measured next."""
    with connection, contextlib.suppress(OSError):
        while connection.receive() is None:
            pass
