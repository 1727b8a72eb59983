"""Backpressure: produce streams only as fast as their clients read them, and drop clients that read nothing.

The server buffers whatever it is given in memory (docs/decisions/0067). Only Linux reports how much the
client has received; on other systems, streams are not held back.
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
"""How far a stream may be ahead of its client, in bytes."""

MAX_WAIT_SECONDS = 900.0
"""How long a stream waits for its client in total. An export reads in one transaction, which must end."""

PACED_SHARE = 8
"""One in this many threads may wait for slow clients."""

_POLL_SECONDS = 0.02
_OPEN_FILES = Path("/proc/self/fd")
_TCP_INFO_BYTES = 128
_ACKNOWLEDGED_AT = 120
"""The offset of `tcpi_bytes_acked` in Linux's `struct tcp_info`, whose first byte is the state."""

_ESTABLISHED = 1
_CHUNK_FRAME_BYTES = 4
"""The framing bytes of an HTTP/1.1 chunk, besides its length and data."""


def limit_stalled_readers(seconds: float) -> None:
    """Close each connection of this process whose client reads nothing for this long.

    Connections inherit the limit from the socket that accepts them, so call this once the server listens.
    Only Linux supports it; elsewhere this does nothing.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT") or not _OPEN_FILES.is_dir():
        return
    for file in filter(Path.is_socket, _OPEN_FILES.iterdir()):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as candidate:
            if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1_000))


class Pacer:
    """Holds back streams to slow clients, in at most one in eight of a worker's threads.

    If that many are waiting, other streams continue into memory, so that slow clients do not take up all
    threads.
    """

    def __init__(self, threads: int, *, max_wait: float = MAX_WAIT_SECONDS) -> None:
        self._places = threading.BoundedSemaphore(max(1, threads // PACED_SHARE))
        self._max_wait = max_wait

    @contextlib.contextmanager
    def paced(self, client: str) -> Iterator[PacedStream]:
        """A paced stream to a client, given as address and port."""
        connection = _find_connection(client)
        try:
            yield PacedStream(connection, self._places, self._max_wait)
        finally:
            if connection is not None:
                connection.close()


class PacedStream:
    """Counts the bytes sent to a client, and waits until it has received most of them."""

    def __init__(
        self, connection: Connection | None, places: threading.BoundedSemaphore, max_wait: float
    ) -> None:
        self._connection, self._places, self._left = connection, places, max_wait
        self._sent = 0

    def wait_after(self, size: int) -> None:
        """Count a chunk of `size` bytes, and wait while the client is too far behind.

        Disconnects a client that has kept the stream waiting too long.
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
    """A second handle to a connection of the server. It counts only bytes received after its creation."""

    def __init__(self, handle: socket.socket) -> None:
        self._handle = handle
        self._start = _acknowledged(handle) or 0

    @classmethod
    def of(cls, handle: socket.socket) -> Self | None:
        """The connection behind a handle; None if the system does not report what was received."""
        return cls(handle) if _acknowledged(handle) is not None else None

    def received(self) -> int | None:
        """The number of bytes that the client has acknowledged; None once the connection has ended."""
        acknowledged = _acknowledged(self._handle)
        return None if acknowledged is None else acknowledged - self._start

    def disconnect(self) -> None:
        """End the connection, so that the client notices that the response is incomplete."""
        with contextlib.suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this handle. The server's own stays open."""
        self._handle.close()


def _acknowledged(handle: socket.socket) -> int | None:
    """The number of bytes that the client of an open connection has acknowledged; None if unknown."""
    try:
        info = handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return None
    if len(info) < _TCP_INFO_BYTES or info[0] != _ESTABLISHED:
        return None
    (acknowledged,) = struct.unpack_from("@Q", info, _ACKNOWLEDGED_AT)
    return int(acknowledged)


def _find_connection(client: str) -> Connection | None:
    """The connection of this process to a peer address, such as `127.0.0.1:50100`."""
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
    """A second handle to an open file, if it is a socket."""
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            return socket.socket(fileno=os.dup(number))
    except OSError:
        pass
    return None
