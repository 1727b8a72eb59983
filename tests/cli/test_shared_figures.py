"""The folder in which the workers of a server put their figures together."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kb.cli.shared_figures import shared_figures
from kb.web.metrics import FOLDER_VARIABLE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tells by /proc which servers are left")


def test_the_folder_of_a_killed_server_is_removed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    with shared_figures():
        folder = Path(os.environ[FOLDER_VARIABLE])
        left = folder.with_name(f"kb-figures-{2**22 + 1}")  # more than the number of any process
        left.mkdir()
        (left / "counter_1.db").touch()
    assert not folder.exists()
    with shared_figures():
        assert not left.exists()


def test_a_folder_that_is_given_stays_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with shared_figures():
        assert os.environ[FOLDER_VARIABLE] == str(tmp_path)
    assert tmp_path.is_dir()
    assert os.environ[FOLDER_VARIABLE] == str(tmp_path)
