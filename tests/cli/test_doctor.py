"""`kb doctor`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from kb.config import Settings
from kb.services.operations.doctor import storage
from tests.support.cli import Kb


@pytest.fixture(autouse=True)
def _on_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor warns of data folders in memory, where those of tests often are."""
    monkeypatch.setattr(storage, "_VOLATILE", frozenset())


def test_the_exit_code_tells_how_bad_it_is(kb: Kb, settings: Settings) -> None:
    well = kb("doctor")
    assert well.exit_code == 0
    assert {line.partition(":")[0] for line in well.stdout.splitlines()} == {"ok"}
    settings.data_dir.chmod(0o755)
    settings.sqlite_path.chmod(0o644)
    assert kb("doctor").exit_code == 1
    with closing(sqlite3.connect(settings.sqlite_path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    result = kb("doctor", "--format", "json")
    assert result.exit_code == 2
    report = json.loads(result.stdout)
    assert report["status"] == "error"
    assert {check["check"] for check in report["checks"] if check["level"] == "error"} == {"tables"}


def test_an_invalid_setting_is_an_error(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "write")
    result = kb("doctor")
    assert (result.exit_code, "Setting KB_ANONYMOUS" in result.stderr) == (2, True)
