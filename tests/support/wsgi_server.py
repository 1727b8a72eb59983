"""A WSGI application on a port, in a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from tests.support.waiting import PATIENCE


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(application: Any) -> Iterator[str]:
    """The address of a server of an application, whose thread has ended afterwards, whatever happens."""
    with make_server("127.0.0.1", 0, application, handler_class=_Silent) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join(PATIENCE)
