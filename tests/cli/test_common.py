"""What all commands do alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.factory import create_app

Kb = Callable[..., Result]


@pytest.fixture
def kb(settings: Settings) -> Kb:
    """Run `kb ...` on a data folder of the test's own."""

    def run(*arguments: str, typed: str = "") -> Result:
        command = [*arguments, "--data-dir", str(settings.data_dir)]
        result = CliRunner().invoke(main, command, input=typed, obj=create_app)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append((*path, name))
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_explains_itself_and_takes_a_data_folder(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"], obj=create_app)
    assert result.exit_code == 0
    assert "--data-dir" in result.stdout
    assert len(result.stdout.split("\n")[2]) > 15


def test_a_setting_that_cannot_be_used_is_named(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "write")
    result = kb("db", "upgrade")
    assert result.exit_code == 1
    assert "KB_ANONYMOUS" in result.stderr


def test_a_data_folder_that_cannot_be_made_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    arguments = ["token", "list", "--data-dir", str(tmp_path / "file" / "folder")]
    result = CliRunner().invoke(main, arguments, obj=create_app)
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr


def test_a_database_that_cannot_be_reached_is_told_without_a_traceback(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/kb")
    result = kb("token", "list")
    assert result.exit_code == 1
    assert "cannot be reached" in result.stderr


def write(folder: Path, lines: list[Any]) -> str:
    file = folder / "incidents.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return str(file)
