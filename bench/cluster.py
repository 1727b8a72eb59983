"""A PostgreSQL server of the benchmark's own: made in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.servers import free_port


def initdb() -> Path | None:
    """PostgreSQL's program that makes a cluster, where it is installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found)
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)


class Cluster:
    """A running PostgreSQL server; `close` stops it and removes its files."""

    def __init__(self) -> None:
        program = initdb()
        assert program is not None
        self._binaries = program.parent
        self._folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
        self._as_user = self._unprivileged()
        self._data = self._folder / "data"
        port = free_port()
        self.url = f"postgresql://bench@127.0.0.1:{port}/postgres"
        try:
            self._run(program, "-D", self._data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync")
            options = f"-p {port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
            self._control("-w", "-l", self._folder / "log", "-o", options, "start")
        except BaseException:
            self.close()
            raise

    def pid(self) -> int:
        """The server's process."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        """Stop the server and remove its files."""
        if (self._data / "postmaster.pid").exists():
            self._control("-w", "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *arguments: object) -> None:
        self._run(self._binaries / "pg_ctl", "-D", self._data, *arguments)

    def _unprivileged(self) -> list[str]:
        """PostgreSQL refuses to run as root: how to run it as somebody else, where that is who we are."""
        if os.getuid() != 0:
            return []
        shutil.chown(self._folder, "postgres")
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def _run(self, *command: object) -> None:
        # Apart from our terminal: Ctrl-C is for the benchmark, which then stops this server.
        subprocess.run(  # noqa: S603 (our own command)
            [*self._as_user, *map(str, command)],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
