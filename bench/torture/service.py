"""The service that is tortured: its processes, and what is in its database."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from bench.load_generator import Connection, Response, get_request, post_request
from bench.servers import Server, clean_environment, descendants, free_port
from bench.torture import hosts

if TYPE_CHECKING:
    import argparse
    import random
    from collections.abc import Mapping

_WORKERS = 2
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})

ACCOUNT = {"email": "torture@example.com", "password": "correct horse battery staple"}
"""What the person without a role signs in with."""


class Finding(NamedTuple):
    """What came of a trial: the promises that it is about, what was done and seen, and whether they held."""

    promise: str
    done: str
    seen: str
    kept: bool


class Trial(NamedTuple):
    """What a trial works with; `seconds` and `requests` bound it."""

    service: Service
    rng: random.Random
    seconds: float
    requests: int


class Service:
    """`kb serve` on one port, which trials may kill and start."""

    def __init__(self, folder: Path, database: str, settings: Mapping[str, str] = _NO_SETTINGS) -> None:
        self.folder, self.port = folder, free_port()
        self.data = folder / "kb-data"
        self.token = ""
        self.tokens: dict[str, str] = {}
        self._environment = {"KB_ACCESS_LOG": "off", **settings}
        if database:
            self._environment["KB_DATABASE_URL"] = database
        self._server: Server | None = None
        self._starts = 0
        self._host = ""

    @property
    def on_sqlite(self) -> bool:
        return "KB_DATABASE_URL" not in self._environment

    def trial(self, rng: random.Random, options: argparse.Namespace) -> Trial:
        return Trial(self, rng, options.seconds, options.requests)

    def prepare(self, documents: int) -> None:
        """Import the corpus, and make a token of each role, and of a person who has none.

        `token` is an administrator's.
        """
        from bench.application import make_app  # noqa: PLC0415 (imports the whole service)
        from kb.domain.permissions import TOKEN_ROLES, Role  # noqa: PLC0415
        from kb.models import db  # noqa: PLC0415
        from kb.services.accounts.tokens import create_team_token, create_user_token  # noqa: PLC0415
        from kb.services.accounts.users import create_user  # noqa: PLC0415
        from kb.services.core.system_actors import OPERATOR  # noqa: PLC0415

        self.app = make_app(self.data, documents, self._environment.get("KB_DATABASE_URL", ""))
        with self.app.app_context():
            person = create_user(OPERATOR, {**ACCOUNT, "name": "Tess Torture"})
            self.tokens = {
                "signed_in": create_user_token(person["id"], "torture").secret,
                **{role.key: create_team_token(f"torture {role.key}", role).secret for role in TOKEN_ROLES},
            }
            self.token = self.tokens[Role.ADMIN.key]
            db.session.remove()
            db.engine.dispose()

    def command(self, *arguments: str) -> list[str]:
        """The command line of `kb` on this installation."""
        return [sys.executable, "-m", "kb", *arguments, "--data-dir", str(self.data)]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands on this installation."""
        return clean_environment() | self._environment

    def verify(self) -> int:
        """Compare the index with the database, document by document; the exit code of `kb index verify`.

        1 also if it says that something is not indexed yet.
        """
        command = self.command("index", "verify", "--format", "json")
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False)  # noqa: S603
        return done.returncode or int(not json.loads(done.stdout)["equal"])

    def logged_errors(self) -> list[str]:
        """The lines of its logs, since the first start, that tell an error."""
        lines = [
            line for log in sorted(self.folder.glob("serve-*.log")) for line in log.read_text().splitlines()
        ]
        return [line for line in lines if '"level": "error"' in line]

    def start(self) -> None:
        """Start the service, and wait until it is ready."""
        self._starts += 1
        command = self.command("serve", "--port", str(self.port), "--workers", str(_WORKERS))
        if self._host:
            command = hosts.on_host(self._host, command)
        log = self.folder / f"serve-{self._starts}.log"
        self._server = Server(command, self.port, log, self._environment)
        self._server.wait_until_ready("/api/v1/health/ready")

    def become_another_host(self) -> None:
        """Let the next start be one of another host, where that can be simulated.

        Nothing then knows whether the processes that ran before still live.
        """
        if hosts.can_simulate():
            self._host = f"{self.folder.name}-{self._starts + 1}"

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        assert self._server is not None
        return descendants(self._server.processes()[0])

    def kill_worker(self, rng: random.Random) -> None:
        """Kill a worker, which its parent replaces."""
        if workers := self.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(workers), signal.SIGKILL)

    def kill_parent(self) -> list[int]:
        """Kill the parent; return the process ids of the workers that it leaves."""
        assert self._server is not None
        workers = self.workers()
        self._server.kill()
        return workers

    def kill_all(self) -> None:
        """Kill all processes of the service at once."""
        assert self._server is not None
        self._server.kill_all()

    def close(self) -> None:
        """Stop the service."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def get(self, path: str) -> Response:
        """Get a path below `/api/v1`; the status is 0 if there is no answer."""
        return self._exchange(get_request(f"/api/v1{path}".encode()))

    def get_as_admin(self, path: str) -> Response:
        """Get a path below `/api/v1`, as an administrator."""
        return self._exchange(
            _with_headers(get_request(f"/api/v1{path}".encode()), {"Authorization": f"Bearer {self.token}"})
        )

    def post(self, path: str, body: object, **headers: str) -> Response:
        """Post to a path below `/api/v1`, as an administrator."""
        return self._exchange(_with_headers(post_request(f"/api/v1{path}", body, self.token), headers))

    def _exchange(self, request: bytes) -> Response:
        try:
            with Connection(self.port) as connection:
                return connection.exchange(request)
        except (OSError, ValueError):
            return Response(0, b"")


def _with_headers(request: bytes, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return request.replace(b"\r\n", f"\r\n{lines}".encode(), 1)


def wait_until_gone(pids: list[int], seconds: float) -> float:
    """Wait until processes have ended, for so many seconds at most; how long it took."""
    started = time.monotonic()
    while any(map(_is_alive, pids)) and time.monotonic() - started < seconds:
        time.sleep(0.02)
    return time.monotonic() - started


def _is_alive(pid: int) -> bool:
    """Whether a process runs: one that has ended stays as a zombie until its new parent asks for it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
