"""The command line under test."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner, Result

from kb.cli import main
from kb.factory import create_app
from kb.services.infrastructure.client_address import set_address

if TYPE_CHECKING:
    from pathlib import Path

Kb = Callable[..., Result]
"""Runs `kb` with arguments; `typed` is its standard input."""


def run_kb(*arguments: str, data_dir: Path | None = None, typed: str = "") -> Result:
    """Run `kb` in this process. An exception that it lets through is raised."""
    set_address(None)  # no request of an earlier test is being answered
    command = [*arguments, *([] if data_dir is None else ["--data-dir", str(data_dir)])]
    result = CliRunner().invoke(main, command, input=typed, obj=create_app)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def write_jsonl(folder: Path, lines: list[Any]) -> str:
    """Write incidents, or lines of raw text, to a JSON Lines file and return its path."""
    file = folder / "incidents.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return str(file)
