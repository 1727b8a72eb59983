"""A disk full at any step of a write, an import, a merge or a rebuild: reading goes on, nothing is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.api import REPOSITORY
from tests.support.faults import Faults

pytestmark = pytest.mark.slow


def test_a_disk_that_is_full_at_any_step_is_a_507_and_resumes(prepared: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "kb-data"
    shutil.copytree(prepared, data_dir)
    program = subprocess.run(
        [sys.executable, "-m", "tests.support.filling_program", str(data_dir)],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=Faults(tmp_path, data_dir).environment,
    )
    assert program.returncode == 0, program.stderr
    attempts = [json.loads(line) for line in program.stdout.splitlines()]
    outcomes = {
        step: [attempt["outcome"] for attempt in attempts if attempt["step"] == step]
        for step in ("file", "edit", "import", "rebuild", "merge")
    }
    assert (outcomes["file"][0], {*outcomes["file"]}) == (507, {507, 201})
    assert (outcomes["edit"][0], {*outcomes["edit"]}) == (507, {507, 200})
    assert (outcomes["import"][0], outcomes["import"][-1]) == ("disk full", "done")
    assert outcomes["import"].count("done") == 1
    assert (outcomes["rebuild"][0], outcomes["rebuild"][-1]) == ("No space left on device", "done")
    assert {*outcomes["rebuild"]} == {"No space left on device", "done"}
    assert {*outcomes["merge"]} == {"done"}  # one that fails is repeated later
    assert {attempt["read"] for attempt in attempts} == {200}
    assert {attempt["searched"] for attempt in attempts} <= {200, 503}
    assert all(attempt["equal"] for attempt in attempts)
    assert attempts[-1]["filed"] == outcomes["file"].count(201)
    assert {attempt["imported"] for attempt in attempts} == {0, 3}  # all of a file, or nothing
