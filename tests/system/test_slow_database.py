"""A database that is only slow: everything works, slowly, and what needs no database is answered at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

import pytest
from flask import Flask

from kb.config import Settings
from tests.support.api import callers, running
from tests.support.incidents import incident
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

DELAY = 0.02
"""Seconds that each answer of the database takes longer."""


class Delay:
    """A proxy in front of a server, which can hold back its answers."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.seconds, self.held_back = 0.0, 0
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                client, _ = self._listener.accept()
                upstream = socket.create_connection(self._server)
                for source, target, slow in ((client, upstream, False), (upstream, client, True)):
                    threading.Thread(target=self._pass_on, args=(source, target, slow), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, slow: bool) -> None:
        with suppress(OSError), source, target:
            while data := source.recv(65_536):
                if slow and self.seconds:
                    self.held_back += 1
                    time.sleep(self.seconds)
                target.sendall(data)

    def close(self) -> None:
        self._listener.close()


@contextmanager
def _delayed(settings: Settings) -> Iterator[tuple[Settings, Delay]]:
    """Settings that lead to the same database through a proxy."""
    address, name = settings.database_url.rpartition("@")[2].split("/")
    host, port = address.split(":")
    delay = Delay((host, int(port)))
    try:
        url = f"postgresql://kb@127.0.0.1:{delay.port}/{name}"
        yield Settings(data_dir=settings.data_dir, database_url=url, index_wait_seconds=PATIENCE), delay
    finally:
        delay.close()


def test_a_slow_database_makes_answers_slow_and_nothing_else(postgres_settings: Settings) -> None:
    with _delayed(postgres_settings) as (settings, delay):
        for app in running(settings):
            _check(app, delay)


def _check(app: Flask, delay: Delay) -> None:
    api = callers(app)("site_admin")
    assert api.get("/search", q="zebra").status_code == 200
    delay.seconds = DELAY
    with ThreadPoolExecutor(8) as clients:
        statuses = [*clients.map(partial(_file, app, api.token), range(8))]
    assert statuses == [201] * 8
    assert delay.held_back >= 8
    assert api.get("/health/ready").get_json()["status"] == "ready"
    assert api.get("/health/live").status_code == 200
    eventually(lambda: api.get("/search", q="zebra").get_json()["total"] == 8)


def _file(app: Flask, token: str | None, number: int) -> int:
    """File an incident; the status of the answer."""
    body = incident(title=f"Zebra {number}", organization=f"Company {number}", status="published")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"zebra-{number}"}
    return app.test_client().post("/api/v1/incidents", json=body, headers=headers).status_code
