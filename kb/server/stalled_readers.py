"""Clients that do not read their answer: the system closes their connections."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")


def limit_stalled_readers(seconds: float) -> None:
    """Close each connection of this process whose client has read nothing for so long.

    Connections inherit the limit from the socket that accepts them, so call this when the server listens. It
    does nothing where the system has no such limit: only Linux has.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT") or not _OPEN_FILES.is_dir():
        return
    for file in filter(Path.is_socket, _OPEN_FILES.iterdir()):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as candidate:
            if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1_000))
