"""Server processes: start them on free ports, wait until they are ready, measure their memory, stop them."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

REPOSITORY = Path(__file__).parent.parent

_START_TIMEOUT = 600
_STOP_TIMEOUT = 15


class Memory(NamedTuple):
    """Bytes of memory of some processes.

    USS is what only one of them has, and so what the machine gets back when it ends. PSS adds a share of the
    pages that several have, which a fork leaves in common until one writes to them; RSS counts these in each.
    """

    uss: int
    pss: int
    rss: int


class Server:
    """A server process on a local port; `close` stops it and its descendants."""

    def __init__(self, command: Sequence[str], port: int, log: Path, environment: dict[str, str]) -> None:
        self.port = port
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=clean_environment() | environment,
                cwd=REPOSITORY,
                start_new_session=True,  # Ctrl-C must reach only the benchmark, which then stops this process
            )

    def wait_until_ready(self, path: str) -> None:
        """Wait until a path responds with 200. Raises RuntimeError with the end of the log if it does not."""
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._is_ready(path):
                return
            time.sleep(0.05)
        log_tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
        raise RuntimeError(f"The server did not start:\n{log_tail}")

    def _is_ready(self, path: str) -> bool:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def processes(self) -> list[int]:
        """The process IDs of the server: the main process, and then its descendants."""
        return [self._process.pid, *descendants(self._process.pid)]

    def workers(self) -> list[int]:
        """The process IDs of the workers: its descendants, or the main process if it has none."""
        return descendants(self._process.pid) or [self._process.pid]

    def kill(self) -> None:
        """Kill the main process, and leave its workers."""
        self._process.kill()
        self._process.wait()

    def kill_all(self) -> None:
        """Kill all its processes at once, as a machine that loses its power does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Stop the server, and kill the workers that outlive it."""
        workers = descendants(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            workers = descendants(self._process.pid)
            self._process.kill()
            self._process.wait()
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(pid) == self._process.pid:  # still a worker: process IDs are reused
                    os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def serving(folder: Path, log: Path, workers: int) -> Iterator[Server]:
    """Run `kb serve` on a data folder, and stop it at the end."""
    port = free_port()
    command = [sys.executable, "-m", "kb", "serve", "--port", str(port), "--data-dir", str(folder)]
    command += ["--workers", str(workers)]
    with contextlib.closing(Server(command, port, log, {"KB_ACCESS_LOG": "off"})) as server:
        server.wait_until_ready("/api/v1/health/ready")
        yield server


def free_port() -> int:
    """A local TCP port that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment() -> dict[str, str]:
    """The environment without settings of this service, and with this repository on the import path.

    Compiled modules are written, as they are when the service is installed: containers often prevent it.
    """
    without = ("KB_", "GRANIAN_", "PYTHONDONTWRITEBYTECODE")
    others = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    return others | {"PYTHONPATH": str(REPOSITORY)}


def descendants(pid: int) -> list[int]:
    """The IDs of a process's children, and of their descendants."""
    pids = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                pids += [child, *descendants(child)]
    return pids


def memory(pids: Iterable[int]) -> Memory:
    """The total memory of some processes."""
    total = _totals(pids)
    return Memory(total["Private_Clean"] + total["Private_Dirty"], pss=total["Pss"], rss=total["Rss"])


def memory_without_files(pids: Iterable[int]) -> int:
    """The bytes of PSS of some processes that are not pages of files.

    The rest are mostly programs and libraries, which other processes on the machine may share: when one of
    these ends, PSS grows although nothing has changed. Their pages can be dropped and read again.
    """
    total = _totals(pids)
    return total["Pss"] - total["Pss_File"]


def _totals(pids: Iterable[int]) -> Counter[str]:
    """The sums of the figures in `smaps_rollup` over some processes, in bytes."""
    total: Counter[str] = Counter()
    for pid in pids:
        with contextlib.suppress(OSError):  # the process has exited
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
                name, _, rest = line.partition(":")
                total[name] += int(rest.split()[0]) * 1024
    return total


def disk_bytes(folder: Path) -> int:
    """The bytes that the files under a folder occupy on disk."""
    return sum(status.st_blocks * 512 for _, status in files_below(folder))
