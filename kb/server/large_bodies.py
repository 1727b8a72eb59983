"""Bodies that are larger than others may be: read once the application asks for them, few at a time.

The application asks when it knows that the caller may send so much, so nobody else's is read at all.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from kb.server.bodies import Body, late, no_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterator

LARGE_BODIES_PER_WORKER = 2
"""How many of them a worker holds at a time, from their first byte until they are answered."""


class LargeBodies:
    """Reads bodies of more than `min_bytes` and up to `max_bytes`, each within `seconds`.

    To be used in one event loop only. A body holds a thread while it arrives.
    """

    def __init__(self, *, min_bytes: int, max_bytes: int, seconds: float) -> None:
        self._min_bytes, self._max_bytes, self._seconds = min_bytes, max_bytes, seconds
        self._held = 0

    def takes(self, length: int | None) -> bool:
        """Whether a body of this length is one of these. One whose length is not announced is not."""
        return length is not None and self._min_bytes < length <= self._max_bytes

    @contextmanager
    def deferred(
        self, chunks: AsyncIterable[bytes], length: int, loop: asyncio.AbstractEventLoop
    ) -> Iterator[Body]:
        """A body that is read in `loop` when a thread first reads it, and is held until the block ends.

        Reading it raises an error with a status if it is late, or if there is no room for it.
        """
        is_held = False

        async def receive() -> bytes:
            nonlocal is_held
            if self._held >= LARGE_BODIES_PER_WORKER:
                raise no_room()
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
            raise late(self._seconds) from error
        return bytes(received)


class _DeferredStream(BytesIO):
    """The bytes that `receive` returns, which is called once, by whoever reads first."""

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
