"""A throwaway PostgreSQL server in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.servers import free_port


def find_initdb() -> Path | None:
    """The path of PostgreSQL's `initdb`, or None if PostgreSQL is not installed."""
    path = shutil.which("initdb")
    if path is not None:
        return Path(path)
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)


class Cluster:
    """A running PostgreSQL server; `close` stops it and removes its files."""

    def __init__(self) -> None:
        program = find_initdb()
        assert program is not None
        self._binaries = program.parent
        self._folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
        self._command_prefix = self._unprivileged_prefix()
        self._data = self._folder / "data"
        port = free_port()
        self.url = f"postgresql://bench@127.0.0.1:{port}/postgres"
        try:
            self._run(program, "-D", self._data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync")
            self._options = (
                f"-p {port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=400"
            )
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Start the server, at the address that it had before."""
        self._control("-w", "-l", self._folder / "log", "-o", self._options, "start")

    def stop(self, mode: str) -> None:
        """Stop the server: `fast` breaks off connections, `immediate` also leaves recovery to the start."""
        self._control("-w", "-m", mode, "stop")

    def create_database(self, name: str) -> str:
        """Create an empty database, and return its URL."""
        import psycopg  # noqa: PLC0415 (optional)

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return f"{self.url.rpartition('/')[0]}/{name}"

    def pid(self) -> int:
        """The process ID of the postmaster."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        """Stop the server and remove its files."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *arguments: object) -> None:
        self._run(self._binaries / "pg_ctl", "-D", self._data, *arguments)

    def _unprivileged_prefix(self) -> list[str]:
        """The command prefix that switches from root to `postgres`: PostgreSQL refuses to run as root."""
        if os.getuid() != 0:
            return []
        shutil.chown(self._folder, "postgres")
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def _run(self, *command: object) -> None:
        # In a session of its own: Ctrl-C must reach only the benchmark, which then stops this server.
        subprocess.run(  # noqa: S603 (our own command)
            [*self._command_prefix, *map(str, command)],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
