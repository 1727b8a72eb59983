"""A client that goes on filing incidents, whatever happens to the service meanwhile."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Self

from tests.support.incidents import incident
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from tests.support.server import Server

_PAUSE = 0.1
"""Seconds before a request is sent again."""


class SteadyWriter:
    """Files incidents with titles of their own, from the beginning to the end of a `with` block.

    `acknowledged` are the titles that the service has confirmed; `uncertain` those whose request broke off
    and is still in flight, as far as the service knows; `statuses` are those of every answer.

    It pauses for `pause` seconds after each. Without a pause it takes a core from what is
    tested, which only a test needs that must meet a request at any moment.
    """

    def __init__(self, server: Server, token: str, name: str, *, pause: float = 0.0) -> None:
        self._server, self._token, self.name, self._pause = server, token, name, pause
        self.acknowledged: list[str] = []
        self.uncertain: list[str] = []
        self.statuses: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)

    def wait_for_more(self, count: int = 2) -> None:
        """Wait until some more incidents have been acknowledged."""
        goal = len(self.acknowledged) + count
        eventually(lambda: len(self.acknowledged) >= goal, lambda: (self.statuses, self._server.errors))

    def _write(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            title = f"{self.name} {number}"
            # A request that broke off is sent again with its key: it takes effect once.
            while (status := self._send(title)) not in (201, 409):
                if self._stop.is_set():
                    self.uncertain.append(title)
                    return
                time.sleep(_PAUSE)
            (self.acknowledged if status == 201 else self.uncertain).append(title)
            self._stop.wait(self._pause)

    def _send(self, title: str) -> int:
        """File an incident, and return the status; 0 without an answer."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": title.replace(" ", "-"),
        }
        body = json.dumps(incident(title=title, status="published")).encode()
        url = f"http://127.0.0.1:{self._server.port}/api/v1/incidents"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, body, headers), timeout=PATIENCE
            ) as answer:
                answer.read()
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except (OSError, http.client.HTTPException):
            return 0
        self.statuses.add(status)
        return status
