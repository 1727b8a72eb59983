"""Request bodies, read in the event loop with a deadline and memory limits.

A slow client occupies a socket and the memory of what it has sent, but not a thread.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from werkzeug.exceptions import RequestTimeout, ServiceUnavailable

from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterator

    from werkzeug.exceptions import HTTPException

BODIES_PER_WORKER = 64
"""Memory limit of a worker for incomplete bodies, in bodies of the maximum size."""

BODIES_PER_CLIENT = BODIES_PER_WORKER // 8
"""Memory limit of a worker for incomplete bodies of one client."""

RETRY_SECONDS = 2
"""Retry-After, in seconds, when a worker has no room for a body."""


class Body(NamedTuple):
    """The stream of a body, and the length in bytes that is reported to the application."""

    stream: BytesIO
    length: int


class BodyReader:
    """Reads bodies of up to `max_bytes`, each within `seconds`. Use it in one event loop only."""

    def __init__(self, *, max_bytes: int, seconds: float) -> None:
        self.seconds = seconds
        self._max_bytes = max_bytes
        self._held: Counter[str] = Counter()
        """Received bytes of incomplete bodies, by client."""

    async def read(self, chunks: AsyncIterable[bytes], length: int | None, client: str) -> Body:
        """Read a body of a known `length`, or one that ends with an empty chunk.

        A body that is too long is not read to its end; the application refuses it because of its length. If
        it is late, or there is no room for it, an HTTP error is raised when the application reads it.
        """
        if length is not None and length > self._max_bytes:
            return Body(BytesIO(), length)
        received = bytearray()
        try:
            with self._counted(client) as count:
                async with asyncio.timeout(self.seconds):
                    async for chunk in chunks:
                        received += chunk
                        if not chunk or len(received) == length or len(received) > self._max_bytes:
                            break
                        count(len(chunk))
        except TimeoutError:
            return Body(_RefusedBody(late_error(self.seconds)), 1)
        except _NoRoomError:
            return Body(_RefusedBody(no_room_error()), 1)
        return Body(BytesIO(received), len(received) if length is None else length)

    @contextmanager
    def _counted(self, client: str) -> Iterator[Callable[[int], None]]:
        """Yield a function that counts the bytes of a client while its body is incomplete."""
        held = 0

        def count(size: int) -> None:
            nonlocal held
            held += size
            self._held[client] += size
            if (
                self._held[client] > BODIES_PER_CLIENT * self._max_bytes
                or self._held.total() > BODIES_PER_WORKER * self._max_bytes
            ):
                raise _NoRoomError

        try:
            yield count
        finally:
            self._held[client] -= held
            if not self._held[client]:
                del self._held[client]


class _NoRoomError(Exception):
    """The worker, or the client, has reached its limit for incomplete bodies."""


class _RefusedBody(BytesIO):
    """A body that raises an error when it is read, so that the application may ignore it otherwise."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__()
        self._error = error

    def _refuse(self, *_: object) -> NoReturn:
        raise self._error

    read = readinto = readline = readlines = _refuse


def late_error(seconds: float) -> HTTPException:
    """The error for a body that has not arrived in time."""
    return RequestTimeout(
        Message(
            "The request took too long to arrive (limit: {seconds} s). Send it again.", seconds=f"{seconds:g}"
        )
    )


def no_room_error() -> HTTPException:
    """The error for a body for which there is currently no room."""
    text = Message("Too many requests are arriving slowly. Try again in a moment.")
    return ServiceUnavailable(text, retry_after=RETRY_SECONDS)
