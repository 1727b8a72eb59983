"""A PostgreSQL server for a session of tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.support.ports import free_port
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_MEMORY = Path("/dev/shm")

_ENOUGH_BYTES = 4 * 1024**3
"""A cluster of tests takes less, since databases are dropped after their tests, and its log is short."""


def find_initdb() -> Path | None:
    """The newest `initdb` of this machine; None where PostgreSQL is not installed."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found)
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)


def require_initdb() -> Path:
    """The newest `initdb`. Where PostgreSQL is not installed, the test is skipped, or fails if it must be."""
    if (initdb := find_initdb()) is not None:
        return initdb
    if os.environ.get("KB_TEST_POSTGRES") == "required":
        pytest.fail("PostgreSQL is not installed, and KB_TEST_POSTGRES=required")
    pytest.skip("PostgreSQL is not installed")


@contextmanager
def running_server(initdb: Path) -> Iterator[str]:
    """Run a server on a free port, and yield its URL without a database."""
    with running_cluster(initdb) as cluster:
        yield cluster.url


@contextmanager
def running_cluster(initdb: Path) -> Iterator[Cluster]:
    """Run a server on a free port that can be stopped and started."""
    folder = Path(tempfile.mkdtemp(prefix="kb-postgres-", dir=_in_memory()))
    as_user = unprivileged_prefix(folder)
    _run(as_user, initdb, "-D", folder / "data", "-U", "kb", "-A", "trust", "-E", "UTF8", "--no-sync")
    with _running(folder, as_user, initdb) as cluster:
        yield cluster


def _in_memory() -> Path | None:
    """Where a cluster is in memory, if there is enough of it: a new database takes a quarter of the CPU time
    there, since it is hundreds of files. None for the usual folder, as where `TMPDIR` names one."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return None
    return _MEMORY if shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES else None


@contextmanager
def running_replica(initdb: Path, primary: Cluster) -> Iterator[Cluster]:
    """Run a server that follows another one by streaming replication."""
    folder = Path(tempfile.mkdtemp(prefix="kb-replica-"))
    as_user = unprivileged_prefix(folder)
    program = initdb.resolve().with_name("pg_basebackup")  # often initdb alone is linked to
    _run(as_user, program, "-d", primary.url, "-D", folder / "data", "-R", "-c", "fast", "--no-sync")
    with _running(folder, as_user, initdb) as cluster:
        yield cluster


@contextmanager
def durable_cluster(
    initdb: Path, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """Run a server that syncs what it writes to `folder / "data"`, with databases that may be there already.

    Its log is short, so that it begins a new file and a checkpoint every few writes. In the end it is stopped
    as it should be, unless it was before.
    """
    as_user = unprivileged_prefix(folder)
    if not (folder / "data").exists():
        options = ("-U", "kb", "-A", "trust", "-E", "UTF8", "--no-sync", "--wal-segsize=1")
        _run(as_user, initdb, "-D", folder / "data", *options)
    settings = {"max_wal_size": "2MB", "min_wal_size": "2MB", "log_checkpoints": "off"}
    cluster = Cluster(folder, [*as_user, str(initdb.with_name("pg_ctl"))], settings, environment)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop("fast")


@contextmanager
def _running(folder: Path, as_user: list[str], initdb: Path) -> Iterator[Cluster]:
    """Run the server whose databases are in a folder, and remove the folder in the end."""
    # What is kept of the log lets a replica go on that was stopped meanwhile. Autovacuum would
    # visit each of hundreds of databases.
    settings = {"fsync": "off", "wal_keep_size": "256MB", "autovacuum": "off"}
    cluster = Cluster(folder, [*as_user, str(initdb.with_name("pg_ctl"))], settings)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """A server with its databases in a folder."""

    def __init__(
        self,
        folder: Path,
        pg_ctl: list[str],
        settings: Mapping[str, str],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._folder, self._pg_ctl, self._environment = folder, pg_ctl, environment
        self._settings = "".join(f" -c {name}={value}" for name, value in settings.items())
        self._port = free_port()
        self.url = f"postgresql://kb@127.0.0.1:{self._port}"
        self.local_url = f"postgresql://kb@/postgres?host={folder}&port={self._port}"
        """Of the database `postgres`, past the network."""

    def start(self) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1{self._settings}"
        self._control("-w", "-l", self._folder / "log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop at once, which breaks off every connection. Does nothing to a server that has stopped.

        `immediate` leaves recovery to the next start, `fast` does not.
        """
        if self.is_running():
            self._control("-m", mode, "stop")

    def is_running(self) -> bool:
        return (self._folder / "data" / "postmaster.pid").exists()

    def pause(self) -> None:
        """Let the server answer nothing, and keep every connection, as one does whose machine hangs."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        server = int((self._folder / "data" / "postmaster.pid").read_text("utf-8").split()[0])
        backends = Path(f"/proc/{server}/task/{server}/children").read_text("utf-8").split()
        for process in (server, *map(int, backends)):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _control(self, *arguments: object) -> None:
        command = (*self._pg_ctl, "-D", self._folder / "data", "-t", int(PATIENCE), *arguments)
        _run([], *command, environment=self._environment)


def create_database(server: str, name: str, *, template: str = "template1") -> str:
    """Create a database as a copy of another one, and return its URL."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        # To copy files takes half the time of writing their pages to the log, the default since version 15.
        strategy = "STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {strategy}')
    return f"{server}/{name}"


def drop_database(url: str) -> None:
    """Drop a database, whoever is connected to it."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def unprivileged_prefix(folder: Path) -> list[str]:
    """The command prefix that runs PostgreSQL as another user, since it refuses to run as root."""
    if os.getuid() != 0:
        return []
    user = "postgres"
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def _run(as_user: list[str], *command: object, environment: Mapping[str, str] | None = None) -> None:
    subprocess.run(
        [*as_user, *map(str, command)],
        check=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
