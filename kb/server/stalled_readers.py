"""Let the system close connections of clients that do not read their response."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")


def limit_stalled_readers(seconds: float) -> None:
    """Close each connection of this process whose client reads nothing for this long.

    Connections inherit the limit from the socket that accepts them, so call this once the server listens.
    Only Linux supports it; elsewhere this does nothing.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT") or not _OPEN_FILES.is_dir():
        return
    for file in filter(Path.is_socket, _OPEN_FILES.iterdir()):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as candidate:
            if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1_000))
