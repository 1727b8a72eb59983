"""Identify processes, and detect whether one has ended, to clean up after it if it is killed."""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")

_HOST, _PID, _START = 8, 8, 8
"""How many hexadecimal digits identify the machine, the process and its start time."""

LENGTH = _HOST + _PID + _START


def process_identity() -> str:
    """The identity of this process, unique across machines, in LENGTH hexadecimal digits."""
    return _identity(os.getpid())


def account_and_machine() -> str:
    """The account and the host of this process, such as `kb@db1`, for the audit log of commands."""
    account = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    with suppress(OSError, KeyError, ImportError):  # an account without a name
        account = getpass.getuser()
    return f"{account}@{socket.gethostname()}"[:200]


def has_ended(identity: str) -> bool:
    """Whether a process has ended. False if that is unknown, for example on another machine."""
    host, pid = identity[:_HOST], identity[_HOST : _HOST + _PID]
    if host != _host() or len(identity) != LENGTH or not _PROC.joinpath("self", "stat").exists():
        return False
    return _started(int(pid, 16)) != identity[-_START:]


@lru_cache(maxsize=1)
def _identity(pid: int) -> str:
    return f"{_host()}{pid:0{_PID}x}{_started(pid)}"


@lru_cache(maxsize=1)
def _host() -> str:
    """A digest of the machine, its boot, and the PID namespace, within which process ids are unique."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(_PROC.joinpath("sys", "kernel", "random", "boot_id").read_text("ascii"))
        parts.append(str(_PROC.joinpath("self", "ns", "pid").readlink()))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_HOST]


def _started(pid: int) -> str:
    """The start time of a process, in ticks since boot; zeros if there is no such process."""
    with suppress(OSError, IndexError, ValueError):
        # The name, in parentheses, may contain anything.
        fields = _PROC.joinpath(str(pid), "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        if fields[0] not in "ZX":
            return f"{int(fields[19]) % 16**_START:0{_START}x}"
    return "0" * _START
