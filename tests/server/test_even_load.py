"""Clients that keep their connections open, and so stay with one of the workers of `kb serve`."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.server.echo import BODY_SECONDS
from tests.support.api import REPOSITORY
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE, eventually

_SERVE = """
import sys
from kb.cli.supervisor import Supervisor
options = {"factory": True, "interface": "rsgi", "websockets": False, "workers": 2}
Supervisor("tests.server.echo:create", port=int(sys.argv[1]), **options).serve()
"""

_CLIENTS = 6


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server with two workers, whose clients may reach both."""
    number = free_port()
    environment = {**os.environ, BODY_SECONDS: str(PATIENCE)}
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(number)], cwd=REPOSITORY, env=environment)
    workers: set[int] = set()

    def answer() -> bool:
        with closing(_connection(number)) as connection:
            try:
                workers.add(_worker(connection))
            except ConnectionError:
                return False
        return len(workers) == 2

    try:
        eventually(answer, process.poll)
        yield number
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def _worker(connection: http.client.HTTPConnection) -> int:
    """The process that answers a request of some duration."""
    connection.request("GET", "/slow")
    answer = connection.getresponse()
    worker: int = json.loads(answer.read())["process"]
    return worker


def _of_two(latest: list[int]) -> int:
    """How many workers have answered at least two clients; 0 stands for no answer yet."""
    return len({worker for worker in latest if worker and latest.count(worker) >= 2})


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="workers do not share their loads")
def test_clients_that_all_have_the_same_worker_are_spread_over_both(port: int) -> None:
    with ExitStack() as stack:
        by_worker: dict[int, list[http.client.HTTPConnection]] = {}
        while max(map(len, by_worker.values()), default=0) < _CLIENTS:
            connection = stack.enter_context(closing(_connection(port)))
            by_worker.setdefault(_worker(connection), []).append(connection)
        clients = max(by_worker.values(), key=len)
        latest = [0] * _CLIENTS
        stopped = threading.Event()

        def ask_on(number: int) -> None:
            while not stopped.is_set():
                latest[number] = _worker(clients[number])

        threads = [threading.Thread(target=ask_on, args=(number,)) for number in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: _of_two(latest) == 2, lambda: latest)
        finally:
            stopped.set()
            for thread in threads:
                thread.join(PATIENCE)
