"""Bodies of requests: read in the event loop, within a deadline and a share of the memory.

A client that sends slowly holds a socket and what it has sent so far, but no thread.
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
"""How many of the largest bodies a worker holds at a time while they arrive."""

BODIES_PER_CLIENT = BODIES_PER_WORKER // 8
"""How many of them may be of one client."""

RETRY_SECONDS = 2
"""When to try again after a worker had no room for a body."""


class Body(NamedTuple):
    """A body as the application reads it, and its length in bytes as the application is told it."""

    stream: BytesIO
    length: int


class BodyReader:
    """Reads bodies of up to `max_bytes`, each within `seconds`. To be used in one event loop only."""

    def __init__(self, *, max_bytes: int, seconds: float) -> None:
        self.seconds = seconds
        self._max_bytes = max_bytes
        self._held: Counter[str] = Counter()
        """Bytes that have arrived of bodies that are incomplete, by client."""

    async def read(self, chunks: AsyncIterable[bytes], length: int | None, client: str) -> Body:
        """Read a body whose `length` is known, or which ends with an empty chunk.

        One that is too long is not read to its end: its length tells the application to refuse it. One that
        is late, or for which there is no room, raises an error with a status when the application reads it.
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
            return Body(_Refused(late(self.seconds)), 1)
        except _NoRoomError:
            return Body(_Refused(no_room()), 1)
        return Body(BytesIO(received), len(received) if length is None else length)

    @contextmanager
    def _counted(self, client: str) -> Iterator[Callable[[int], None]]:
        """Count bytes of a client while its body is incomplete."""
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
    """The worker, or the client, holds as many bytes of incomplete bodies as it may."""


class _Refused(BytesIO):
    """A body that cannot be read: an application that does not ask for it need not know."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__()
        self._error = error

    def _refuse(self, *_: object) -> NoReturn:
        raise self._error

    read = readinto = readline = readlines = _refuse


def late(seconds: float) -> HTTPException:
    """The error of a body that has not arrived in time."""
    return RequestTimeout(
        Message(
            "The request took too long to arrive (limit: {seconds} s). Send it again.", seconds=f"{seconds:g}"
        )
    )


def no_room() -> HTTPException:
    """The error of a body for which there is no room at the moment."""
    text = Message("Too many requests are arriving slowly. Try again in a moment.")
    return ServiceUnavailable(text, retry_after=RETRY_SECONDS)
