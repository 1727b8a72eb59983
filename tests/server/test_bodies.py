"""What a worker holds of bodies that are arriving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from werkzeug.exceptions import ServiceUnavailable

from kb.server.bodies import BODIES_PER_CLIENT, BODIES_PER_WORKER, Body, BodyReader
from tests.support.waiting import PATIENCE

_SIZE = 1_000


async def _read_at_once(clients: list[str]) -> list[Body]:
    """Read a body of each client, all of which stop before the last byte until nothing more happens."""
    reader = BodyReader(max_bytes=_SIZE, seconds=PATIENCE)
    finish = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x" * (_SIZE - 1)
        await finish.wait()
        yield b"x"

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(reader.read(chunks(), _SIZE, client)) for client in clients]
        await asyncio.sleep(0)
        finish.set()
    assert (await reader.read(chunks(), _SIZE, clients[0])).stream.read() == b"x" * _SIZE
    return [task.result() for task in tasks]


def _is_refused(body: Body) -> bool:
    try:
        return len(body.stream.read()) != _SIZE
    except ServiceUnavailable as error:
        assert error.retry_after
        return True


@pytest.mark.parametrize(
    ("clients", "taken"),
    [
        (["192.0.2.1"] * 2 * BODIES_PER_CLIENT, BODIES_PER_CLIENT),
        ([f"192.0.2.{number}" for number in range(2 * BODIES_PER_WORKER)], BODIES_PER_WORKER),
    ],
    ids=["one client", "many clients"],
)
def test_what_is_half_sent_has_a_limit_and_what_exceeds_it_is_refused(clients: list[str], taken: int) -> None:
    bodies = asyncio.run(_read_at_once(clients))
    assert [_is_refused(body) for body in bodies] == [False] * taken + [True] * (len(clients) - taken)


def test_a_body_that_is_cut_off_is_shorter_than_announced() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"abc"
        yield b""

    body = asyncio.run(BodyReader(max_bytes=_SIZE, seconds=PATIENCE).read(chunks(), 10, "192.0.2.1"))
    assert (body.stream.read(), body.length) == (b"abc", 10)
