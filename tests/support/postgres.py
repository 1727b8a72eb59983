"""Running PostgreSQL for a session of tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def unprivileged_prefix(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: how to run it as somebody else, where the tests are run by root."""
    if os.getuid() != 0:
        return []
    user = "postgres"
    shutil.chown(folder, user)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def run_as(as_user: list[str], *command: object) -> None:
    subprocess.run(
        [*as_user, *map(str, command)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
