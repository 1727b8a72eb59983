"""`kb serve`: prepare the installation and run the server."""

from __future__ import annotations

import errno
import multiprocessing
import os
import socket
import time
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import application_context, data_dir_option, progress_bar
from kb.cli.language import failure, say
from kb.messages import Message

if TYPE_CHECKING:
    from pathlib import Path

try:
    import resource
except ImportError:  # missing on Windows
    resource = None  # type: ignore[assignment]

_CORES = os.cpu_count() or 1

CONNECTIONS = 4_096
"""Maximum number of connections of a worker. Further clients wait until others disconnect."""

_SPARE_FILES = 256
"""File descriptors reserved for anything but connections: the index, the database, the log."""

PORT_WAIT_SECONDS = 5.0
"""How long to wait for an address that workers of a killed server still occupy."""

SHUTDOWN_SECONDS = 10
"""How long a shutdown waits for requests in progress."""

_LOG_TO_STDERR: dict[str, Any] = {
    "handlers": {name: {"class": "kb.web.logs.LogHandler"} for name in ("console", "access")}
}
"""How the server itself logs. Standard output is reserved for the token."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option(
    "--workers", type=click.IntRange(1), help="Number of worker processes.  [default: number of cores]"
)
@data_dir_option
def serve(host: str, port: int, workers: int | None, data_dir: Path | None) -> None:
    """Run the server.

    The first start creates the data folder, loads the taxonomy and the six founding cases, builds the search
    index and prints an administrator's token, once. Later starts keep existing data, and print a token only
    if no administrator has a valid one.
    """
    from kb.web.logs import configure_logging

    configure_logging()
    _require_free_port(host, port)
    # Prepared here, because a worker that finds nothing must not create another installation.
    with application_context(data_dir, prepare=_require_prepared) as app:
        # Only now: modules that read shipped files when they are imported find what is derived from them.
        from kb.cli.knowledge_base import announce
        from kb.models import db
        from kb.models.base import close_connections
        from kb.services.operations import bootstrap, first_token
        from kb.web.parent_application import warm_up

        announce()
        with progress_bar(Message("Indexing")) as progress:
            is_writable = bootstrap.prepare_to_serve(say, progress)
        if is_writable and (secret := first_token.create_first_token()) is not None:
            say(Message("The administrator's token, shown only once (create more with kb token create):"))
            click.echo(secret)
        if multiprocessing.get_start_method() == "fork":  # elsewhere, each worker loads its own
            warm_up(app)
        db.session.remove()
        close_connections()
    if data_dir is not None:
        os.environ["KB_DATA_DIR"] = str(data_dir.resolve())
    from kb.web.metrics import shared_folder

    url = f"http://{host}:{port}"
    say(Message("Serving on {url} (documentation: /docs). Stop with Ctrl-C.", url=url))
    with shared_folder():
        _supervise(host, port, workers)
    say(Message("Stopped."))


def _require_prepared() -> None:
    from kb.services.operations import bootstrap

    bootstrap.require_prepared()


def _supervise(host: str, port: int, workers: int | None) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from kb.cli.supervisor import Supervisor

    Supervisor(
        "kb.server.worker:create_worker",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        websockets=False,
        workers=workers or _CORES,
        backpressure=_connections(),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=SHUTDOWN_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_LOG_TO_STDERR,
    ).serve()


def _require_free_port(host: str, port: int) -> None:
    """Raise ClickException if the address cannot be used. Call this before a token is created."""
    deadline = time.monotonic() + PORT_WAIT_SECONDS
    while (reason := _obstacle(host, port)) is not None:
        if reason.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            raise failure(
                Message(
                    "Cannot listen on {address} ({reason}). Choose another --port or --host.",
                    address=f"{host}:{port}",
                    reason=reason.strerror,
                )
            ) from reason
        time.sleep(0.1)


def _obstacle(host: str, port: int) -> OSError | None:
    """The reason why an address cannot be listened on; None if it can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def _connections() -> int:
    """The number of connections a worker may accept: fewer if the system limits its open files."""
    if resource is None:
        return CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = CONNECTIONS + _SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        files = min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(files - _SPARE_FILES, files // 2)
