"""`kb backup` and `kb restore`."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.operations import bootstrap
from tests.support.cli import Kb, run_kb


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "backup.zip")


@pytest.fixture
def older_tables(settings: Settings) -> None:
    """Bring the tables to the migration before the last one."""
    with create_app(settings).app_context():
        command.downgrade(bootstrap.alembic_config(), "-1")
        db.session.remove()
        db.engine.dispose()


def test_a_backup_is_saved_checked_and_restored(kb: Kb, file: str, tmp_path: Path) -> None:
    saved = kb("backup", file)
    assert (saved.exit_code, saved.stdout) == (0, "")
    assert f"Saved in {file}: 6 incidents as of " in saved.stderr
    assert f"{file} restores: 6 incidents" in run_kb("backup", "--check", file).stderr
    folder = tmp_path / "ידע של המותג"
    restored = run_kb("restore", file, data_dir=folder)
    assert (restored.exit_code, f"Restored to {folder}: 6 incidents" in restored.stderr) == (0, True)
    assert "Snapchat" in run_kb("search", "slap", data_dir=folder).stdout


def test_a_file_that_exists_is_overwritten_only_if_told(kb: Kb, file: str) -> None:
    Path(file).write_text("something else", "utf-8")
    refused = kb("backup", file)
    assert (refused.exit_code, refused.stderr) == (
        1,
        f"Error: {file} exists. Choose another name, or add --overwrite.\n",
    )
    assert Path(file).read_text("utf-8") == "something else"
    assert kb("backup", file, "--overwrite").exit_code == 0
    assert run_kb("backup", "--check", file).exit_code == 0


def test_what_was_replaced_is_named(kb: Kb, file: str, settings: Settings) -> None:
    kb("backup", file)
    refused = kb("restore", file)
    assert (refused.exit_code, "add --replace" in refused.stderr) == (1, True)
    replaced = kb("restore", file, "--replace")
    (folder,) = settings.data_dir.glob("before-restore-*")
    assert f"What was there before is kept in {folder}." in replaced.stderr
    assert "Snapchat" in run_kb("search", "slap", data_dir=folder).stdout


def test_what_is_no_backup_is_refused_in_one_line(kb: Kb, file: str) -> None:
    Path(file).write_text("something else", "utf-8")
    for arguments in (("backup", "--check", file), ("restore", file, "--replace")):
        result = kb(*arguments)
        assert result.exit_code == 1
        assert result.stderr.endswith(
            f"Error: {file} is no backup, or was cut off. Use another backup; nothing was changed.\n"
        )
    assert kb("restore", f"{file}.missing").exit_code == 2
    assert kb("backup", "--check", f"{file}.missing").exit_code == 2
    assert kb("backup", "--check", "--overwrite", file).exit_code == 2


def test_a_backup_speaks_the_language_of_the_terminal(
    kb: Kb, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    assert "6 אירועים" in kb("backup", file).stderr


def test_a_knowledge_base_of_an_older_version_can_be_backed_up_before_its_upgrade(
    kb: Kb, file: str, older_tables: None
) -> None:
    assert kb("search", "slap").exit_code == 1
    assert kb("backup", file).exit_code == 0
    assert run_kb("backup", "--check", file).exit_code == 0
