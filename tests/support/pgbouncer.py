"""PgBouncer in transaction mode in front of a PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.ports import free_port
from tests.support.postgres import unprivileged_prefix
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS = """
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
pool_mode = transaction
default_pool_size = {connections}
"""


def find_pgbouncer() -> str | None:
    """The program `pgbouncer`, which Debian has in a folder of its own; None where it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running_pgbouncer(program: str, server: str, *, connections: int) -> Iterator[str]:
    """Run PgBouncer before a server, and yield the URL of both without a database."""
    folder = Path(tempfile.mkdtemp(prefix="kb-pgbouncer-"))
    prefix = unprivileged_prefix(folder)
    port = free_port()
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        _SETTINGS.format(server_port=urlsplit(server).port, port=port, connections=connections)
        + f"auth_file = {folder}/users\n",
        "utf-8",
    )
    (folder / "users").write_text('"kb" ""\n', "utf-8")
    process = subprocess.Popen(
        [*prefix, program, "-q", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        eventually(lambda: _accepts(port))
        yield f"postgresql://kb@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
