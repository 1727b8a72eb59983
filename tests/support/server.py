"""A running `kb serve`, with real processes, sockets and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.environment import own_environment
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE, eventually


@contextmanager
def running_server(data_dir: Path, **settings: str) -> Iterator[Server]:
    """Run `kb serve` on a free port, with settings such as `KB_MAX_BODY_BYTES`."""
    server = Server(data_dir, free_port(), settings)
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return b""


class Server:
    """A running `kb serve`, and an HTTP client for it."""

    def __init__(self, data_dir: Path, port: int, settings: Mapping[str, str]) -> None:
        self.data_dir, self.port, self._settings = data_dir, port, settings
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kb", "serve", "--data-dir", str(self.data_dir), "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=own_environment(KB_INDEX_WAIT_SECONDS=str(PATIENCE), **self._settings),
        )
        self.output: list[str] = []
        self.errors: list[str] = []
        self._streams = [
            threading.Thread(target=lines.extend, args=(stream,), daemon=True)
            for stream, lines in ((self.process.stdout, self.output), (self.process.stderr, self.errors))
        ]
        for stream in self._streams:
            stream.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        eventually(self._is_ready, lambda: self.errors)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.errors
        try:
            return bool(self.get("/health/ready")["status"] == "ready")
        except (urllib.error.URLError, ConnectionError):
            return False

    def token(self) -> str:
        """The token that a first start prints. It may arrive a little after the server is ready."""
        eventually(lambda: bool(self.output), lambda: self.errors)
        (line,) = self.output
        return line.strip()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._ask(urllib.request.Request(self._url(path, query)))

    def post(self, path: str, body: Any, token: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self._ask(urllib.request.Request(self._url(path), json.dumps(body).encode(), headers))

    def _url(self, path: str, query: dict[str, str] | None = None) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1{path}?{urllib.parse.urlencode(query or {})}"

    def _ask(self, request: urllib.request.Request) -> dict[str, Any]:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            body: dict[str, Any] = json.load(answer)
            return body

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("utf-8")
        return [int(pid) for pid in children.split() if b"resource_tracker" not in command_line(int(pid))]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        self.wait()

    def wait(self) -> int:
        """Wait until every process has ended, the workers included, and return the exit code."""
        code = self.process.wait(PATIENCE)
        for stream in self._streams:  # they end when no process has them open any more
            stream.join(PATIENCE)
        return code
