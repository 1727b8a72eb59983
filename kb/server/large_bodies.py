"""Bodies over the normal size limit: read only when the application asks for them, a few at a time.

The application asks only after it has authorized the caller to send this much, so other callers' bodies are
never read.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from kb.server.bodies import Body, late_error, no_room_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterator

LARGE_BODIES_PER_WORKER = 2
"""Maximum number of large bodies in a worker at a time, from the first byte to the response."""


class LargeBodies:
    """Reads bodies of more than `min_bytes` and up to `max_bytes`, each within `seconds`.

    Use it in one event loop only. A body occupies a thread while it arrives.
    """

    def __init__(self, *, min_bytes: int, max_bytes: int, seconds: float) -> None:
        self._min_bytes, self._max_bytes, self._seconds = min_bytes, max_bytes, seconds
        self._held = 0

    def accepts(self, length: int | None) -> bool:
        """Whether a body of this length is a large one; False if the length is not announced."""
        return length is not None and self._min_bytes < length <= self._max_bytes

    @contextmanager
    def deferred(
        self, chunks: AsyncIterable[bytes], length: int, loop: asyncio.AbstractEventLoop
    ) -> Iterator[Body]:
        """Yield a body that is received in `loop` on its first read, and counts as held until the block ends.

        Reading it raises an HTTP error if it is late or there is no room for it.
        """
        is_held = False

        async def receive() -> bytes:
            nonlocal is_held
            if self._held >= LARGE_BODIES_PER_WORKER:
                raise no_room_error()
            self._held += 1
            is_held = True
            return await self._receive(chunks, length)

        try:
            yield Body(
                _DeferredStream(lambda: asyncio.run_coroutine_threadsafe(receive(), loop).result()), length
            )
        finally:
            self._held -= is_held

    async def _receive(self, chunks: AsyncIterable[bytes], length: int) -> bytes:
        received = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in chunks:
                    received += chunk
                    if not chunk or len(received) >= length:
                        break
        except TimeoutError as error:
            raise late_error(self._seconds) from error
        return bytes(received)


class _DeferredStream(BytesIO):
    """A stream of the bytes that `receive` returns, which is called once, on the first read."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        super().__init__()
        self._receive: Callable[[], bytes] | None = receive

    def _fill(self) -> None:
        if self._receive is not None:
            receive, self._receive = self._receive, None
            self.write(receive())
            self.seek(0)

    def read(self, *arguments: Any) -> bytes:
        self._fill()
        return super().read(*arguments)

    def readinto(self, buffer: Any) -> int:
        self._fill()
        return super().readinto(buffer)

    def readline(self, *arguments: Any) -> bytes:
        self._fill()
        return super().readline(*arguments)

    def readlines(self, *arguments: Any) -> list[bytes]:
        self._fill()
        return super().readlines(*arguments)
