"""Machines, or processes of one, that migrate a database at the same time: one does, the other waits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kb.config import Settings
from tests.support.api import REPOSITORY
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow


def test_an_empty_database_is_migrated_and_seeded_once(empty_settings: Settings, tmp_path: Path) -> None:
    is_shared = empty_settings.database_file is not None
    folders = [empty_settings.data_dir if is_shared else tmp_path / name for name in ("first", "second")]
    starts = [_start(empty_settings, folder) for folder in folders]
    assert [start.wait(3 * PATIENCE) for start in starts] == [0, 0]
    engine = create_engine(empty_settings.sqlalchemy_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar_one() == 6
        assert connection.execute(text("SELECT count(*) FROM change_counter")).scalar_one() == 1
    engine.dispose()


def _start(settings: Settings, folder: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    if settings.database_url:
        environment["KB_DATABASE_URL"] = settings.database_url
    return subprocess.Popen(
        [sys.executable, "-m", "kb", "db", "upgrade", "--data-dir", str(folder)],
        env=environment | {"PYTHONPATH": str(REPOSITORY)},
    )
