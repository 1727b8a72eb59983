"""Server processes: started on free ports, waited for, weighed, and always ended by their own number."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REPOSITORY = Path(__file__).parent.parent

_SECONDS_TO_START = 60
_SECONDS_TO_STOP = 15


class Memory(NamedTuple):
    """Bytes of some processes: `pss` splits what they share between its users, `rss` counts it for each."""

    pss: int
    rss: int


class Server:
    """A server on a free port of this machine; `close` ends it and all that it started."""

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
                start_new_session=True,  # Ctrl-C is for the benchmark, which then ends this process
            )

    def wait(self, path: str) -> None:
        """Wait until it answers a path with 200; raises RuntimeError with its last words if it does not."""
        deadline = time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._answers(path):
                return
            time.sleep(0.05)
        words = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
        raise RuntimeError(f"The server did not start:\n{words}")

    def _answers(self, path: str) -> bool:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def processes(self) -> list[int]:
        """Its process, and then its workers."""
        return [self._process.pid, *descendants(self._process.pid)]

    def workers(self) -> list[int]:
        """The processes that answer: those that it started, or itself where it started none."""
        return descendants(self._process.pid) or [self._process.pid]

    def close(self) -> None:
        """End it, and what is left of its workers."""
        started = descendants(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            started = descendants(self._process.pid)
            self._process.kill()
            self._process.wait()
        for pid in started:
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(pid) == self._process.pid:  # still ours: numbers are used again
                    os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment() -> dict[str, str]:
    """The environment without settings of this service, and with this repository to import from."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "GRANIAN_"))}
    return kept | {"PYTHONPATH": str(REPOSITORY)}


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def memory(pids: Iterable[int]) -> Memory:
    """What some processes take together."""
    total = {"Pss": 0, "Rss": 0}
    for pid in pids:
        with contextlib.suppress(OSError):  # one that has ended takes nothing
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in total:
                    total[name] += int(rest.split()[0]) * 1024
    return Memory(pss=total["Pss"], rss=total["Rss"])


def disk_bytes(folder: Path) -> int:
    """What the files below a folder take on disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
