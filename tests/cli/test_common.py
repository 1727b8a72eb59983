"""What all commands have in common."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from kb.cli import main
from tests.support.cli import Kb, run_kb


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all commands: `("token", "create")` and so on."""
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append((*path, name))
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_has_help_and_takes_a_data_folder(path: tuple[str, ...]) -> None:
    result = run_kb(*path, "--help")
    assert result.exit_code == 0
    assert "--data-dir" in result.stdout
    assert len(result.stdout.split("\n")[2]) > 15


def test_an_invalid_setting_is_named(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "write")
    result = kb("db", "upgrade")
    assert result.exit_code == 1
    assert "KB_ANONYMOUS" in result.stderr


def test_an_impossible_data_folder_is_reported_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run_kb("token", "list", data_dir=tmp_path / "file" / "folder")
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr


def test_an_unreachable_database_is_reported_without_a_traceback(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/kb")
    result = kb("token", "list")
    assert result.exit_code == 1
    assert "cannot be reached" in result.stderr
