"""Streams that are made as fast as their client reads them.

The server takes whatever it is given into memory (docs/decisions/0067). How much the client has received is
known to the system, which only Linux tells; elsewhere, streams are not held back.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_UNREAD_BYTES = 1_000_000
"""How far a stream may be ahead of what its client has received."""

MAX_WAIT_SECONDS = 900.0
"""How long a stream waits for its client altogether. An export reads in one transaction, which must end."""

PACED_SHARE = 8
"""One in so many threads may wait for clients that read slowly."""

_POLL_SECONDS = 0.02
_OPEN_FILES = Path("/proc/self/fd")
_TCP_INFO_BYTES = 128
_ACKNOWLEDGED_AT = 120
"""Where `struct tcp_info` of Linux has `tcpi_bytes_acked`. Its first byte is the state."""

_ESTABLISHED = 1
_CHUNK_FRAME_BYTES = 4
"""What a chunk of HTTP/1.1 has around its length and its data."""


class Pacer:
    """Holds back streams whose clients read slowly, in at most one of eight of a worker's threads.

    If that many wait, others go on, into memory, so that slow clients leave threads for everybody else.
    """

    def __init__(self, threads: int, *, max_wait: float = MAX_WAIT_SECONDS) -> None:
        self._places = threading.BoundedSemaphore(max(1, threads // PACED_SHARE))
        self._max_wait = max_wait

    @contextlib.contextmanager
    def paced(self, client: str) -> Iterator[PacedStream]:
        """A stream to a client, which is named by address and port."""
        connection = _find_connection(client)
        try:
            yield PacedStream(connection, self._places, self._max_wait)
        finally:
            if connection is not None:
                connection.close()


class PacedStream:
    """Counts what is sent to a client, and waits until it has received most of it."""

    def __init__(
        self, connection: Connection | None, places: threading.BoundedSemaphore, max_wait: float
    ) -> None:
        self._connection, self._places, self._left = connection, places, max_wait
        self._sent = 0

    def wait_after(self, size: int) -> None:
        """Count a chunk of `size` bytes, and wait while the client is too far behind.

        A client that has kept the stream waiting for too long is disconnected.
        """
        self._sent += size + len(f"{size:x}") + _CHUNK_FRAME_BYTES
        if not self._is_ahead() or not self._places.acquire(blocking=False):
            return
        try:
            while self._is_ahead():
                if self._left <= 0:
                    self._disconnect()
                    return
                time.sleep(_POLL_SECONDS)
                self._left -= _POLL_SECONDS
        finally:
            self._places.release()

    def _is_ahead(self) -> bool:
        if self._connection is None or self._sent <= MAX_UNREAD_BYTES:
            return False
        received = self._connection.received()
        return received is not None and self._sent - received > MAX_UNREAD_BYTES

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()


class Connection:
    """A second handle of a connection that the server has. What was received before does not count."""

    def __init__(self, handle: socket.socket) -> None:
        self._handle = handle
        self._start = _acknowledged(handle) or 0

    @classmethod
    def of(cls, handle: socket.socket) -> Self | None:
        """The connection behind a handle, None where the system does not tell what was received."""
        return cls(handle) if _acknowledged(handle) is not None else None

    def received(self) -> int | None:
        """How many bytes the client's system has acknowledged; None once the connection has ended."""
        acknowledged = _acknowledged(self._handle)
        return None if acknowledged is None else acknowledged - self._start

    def disconnect(self) -> None:
        """End the connection, so that the client learns that it has not got everything."""
        with contextlib.suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the handle back. The server's own is not touched."""
        self._handle.close()


def _acknowledged(handle: socket.socket) -> int | None:
    """How many bytes of an open connection its client has acknowledged."""
    try:
        info = handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return None
    if len(info) < _TCP_INFO_BYTES or info[0] != _ESTABLISHED:
        return None
    (acknowledged,) = struct.unpack_from("@Q", info, _ACKNOWLEDGED_AT)
    return int(acknowledged)


def _find_connection(client: str) -> Connection | None:
    """The connection of this process whose other end has an address, such as `127.0.0.1:50100`."""
    if not hasattr(socket, "TCP_INFO") or not _OPEN_FILES.is_dir():
        return None
    host, _, port = client.rpartition(":")
    end = (host.strip("[]"), int(port)) if port.isdigit() else None
    for file in _OPEN_FILES.iterdir() if end is not None else ():
        handle = _socket_of(int(file.name))
        if handle is None:
            continue
        with contextlib.suppress(OSError):
            if handle.getpeername()[:2] == end and (connection := Connection.of(handle)) is not None:
                return connection
        handle.close()
    return None


def _socket_of(number: int) -> socket.socket | None:
    """A second handle of an open file, if that is a socket."""
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            return socket.socket(fileno=os.dup(number))
    except OSError:
        pass
    return None
