"""The folder in which the workers of a server share their metrics."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kb.web.metrics import FOLDER_VARIABLE, shared_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tells by /proc which servers are left")


def test_the_folder_of_a_killed_server_is_removed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    with shared_folder():
        folder = Path(os.environ[FOLDER_VARIABLE])
        left = folder.with_name(f"kb-metrics-{2**22 + 1}")  # more than the number of any process
        left.mkdir()
        (left / "counter_1.db").touch()
    assert not folder.exists()
    with shared_folder():
        assert not left.exists()


def test_a_folder_that_is_given_stays_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with shared_folder():
        assert os.environ[FOLDER_VARIABLE] == str(tmp_path)
    assert tmp_path.is_dir()
    assert os.environ[FOLDER_VARIABLE] == str(tmp_path)
