"""What the command line imports: help, completion and clients do without the application."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAVY = {
    "alembic", "flask", "flask_sqlalchemy", "kb.factory", "kb.guards.ruleset", "kb.models", "langcodes",
    "marshmallow", "numpy", "openpyxl", "sqlalchemy", "whoosh", "yaml",
}  # fmt: skip
"""What takes long to import, each alone or by what it imports."""

PROGRAM = """
import click, json, os, sys
from kb.__main__ import create_app, main

def imported(*arguments, **variables):
    os.environ.update(variables)
    try:
        main(arguments, prog_name="kb", obj=create_app)
    except SystemExit as error:
        print(json.dumps([error.code, sorted(set(sys.argv[1:]) & set(sys.modules))]), file=sys.stderr)

def commands(group, *path):
    yield *path, "--help"
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, *path, name)
"""


def _imported(what: str, names: Iterable[str] = HEAVY) -> list[tuple[int, list[str]]]:
    """The exit code of each call of `imported`, and which of the named modules had been imported by then."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + what, *names],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LANG": "en_US.UTF-8", "LC_ALL": "en_US.UTF-8"},
    )
    return [tuple(json.loads(line)) for line in done.stderr.splitlines() if line.startswith("[")]


def test_help_completion_and_wrong_usage_do_without_the_application() -> None:
    found = _imported(
        """
for path in commands(main):
    imported(*path)
imported("--version")
imported("no-such-command")
imported("check", "no-such-file")
imported("export", "--format", "no-such-format")
imported(_KB_COMPLETE="bash_complete", COMP_WORDS="kb che", COMP_CWORD="1")
"""
    )
    assert [code for code, _ in found] == [0] * (len(found) - 4) + [2, 64, 2, 0]
    assert len(found) > 40
    assert found[-1][1] == []


def test_a_command_does_without_those_of_other_commands() -> None:
    found = _imported(
        """
imported("--version")
imported("db", "--help")
imported("restore", "--help")
""",
        [f"kb.cli.{name}" for name in ("backup", "check", "db", "serve")],
    )
    assert found == [(0, []), (0, ["kb.cli.db"]), (0, ["kb.cli.backup", "kb.cli.db"])]


@pytest.mark.parametrize("name", ["draft.txt", "calendar.csv"])
def test_a_check_by_a_service_needs_neither_the_database_nor_the_guards(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("Text,Date\nHello,2027-09-11\n", "utf-8")
    ((code, heavy),) = _imported(f'imported("check", {str(file)!r}, "--server", "http://127.0.0.1:1")')
    # The rows of calendars are validated by the API's schema.
    assert (code, heavy) == (69, ["langcodes", "marshmallow"] if name.endswith(".csv") else [])


def test_a_knowledge_base_of_this_version_is_opened_without_what_migrates_it(installed: Path) -> None:
    folder = str(installed)
    found = _imported(
        f"""
imported("db", "upgrade", "--data-dir", {folder!r})
imported("search", "placeholder", "--data-dir", {folder!r})
"""
    )
    assert [(code, {*heavy} & {"alembic", "openpyxl", "sqlalchemy"}) for code, heavy in found] == [
        (0, {"sqlalchemy"})
    ] * 2
