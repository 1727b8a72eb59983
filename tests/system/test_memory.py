"""What a worker of `kb serve` costs the machine: it shares what its parent has read, and stops growing."""

from __future__ import annotations

import os
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.incidents import incident
from tests.support.prepared import copy_folder
from tests.support.server import Server, running_server
from tests.support.waiting import PATIENCE, eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of workers in /proc"),
]

ROUNDS = 100
"""Each is two searches, a check, a page and a write, all of them with words that nobody has used before."""

MAX_GROWTH = 24_000_000
"""What a worker may grow by in as many rounds again, in bytes: words in caches, and what a merge leaves."""

MIN_SHARED = 150_000_000
"""What a worker must have in common with its parent when it starts, in bytes."""

MAX_OWN = 45_000_000
"""What a worker may have for itself when it starts, in bytes."""


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that the tests share: the first one looks at it as it starts."""
    with running_server(copy_folder(prepared, tmp_path_factory.mktemp("memory") / "data")) as server:
        yield server


def _sizes(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()[1:]
    return {name: int(rest.split()[0]) * 1_024 for name, _, rest in (line.partition(":") for line in lines)}


def _own(server: Server) -> int:
    """What all workers have for themselves, in bytes."""
    sizes = map(_sizes, server.workers())
    return sum(size["Private_Clean"] + size["Private_Dirty"] for size in sizes)


def _use(server: Server, token: str, rounds: range) -> None:
    for number in rounds:
        word = f"zebra{number}x"
        for query in (word, f"{word} placeholder published by mistake"):
            server.get("/search", q=query)
        server.post("/checks", {"text": f"{word}: insert copy here, and greetings to {word}"}, token)
        server.post("/incidents", incident(title=f"{word} {number}", status="published"), token)
        page = f"http://127.0.0.1:{server.port}/search?q={urllib.parse.quote(word)}"
        with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
            assert word in answer.read().decode()


def test_workers_share_most_of_what_their_parent_has_read(server: Server) -> None:
    eventually(lambda: len(server.workers()) == (os.cpu_count() or 1), server.workers)
    for pid in server.workers():
        sizes = _sizes(pid)
        assert sizes["Shared_Clean"] + sizes["Shared_Dirty"] > MIN_SHARED
        assert sizes["Private_Dirty"] < MAX_OWN


def test_a_worker_does_not_grow_with_every_request(server: Server) -> None:
    token = server.token()
    _use(server, token, range(ROUNDS))
    warm = _own(server)
    _use(server, token, range(ROUNDS, 2 * ROUNDS))
    assert _own(server) - warm < MAX_GROWTH * len(server.workers())
