"""Bodies that are larger than others: read when the application asks, and only a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.exceptions import HTTPException, RequestTimeout, ServiceUnavailable

from kb.server.large_bodies import LARGE_BODIES_PER_WORKER, LargeBodies
from tests.support.waiting import PATIENCE

_SIZE = 5_000


def _bodies(seconds: float = PATIENCE) -> LargeBodies:
    return LargeBodies(min_bytes=1_000, max_bytes=10_000, seconds=seconds)


async def _sent(*, whole: bool = True) -> AsyncIterator[bytes]:
    yield b"x" * (_SIZE - 1)
    if not whole:
        await asyncio.sleep(PATIENCE)
    yield b"x"


async def _never_read() -> AsyncIterator[bytes]:
    raise AssertionError("nobody asked for this body")
    yield b""


def _read(stream: object) -> bytes | HTTPException:
    try:
        return stream.read()  # type: ignore[attr-defined, no-any-return]
    except HTTPException as error:
        return error


@pytest.mark.parametrize(
    ("length", "is_large"), [(1_000, False), (1_001, True), (10_000, True), (10_001, False), (None, False)]
)
def test_only_bodies_of_an_announced_length_between_the_limits_are_large(
    length: int | None, is_large: bool
) -> None:
    assert _bodies().accepts(length) is is_large


def test_a_body_is_read_when_a_thread_asks_for_it_in_whichever_way() -> None:
    async def run() -> None:
        loop, bodies = asyncio.get_running_loop(), _bodies()
        with bodies.deferred(_never_read(), _SIZE, loop):
            pass
        for read in (
            lambda stream: stream.read(_SIZE),
            lambda stream: stream.readline(),
            lambda stream: b"".join(stream.readlines()),
            lambda stream: bytes(buffer) if stream.readinto(buffer := bytearray(_SIZE)) == _SIZE else b"",
        ):
            with bodies.deferred(_sent(), _SIZE, loop) as body:
                assert body.length == _SIZE
                assert await loop.run_in_executor(None, read, body.stream) == b"x" * _SIZE

    asyncio.run(run())


def test_of_many_at_a_time_the_first_are_read_and_the_others_refused() -> None:
    async def run() -> list[bytes | HTTPException]:
        loop, bodies = asyncio.get_running_loop(), _bodies()
        finish = asyncio.Event()
        results: list[bytes | HTTPException] = []

        async def request(threads: ThreadPoolExecutor) -> None:
            with bodies.deferred(_sent(), _SIZE, loop) as body:
                results.append(await loop.run_in_executor(threads, _read, body.stream))
                if len(results) == LARGE_BODIES_PER_WORKER + 3:
                    finish.set()
                await finish.wait()

        with ThreadPoolExecutor(8) as threads:
            async with asyncio.TaskGroup() as group:
                for _ in range(LARGE_BODIES_PER_WORKER + 3):
                    group.create_task(request(threads))
            with bodies.deferred(_sent(), _SIZE, loop) as body:
                assert await loop.run_in_executor(threads, _read, body.stream) == b"x" * _SIZE
        return results

    results = asyncio.run(run())
    refused = [result for result in results if isinstance(result, ServiceUnavailable)]
    assert [error.retry_after is not None for error in refused] == [True] * 3
    assert len(results) - len(refused) == LARGE_BODIES_PER_WORKER


def test_a_late_body_is_refused_and_its_place_is_free_again() -> None:
    async def run() -> None:
        loop, bodies = asyncio.get_running_loop(), _bodies(seconds=0.01)
        for _ in range(LARGE_BODIES_PER_WORKER + 1):
            with bodies.deferred(_sent(whole=False), _SIZE, loop) as body:
                result = await loop.run_in_executor(None, _read, body.stream)
                assert isinstance(result, RequestTimeout)

    asyncio.run(run())


def test_a_body_that_is_cut_off_is_shorter_than_announced() -> None:
    async def cut_off() -> AsyncIterator[bytes]:
        yield b"abc"
        yield b""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        with _bodies().deferred(cut_off(), _SIZE, loop) as body:
            assert await loop.run_in_executor(None, _read, body.stream) == b"abc"
            assert body.length == _SIZE

    asyncio.run(run())
