"""Node and the npm packages that the tests of the contract use."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.api import REPOSITORY

PACKAGES = REPOSITORY / "tests" / "clients" / "typescript"


def require_node() -> Path:
    """The folder of the npm packages. Skips the test where they are not installed (`make setup-node`)."""
    if shutil.which("node") is not None and (PACKAGES / "node_modules").is_dir():
        return PACKAGES / "node_modules"
    message = "Node or its packages are not installed: install Node 20 or newer, and run `make setup-node`"
    if os.environ.get("KB_TEST_NODE") == "required":
        pytest.fail(f"{message}; KB_TEST_NODE=required")
    pytest.skip(message)


def run_node(*command: str | Path, cwd: Path) -> str:
    """Run a command, and return its standard output. Fails with all output if the command does."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
