"""Streams to clients that read slowly."""

from __future__ import annotations

import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from kb.server import pacing
from kb.server.pacing import Pacer
from tests.server.echo import CHUNK, CHUNKS
from tests.server.test_application import ask, open_port
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a client has received")


@pytest.fixture
def port() -> Iterator[int]:
    """A server of its own: it counts the chunks of all answers."""
    yield from open_port()


def _counts(port: int) -> dict[str, int]:
    counts: dict[str, int] = json.loads(ask(port, "GET", "/counts")[2])
    return counts


def _slow_client(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    client.settimeout(PATIENCE)
    client.connect(("127.0.0.1", port))
    client.sendall(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def _made_when_it_stops(port: int) -> int:
    """How many chunks were made once no more are: ten looks in a row see the same number."""
    seen: list[int] = []
    while len(seen) < 10 or len({*seen[-10:]}) > 1 or not seen[-1]:
        seen.append(_counts(port)["made"])
        time.sleep(0.05)
    return seen[-1]


def test_no_more_is_made_than_a_slow_client_can_be_sent(port: int) -> None:
    with closing(_slow_client(port)) as client:
        assert _made_when_it_stops(port) < CHUNKS / 5
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert len(answer.read()) == len(CHUNK) * CHUNKS, "in the end it has got everything"
    assert _counts(port) == {"made": CHUNKS, "ended": 1}


def test_slow_clients_hold_few_threads_and_what_they_held_is_free_when_they_go(port: int) -> None:
    """There are more of them than threads, and one thread may wait."""
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(closing(_slow_client(port)))
        eventually(lambda: _counts(port)["ended"] == 5)
    eventually(lambda: _counts(port)["ended"] == 6)


def test_a_client_that_keeps_a_stream_waiting_for_too_long_is_disconnected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pacing, "MAX_UNREAD_BYTES", 1_000)
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(socket.socket()) as client:
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        with (
            closing(server),
            Pacer(8, max_wait=0.1).paced(f"127.0.0.1:{client.getsockname()[1]}") as stream,
        ):
            server.sendall(b"x" * 500)
            stream.wait_after(500)
            stream.wait_after(1_000)  # which are never sent
            assert len(client.recv(1_000)) == 500
            assert client.recv(1) == b""


def test_a_stream_whose_connection_is_not_found_is_not_held_back() -> None:
    with Pacer(8).paced("192.0.2.1:9") as stream:
        waiter = threading.Thread(target=stream.wait_after, args=(10**9,))
        waiter.start()
        waiter.join(PATIENCE)
        assert not waiter.is_alive()
