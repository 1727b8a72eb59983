"""Processes that take themselves for those of another host: in a namespace with a name of its own."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WAYS = (("unshare", "--uts"), ("unshare", "--user", "--map-root-user", "--uts"))
"""For root, and for others where the system lets them."""

_UNDER_NAME = ("sh", "-c", 'hostname "$0" && exec "$@"')


def on_host(name: str, command: Sequence[str]) -> list[str]:
    """The command line that runs a command on a host of this name. Check `can_simulate` before."""
    way = _way()
    assert way is not None
    return [*way, *_UNDER_NAME, name, *command]


def can_simulate() -> bool:
    """Whether this system lets a process have a host name of its own."""
    return _way() is not None


@cache
def _way() -> Sequence[str] | None:
    if shutil.which("unshare") is None:
        return None
    for way in _WAYS:
        tried = subprocess.run([*way, *_UNDER_NAME, "probe", "true"], capture_output=True, check=False)  # noqa: S603
        if tried.returncode == 0:
            return way
    return None
